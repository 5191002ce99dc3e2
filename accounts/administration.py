"""三员: which administrator does what with accounts.

While somebody active is 安全管理员, the two parts are separate. The system administrator keeps accounts: new ones,
names, numbers, departments, closing them, initial passwords. The security administrator gives them effect: roles,
duties, authorisation, unlocking, ending sessions. What the system administrator gives to an account then has no effect
before it is authorised. Where nobody is, on a small site, the system administrator does both, and the deployment check
warns.
"""

from typing import TYPE_CHECKING

from django.apps import apps
from django.core.exceptions import ValidationError

from accounts.advisory_locks import lock_until_commit
from accounts.roles import Role

if TYPE_CHECKING:
    from accounts.models import User


def _users():
    return apps.get_model("accounts", "User").objects


def is_separated() -> bool:
    return _users().filter(role=Role.SECURITY_ADMIN, is_active=True).exists()


def keeps_accounts(user: "User") -> bool:
    return user.role == Role.SYSTEM_ADMIN


def authorises(user: "User") -> bool:
    """Whether roles, duties, authorisation, locks and sessions of accounts are this person's part."""
    return user.role == Role.SECURITY_ADMIN or (keeps_accounts(user) and not is_separated())


def may_reset_password(by: "User", user: "User") -> bool:
    """Nobody takes over the other kind of administrator by a password that they have given out."""
    if by.pk == user.pk:
        return False
    return authorises(by) if user.role == Role.SECURITY_ADMIN else keeps_accounts(by)


def withhold(user: "User", *, was_active: bool = False, was_in: int | None = None) -> None:
    """Leaves without effect, until it is authorised, what a change gives to the account.

    That is a new account, its being opened again, and the duty that comes with another department.
    """
    gains = not was_active or (was_in != user.department_id and Role(user.role).duty is not None)
    if user.is_active and gains:
        user.is_active, user.awaits_authorisation = False, True


def check_one_stays(user: "User") -> None:
    """Raises ValidationError where this change would leave nobody of an administrative role.

    Until the transaction ends no other change of this sort is checked: of the last two one stays.
    """
    before = _users().filter(pk=user.pk).first() if user.pk else None
    if before is None or not before.is_active or not Role(before.role).is_administrative:
        return
    if user.is_active and user.role == before.role:
        return
    lock_until_commit("administrators")
    if not _users().filter(role=before.role, is_active=True).exclude(pk=before.pk).exists():
        raise ValidationError(f"{before}是最后一名在用的{before.get_role_display()}，不能停用，也不能改任其他角色。")
