"""责任单位: what they are called (system administrator), who looks after them (office)."""

import django_filters
from django.db.models import Count, Max, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse_lazy
from django.views.decorators.http import require_http_methods, require_safe

from accounts.listing import UNKNOWN, containing, list_context
from accounts.models import Department, Role, User
from accounts.office_forms import DepartmentForm, form_for_department, may_entrust
from accounts.views import office

PAGE = {
    "list_title": "责任单位",
    "list_url": reverse_lazy("accounts:departments"),
    "add_title": "新增责任单位",
}
TEMPLATE, ADDRESS = "office/department.html", "accounts:department"


class DepartmentFilter(django_filters.FilterSet):
    q = django_filters.CharFilter(label="单位名称", method="search")
    is_active = django_filters.ChoiceFilter(
        label="状态",
        choices=[("true", "启用"), ("false", "停用")],
        empty_label="全部状态",
        error_messages=UNKNOWN,
        method="by_state",
    )

    class Meta:
        model = Department
        fields = []

    def search(self, departments, name, value):
        return containing(departments, value, "name")

    def by_state(self, departments, name, value):
        return departments.filter(is_active=value == "true")


def _people_of(role):
    held = Q(
        entrustments__user__role=role,
        entrustments__user__is_active=True,
        entrustments__permission__codename=role.duty.value,
    )
    return Count("entrustments", filter=held)


@office.permitted("accounts.change_department")
@require_safe
def departments(request: HttpRequest) -> HttpResponse:
    found = Department.objects.annotate(
        clerks=_people_of(Role.ENTRY), reviewers=_people_of(Role.DEPT_REVIEWER)
    ).order_by("position", "name")
    context = PAGE | list_context(request, DepartmentFilter(request.GET, found))
    return render(request, "office/departments.html", context)


@office.permitted("accounts.add_department")
@require_http_methods(["GET", "POST"])
def add(request: HttpRequest) -> HttpResponse:
    return office.edit(request, DepartmentForm, _last, TEMPLATE, ADDRESS, **PAGE)


def _last():
    """A new department, in the last place."""
    return Department(position=(Department.objects.aggregate(last=Max("position"))["last"] or 0) + 1)


@office.permitted("accounts.change_department")
@require_http_methods(["GET", "POST"])
def department(request: HttpRequest, pk: int) -> HttpResponse:
    rows = Department.objects.select_for_update() if request.method == "POST" else Department.objects
    by_role = {}
    for user in User.objects.filter(department=pk, is_active=True).order_by("full_name"):
        by_role.setdefault(user.role, []).append(user.full_name)
    return office.edit(
        request,
        form_for_department(request.user),
        lambda: get_object_or_404(rows, pk=pk),
        TEMPLATE,
        ADDRESS,
        entrusting=may_entrust(request.user),
        unreviewed=Department.objects.filter(pk=pk).without_reviewers(),
        people=[(role.title, by_role[role]) for role in Role if role in by_role],
        **PAGE,
    )
