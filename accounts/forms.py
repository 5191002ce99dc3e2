"""Signing in, with a code where it is needed, and choosing a password."""

from axes.handlers.proxy import AxesProxyHandler
from django import forms
from django.contrib.auth.forms import AuthenticationForm, PasswordChangeForm
from django.contrib.auth.password_validation import password_validators_help_text_html
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import transaction

from accounts import phones, second_factor
from accounts.locks import code_lock_sentence, lock_sentence, take_turn
from accounts.passwords import as_handed_out
from accounts.waiting import BUSY, NoTurn


class LoginForm(AuthenticationForm):
    error_messages = {
        "invalid_login": "账号或密码不正确，请核对后重新输入。",
        "inactive": "账号或密码不正确，请核对后重新输入。",
    }

    username = forms.CharField(
        label="账号",
        help_text="“渝快政”手机号",
        max_length=40,  # of what is typed, "+86 139-0000-0001" included
        error_messages={"required": "请输入账号。", "max_length": "账号应为11位手机号。"},
        widget=forms.TextInput(attrs={"autofocus": True, "autocomplete": "username", "inputmode": "tel"}),
    )
    password = forms.CharField(
        label="密码",
        strip=False,
        max_length=128,
        error_messages={"required": "请输入密码。", "max_length": "密码最多128个字符。"},
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if self.is_bound:  # the account still stands there: the password is what is typed again
            self.fields["password"].widget.attrs |= {"autofocus": self.fields["username"].widget.attrs.pop("autofocus")}

    def clean_username(self):
        return phones.normalise(self.cleaned_data["username"])

    def clean_password(self):
        return as_handed_out(self.cleaned_data["password"])

    def clean(self):
        refusal = None
        try:
            with transaction.atomic():  # to its end even if refused: the failure has to be counted
                take_turn(self.cleaned_data.get("username", ""))
                try:
                    super().clean()
                except ValidationError as error:
                    refusal = error
        except NoTurn:  # nothing has been tried
            refusal = ValidationError(BUSY, code="busy")
        if refusal:
            raise refusal
        return self.cleaned_data

    @property
    def is_busy(self):
        return self.has_error(NON_FIELD_ERRORS, "busy")

    @property
    def is_locked(self):
        return getattr(self.request, "axes_locked_out", False)

    def get_invalid_login_error(self):
        if self.is_locked:
            credentials = {"username": self.cleaned_data["username"]}
            return ValidationError(lock_sentence(self.request, credentials), code="locked")
        return super().get_invalid_login_error()

    def confirm_login_allowed(self, user):
        super().confirm_login_allowed(user)
        if user.initial_password_is_stale:
            raise ValidationError("初始密码已过期，请联系系统管理员重置初始密码。", code="stale")


class PasswordForm(PasswordChangeForm):
    error_messages = {
        "password_incorrect": "原密码不正确，请重新输入。",
        "password_mismatch": "两次输入的新密码不一致。",
    }

    old_password = forms.CharField(
        label="原密码",
        strip=False,
        error_messages={"required": "请输入原密码。"},
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password", "autofocus": True}),
    )
    new_password1 = forms.CharField(
        label="新密码",
        help_text=password_validators_help_text_html(),
        strip=False,
        error_messages={"required": "请输入新密码。"},
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )
    new_password2 = forms.CharField(
        label="确认新密码",
        strip=False,
        error_messages={"required": "请再输入一次新密码。"},
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def clean_old_password(self):
        self.cleaned_data["old_password"] = as_handed_out(self.cleaned_data["old_password"])
        return super().clean_old_password()

    def clean(self):
        self.validate_passwords("new_password1", "new_password2")
        self.validate_password_for_user(self.user, "new_password1")  # the problems stand where the rules stand
        return forms.Form.clean(self)

    def set_password_and_save(self, user, password_field_name="new_password1", commit=True):
        user.choose_password(self.cleaned_data[password_field_name])
        if commit:
            user.save()
        return user


def _code_field(help_text, **attributes):
    return forms.CharField(
        label="动态口令",
        max_length=20,
        help_text=help_text,
        error_messages={"required": "请输入动态口令。", "max_length": "动态口令是6位数字。"},
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "autofocus": True, **attributes}),
    )


class CodeForm(forms.Form):
    """The code of the telephone, or one of the recovery codes; `kind` says which it was."""

    code = _code_field("手机验证器上的6位数字；手机不在身边的，填写一个恢复码。")

    def __init__(self, request, data=None):
        super().__init__(data)
        self.request = request
        self.is_locked = False
        self.kind = ""

    def clean_code(self):
        code, user = self.cleaned_data["code"], self.request.user
        credentials = {"username": user.phone}
        with transaction.atomic():  # to its end even if refused: the failure has to be counted
            take_turn(user.phone)
            AxesProxyHandler.update_request(self.request)
            self.is_locked = not AxesProxyHandler.is_allowed(self.request, credentials)
            if not self.is_locked:
                self.kind = second_factor.verify(self.request, user, code)
                self.is_locked = not self.kind and not AxesProxyHandler.is_allowed(self.request, credentials)
        if self.is_locked:
            raise ValidationError(code_lock_sentence(self.request, credentials), code="locked")
        if not self.kind and second_factor.is_code(code):
            raise ValidationError("动态口令不正确，或者已经用过，请等待新的一组数字。", code="wrong")
        if not self.kind:
            raise ValidationError("恢复码不正确，或者已经用过，请核对后输入没有用过的。", code="wrong")
        return code


class RenewalForm(CodeForm):
    """The code of the telephone alone: a recovery code in foreign hands must not lead to ten more."""

    code = _code_field("手机验证器上的6位数字。", inputmode="numeric")

    def clean_code(self):
        if not second_factor.is_code(self.cleaned_data["code"]):
            raise ValidationError("请输入手机验证器上的6位数字。", code="no_code")
        return super().clean_code()


class NewCodeForm(forms.Form):
    """The first code of a new key; `codes` are the recovery codes then."""

    code = _code_field("添加后，手机上显示的6位数字。", inputmode="numeric")

    def __init__(self, user, key, data=None):
        super().__init__(data)
        self.user, self.key = user, key
        self.codes: list[str] = []

    def clean_code(self):
        self.codes = second_factor.set_up(self.user, self.key, self.cleaned_data["code"])
        if not self.codes:
            raise ValidationError("动态口令不正确，请核对手机的时间后，输入新的一组数字。", code="wrong")
        return self.cleaned_data["code"]
