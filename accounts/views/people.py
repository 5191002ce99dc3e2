"""人员账号, kept by the system administrator."""

import django_filters
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_POST

from accounts import initial_password
from accounts.listing import UNKNOWN, SwitchFilter, containing
from accounts.models import Department, Role, User
from accounts.office_forms import NewUserForm, UserForm
from accounts.phones import is_phone, normalise
from accounts.requests import AuthenticatedRequest
from accounts.views import office


class UserFilter(SwitchFilter):
    q = django_filters.CharFilter(label="姓名、单位，或完整的手机号", method="search")
    department = django_filters.ModelChoiceFilter(
        label="所属单位", queryset=Department.objects.all(), empty_label="全部单位", error_messages=UNKNOWN
    )
    role = django_filters.ChoiceFilter(
        label="角色", choices=Role.choices, empty_label="全部角色", error_messages=UNKNOWN
    )

    class Meta:
        model = User
        fields: list[str] = []

    def search(self, users, name, value):
        phone = normalise(value)
        if is_phone.regex.match(phone):
            return users.filter(phone=phone)
        return containing(users, value, "full_name", "department__name")


class People(office.Pages):
    model, form, filter = User, UserForm, UserFilter
    room, name, names = "accounts", "person", "people"
    title, add_title = "人员账号", "新增人员"

    def rows(self):
        found = User.objects.select_related("department")
        return found.order_by("department__position", "department__name", "role", "full_name", "pk")

    def form_for(self, user, obj):
        return NewUserForm if obj._state.adding else UserForm

    def saved(self, request, form):
        if isinstance(form, NewUserForm):
            messages.success(request, initial_password.notice(form.instance))

    def context(self, request, obj):
        duties = obj.entrustments.select_related("content_object").order_by("content_object") if obj.pk else []
        return {"duties": duties}


@office.permitted("accounts.change_user")
@require_POST
def reset(request: AuthenticatedRequest, pk: int) -> HttpResponse:
    """The initial password again."""
    user = get_object_or_404(User, pk=pk)
    if user == request.user:
        messages.error(request, "不能重置自己的密码，请在个人中心修改密码。")
    else:
        initial_password.reset(user, request.user)
        messages.success(request, initial_password.notice(user))
    return redirect("accounts:person", pk)
