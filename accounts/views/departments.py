"""责任单位: what they are called (system administrator), who looks after them (office)."""

import django_filters
from django.db.models import Count, Q

from accounts.listing import SwitchFilter, containing
from accounts.models import Department, Role, User
from accounts.office_forms import DepartmentForm, form_for_department, may_entrust
from accounts.views import office


class DepartmentFilter(SwitchFilter):
    q = django_filters.CharFilter(label="单位名称", method="search")

    class Meta:
        model = Department
        fields: list[str] = []

    def search(self, departments, name, value):
        return containing(departments, value, "name")


def _people_of(role):
    held = Q(
        entrustments__user__role=role,
        entrustments__user__is_active=True,
        entrustments__permission__codename=role.duty.value,
    )
    return Count("entrustments", filter=held)


class Departments(office.Pages):
    model, form, filter = Department, DepartmentForm, DepartmentFilter
    room, name, names = "accounts", "department", "departments"
    title, add_title = "责任单位", "新增责任单位"

    def chosen(self, request):
        counted = self.rows().annotate(clerks=_people_of(Role.ENTRY), reviewers=_people_of(Role.DEPT_REVIEWER))
        return DepartmentFilter(request.GET, counted.order_by("position", "name"))

    def new(self, request):
        return Department(position=office.last_place(Department))

    def form_for(self, user, obj):
        return form_for_department(user)

    def context(self, request, obj):
        by_role = {}
        for user in User.objects.filter(department=obj.pk, is_active=True).order_by("full_name"):
            by_role.setdefault(user.role, []).append(user.full_name)
        return {
            "entrusting": may_entrust(request.user),
            "unstaffed": Department.objects.filter(pk=obj.pk, is_office=False).unstaffed(),
            "people": [(role.title, by_role[role]) for role in Role if role in by_role],
        }
