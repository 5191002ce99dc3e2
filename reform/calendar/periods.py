"""Periods to ask for: a month, 1–N月, a quarter, a half-year, a year (spec section 5)."""

import re
from calendar import monthrange
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from .working_days import MONTHS
from .years import FIRST_YEAR, LAST_YEAR

NAMES = {
    (1, 12): "",
    (1, 6): "上半年",
    (7, 12): "下半年",
    (1, 3): "第一季度",
    (4, 6): "第二季度",
    (7, 9): "第三季度",
    (10, 12): "第四季度",
}
SPANS = {*NAMES, *((1, month) for month in MONTHS), *((month, month) for month in MONTHS)}


@dataclass(frozen=True, order=True)
class Period:
    """Months of one year, both ends included."""

    year: int
    first: int
    last: int

    @classmethod
    def of_month(cls, day: date) -> "Period":
        return cls(day.year, day.month, day.month)

    @classmethod
    def until(cls, day: date) -> "Period":
        """From January to that day's month."""
        return cls(day.year, 1, day.month)

    @classmethod
    def parse(cls, text: str) -> "Period | None":
        """From a `key`; a month may also be asked for as 2026-11."""
        if not re.fullmatch(r"[0-9]{4}-[0-9]{2}(-[0-9]{2})?", text):
            return None
        year, first, *rest = map(int, text.split("-"))
        last = rest[0] if rest else first
        return cls(year, first, last) if FIRST_YEAR <= year <= LAST_YEAR and (first, last) in SPANS else None

    @property
    def key(self) -> str:
        """Its name in an address: year, first and last month."""
        return f"{self.year}-{self.first:02}-{self.last:02}"

    @property
    def months(self) -> range:
        return range(self.first, self.last + 1)

    @property
    def starts(self) -> date:
        return date(self.year, self.first, 1)

    @property
    def ends(self) -> date:
        return date(self.year, self.last, monthrange(self.year, self.last)[1])

    @property
    def words(self) -> str:
        """2026年, 2026年上半年, 2026年第三季度, 2026年1—11月 or 2026年11月."""
        span = self.first, self.last
        months = f"{self.first}月" if self.first == self.last else f"{self.first}—{self.last}月"
        return f"{self.year}年{NAMES.get(span, months)}"

    def __str__(self) -> str:
        return self.words


def period_choices(years: Iterable[int], day: date) -> list[tuple[str, list[tuple[str, str]]]]:
    """Grouped choices of a select, of what has begun by that day."""
    return [
        (f"{year}年", [(period.key, period.words) for period in _begun(year, day)])
        for year in years
        if date(year, 1, 1) <= day
    ]


def _begun(year: int, day: date) -> list[Period]:
    begun = [Period(year, *span) for span in NAMES if date(year, span[0], 1) <= day]
    until = MONTHS[: day.month] if year == day.year else MONTHS
    so_far = [Period(year, 1, month) for month in reversed(until) if month > 1 and (1, month) not in NAMES]
    return begun + so_far + [Period(year, month, month) for month in reversed(until)]
