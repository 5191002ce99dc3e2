"""People and departments for the system administrator, entrusting for those who may, logs for the auditor."""

from typing import Any

from axes.models import AccessFailureLog, AccessLog
from django.conf import settings
from django.contrib import admin, messages
from django.contrib.admin.models import ADDITION, CHANGE, DELETION, LogEntry
from django.contrib.auth.admin import GroupAdmin  # noqa: F401  (registered before we take it away again)
from django.contrib.auth.models import Group
from django.db.models import Max
from django.shortcuts import redirect
from django_otp.plugins.otp_static.admin import StaticDevice
from django_otp.plugins.otp_totp.admin import TOTPDevice

from accounts import administration, history, initial_password
from accounts.locks import sealed_name
from accounts.models import Department, User
from accounts.office_forms import DepartmentForm, EntrustingForm, may_entrust
from accounts.person_forms import NewUserForm, form_for_person
from accounts.phones import is_phone, mask, normalise
from accounts.sealing import unseal

for model in (StaticDevice, TOTPDevice):
    admin.site.unregister(model)  # secrets: nobody reads or writes them here
admin.site.unregister(Group)  # what a person may do follows from role and duties


class TrackedAdmin(admin.ModelAdmin):
    """Saves through a TrackedForm: the log says field by field what it was and what it is."""

    def get_fieldsets(self, request, obj=None):
        """Without what only the product's pages use; the tick is there once the form has been sent."""
        fieldsets = [
            (heading, options | {"fields": [name for name in options["fields"] if name not in ("known", "accepted")]})
            for heading, options in super().get_fieldsets(request, obj)
        ]
        if request.method == "POST":
            fieldsets.append(("保存前请核对", {"fields": ["accepted"]}))
        return fieldsets

    def construct_change_message(self, request, form, formsets, add=False):
        if add:
            return super().construct_change_message(request, form, formsets, add)
        return "；".join(form.sentences()) or "未作修改"

    def log_addition(self, request, obj, message):
        history.audit(request.user, obj, ADDITION, "在后台新增")
        return super().log_addition(request, obj, message)

    def log_change(self, request, obj, message):
        history.audit(request.user, obj, CHANGE, str(message))
        return super().log_change(request, obj, message)

    def log_deletions(self, request, queryset):
        for obj in queryset:
            history.audit(request.user, obj, DELETION, "在后台删除")
        return super().log_deletions(request, queryset)


@admin.register(Department)
class DepartmentAdmin(TrackedAdmin):
    form = DepartmentForm
    list_display = ["name", "position", "is_office", "is_active"]
    actions = None
    list_filter = ["is_active"]
    search_fields = ["name"]

    def get_form(self, request, obj=None, change=False, **kwargs):
        if may_entrust(request.user):
            return EntrustingForm
        return super().get_form(request, obj, change=change, **kwargs)

    def get_fieldsets(self, request, obj=None):
        own = (None, {"fields": DepartmentForm.Meta.fields})
        if not may_entrust(request.user):
            return [own]
        return [own, ("受托人员", {"fields": list(EntrustingForm.ROLES), "classes": ["people"]})]

    def get_readonly_fields(self, request, obj=None):
        return DepartmentForm.Meta.fields if may_entrust(request.user) else []

    def get_changeform_initial_data(self, request):
        last = Department.objects.aggregate(last=Max("position"))["last"]
        return {"position": (last or 0) + 1} | super().get_changeform_initial_data(request)

    def save_model(self, request, obj, form, change):
        if not may_entrust(request.user):
            super().save_model(request, obj, form, change)

    def save_related(self, request, form, formsets, change):
        if may_entrust(request.user):
            form.assign()

    def has_delete_permission(self, request, obj=None):
        return False


@admin.register(User)
class UserAdmin(TrackedAdmin):
    list_display = ["full_name", "masked_phone", "department", "role", "state", "password_state", "last_login"]
    list_filter = ["role", "is_active", "department"]
    list_select_related = ["department"]
    search_fields = ["full_name", "phone__exact", "department__name"]
    search_help_text = "姓名、单位名称，或完整的手机号"
    ordering = ["department__position", "department__name", "role", "full_name"]
    actions = None

    @admin.display(description="手机号")
    def masked_phone(self, user):
        return user.masked_phone

    @admin.display(description="状态")
    def state(self, user):
        return user.state

    @admin.display(description="密码")
    def password_state(self, user):
        return user.password_state

    def get_fields(self, request, obj=None):
        if obj is None:
            return NewUserForm.Meta.fields
        return [
            "masked_phone",
            "new_phone",
            "full_name",
            "department",
            *(["role"] if "role" in form_for_person(request.user, obj).base_fields else []),
            "is_active",
            "password_state",
            "last_login",
        ]

    def get_readonly_fields(self, request, obj=None):
        return [] if obj is None else ["masked_phone", "password_state", "last_login"]

    def get_form(self, request, obj=None, change=False, **kwargs):
        kwargs["form"] = form_for_person(request.user, obj or User())
        form = super().get_form(request, obj, change=change, **kwargs)
        widget = form.base_fields["department"].widget
        widget.can_add_related = widget.can_change_related = widget.can_view_related = False
        return form

    def get_search_results(self, request, queryset, search_term):
        phone = normalise(search_term)
        return super().get_search_results(request, queryset, phone if is_phone.regex.match(phone) else search_term)

    def save_model(self, request, obj, form, change):
        super().save_model(request, obj, form, change)
        if not change:
            messages.success(request, initial_password.notice(obj))

    def response_change(self, request, obj):
        if "_reset_password" in request.POST:
            self.reset(request, obj)
            return redirect(request.path)
        return super().response_change(request, obj)

    def reset(self, request, user):
        if not administration.may_reset_password(request.user, user):
            messages.error(request, initial_password.REFUSED)
            return
        initial_password.reset(user, request.user)
        messages.success(request, initial_password.notice(user))

    # What 安全管理员 does with accounts has pages of its own.
    def has_view_permission(self, request, obj=None):
        return administration.keeps_accounts(request.user)

    has_change_permission = has_view_permission

    def has_delete_permission(self, request, obj=None):
        return False  # people leave traces: they are deactivated


class LogAdmin(admin.ModelAdmin):
    """Reading only, whatever a role may otherwise do."""

    actions = None
    list_display_links: Any = None
    show_full_result_count = False

    def has_add_permission(self, request):
        return False

    def has_change_permission(self, request, obj=None):
        return False

    def has_delete_permission(self, request, obj=None):
        return False


@admin.register(LogEntry)
class LogEntryAdmin(LogAdmin):
    list_display = ["action_time", "user", "content_type", "object_repr", "action_flag", "message"]
    list_filter = ["action_flag", "action_time"]
    list_select_related = ["user", "content_type"]
    search_fields = ["user__full_name", "object_repr", "change_message"]
    date_hierarchy = "action_time"

    @admin.display(description="说明")
    def message(self, entry):
        return entry.get_change_message()


class AccessAdmin(LogAdmin):
    list_filter = ["attempt_time"]
    search_fields = ["ip_address", "username__exact"]
    search_help_text = "地址，或完整的手机号"

    def get_search_results(self, request, queryset, search_term):
        phone = normalise(search_term)
        term = sealed_name(request, {"username": phone}) if is_phone.regex.match(phone) else search_term
        return super().get_search_results(request, queryset, term)

    @admin.display(description="时间", ordering="attempt_time")
    def when(self, access):
        return access.attempt_time

    @admin.display(description="账号", ordering="username")
    def who(self, access):
        return mask(unseal(access.username or "", settings.PHONE_KEY))

    @admin.display(description="地址", ordering="ip_address")
    def address(self, access):
        return access.ip_address

    @admin.display(description="浏览器")
    def browser(self, access):
        return access.user_agent


@admin.register(AccessLog)
class AccessLogAdmin(AccessAdmin):
    list_display = ["when", "who", "address", "browser", "left"]

    @admin.display(description="退出时间", ordering="logout_time")
    def left(self, access):
        return access.logout_time


@admin.register(AccessFailureLog)
class AccessFailureLogAdmin(AccessAdmin):
    list_display = ["when", "who", "address", "browser", "locked"]

    @admin.display(description="因此锁定", boolean=True, ordering="locked_out")
    def locked(self, access):
        return access.locked_out
