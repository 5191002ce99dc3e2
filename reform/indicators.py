"""How far an indicator is: cumulative value, share, reached, lag (spec sections 4 and 6). The one definition.

Plain functions over values, and the same as SQL expressions over field names. Forms, remark rule, lights, map and
ledgers all take their figures from here; nothing here reads the database.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_UP, Decimal
from itertools import pairwise
from typing import Any

from django.db.models import Case, F, FloatField, OuterRef, Q, QuerySet, Subquery, Sum, TextChoices, Value, When
from django.db.models.expressions import Combinable
from django.db.models.functions import Cast, Coalesce, NullIf
from django.db.models.lookups import LessThanOrEqual

from workflow.formats import MAX_DECIMALS, plain

ZERO, HUNDRED = Decimal(0), Decimal(100)
SMALLEST = Decimal(1).scaleb(-MAX_DECIMALS)  # by which two values differ at least
MONTHS_A_YEAR = 12

# The same words on the map, in its workbook, in the ledgers and in the help.
SHARE_OF_YEAR = "完成年度目标"
SHARE_SO_FAR = "完成累计目标"
PACE = "序时进度"

Months = Mapping[int, Decimal | None]


class IndicatorType(TextChoices):
    CUMULATIVE = "cumulative", "累计完成"
    CUMULATIVE_CAP = "cumulative_cap", "累计控制"
    LEVEL = "level", "期末达到"
    LEVEL_CAP = "level_cap", "期末控制"
    QUALITATIVE = "qualitative", "定性目标"


class QualitativeState(TextChoices):
    """What a unit reports of a 定性目标."""

    ACHIEVED = "achieved", "已达成"
    ON_SCHEDULE = "on_schedule", "按计划"
    BEHIND = "behind", "滞后"


INCREMENTS = (IndicatorType.CUMULATIVE, IndicatorType.CUMULATIVE_CAP)  # their months add up; others hold levels


@dataclass(frozen=True)
class Progress:
    """Value and target at the end of the month `through` (0: no month counts yet); see `progress`.

    For increments both are cumulative; for levels they are those of the latest month with a value. A `target` of None
    means that nothing is wanted yet, a `value` of None that nothing has been reported.
    """

    value: Decimal | None
    target: Decimal | None
    through: int
    annual: Decimal | None = None
    type: IndicatorType = IndicatorType.CUMULATIVE
    baseline: Decimal | None = None
    state: str = ""  # of a 定性目标

    @property
    def amount(self) -> Decimal:
        return self.value or ZERO

    @property
    def is_falling(self) -> bool:
        """Whether less is better: what is to be kept down, and totals planned below zero (reductions)."""
        if self.type == IndicatorType.CUMULATIVE:
            planned = self.target if self.annual is None else self.annual
            return planned is not None and planned < 0
        return self.type in (IndicatorType.CUMULATIVE_CAP, IndicatorType.LEVEL_CAP)

    @property
    def reached(self) -> bool:
        """Whether the target is met; so it is where nothing is wanted."""
        if self.type == IndicatorType.QUALITATIVE:
            return self.state == QualitativeState.ACHIEVED
        if self.target is None:
            return True
        if self.value is None and self.type not in INCREMENTS:
            return False
        return self.amount <= self.target if self.is_falling else self.amount >= self.target

    @property
    def share(self) -> Decimal | None:
        """Of the target; None where it has no meaning, so that only `reached` counts."""
        if self.target is None or self.type == IndicatorType.QUALITATIVE:
            return None
        if self.value is None and self.type not in INCREMENTS:
            return None
        if self.type == IndicatorType.CUMULATIVE:
            return self.amount / self.target if self._measurable else None
        if self.type == IndicatorType.LEVEL or self.falls_from_baseline:
            return (self.amount - self._origin) / (self.target - self._origin) if self._measurable else None
        if self.reached:
            return Decimal(1)
        return self.target / self.amount if self.target >= 0 else self.amount / self.target

    @property
    def _origin(self) -> Decimal:
        """Where a level starts from: the 基期值 if it lies on the right side of the target, else zero."""
        if self.baseline is None or self.target is None:
            return ZERO
        if self.type == IndicatorType.LEVEL:
            return self.baseline if self.rises_from_baseline else ZERO
        return self.baseline

    @property
    def rises_from_baseline(self) -> bool:
        return (
            self.type == IndicatorType.LEVEL
            and self.baseline is not None
            and self.target is not None
            and self.baseline < self.target
        )

    @property
    def falls_from_baseline(self) -> bool:
        return (
            self.type == IndicatorType.LEVEL_CAP
            and self.baseline is not None
            and self.target is not None
            and self.baseline > self.target
        )

    @property
    def _measurable(self) -> bool:
        """Whether the way from the start to the target leads in the indicator's direction, so that it has shares."""
        if self.target is None:
            return False
        way = self.target - (ZERO if self.type in INCREMENTS else self._origin)
        return way < 0 if self.is_falling else way > 0

    def is_below(self, percent: int) -> bool:
        """Whether it lags behind that percentage of the target. What is reached never does."""
        if self.type == IndicatorType.QUALITATIVE:
            return self.state == QualitativeState.BEHIND
        if self.reached:
            return False
        return self.share is None or self.share * HUNDRED < percent

    def bound(self, percent: int) -> Decimal | None:
        """The value from which on `is_below(percent)` no longer holds, to the smallest step there is."""
        if self.target is None or self.type == IndicatorType.QUALITATIVE:
            return None
        part = Decimal(percent) / HUNDRED
        if self.type == IndicatorType.CUMULATIVE:
            bound = self.target * part if self._measurable else self.target
        elif self.type == IndicatorType.LEVEL or self.falls_from_baseline:
            bound = self._origin + (self.target - self._origin) * part if self._measurable else self.target
        else:
            bound = self.target / part if self.target > 0 else self.target * part
        return bound.quantize(SMALLEST, ROUND_FLOOR if self.is_falling else ROUND_CEILING)

    @property
    def year_share(self) -> Decimal | None:
        """Of the year's target (完成年度目标); None before anything is wanted."""
        return self._of_year(self.value)

    @property
    def planned_share(self) -> Decimal | None:
        """What share of the year's target was planned until then."""
        return self._of_year(self.target)

    def _of_year(self, value: Decimal | None) -> Decimal | None:
        if self.target is None or self.annual is None:
            return None
        return replace(self, value=value, target=self.annual, through=MONTHS_A_YEAR).share

    @property
    def pace(self) -> Decimal:
        """序时进度: the share of the year that is over."""
        return Decimal(self.through) / MONTHS_A_YEAR

    @property
    def lag_points(self) -> Decimal | None:
        """滞后 x 个百分点: the planned share of the year less the achieved one; 0 without a lag, None if unknown."""
        if self.type == IndicatorType.QUALITATIVE:
            return None
        if self.reached:
            return ZERO
        if self.type in (IndicatorType.CUMULATIVE, IndicatorType.LEVEL) or self.falls_from_baseline:
            if self.value is None and self.type not in INCREMENTS:
                return None
            planned, done = self._of_year(self.target), self._of_year(self.amount)
            return None if planned is None or done is None else (planned - done) * HUNDRED
        return None if self.share is None else (1 - self.share) * HUNDRED


def progress(
    targets: Months,
    actuals: Months,
    through: int,
    *,
    annual: Decimal | None = None,
    type: IndicatorType = IndicatorType.CUMULATIVE,  # noqa: A002 - the word of the domain
    baseline: Decimal | None = None,
    state: str = "",
) -> Progress:
    """How far an indicator is at the end of the month `through`, from {month: target} and {month: value}.

    Of a 定性目标 counts the `state` that was reported last.
    """
    if type in INCREMENTS:
        value, target = total(actuals, through), total(targets, through)
    else:
        month = max((month for month in known(actuals, through)), default=through)
        value = actuals.get(month)
        target = targets.get(max(known(targets, month), default=0))
    return Progress(value, target, through, annual=annual, type=type, baseline=baseline, state=state)


def known(values: Months, through: int) -> list[int]:
    """The months up to `through` that have a value."""
    return [month for month, value in sorted(values.items()) if month <= through and value is not None]


def total(values: Months, through: int) -> Decimal | None:
    """The exact sum up to that month; None without any value."""
    months = known(values, through)
    return sum((values[month] or ZERO for month in months), ZERO) if months else None


def running(values: Iterable[Decimal | None]) -> list[Decimal | None]:
    """Sums up to each month; None where the month itself has no value."""
    so_far = ZERO
    sums: list[Decimal | None] = []
    for value in values:
        so_far += value or ZERO
        sums.append(None if value is None else so_far)
    return sums


def lag_months(found: Progress, targets: Months) -> Decimal | None:
    """约 x 个月: how long ago the plan stood where the value stands now, interpolated; 0 without a lag.

    None where no month of the plan can be named: nothing reported of a level, totals that are to be kept down.
    """
    if found.type in (IndicatorType.CUMULATIVE_CAP, IndicatorType.QUALITATIVE):
        return None
    if found.reached:
        return ZERO
    if found.value is None and found.type not in INCREMENTS:
        return None
    sign = -1 if found.is_falling else 1
    value = sign * found.amount
    curve = [(month, sign * planned) for month, planned in _curve(found, targets)]
    for (earlier, low), (later, high) in reversed(list(pairwise(curve))):
        if low <= value < high:
            return found.through - (earlier + (value - low) / (high - low) * (later - earlier))
    return Decimal(found.through)  # the plan has never stood so low


def _curve(found: Progress, targets: Months) -> list[tuple[int, Decimal]]:
    """(month, where the plan stood at its end), from the start of the year."""
    months = known(targets, found.through)
    if found.type in INCREMENTS:
        return [(0, ZERO), *((month, total(targets, month) or ZERO) for month in range(1, found.through + 1))]
    levels = [(month, targets[month] or ZERO) for month in months]
    if found.type == IndicatorType.LEVEL or found.baseline is not None:
        return [(0, found.baseline or ZERO), *levels]
    return levels


# --- In words ----------------------------------------------------------------------------------


def percent(share: Decimal | None) -> str:
    """Rounded down: 79.96 % is under 80 %, and must not read 80 %."""
    return "—" if share is None else f"{plain((share * HUNDRED).quantize(Decimal('0.1'), ROUND_FLOOR))}%"


def share_of(part: int, whole: int) -> Decimal | None:
    """Of things that are counted; None where there are none."""
    return Decimal(part) / whole if whole else None


def floored(share: Decimal | None) -> Decimal | None:
    """The share as `percent` shows it, for cells that hold numbers."""
    return None if share is None else share.quantize(Decimal("0.001"), ROUND_FLOOR)


def lag_words(points: Decimal | None, months: Decimal | None) -> str:
    """滞后 8.3 个百分点，约 1 个月; empty without a lag."""
    words = []
    if points:
        words.append(f"滞后 {_rounded(points)} 个百分点")
    if months:
        words.append(f"{'' if words else '滞后'}约 {_rounded(months)} 个月")
    return "，".join(words)


def pace_words(found: Progress, months: Decimal | None = None) -> str:
    """计划 50%、时间 50%，滞后 8.3 个百分点，约 1 个月: what stands beside a light."""
    if not found.through:
        return ""
    planned = found.planned_share
    shares = (
        f"{PACE}：时间 {percent(found.pace)}"
        if planned is None
        else (f"{PACE}：计划 {percent(planned)}，时间 {percent(found.pace)}")
    )
    return "，".join(words for words in (shares, lag_words(found.lag_points, months)) if words)


def _rounded(value: Decimal) -> str:
    """To one decimal, and never 0: there is a lag."""
    return plain(max(value.quantize(Decimal("0.1"), ROUND_HALF_UP), Decimal("0.1")))


# --- The same in SQL --------------------------------------------------------------------------------


def figures_until(
    own: QuerySet[Any],
    through: str,
    *,
    type: str,  # noqa: A002
    value: str,
    target: str,
    state: str,
) -> dict[str, Any]:
    """Annotations of indicators: `value_so_far`, `target_so_far` and `state_so_far` up to the month in `through`.

    `own` are the months of the outer indicator, with the names of their fields; `type` that of the outer one's.
    """
    until = own.filter(month__lte=OuterRef(through))
    latest = until.filter(**{f"{value}__isnull": False}).order_by("-month")
    # Coalesce: the target of the month of the latest value, else of the latest month.
    wanted = own.filter(**{f"{target}__isnull": False}, month__lte=Coalesce(OuterRef("level_month"), OuterRef(through)))
    adds_up = Q(**{f"{type}__in": INCREMENTS})

    def summed(field: str) -> Subquery:
        return Subquery(until.order_by().values("indicator").annotate(total=Sum(field)).values("total"))

    return {
        "level_month": Subquery(latest.values("month")[:1]),
        "value_so_far": Case(When(adds_up, then=summed(value)), default=Subquery(latest.values(value)[:1])),
        "target_so_far": Case(
            When(adds_up, then=summed(target)), default=Subquery(wanted.order_by("-month").values(target)[:1])
        ),
        "state_so_far": Coalesce(
            Subquery(until.exclude(**{state: ""}).order_by("-month").values(state)[:1]), Value("")
        ),
    }


def share_until(value: str, target: str, annual: str, type: str = "type", baseline: str = "baseline") -> Combinable:  # noqa: A002
    """Progress.share, for sorting; NULL where it has no meaning."""
    rising = Q(**{f"{annual}__gte": 0, f"{target}__gt": 0})
    falling = Q(**{f"{annual}__lt": 0, f"{target}__lt": 0})
    known = Q(**{f"{target}__isnull": False})
    reported = known & Q(**{f"{value}__isnull": False})
    done = Coalesce(_float(value), 0.0)
    within = Case(
        When(known & LessThanOrEqual(done, _float(target)), then=1.0),
        When(known & Q(**{f"{target}__gte": 0}), then=_float(target) / NullIf(done, 0.0)),
        When(known, then=done / NullIf(_float(target), 0.0)),
    )
    from_baseline = _way(done, target, _float(baseline))
    return Case(
        When(Q(**{type: IndicatorType.CUMULATIVE}) & (rising | falling), then=_quotient(value, target)),
        When(Q(**{type: IndicatorType.CUMULATIVE_CAP}), then=within),
        When(reported & Q(**{type: IndicatorType.LEVEL, f"{baseline}__lt": F(target)}), then=from_baseline),
        When(reported & Q(**{type: IndicatorType.LEVEL, f"{target}__gt": 0}), then=_quotient(value, target)),
        When(reported & Q(**{type: IndicatorType.LEVEL_CAP, f"{baseline}__gt": F(target)}), then=from_baseline),
        When(reported & Q(**{type: IndicatorType.LEVEL_CAP}), then=within),
        output_field=FloatField(),
    )


def share_of_year(
    value: str,
    target: str,
    annual: str,
    type: str = "type",  # noqa: A002
    baseline: str = "baseline",
) -> Combinable:
    """Progress.year_share, for sorting; NULL where it has no meaning."""
    wanted = Q(**{f"{target}__isnull": False})
    return Case(When(wanted, then=share_until(value, annual, annual, type, baseline)), output_field=FloatField())


def _float(field: str) -> Cast:
    return Cast(F(field), FloatField())


def _way(done: Combinable, target: str, start: Combinable) -> Combinable:
    """Of the way from the start to the target."""
    return (done - start) / NullIf(_float(target) - start, 0.0)


def _quotient(part: str, whole: str) -> Combinable:
    return Coalesce(_float(part), 0.0) / NullIf(_float(whole), 0.0)
