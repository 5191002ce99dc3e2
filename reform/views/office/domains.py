"""改革领域: the list to choose from, kept by the office."""

import django_filters
from django.db.models import Count
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.listing import containing, list_context
from accounts.views import office
from reform.forms.domain import DomainForm
from reform.models import Domain

PAGE = {
    "list_title": "改革领域",
    "list_url": reverse_lazy("reform:domains"),
    "add_title": "新增改革领域",
}


class DomainFilter(django_filters.FilterSet):
    q = django_filters.CharFilter(label="领域名称", method="search")

    class Meta:
        model = Domain
        fields = []

    def search(self, domains, name, value):
        return containing(domains, value, "name")


def _domains():
    return Domain.objects.annotate(projects=Count("project")).order_by("position", "pk")


@office.permitted("reform.change_domain")
@require_safe
def domains(request: HttpRequest) -> HttpResponse:
    context = PAGE | list_context(request, DomainFilter(request.GET, _domains()))
    return render(request, "office/domains.html", context)


@office.permitted("reform.add_domain")
@require_http_methods(["GET", "POST"])
def add(request: HttpRequest) -> HttpResponse:
    last = Domain.objects.order_by("position").values_list("position", flat=True).last() or 0
    return office.edit(
        request, DomainForm, lambda: Domain(position=last + 1), "office/domain.html", "reform:domain", **PAGE
    )


@office.permitted("reform.change_domain")
@require_http_methods(["GET", "POST"])
def domain(request: HttpRequest, pk: int) -> HttpResponse:
    return office.edit(
        request, DomainForm, lambda: get_object_or_404(_domains(), pk=pk), "office/domain.html", "reform:domain", **PAGE
    )


@office.permitted("reform.delete_domain")
@require_POST
def delete(request: HttpRequest, pk: int) -> HttpResponse:
    """Only one that no project has."""
    found = get_object_or_404(_domains(), pk=pk)
    if found.projects:
        raise Http404
    return office.delete(request, found, "reform:domains")
