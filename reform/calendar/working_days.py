"""Today, working days, and the terms of a month's reports (spec section 5)."""

from calendar import monthrange
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import Enum
from functools import partial

from django.utils import timezone

from accounts import clock
from accounts.compiled_queries import compiled_rows

from .models import CalendarDay, CalendarYear

MONTHS = range(1, 13)
WINDOW = 5  # working days in which a month is due
WARN_FROM = 12  # from this month on the office is told when next year's notice is missing


def today():
    return clock.today()


def months_begun(year):
    """The months of that year that have begun, up to the current one."""
    now = today()
    if year > now.year:
        return range(0)
    return MONTHS if year < now.year else range(1, now.month + 1)


def month_start(year, month):
    """Its first moment."""
    return timezone.make_aware(datetime(year, month, 1))  # noqa: DTZ001 - made aware at once


class Phase(Enum):
    """Where a day lies to a term; the value is the tint."""

    NOT_YET = "grey"
    DUE = "amber"
    LATE = "red"


@dataclass(frozen=True)
class Term:
    """From when until when something is due."""

    opens: date
    closes: date

    def phase(self, day):
        if day > self.closes:
            return Phase.LATE
        return Phase.DUE if day >= self.opens else Phase.NOT_YET

    def words(self, day):
        """本月应报，截止11月30日."""
        year = f"{self.closes.year}年" if self.closes.year != day.year else ""
        until = f"截止{year}{self.closes.month}月{self.closes.day}日"
        before = {Phase.NOT_YET: "", Phase.DUE: "本月应报，", Phase.LATE: "已逾期，"}
        return before[self.phase(day)] + until

    def deadline_words(self, day):
        """The same where it is said already that it is due: 截止11月30日."""
        return self.words(day).removeprefix("本月应报，")


def _days(year):
    return CalendarDay.objects.filter(day__year=year).values_list("day", "is_working")


class Calendar:
    """Working days; asks the table once for each year, as long as this object lives.

    `corrected` is {day: is_working} of what is to be saved; None for a day that then is like any other.
    """

    def __init__(self, corrected=None):
        self._corrected = corrected or {}
        self._exceptions = {}
        self._months = {}

    def works(self, day):
        if day.year not in self._exceptions:
            self._exceptions[day.year] = (
                dict(compiled_rows("calendar", day.year, partial(_days, day.year))) | self._corrected
            )
        works = self._exceptions[day.year].get(day)
        return day.weekday() < 5 if works is None else works

    def working_days(self, year, month):
        """Those of a month, in order; should the table leave none, its last day."""
        if (year, month) not in self._months:
            days = [date(year, month, number + 1) for number in range(monthrange(year, month)[1])]
            self._months[year, month] = [day for day in days if self.works(day)] or days[-1:]
        return self._months[year, month]

    def term(self, year, month, since=None):
        """When what belongs to that month is due: in its last five working days, the last of them included.

        What came to be due when its month was over (a map issued late, a plan added late) could not be reported
        before: it is due from then on, with the month of that day. `since` is a day or a moment.
        """
        days = self.working_days(year, month)
        term = Term(days[-WINDOW:][0], days[-1])
        began = timezone.localdate(since) if isinstance(since, datetime) else since
        if not began or began <= term.closes:
            return term
        closes = self.working_days(began.year, began.month)[-1]
        if closes < began:
            closes = self.working_days(began.year + began.month // 12, began.month % 12 + 1)[-1]
        return Term(began, closes)

    def days_left(self, day, closes):
        """How many working days there are after that day, up to and with the last one."""
        return sum(self.works(day + timedelta(days=number + 1)) for number in range((closes - day).days))


def unknown_years():
    """The years of which the table should hold the State Council's notice by now, and does not."""
    now = today()
    wanted = {now.year} | ({now.year + 1} if now.month >= WARN_FROM else set())
    return sorted(wanted - set(CalendarYear.objects.values_list("year", flat=True)))
