"""How long reviewers have for a record; what waits longer is 逾期未审."""

from datetime import datetime, time, timedelta

from django.conf import settings
from django.utils import timezone

from reform.calendar import Calendar, today


def overdue_before() -> datetime:
    """What waits since before that moment has been left for more working days than reviewers have.

    The day on which it came does not count, nor does today.
    """
    calendar, day, left = Calendar(), today(), settings.REVIEW_WORKING_DAYS
    while left > 0:
        day -= timedelta(days=1)
        left -= calendar.works(day)
    return timezone.make_aware(datetime.combine(day, time.min))
