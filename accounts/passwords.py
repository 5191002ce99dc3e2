"""Passwords and sessions of a person: initial, chosen, remembered, and due to be changed."""

import unicodedata
from datetime import timedelta

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.hashers import check_password
from django.db import models
from django.utils import timezone
from django.utils.crypto import get_random_string, salted_hmac

REMEMBERED_PASSWORDS = 3
# No 0/O, 1/l/I: initial secrets are read out over the telephone.
SECRET_ALPHABET = "abcdefghjkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789"


def as_handed_out(password: str) -> str:
    """The initial password where this is it in full width, as the users' manual prints it; else what was typed."""
    plain = unicodedata.normalize("NFKC", password)
    return plain if plain == settings.INITIAL_PASSWORD else password


class PasswordHolder(AbstractBaseUser):
    """Who signs in with a password that is handed out first and then chosen."""

    must_change_password = models.BooleanField("须修改初始密码", default=True, editable=False)
    password_set_at = models.DateTimeField("密码设置时间", default=timezone.now, editable=False)
    former_passwords = models.JSONField("用过的密码", default=list, editable=False)  # hashes, newest first
    session_stamp = models.PositiveIntegerField(default=0, editable=False)  # a new one ends every session

    class Meta:
        abstract = True

    def set_initial_password(self):
        """Sets, and leaves readable on this instance only, a password good for nothing but choosing one's own."""
        secret = settings.INITIAL_PASSWORD
        if secret == "random":
            secret = get_random_string(12, SECRET_ALPHABET)
        self.set_password(secret)
        self.initial_password = secret
        self.must_change_password = True
        self.password_set_at = timezone.now()
        self.session_stamp += 1

    def end_sessions(self):
        """All of them, wherever."""
        self.session_stamp += 1
        self.save(update_fields=["session_stamp"])

    def choose_password(self, password):
        """Sets the person's own password and remembers it against reuse; other sessions end."""
        self.set_password(password)
        self.former_passwords = [self.password, *self.former_passwords][:REMEMBERED_PASSWORDS]
        self.must_change_password = False
        self.password_set_at = timezone.now()
        self.session_stamp += 1

    def has_used_password(self, password):
        return any(check_password(password, used) for used in {self.password, *self.former_passwords} if used)

    @property
    def initial_password_is_stale(self):
        lifetime = timedelta(days=settings.INITIAL_PASSWORD_DAYS)
        return self.must_change_password and timezone.now() >= self.password_set_at + lifetime

    @property
    def password_state(self):
        if not self.has_usable_password():
            return "已清除，重置后才能登录"
        if self.initial_password_is_stale:
            return "初始密码已过期"
        return "须修改初始密码" if self.must_change_password else "已设置"

    @property
    def password_is_due(self):
        """Whether nothing but changing the password is open to this person."""
        if self.must_change_password:
            return True
        days = settings.PASSWORD_MAX_AGE_DAYS
        return bool(days) and timezone.now() >= self.password_set_at + timedelta(days=days)

    def _get_session_auth_hash(self, secret=None):
        """Both public hash methods (present and fallback keys) come here."""
        secured = f"{self.password}:{self.session_stamp}"
        return salted_hmac("accounts.session", secured, secret=secret, algorithm="sha256").hexdigest()
