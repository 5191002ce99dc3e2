"""按时率 and 完整率 of departments (spec section 5), from the table of what is due."""

from collections.abc import Iterable
from dataclasses import astuple, dataclass
from datetime import date
from typing import Any

from django.db.models import Count, Q, QuerySet, Value

from accounts.compiled_queries import compiled_rows
from reform.indicators import percent, share_of
from reform.models import DueItem

Month = tuple[int, int]  # year, month


@dataclass(frozen=True)
class Rates:
    """Counted over what was due; without anything due there is no rate."""

    due: int = 0
    submitted: int = 0
    in_time: int = 0

    @property
    def on_time(self) -> str:
        return percent(share_of(self.in_time, self.due))

    @property
    def complete(self) -> str:
        return percent(share_of(self.submitted, self.due))


NUMBERS = {
    "due": Count("*"),
    "submitted": Count(Value(1), filter=Q(owed=False)),
    "in_time": Count(Value(1), filter=Q(first_reported_at__isnull=False, late=False)),
}


def overall(found: Iterable[Rates]) -> Rates:
    return Rates(*map(sum, zip(*map(astuple, found), strict=True)))


def months_until(last: Month, number: int) -> tuple[Month, Month]:
    """The first and the last of so many months in a row."""
    year, month = divmod(last[0] * 12 + last[1] - number, 12)
    return (year, month + 1), last


def counted(first: Month, last: Month, day: date) -> QuerySet[DueItem]:
    """What was due in those months and whose deadline was over by that day: what rates count."""
    since = Q(year__gt=first[0]) | Q(year=first[0], month__gte=first[1])
    until = Q(year__lt=last[0]) | Q(year=last[0], month__lte=last[1])
    years = Q(year__gte=first[0], year__lte=last[0])  # what the index needs
    return DueItem.objects.standing().filter(years, since, until, due_on__lt=day)


def rates(first: Month, last: Month, day: date) -> dict[int, Rates]:
    """{department id: Rates} of those months, as far as their deadlines were over by that day.

    Once due counts whatever comes of it: what came back is not submitted, and first submissions decide what was in
    time. What ceased to be due counts nowhere.
    """
    rows = compiled_rows("rates", (first, last, day), lambda: _of_departments(first, last, day))
    by_department: dict[int, list[Rates]] = {}
    for department, *numbers in rows:
        by_department.setdefault(department, []).append(Rates(*numbers))
    return {department: overall(of_years) for department, of_years in by_department.items()}


def _of_departments(first: Month, last: Month, day: date) -> QuerySet[DueItem, Any]:
    """A part for each year: its months stand side by side in an index, those of several years do not."""
    months = {
        year: (first[1] if year == first[0] else 1, last[1] if year == last[0] else 12)
        for year in range(first[0], last[0] + 1)
    }
    of_year, *others = (
        DueItem.objects.standing()
        .filter(year=year, month__gte=since, month__lte=until, due_on__lt=day)
        .order_by()
        .values_list("department")
        .annotate(**NUMBERS)
        for year, (since, until) in months.items()
    )
    return of_year.union(*others, all=True)
