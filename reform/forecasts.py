"""What an indicator will be at the year's end, as it goes (spec section 9). Plain functions over values.

Forecast = actual to date ÷ planned share to date: by the plan's own months, or by last year's actual course where there
is one that was planned alike. What stays out: less than a tenth of the way planned, fewer than two confirmed months.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_UP, Decimal
from itertools import pairwise
from statistics import median

from reform.indicators import INCREMENTS, MONTHS_A_YEAR, ZERO, IndicatorType, Months, Progress, known, percent, total
from workflow.formats import plain

LEAST_SHARE, LEAST_MONTHS = Decimal("0.1"), 2
ALIKE = Decimal("0.03")  # by which the plans of two years may differ and still be one course
BAND = (Decimal("0.1"), Decimal("0.9"))  # four in five past cases ended between
LEAST_CASES = 10  # fewer past cases say nothing about the method
DIGITS = Decimal("0.0001")


@dataclass(frozen=True)
class Quality:
    """What the method was worth in past years, at one month of the year and for one type."""

    cases: int
    low: Decimal  # year's end ÷ forecast, of the lowest tenth
    high: Decimal
    error: Decimal  # the median of |forecast - year's end| ÷ year's end


@dataclass(frozen=True)
class Forecast:
    """Of the year's end, as of the last confirmed month."""

    value: Decimal
    through: int
    annual: Decimal
    type: IndicatorType
    baseline: Decimal | None = None
    by_last_year: bool = False
    quality: Quality | None = None
    is_whole: bool = False  # what is planned and reported are whole numbers

    @property
    def band(self) -> tuple[Decimal, Decimal] | None:
        """Between which two values four in five such forecasts ended."""
        if self.quality is None:
            return None
        low, high = sorted((self.value * self.quality.low, self.value * self.quality.high))
        return low, high

    @property
    def end(self) -> Progress:
        """The year as it would end."""
        return Progress(self.value, self.annual, MONTHS_A_YEAR, self.annual, self.type, self.baseline)

    @property
    def share(self) -> Decimal | None:
        """Of the year's target; None where it has no meaning."""
        return self.end.share

    @property
    def reaches(self) -> bool:
        return self.end.reached

    def words_in(self, unit: str = "") -> str:
        """96.5家（90—101）."""
        band = "" if self.band is None else f"（{self._rounded(self.band[0])}—{self._rounded(self.band[1])}）"
        return f"{self._rounded(self.value)}{unit}{band}"

    @property
    def short(self) -> str:
        """预计全年 96.5（90—101），年度目标 120."""
        return f"预计全年 {self.words_in()}，年度目标 {plain(self.annual)}"

    @property
    def words(self) -> str:
        """预计全年 96.5（完成年度目标 96.5%），八成可能在 90 至 101 之间；此方法往年10月的误差中位数为 3.1%."""
        share = "" if self.share is None else f"（为年度目标的 {percent(self.share)}）"
        if self.share is None or self.type in (IndicatorType.CUMULATIVE_CAP, IndicatorType.LEVEL_CAP):
            share = f"（{'在年度目标以内' if self.reaches else '超出年度目标'}）" if self.end.is_falling else share
        text = f"按{'上年走势' if self.by_last_year else '计划进度'}预计全年 {self._rounded(self.value)}{share}"
        if self.band is None or self.quality is None:
            return f"{text}；往年数据不足，不给出区间"
        low, high = map(self._rounded, self.band)
        error = f"此方法往年{self.through}月的误差中位数为 {percent(self.quality.error)}"
        return f"{text}，八成可能在 {low} 至 {high} 之间；{error}"

    def _rounded(self, value: Decimal) -> str:
        """With as many digits as somebody would say: four that count, and no more decimals than two.

        Of whole numbers those that are certain: a target missed by a part of one is not shown as reached.
        """
        if self.is_whole:
            return plain(value.to_integral_value(ROUND_CEILING if self.end.is_falling else ROUND_FLOOR))
        places = max(0, min(2, 3 - value.adjusted())) if value else 0
        return plain(value.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP))


def forecast(
    targets: Months,
    actuals: Months,
    *,
    annual: Decimal | None,
    type: IndicatorType,  # noqa: A002 - the word of the domain
    baseline: Decimal | None = None,
    last_year: tuple[Months, Months] | None = None,
) -> Forecast | None:
    """From {month: target} and {month: confirmed value}; `last_year`: both of the year before."""
    months = known(actuals, MONTHS_A_YEAR)
    if type == IndicatorType.QUALITATIVE or not annual or len(months) < LEAST_MONTHS or months[-1] == MONTHS_A_YEAR:
        return None
    through = months[-1]
    origin = ZERO if type in INCREMENTS or baseline is None else baseline
    share = _share(targets, months, annual, type, origin)
    if share is None or share < LEAST_SHARE:
        return None
    went = _last_share(last_year, months, share, type) if last_year and origin == ZERO else None
    by_last_year, share = went is not None, share if went is None else went
    done = total(actuals, through) if type in INCREMENTS else actuals[through]
    value = origin + ((done or ZERO) - origin) / share
    numbers = (annual, *(number for course in (targets, actuals) for number in course.values() if number is not None))
    is_whole = all(number == number.to_integral_value() for number in numbers)
    return Forecast(value.quantize(DIGITS), through, annual, type, baseline, by_last_year, is_whole=is_whole)


def run_rate(actuals: Months) -> Decimal | None:
    """As much in each month as on average so far: what the forecast is measured against."""
    months = known(actuals, MONTHS_A_YEAR)
    return (total(actuals, months[-1]) or ZERO) * MONTHS_A_YEAR / months[-1] if months else None


def year_end(actuals: Months, type: IndicatorType) -> Decimal | None:  # noqa: A002
    """What it was in the end; None before December is confirmed."""
    return _end(actuals, type) if actuals.get(MONTHS_A_YEAR) is not None else None


def _end(values: Months, kind: IndicatorType) -> Decimal:
    return (total(values, MONTHS_A_YEAR) if kind in INCREMENTS else values[MONTHS_A_YEAR]) or ZERO


def _last_share(
    last_year: tuple[Months, Months], months: list[int], planned: Decimal, kind: IndicatorType
) -> Decimal | None:
    """How far last year had come by then, if its plan had the same course: else that year says nothing of this one."""
    targets, actuals = last_year
    if year_end(actuals, kind) is None or targets.get(MONTHS_A_YEAR) is None:
        return None
    planned_then = _share(targets, months, _end(targets, kind), kind, ZERO)
    went = _share(actuals, months, _end(actuals, kind), kind, ZERO)
    if planned_then is None or went is None or went < LEAST_SHARE or abs(planned_then - planned) > ALIKE:
        return None
    return went


def _share(course: Months, months: list[int], end: Decimal, kind: IndicatorType, origin: Decimal) -> Decimal | None:
    """Which share of its way to the `end` that course had gone in those months; None where it leads nowhere."""
    if kind in INCREMENTS:
        so_far = sum((course.get(month) or ZERO for month in months), ZERO)
    else:
        so_far = course.get(months[-1]) or ZERO
    way = end - origin
    return (so_far - origin) / way if way else None


# --- What the method was worth ------------------------------------------------------------------


def qualities(cases: Iterable[tuple[IndicatorType, int, Decimal, Decimal]]) -> dict[tuple[IndicatorType, int], Quality]:
    """{(type, month): Quality} from past (type, month of the forecast, forecast, year's end)."""
    found: dict[tuple[IndicatorType, int], list[tuple[Decimal, Decimal]]] = {}
    for kind, month, predicted, end in cases:
        if predicted and end:
            found.setdefault((kind, month), []).append((end / predicted, abs(predicted - end) / abs(end)))
    return {
        place: Quality(
            len(pairs),
            quantile(sorted(ratio for ratio, _ in pairs), BAND[0]).quantize(DIGITS),
            quantile(sorted(ratio for ratio, _ in pairs), BAND[1]).quantize(DIGITS),
            Decimal(median(error for _, error in pairs)).quantize(DIGITS),
        )
        for place, pairs in found.items()
        if len(pairs) >= LEAST_CASES
    }


def quantile(ordered: list[Decimal], part: Decimal) -> Decimal:
    """Interpolated between neighbours at ranks i ÷ (n + 1): a new case falls below it in that part of all cases."""
    rank = part * (len(ordered) + 1) - 1
    if rank <= 0:
        return ordered[0]
    lower = int(rank)
    if lower >= len(ordered) - 1:
        return ordered[-1]
    low, high = list(pairwise(ordered))[lower]
    return low + (high - low) * (rank - lower)


def with_quality(found: Forecast, known_qualities: Mapping[tuple[IndicatorType, int], Quality]) -> Forecast:
    return replace(found, quality=known_qualities.get((found.type, found.through)))
