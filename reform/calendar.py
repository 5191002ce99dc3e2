"""Today, and the months of a year."""

from django.utils import timezone

MONTHS = range(1, 13)


def today():
    return timezone.localdate()


def months_begun(year):
    """The months of that year that have begun, up to the current one."""
    now = today()
    if year > now.year:
        return range(0)
    return MONTHS if year < now.year else range(1, now.month + 1)
