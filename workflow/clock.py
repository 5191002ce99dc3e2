"""The time of the domain. Sessions and passwords keep real time; for training this clock can be set."""

from django.conf import settings
from django.utils import timezone

STARTED = timezone.now()


def now():
    """Real time; with the CLOCK setting, the time that began there when the process started, and runs on."""
    if settings.CLOCK is None:
        return timezone.now()
    return settings.CLOCK + (timezone.now() - STARTED)


def today():
    return timezone.localdate(now())
