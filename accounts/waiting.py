"""Locks that others hold for too long (a leaf)."""

from django.db import OperationalError

BUSY = "系统繁忙，请稍后再试。"


def waited_in_vain(error: OperationalError) -> bool:
    """Whether this is the database's way to say that a lock could not be had."""
    # PostgreSQL: lock not available, statement timeout, deadlock.
    return getattr(error.__cause__, "sqlstate", "") in ("55P03", "57014", "40P01") or "is locked" in str(error)
