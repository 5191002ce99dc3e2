"""人员账号: what the system administrator keeps of them, what 安全管理员 gives them; see accounts.administration."""

import django_filters
from django.contrib import messages
from django.contrib.admin.models import CHANGE
from django.db import transaction
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from accounts import administration, history, initial_password, locks, second_factor
from accounts.listing import UNKNOWN, SwitchFilter, containing, offer
from accounts.models import Department, Role, User
from accounts.person_forms import NewUserForm, UserForm, form_for_person
from accounts.phones import is_phone, normalise
from accounts.policies import security_policies
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

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.filters["is_active"].extra["choices"] = [("true", "启用"), ("waiting", "待授权"), ("false", "停用")]
        offer(self, "department", Department.objects.all)

    def by_state(self, found, name, value):
        return found.filter(is_active=value == "true", awaits_authorisation=value == "waiting")

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
        return form_for_person(user, obj)

    def saved(self, request, form):
        if isinstance(form, NewUserForm):
            messages.success(request, initial_password.notice(form.instance))

    def context(self, request, obj):
        duties = obj.entrustments.select_related("content_object").order_by("content_object") if obj.pk else []
        return {
            "duties": duties,
            "authorises": administration.authorises(request.user),
            "may_reset": administration.may_reset_password(request.user, obj),
            "has_code": bool(obj.pk) and second_factor.is_needed(obj) and second_factor.is_set_up(obj),
            "is_locked": bool(obj.pk) and locks.is_locked(obj),
        }


@office.permitted("accounts.change_user")
@require_POST
def reset(request: AuthenticatedRequest, pk: int) -> HttpResponse:
    """The initial password again."""
    user = get_object_or_404(User, pk=pk)
    if user == request.user:
        messages.error(request, initial_password.REFUSED)
    elif not administration.may_reset_password(request.user, user):
        raise Http404
    else:
        initial_password.reset(user, request.user)
        messages.success(request, initial_password.notice(user))
    return redirect("accounts:person", pk)


@office.permitted("accounts.change_user")
@require_POST
@transaction.atomic
def unlock(request: AuthenticatedRequest, pk: int) -> HttpResponse:
    user = _to_be_secured(request, pk)
    locks.unlock(user)
    history.log(request.user, user, CHANGE, "解除锁定")
    messages.success(request, f"已解除{user}的锁定。")
    return redirect("accounts:person", pk)


@office.permitted("accounts.change_user")
@require_POST
@transaction.atomic
def end_sessions(request: AuthenticatedRequest, pk: int) -> HttpResponse:
    user = _to_be_secured(request, pk)
    user.end_sessions()
    history.log(request.user, user, CHANGE, "结束登录")
    messages.success(request, f"{user}的登录已全部退出。")
    return redirect("accounts:person", pk)


@office.permitted("accounts.change_user")
@require_POST
@transaction.atomic
def reset_code(request: AuthenticatedRequest, pk: int) -> HttpResponse:
    """A lost second factor: at the next login the person sets up another."""
    user = _to_be_secured(request, pk)
    if user == request.user:
        messages.error(request, "不能重置自己的动态口令，请使用恢复码，或由另一名安全管理员重置。")
    else:
        second_factor.reset(user)
        history.log(request.user, user, CHANGE, "重置动态口令")
        messages.success(request, f"已重置{user}的动态口令，下次登录时重新绑定。")
    return redirect("accounts:person", pk)


def _to_be_secured(request, pk):
    if not administration.authorises(request.user):
        raise Http404
    return get_object_or_404(User.objects.select_for_update(of=("self",)), pk=pk)


@office.permitted("accounts.change_user")
@require_safe
def policies(request: AuthenticatedRequest) -> HttpResponse:
    """安全策略: what is in force, read only; the environment says it."""
    if not administration.authorises(request.user):
        raise Http404
    return render(request, "office/policies.html", {"groups": security_policies(), "list_title": "安全策略"})
