"""人员账号, kept by the system administrator."""

import django_filters
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import initial_password
from accounts.listing import UNKNOWN, containing, list_context
from accounts.models import Department, Role, User
from accounts.office_forms import NewUserForm, UserForm
from accounts.phones import is_phone, normalise
from accounts.views import office

PAGE = {
    "list_title": "人员账号",
    "list_url": reverse_lazy("accounts:people"),
    "add_title": "新增人员",
}
TEMPLATE, ADDRESS = "office/person.html", "accounts:person"


class UserFilter(django_filters.FilterSet):
    q = django_filters.CharFilter(label="姓名、单位，或完整的手机号", method="search")
    department = django_filters.ModelChoiceFilter(
        label="所属单位", queryset=Department.objects.all(), empty_label="全部单位", error_messages=UNKNOWN
    )
    role = django_filters.ChoiceFilter(
        label="角色", choices=Role.choices, empty_label="全部角色", error_messages=UNKNOWN
    )
    is_active = django_filters.ChoiceFilter(
        label="状态",
        choices=[("true", "启用"), ("false", "停用")],
        empty_label="全部状态",
        error_messages=UNKNOWN,
        method="by_state",
    )

    class Meta:
        model = User
        fields = []

    def search(self, users, name, value):
        phone = normalise(value)
        if is_phone.regex.match(phone):
            return users.filter(phone=phone)
        return containing(users, value, "full_name", "department__name")

    def by_state(self, users, name, value):
        return users.filter(is_active=value == "true")


@office.permitted("accounts.change_user")
@require_safe
def people(request: HttpRequest) -> HttpResponse:
    found = User.objects.select_related("department").order_by(
        "department__position", "department__name", "role", "full_name", "pk"
    )
    return render(request, "office/people.html", PAGE | list_context(request, UserFilter(request.GET, found)))


@office.permitted("accounts.add_user")
@require_http_methods(["GET", "POST"])
def add(request: HttpRequest) -> HttpResponse:
    return office.edit(
        request,
        NewUserForm,
        User,
        TEMPLATE,
        ADDRESS,
        after=lambda form: messages.success(request, initial_password.notice(form.instance)),
        **PAGE,
    )


@office.permitted("accounts.change_user")
@require_http_methods(["GET", "POST"])
def person(request: HttpRequest, pk: int) -> HttpResponse:
    rows = User.objects.select_related("department")
    if request.method == "POST":
        rows = rows.select_for_update(of=("self",))
    found = get_object_or_404(User, pk=pk)
    return office.edit(
        request,
        UserForm,
        lambda: get_object_or_404(rows, pk=pk),
        TEMPLATE,
        ADDRESS,
        duties=found.entrustments.select_related("content_object").order_by("content_object"),
        **PAGE,
    )


@office.permitted("accounts.change_user")
@require_POST
def reset(request: HttpRequest, pk: int) -> HttpResponse:
    """The initial password again."""
    user = get_object_or_404(User, pk=pk)
    if user == request.user:
        messages.error(request, "不能重置自己的密码，请在个人中心修改密码。")
    else:
        initial_password.reset(user, request.user)
        messages.success(request, initial_password.notice(user))
    return redirect(ADDRESS, pk)
