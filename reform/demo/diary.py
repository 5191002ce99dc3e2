"""Working moments, at which the people of the demo city do things."""

from bisect import bisect_left
from datetime import datetime, time, timedelta
from functools import cached_property

from django.utils import timezone

from reform.calendar import Calendar

YEARS_BACK, DAYS_AHEAD = 16, 460  # the maps of next year are laid out to their end


class Diary:
    """Working moments of the past."""

    def __init__(self, now, random):
        self.now, self.random, self.calendar = now, random, Calendar()

    def ending(self, last, count):
        """As many moments, in order, on working days in a row; the last on or before the day `last`, none in future."""
        days = []
        day = min(last, timezone.localdate(self.now))
        while len(days) < count:
            if self.calendar.works(day):
                days.append(day)
            day -= timedelta(days=1)
        return [self._in_working_hours(day) for day in reversed(days)]

    def _in_working_hours(self, day):
        minutes = self.random.randrange(9 * 60 + 10, 17 * 60 + 40)
        return min(self._at(day, minutes), self.now - timedelta(minutes=minutes % 50 + 10))

    def on(self, day, later=0):
        """A moment of the first working day on or after `day`, or so many working days later; it may lie in future."""
        return self._at(self._days[bisect_left(self._days, day) + later], self.random.randrange(9 * 60 + 10, 16 * 60))

    def after(self, moment, days):
        """A moment so many working days later, on the same day within two hours."""
        if days:
            return self.on(moment.date() + timedelta(days=1), days - 1)
        return moment + timedelta(minutes=self.random.randrange(15, 100))

    def for_another(self, random):
        """A diary of the same days, whose moments are of somebody else's chance."""
        other = Diary(self.now, random)
        other.calendar, other._days = self.calendar, self._days
        return other

    def month_end(self, year, month):
        return self.calendar.working_days(year, month)[-1]

    @cached_property
    def _days(self):
        """All working days, in order."""
        today = timezone.localdate(self.now)
        reach = range(-366 * YEARS_BACK, DAYS_AHEAD)
        return [day for day in (today + timedelta(days=number) for number in reach) if self.calendar.works(day)]

    @staticmethod
    def _at(day, minutes):
        return datetime.combine(day, time(minutes // 60, minutes % 60), timezone.get_current_timezone())
