"""驳回原因: the list to choose from, kept by the office. Not deleted but switched off."""

import django_filters
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse_lazy
from django.views.decorators.http import require_http_methods, require_safe

from accounts.listing import UNKNOWN, containing, list_context
from accounts.views import office
from workflow.forms import ReasonForm
from workflow.models import ReasonCategory

PAGE = {
    "list_title": "驳回原因",
    "list_url": reverse_lazy("workflow:reasons"),
    "add_title": "新增驳回原因",
}


class ReasonFilter(django_filters.FilterSet):
    q = django_filters.CharFilter(label="原因", method="search")
    is_active = django_filters.ChoiceFilter(
        label="状态",
        choices=[("true", "启用"), ("false", "停用")],
        empty_label="全部状态",
        error_messages=UNKNOWN,
        method="by_state",
    )

    class Meta:
        model = ReasonCategory
        fields = []

    def search(self, reasons, name, value):
        return containing(reasons, value, "name")

    def by_state(self, reasons, name, value):
        return reasons.filter(is_active=value == "true")


@office.permitted("workflow.change_reasoncategory")
@require_safe
def reasons(request: HttpRequest) -> HttpResponse:
    context = PAGE | list_context(request, ReasonFilter(request.GET, ReasonCategory.objects.all()))
    return render(request, "office/reasons.html", context)


@office.permitted("workflow.add_reasoncategory")
@require_http_methods(["GET", "POST"])
def add(request: HttpRequest) -> HttpResponse:
    last = ReasonCategory.objects.order_by("position").values_list("position", flat=True).last() or 0
    return office.edit(
        request, ReasonForm, lambda: ReasonCategory(position=last + 1), "office/reason.html", "workflow:reason", **PAGE
    )


@office.permitted("workflow.change_reasoncategory")
@require_http_methods(["GET", "POST"])
def reason(request: HttpRequest, pk: int) -> HttpResponse:
    return office.edit(
        request,
        ReasonForm,
        lambda: get_object_or_404(ReasonCategory, pk=pk),
        "office/reason.html",
        "workflow:reason",
        **PAGE,
    )
