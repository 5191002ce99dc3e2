"""Locking after failed logins: per account and address for a while, and per account over all addresses."""

from datetime import timedelta
from math import ceil

from axes.conf import settings
from axes.handlers.database import AxesDatabaseHandler
from axes.handlers.proxy import AxesProxyHandler
from axes.helpers import get_client_username
from axes.models import AccessAttempt, AccessFailureLog
from django.db.models import Max
from django.utils import timezone

from accounts.advisory_locks import lock_until_commit
from accounts.models import User
from accounts.phones import is_phone, mask
from accounts.sealing import seal, unseal

ACCOUNT_FAILURE_LIMIT = 10  # within the window, over all addresses
ACCOUNT_WINDOW = timedelta(hours=1)


class SealedAccount:
    """As axes sees a person: its tables hold telephone numbers no more readably than ours."""

    def __init__(self, user):
        self.user = user

    def get_username(self):
        return sealed_name(None, {"username": self.user.phone})


def sealed_name(request, credentials):
    """The name that axes counts by; what is typed as a name may be anything."""
    typed = (credentials or request.POST).get("username")
    return seal(typed, settings.PHONE_KEY) if typed and is_phone.regex.match(typed) else typed


class LockHandler(AxesDatabaseHandler):
    """Axes locks account + address; a guesser with many addresses meets the cap on the account."""

    def is_locked(self, request, credentials=None):
        return super().is_locked(request, credentials) or self.capped_until(request, credentials) is not None

    def capped_until(self, request, credentials=None):
        """When the account will be open again, or None if it is.

        A success does not lift the cap, else the owner's logins would give a guesser new tries. A new password does,
        for failures against the old one say nothing about it, and so does 安全管理员.
        """
        username = get_client_username(request, credentials)
        since = timezone.now() - ACCOUNT_WINDOW
        known = User.objects.filter(phone=username).values_list("password_set_at", "unlocked_at").first()
        failures = AccessFailureLog.objects.filter(
            username=username, attempt_time__gt=max(filter(None, (since, *(known or ()))))
        ).order_by("-attempt_time")
        deciding = failures[ACCOUNT_FAILURE_LIMIT - 1 :].values_list("attempt_time", flat=True).first()
        return deciding + ACCOUNT_WINDOW if deciding else None

    def user_logged_in(self, sender, request, user, **kwargs):
        super().user_logged_in(sender, request, SealedAccount(user), **kwargs)

    def user_logged_out(self, sender, request, user, **kwargs):
        super().user_logged_out(sender, request, user and SealedAccount(user), **kwargs)

    def open_again_at(self, request, credentials):
        """The later ending of both locks; now, if neither holds."""
        moments = [timezone.now()]
        if capped_until := self.capped_until(request, credentials):
            moments.append(capped_until)
        if super().is_locked(request, credentials):
            for attempts in self.get_user_attempts(request, credentials):
                newest = attempts.aggregate(newest=Max("attempt_time"))["newest"]
                moments.append(newest + settings.AXES_COOLOFF_TIME)
        return max(moments)


def take_turn(username: str) -> None:
    """Until the transaction ends, nobody else tries a password of this account, if there is one or not.

    Guesses sent at the same moment would otherwise all be checked before the first is counted.
    """
    lock_until_commit(f"sign-in {username}")


def lock_sentence(request, credentials):
    minutes = _minutes(request, credentials)
    return f"密码输错次数过多，账号已暂时锁定，请在{minutes}分钟后再试；忘记密码的，请联系系统管理员重置。"


def code_lock_sentence(request, credentials):
    minutes = _minutes(request, credentials)
    return f"输错次数过多，账号已暂时锁定，请在{minutes}分钟后再试；手机遗失、更换的，请联系安全管理员重置。"


def _minutes(request, credentials):
    handler = AxesProxyHandler.get_implementation()
    wait = handler.open_again_at(request, credentials) - timezone.now()
    return max(1, ceil(wait.total_seconds() / 60))


def is_locked(user: User) -> bool:
    """For some address at least."""
    since = timezone.now() - settings.AXES_COOLOFF_TIME
    refused = AccessAttempt.objects.filter(
        username=SealedAccount(user).get_username(),
        failures_since_start__gte=settings.AXES_FAILURE_LIMIT,
        attempt_time__gt=since,
    )
    return refused.exists() or LockHandler().capped_until(None, {"username": user.phone}) is not None


def unlock(user: User) -> None:
    """Of wrong passwords so far none counts any more."""
    AxesProxyHandler.reset_attempts(username=SealedAccount(user).get_username())
    user.unlocked_at = timezone.now()
    user.save(update_fields=["unlocked_at"])


def describe(username, ip_address, user_agent, path_info, request):
    """How the log names a client: never by the full number, nor by anything the client could shape."""
    return f"{mask(unseal(username or '', settings.PHONE_KEY))} from {ip_address}"
