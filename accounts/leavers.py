"""People who have left: after a while their accounts lose what is personal.

The name stays, for it stands under what they submitted and decided; the audit log is not touched.
"""

from datetime import timedelta

from axes.models import AccessAttempt, AccessFailureLog, AccessLog
from django.conf import settings
from django.contrib.sessions.models import Session
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.crypto import get_random_string

from accounts import second_factor
from accounts.audit.entries import Action
from accounts.audit.writing import write
from accounts.locks import SealedAccount
from accounts.models import User

LOGS = (AccessAttempt, AccessFailureLog, AccessLog)  # of axes, which name people by their number


def due() -> QuerySet[User]:
    """Whose time is over; nobody, where the setting says never."""
    days = settings.LEAVERS_ANONYMISED_AFTER_DAYS
    if not days:
        return User.objects.none()
    ended = timezone.now() - timedelta(days=days)
    return User.objects.filter(is_active=False, anonymised_at=None, inactive_since__lte=ended)


def anonymise(user: User) -> None:
    """In the transaction of the caller, who takes away what the rooms above keep of the person."""
    names = {user.phone, SealedAccount(user).get_username()}
    user.phone = _nobodys_number()
    user.set_unusable_password()
    user.former_passwords, user.tour_role, user.last_login = [], "", None
    user.anonymised_at = timezone.now()
    user.save()
    second_factor.reset(user)
    for log in LOGS:
        log.objects.filter(username__in=names).update(username=user.phone)
    write(None, Action.CHANGE, user, after={"说明": "停用期满，清除手机号等个人信息"})


def end_sessions_of(people: set[int]) -> None:
    """Their rows: whoever holds their keys is shut out by then."""
    with transaction.atomic():
        for session in Session.objects.iterator():
            if int(session.get_decoded().get("_auth_user_id", 0)) in people:
                session.delete()


def _nobodys_number() -> str:
    """No mobile number starts so, and nobody can sign in with it."""
    while True:
        number = f"0{get_random_string(10, '0123456789')}"
        if not User.objects.filter(phone=number).exists():
            return number
