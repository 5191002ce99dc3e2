"""改革领域: the list to choose from, kept by the office. One that a project has is not deleted."""

import django_filters
from django.db.models import Count

from accounts.listing import containing
from accounts.views import office
from reform.forms.domain import DomainForm
from reform.models import Domain


class DomainFilter(django_filters.FilterSet):
    q = django_filters.CharFilter(label="领域名称", method="search")

    class Meta:
        model = Domain
        fields: list[str] = []

    def search(self, domains, name, value):
        return containing(domains, value, "name")


class Domains(office.Pages):
    model, form, filter = Domain, DomainForm, DomainFilter
    room, name, names = "reform", "domain", "domains"
    title, add_title = "改革领域", "新增改革领域"
    deletable = True

    def rows(self):
        return Domain.objects.order_by("position", "pk")

    def chosen(self, request):
        return DomainFilter(request.GET, self.rows().annotate(projects=Count("project")))

    def new(self, request):
        return Domain(position=office.last_place(Domain))

    def context(self, request, obj):
        return {"projects": obj.project_set.count() if obj.pk else 0}

    def may_be_deleted(self, obj):
        return not obj.project_set.exists()
