"""The time of the domain. Sessions and passwords keep real time; for training this clock can be set."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date, datetime
from pathlib import Path

from django.conf import settings
from django.utils import timezone

STARTED = timezone.now()
_moment: ContextVar[datetime | None] = ContextVar("moment", default=None)


def now() -> datetime:
    """Real time; with the CLOCK setting, the time that began there when the process started, and runs on."""
    if moment := _moment.get():
        return moment
    if settings.CLOCK is None:
        return timezone.now()
    return settings.CLOCK + (timezone.now() - STARTED)


def today() -> date:
    return timezone.localdate(now())


@contextmanager
def standing_at(moment: datetime) -> Iterator[None]:
    """Whatever is done inside is done at that moment: for writing the history of a demo city."""
    token = _moment.set(moment)
    try:
        yield
    finally:
        _moment.reset(token)


def changed_at(path: Path) -> datetime:
    """When a file of this machine was written last, in real time."""
    return datetime.fromtimestamp(path.stat().st_mtime, tz=timezone.get_default_timezone())
