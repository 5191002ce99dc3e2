"""改革领域 and 专项小组: the lists that base info chooses from, kept by the office. What a project has stays."""

import django_filters
from django.db.models import Count
from django.urls import reverse

from accounts.listing import containing
from accounts.views import office
from reform.forms.domain import DomainForm, TaskForceForm
from reform.models import Domain, TaskForce


class NameFilter(django_filters.FilterSet):
    q = django_filters.CharFilter(label="名称", method="search")

    def search(self, found, name, value):
        return containing(found, value, "name")


class ProjectChoices(office.Pages):
    """Of a list to which projects belong: each with a name and a place, deleted only while no project has it."""

    filter = NameFilter
    room = "reform"
    deletable = True

    def rows(self):
        return self.model._default_manager.order_by("position", "pk")

    def chosen(self, request):
        return self.filter(request.GET, self.rows().annotate(projects=Count("project")))

    def new(self, request):
        return self.model(position=office.last_place(self.model))

    def page(self):
        addresses = {"address": f"reform:{self.name}", "add_url": reverse(f"reform:{self.name}_add")}
        return super().page() | addresses | {"field": self.name}

    def context(self, request, obj):
        if not obj.pk:
            return {}
        return {
            "projects": obj.project_set.count(),
            "delete_url": reverse(f"reform:{self.name}_delete", args=[obj.pk]),
        }

    def may_be_deleted(self, obj):
        return not obj.project_set.exists()


class Domains(ProjectChoices):
    model, form = Domain, DomainForm
    name, names = "domain", "domains"
    title, add_title = "改革领域", "新增改革领域"


class TaskForces(ProjectChoices):
    model, form = TaskForce, TaskForceForm
    name, names = "task_force", "task_forces"
    title, add_title = "专项小组", "新增专项小组"
