"""People and departments for the system administrator, entrusting for the office, logs for the auditor."""

from axes.models import AccessFailureLog, AccessLog
from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.contrib.admin.models import LogEntry
from django.contrib.auth.admin import GroupAdmin  # noqa: F401  (registered before we take it away again)
from django.contrib.auth.models import Group
from django.db import transaction
from django.db.models import Max
from django.shortcuts import redirect

from accounts.locks import unlock
from accounts.models import Department, Role, User
from accounts.phones import PhoneField, is_phone, mask, normalise

admin.site.unregister(Group)  # what a person may do follows from role and duties


class PeopleField(forms.ModelMultipleChoiceField):
    def label_from_instance(self, user):
        return f"{user.full_name}（{user.department}）"


def people(role, label, help_text=""):
    return PeopleField(
        User.objects.filter(role=role, is_active=True)
        .select_related("department")
        .order_by("department__position", "department__name", "full_name"),
        label=label,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=help_text,
    )


class EntrustingForm(forms.ModelForm):
    """Who looks after this department: each field is named after the role whose duty it entrusts."""

    entry = people(Role.ENTRY, "录入人员")
    dept_reviewer = people(Role.DEPT_REVIEWER, "审核人员")
    office_reviewer = people(Role.OFFICE_REVIEWER, "改革办审核人员", "没有受托具体单位的改革办审核人员，负责全部单位。")

    class Meta:
        model = Department
        fields = []

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        for role, field in self.fields.items():
            field.initial = list(self.instance.people_entrusted(role))

    def assign(self):
        """Returns sentences about what changed, for the log."""
        sentences = []
        for role in self.changed_data:
            field, chosen = self.fields[role], set(self.cleaned_data[role])
            for user in chosen.difference(field.initial):
                user.assign(self.instance)
                sentences.append(f"增加{field.label}：{user.full_name}")
            for user in set(field.initial) - chosen:
                user.unassign(self.instance)
                sentences.append(f"取消{field.label}：{user.full_name}")
        return sentences


@admin.register(Department)
class DepartmentAdmin(admin.ModelAdmin):
    list_display = ["name", "position", "is_office", "is_active"]
    actions = None
    list_filter = ["is_active"]
    search_fields = ["name"]

    def entrusts(self, request):
        return request.user.role == Role.OFFICE_REVIEWER

    def get_form(self, request, obj=None, change=False, **kwargs):
        if not self.entrusts(request):
            return super().get_form(request, obj, change=change, **kwargs)
        return EntrustingForm

    def get_fieldsets(self, request, obj=None):
        own = (None, {"fields": ["name", "position", "is_office", "is_active"]})
        if not self.entrusts(request):
            return [own]
        return [own, ("受托人员", {"fields": list(EntrustingForm.base_fields), "classes": ["people"]})]

    def get_readonly_fields(self, request, obj=None):
        return ["name", "position", "is_office", "is_active"] if self.entrusts(request) else []

    def get_changeform_initial_data(self, request):
        last = Department.objects.aggregate(last=Max("position"))["last"]
        return {"position": (last or 0) + 1} | super().get_changeform_initial_data(request)

    def save_model(self, request, obj, form, change):
        if not self.entrusts(request):
            super().save_model(request, obj, form, change)

    def save_related(self, request, form, formsets, change):
        if self.entrusts(request):
            form.sentences = form.assign()

    def construct_change_message(self, request, form, formsets, add=False):
        if self.entrusts(request):
            return "；".join(form.sentences) or "未作修改"
        return super().construct_change_message(request, form, formsets, add)

    def has_delete_permission(self, request, obj=None):
        return False


class UserForm(forms.ModelForm):
    """The number is masked once the account exists; a wrong one is replaced, not edited."""

    new_phone = PhoneField("更换手机号", blank=True).formfield(
        required=False, help_text="号码有误或换号时填写，留空不变。"
    )

    def clean_new_phone(self):
        phone = normalise(self.cleaned_data["new_phone"] or "")
        if phone and User.objects.filter(phone=phone).exclude(pk=self.instance.pk).exists():
            raise forms.ValidationError("这个手机号已有账号。")
        return phone


@admin.register(User)
class UserAdmin(admin.ModelAdmin):
    form = UserForm
    list_display = ["full_name", "masked_phone", "department", "role", "is_active", "password_state", "last_login"]
    list_filter = ["role", "is_active", "department"]
    list_select_related = ["department"]
    search_fields = ["full_name", "phone__exact", "department__name"]
    search_help_text = "姓名、单位名称，或完整的手机号"
    ordering = ["department__position", "department__name", "role", "full_name"]
    actions = None

    @admin.display(description="手机号")
    def masked_phone(self, user):
        return user.masked_phone

    @admin.display(description="密码")
    def password_state(self, user):
        if user.initial_password_is_stale:
            return "初始密码已过期"
        return "须修改初始密码" if user.must_change_password else "已设置"

    def get_fields(self, request, obj=None):
        if obj is None:
            return ["phone", "full_name", "department", "role"]
        return [
            "masked_phone",
            "new_phone",
            "full_name",
            "department",
            "role",
            "is_active",
            "password_state",
            "last_login",
        ]

    def get_readonly_fields(self, request, obj=None):
        return [] if obj is None else ["masked_phone", "password_state", "last_login"]

    def get_form(self, request, obj=None, change=False, **kwargs):
        form = super().get_form(request, obj, change=change, **kwargs)
        widget = form.base_fields["department"].widget
        widget.can_add_related = widget.can_change_related = widget.can_view_related = False
        return form

    def get_search_results(self, request, queryset, search_term):
        phone = normalise(search_term)
        return super().get_search_results(request, queryset, phone if is_phone.regex.match(phone) else search_term)

    def save_model(self, request, obj, form, change):
        if not change:
            obj.set_initial_password()
        elif form.cleaned_data.get("new_phone"):
            obj.phone = form.cleaned_data["new_phone"]
            obj.session_stamp += 1
        before = self.facts(User.objects.select_related("department").get(pk=obj.pk)) if change else {}
        super().save_model(request, obj, form, change)
        after = self.facts(obj)
        form.sentences = [f"{fact}：{before[fact]} → {after[fact]}" for fact in before if before[fact] != after[fact]]
        if not change:
            self.tell_initial_password(request, obj)

    def facts(self, user):
        return {
            "手机号": user.masked_phone,
            "姓名": user.full_name,
            "所属单位": user.department.name,
            "角色": user.get_role_display(),
            "启用": "是" if user.is_active else "否",
        }

    def construct_change_message(self, request, form, formsets, add=False):
        """Before and after: a move also moves duties."""
        if add:
            return super().construct_change_message(request, form, formsets, add)
        return "；".join(form.sentences) or "未作修改"

    def response_change(self, request, obj):
        if "_reset_password" in request.POST:
            self.reset(request, obj)
            return redirect(request.path)
        return super().response_change(request, obj)

    def reset(self, request, user):
        if user == request.user:
            messages.error(request, "不能重置自己的密码，请在个人中心修改密码。")
            return
        with transaction.atomic():
            user.set_initial_password()
            user.save()
            unlock(user)
            self.log_change(request, user, "重置初始密码")
        self.tell_initial_password(request, user)

    def tell_initial_password(self, request, user):
        """A secret is shown this once; the fixed one everybody has in the manual."""
        words = (
            f"：{user.initial_password}（只显示这一次，请当面或电话告知本人）"
            if settings.INITIAL_PASSWORD == "random"
            else "见用户手册"
        )
        messages.success(
            request,
            f"{user.full_name}的初始密码{words}。{settings.INITIAL_PASSWORD_DAYS}天内有效，首次登录须修改。",
        )

    def has_delete_permission(self, request, obj=None):
        return False  # people leave traces: they are deactivated


class LogAdmin(admin.ModelAdmin):
    """Reading only, whatever a role may otherwise do."""

    actions = None
    list_display_links = None
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

    @admin.display(description="时间", ordering="attempt_time")
    def when(self, access):
        return access.attempt_time

    @admin.display(description="账号", ordering="username")
    def who(self, access):
        return mask(access.username or "")

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
