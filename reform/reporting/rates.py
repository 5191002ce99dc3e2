"""按时率 and 完整率 of departments (spec section 5), from the table of what is due."""

from collections.abc import Iterable
from dataclasses import astuple, dataclass
from datetime import date

from django.db.models import Count, Q, QuerySet

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
    "due": Count("pk"),
    "submitted": Count("pk", filter=Q(owed=False)),
    "in_time": Count("pk", filter=Q(first_reported_at__isnull=False, late=False)),
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
    rows = counted(first, last, day).order_by().values_list("department").annotate(**NUMBERS)
    return {department: Rates(*numbers) for department, *numbers in rows}
