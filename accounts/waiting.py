"""Locks and turns that others hold for too long, and a database that does not answer (a leaf)."""

from django.db import InterfaceError, OperationalError

BUSY = "系统繁忙，请稍后再试。"
UNREACHABLE = "系统暂时连不上数据库，请稍后再试。"
OUTDATED = "库中的表与程序不一致：请先运行 migrate（./run manage migrate），再运行一次"
NOT_TO_BE_USED = "无法使用数据库：请检查 DATABASE_URL 是否正确、数据库服务是否已启动、账号权限是否足够，再运行一次"


class NoTurn(Exception):
    """Too many wait for the same already."""


def waited_in_vain(error: BaseException) -> bool:
    """Whether a turn, or by the database's word a lock, could not be had."""
    # PostgreSQL: lock not available, statement timeout, deadlock.
    return isinstance(error, NoTurn) or _sqlstate(error) in ("55P03", "57014", "40P01") or "is locked" in str(error)


def unreachable(error: BaseException) -> bool:
    """Whether PostgreSQL is down, stopping, starting or silent: the connection failed, no statement did."""
    state = _sqlstate(error)
    if not isinstance(error, OperationalError | InterfaceError):
        return False
    return state is None or state.startswith(("08", "57P", "53300"))


def command_refusal(error: BaseException) -> str:
    """What whoever typed a command is told, and the database's own words."""
    if _sqlstate(error) in ("42P01", "42703") or str(error).startswith("no such "):  # undefined table, column
        sentence = OUTDATED
    elif waited_in_vain(error):
        sentence = BUSY.removesuffix("。")
    else:
        sentence = NOT_TO_BE_USED
    return f"{sentence}（{' '.join(str(error).split())}）。"


def _sqlstate(error: BaseException) -> str | None:
    """None where PostgreSQL had no part in it; other databases have no states at all."""
    return getattr(error.__cause__, "sqlstate", "")
