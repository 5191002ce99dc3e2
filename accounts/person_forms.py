"""People: the forms of the product's pages and of the admin, one for each part that an administrator has."""

from django import forms
from django.utils import timezone

from accounts import administration
from accounts.models import Department, Role, User
from accounts.office_forms import NOBODY_LEFT
from accounts.phones import PhoneField, is_phone, normalise
from accounts.tracked_forms import TrackedForm

OWN = "本人的由另一名管理员修改。"
AWAITS = "待授权"


class NewUserForm(TrackedForm):
    """Without a password: the first is the initial one."""

    widths = dict.fromkeys(["phone", "full_name", "department", "role"], 6)

    class Meta:
        model = User
        fields = ["phone", "full_name", "department", "role"]
        help_texts = {"phone": "“渝快政”手机号，即登录账号。"}

    def save(self, commit=True):
        self.instance.set_initial_password()
        return super().save(commit)


class RequestForm(NewUserForm):
    """An account that has no effect until 安全管理员 authorises it."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["role"].help_text = "由安全管理员核对并授权后，才能登录。"

    def save(self, commit=True):
        administration.withhold(self.instance)
        return super().save(commit)


class PlaceForm(TrackedForm):
    """What changes the place of somebody: department, role, or whether they may work at all."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.shown_state = self.instance.state  # as it is before anything is read

    def consequences(self):
        """Who leaves a place in which nobody else takes the step of their role."""
        before, after = User.objects.get(pk=self.instance.pk), self.instance
        role = Role(before.role)
        is_the_same = before.role == after.role and after.is_active
        if not before.is_active or role not in NOBODY_LEFT or (is_the_same and not self._moves(before)):
            return []
        stays = after.department_id if is_the_same else None
        departments = Department.objects.filter(entrustments__user=before, is_active=True).exclude(pk=stays).distinct()
        found = [
            f"{department}{NOBODY_LEFT[role]}"
            for department in departments
            if not department.people_assigned(role).exclude(pk=before.pk).exists()
        ]
        if role == Role.OFFICE_REVIEWER and not before.entrustments.exists():
            others = User.objects.filter(role=role, is_active=True, entrustments=None).exclude(pk=before.pk)
            if not others.exists():
                found.append(f"没有受托人员的单位{NOBODY_LEFT[role]}")
        return found

    def _moves(self, before):
        return before.department_id != self.instance.department_id


class UserForm(PlaceForm):
    """The number is masked once the account exists; a wrong one is replaced, not edited."""

    new_phone = PhoneField("更换手机号", blank=True).formfield(
        required=False, help_text="号码有误或换号时填写，留空不变。"
    )

    groups = (("", ("full_name", "new_phone", "department", "role", "is_active")),)
    widths = dict.fromkeys(["full_name", "new_phone", "department", "role"], 6)

    class Meta:
        model = User
        fields = ["full_name", "department", "role", "is_active"]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if self.instance.awaits_authorisation:
            self.initial["is_active"] = True

    def facts(self):
        found = {"手机号": self.instance.masked_phone} | super().facts()
        return found | ({"启用": AWAITS} if self.instance.awaits_authorisation else {})

    def clean_new_phone(self):
        phone = normalise(self.cleaned_data["new_phone"] or "")
        if phone and User.objects.filter(phone=phone).exclude(pk=self.instance.pk).exists():
            raise forms.ValidationError("这个手机号已有账号。")
        return phone

    def clean(self):
        cleaned = super().clean()
        has_number = self.cleaned_data.get("new_phone") or is_phone.regex.match(self.instance.phone)
        if self.cleaned_data.get("is_active") and not has_number and "new_phone" not in self.errors:
            self.add_error("new_phone", "手机号已按期清除，启用前请填写新的手机号，保存后再重置初始密码。")
        return cleaned

    def save(self, commit=True):
        phone = self.cleaned_data.get("new_phone")
        self.has_new_phone = bool(phone) and phone != self.instance.phone
        if self.has_new_phone:
            self.instance.phone = phone
            self.instance.session_stamp += 1
        self.take_effect()
        return super().save(commit)

    def take_effect(self) -> None:
        self.instance.awaits_authorisation = False

    def sentences(self):
        found = super().sentences()
        if self.has_new_phone and self.before["手机号"] == self.instance.masked_phone:
            found.insert(0, "手机号：已更换")
        return found


class BaseInfoForm(UserForm):
    """Without the role, which is the part of 安全管理员; what gives somebody more waits for authorisation."""

    class Meta(UserForm.Meta):
        fields = ["full_name", "department", "is_active"]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["department"].help_text = "调换单位、重新启用后，由安全管理员授权。"

    def take_effect(self):
        super().take_effect()
        before = User.objects.get(pk=self.instance.pk)
        administration.withhold(self.instance, was_active=before.is_active, was_in=before.department_id)


class OwnUserForm(UserForm):
    """Nobody changes their own place."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        for name in ("department", "role", "is_active"):
            self.fields[name].disabled = True
            self.fields[name].help_text = OWN


class AuthorisationForm(PlaceForm):
    """For 安全管理员: the role, and whether the account has effect. Closed accounts are opened by the other part."""

    authorised = forms.BooleanField(
        label="授权", required=False, help_text="勾选后才能登录；取消的，登录即行退出，原有的受托即行取消。"
    )

    groups = (("", ("role", "authorised")),)

    class Meta:
        model = User
        fields = ["role"]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.initial["authorised"] = self.instance.is_active
        if not self.instance.is_active and not self.instance.awaits_authorisation:
            del self.fields["authorised"]

    def facts(self):
        return super().facts() | {"授权": "是" if self.instance.is_active else "否"}

    def clean(self):
        if "authorised" in self.fields:
            self.instance.is_active = self.cleaned_data["authorised"]
            self.instance.awaits_authorisation = not self.instance.is_active
        return super().clean()

    def save(self, commit=True):
        if self.instance.is_active and not self.initial["authorised"] and self.instance.must_change_password:
            self.instance.password_set_at = timezone.now()  # its days begin when it can be used
        return super().save(commit)


class OwnAuthorisationForm(AuthorisationForm):
    """Nobody changes their own part."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        for field in (self.fields["role"], self.fields["authorised"]):
            field.disabled = True
            field.help_text = OWN


def form_for_person(by: User, user: User) -> type[TrackedForm]:
    """What this administrator may fill in about them."""
    is_new, is_own = user._state.adding, user.pk == by.pk
    if not administration.keeps_accounts(by):
        return OwnAuthorisationForm if is_own else AuthorisationForm
    if is_own:
        return OwnUserForm
    if administration.authorises(by):
        return NewUserForm if is_new else UserForm
    return RequestForm if is_new else BaseInfoForm
