"""The initial password of an account: given anew, and what the system administrator is told of it."""

from django.conf import settings
from django.contrib.admin.models import CHANGE
from django.db import transaction

from accounts import history
from accounts.locks import unlock
from accounts.models import User

REFUSED = "不能重置自己的密码，请在个人中心修改密码；安全管理员的，由另一名安全管理员重置。"


@transaction.atomic
def reset(user: User, by: User) -> None:
    """The initial password again, at the next login to be changed; a lock after wrong passwords goes."""
    user.set_initial_password()
    user.save()
    unlock(user)
    history.log(by, user, CHANGE, "重置初始密码")


def notice(user: User) -> str:
    """A secret is shown this once; the fixed one everybody has in the manual."""
    words = (
        f"：{user.initial_password}（只显示这一次，请当面或电话告知本人）"
        if settings.INITIAL_PASSWORD == "random"
        else "见用户手册"
    )
    return f"{user.full_name}的初始密码{words}。{settings.INITIAL_PASSWORD_DAYS}天内有效，首次登录须修改。"
