"""How values are written on screens and in snapshots, and how long numbers may be."""

from datetime import date, datetime
from decimal import Decimal

from django.utils import timezone

from accounts import clock

# What SQLite, which calculates in double precision, holds as exactly as PostgreSQL.
MAX_WHOLE_DIGITS = 11
MAX_DECIMALS = 4


def plain(value: Decimal | None) -> str:
    """A Decimal without trailing zeros or exponent ("60", "3.5"); "" for None."""
    if value is None:
        return ""
    text = format(value, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def from_plain(text: str | None) -> Decimal | None:
    """What `plain` has written; None for nothing."""
    return Decimal(text) if text else None


def day_words(day: date) -> str:
    """2026年7月3日."""
    return f"{day.year}年{day.month}月{day.day}日"


def near_day_words(day: date) -> str:
    """7月3日; with the year where that is not this one."""
    return f"{day.month}月{day.day}日" if day.year == clock.today().year else day_words(day)


def short_day(at: date) -> str:
    """07-03; with the year where that is not this one."""
    day = timezone.localdate(at) if isinstance(at, datetime) else at
    return f"{day:%m-%d}" if day.year == clock.today().year else day.isoformat()


def short_time(at: datetime) -> str:
    """07-03 09:30; likewise."""
    return f"{short_day(at)} {timezone.localtime(at):%H:%M}"
