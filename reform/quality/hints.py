"""数据提示: what makes a reported value questionable, from the history of its indicator (spec section 8).

Plain functions over values; nothing here reads the database. How far an indicator is comes from `reform.indicators`.
A value is compared with what its plan, the months before it and the same month of last year lead one to expect; where
several of them speak, the nearest counts, so that a season or a jump that was planned raises no question.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from itertools import pairwise
from math import log10
from statistics import fmean, median

from reform.indicators import INCREMENTS, ZERO, IndicatorType, Months, Progress, known, progress, total
from reform.quality.words import contradictions
from workflow.formats import plain

TIMES_RUNNING = 6
Z_LIMIT = 3.5
MAD_FACTOR, MEAN_FACTOR = 0.6745, 1 / 1.253314  # of a normal distribution: the deviation in units of its own
LEAST_FOR_Z = 6  # earlier values
PERCENTS = ("%", "％", "百分比")
POWERS = (1, -1, 2, -2, 3, -3, 4, -4)

# Powers of ten between a value and what was expected; chosen on the series of tests/bench/hints.py.
CUMULATIVE_FROM, CUMULATIVE_NEAR, CUMULATIVE_MARGIN = 0.22, 0.5, 0.1
MAGNITUDE_FROM, LEVEL_FROM = 0.62, 0.55
UNUSUAL_FROM = 0.33
LEVEL_STEP = 0.1  # of the level before


class Rule(StrEnum):
    MAGNITUDE = "magnitude"  # ×10, ÷10, 万 for 个
    FRACTION = "fraction"  # 0.85 for 85 %
    CUMULATIVE = "cumulative"  # typed as the month's
    SIGN = "sign"
    UNUSUAL = "unusual"  # modified z-score
    REPEATED = "repeated"  # the same value six months running
    ON_TARGET = "on_target"  # six times running
    TEXT = "text"  # contradicts the number
    FILES = "files"  # a plan 已完成 whose files were used before


FOR_OFFICE = frozenset({Rule.ON_TARGET})  # the office alone is told


@dataclass(frozen=True)
class Hint:
    rule: Rule
    text: str  # the rule and its numbers, as a sentence

    @property
    def for_office(self) -> bool:
        return self.rule in FOR_OFFICE


@dataclass(frozen=True)
class Entry:
    """One value of an indicator, and its history: {month: value} of this year before it, and of last year."""

    value: Decimal | None
    month: int
    targets: Months
    earlier: Months
    type: IndicatorType = IndicatorType.CUMULATIVE
    unit: str = ""
    period: int = 1  # months
    baseline: Decimal | None = None
    annual: Decimal | None = None
    last_year: Months = field(default_factory=dict)
    state: str = ""  # of a 定性目标
    remark: str = ""

    @property
    def adds_up(self) -> bool:
        return self.type in INCREMENTS

    @property
    def target(self) -> Decimal | None:
        return self.targets.get(self.month)

    @property
    def before(self) -> Decimal:
        """The cumulative value of the months before."""
        return total(self.earlier, self.month - 1) or ZERO

    @property
    def progress(self) -> Progress:
        """How far the indicator is with this value."""
        return progress(
            self.targets,
            {**self.earlier, self.month: self.value},
            self.month,
            annual=self.annual,
            type=self.type,
            baseline=self.baseline,
            state=self.state,
        )

    def series(self) -> list[Decimal]:
        """All that was reported before, oldest first."""
        return [*_values(self.last_year, 12), *_values(self.earlier, self.month - 1)]

    def running(self, count: int) -> list[int] | None:
        """The last `count` months that were asked for, this one last; None unless each has a value."""
        months = [self.month - self.period * back for back in range(count)][::-1]
        values = {**self.earlier, self.month: self.value}
        return months if all(values.get(month) is not None for month in months) else None


def hints(entry: Entry) -> list[Hint]:
    """All that is questionable about the value. Of what speaks of its size, the most telling alone."""
    found = []
    if entry.value is not None and entry.type != IndicatorType.QUALITATIVE:
        of_size = (sign, fraction, cumulative, magnitude, unusual)
        found += [next((hint for rule in of_size if (hint := rule(entry))), None), repeated(entry), on_target(entry)]
    return [*(hint for hint in found if hint), *text(entry)]


# --- What is expected ---------------------------------------------------------------------------


def expected(entry: Entry) -> list[float]:
    """What the plan, the months before and last year lead one to expect of the value; empty where nothing does."""
    earlier = [float(value) for value in _values(entry.earlier, entry.month - 1) if value]
    by_plan, by_year = _by_plan(entry), _by_last_year(entry)
    recent = earlier[-6:]
    if entry.adds_up:
        usual = [median(recent)] if len(recent) >= 2 or (recent and not by_plan) else []
    else:
        before = recent or [float(value) for value in _values(entry.last_year, 12) if value]
        usual = before[-1:] or ([float(entry.baseline)] if entry.baseline else [])
    return [*usual, *by_plan, *by_year]


def _by_plan(entry: Entry) -> list[float]:
    """The month's target, as far as targets were met so far."""
    if not entry.target:
        return []
    met = [
        float(value / planned)
        for month, value in entry.earlier.items()
        if value and month < entry.month and (planned := entry.targets.get(month))
    ]
    return [float(entry.target) * (median(met) if met else 1)]


def _by_last_year(entry: Entry) -> list[float]:
    """The same month of last year, as much more as this year has had until now."""
    then = entry.last_year.get(entry.month)
    if not then:
        return []
    both = [month for month in known(entry.earlier, entry.month - 1) if entry.last_year.get(month)]
    before = sum(float(entry.last_year[month] or 0) for month in both)
    now = sum(float(entry.earlier[month] or 0) for month in both)
    return [float(then) * (now / before if before and now else 1)]


def _distance(value: float, references: list[float]) -> float | None:
    """By how many powers of ten the value is from the nearest reference, with its sign; None where none compares."""
    found = [log10(value / reference) for reference in references if value * reference > 0]
    return min(found, key=abs) if found else None


def _spread(entry: Entry) -> float:
    """By how many powers of ten earlier values were from what they themselves were expected to be, at most."""
    values = [float(value) for value in entry.series() if value]
    targets = [float(target) for target in entry.targets.values() if target]
    if len(values) < 3:
        return 0
    middle = median(values)
    jumps = [abs(log10(value / middle)) for value in values if value * middle > 0]
    planned = max((abs(log10(one / other)) for one, other in pairwise(targets) if one * other > 0), default=0)
    return min(max(jumps, default=0), max(planned, 1.0))


# --- The rules ----------------------------------------------------------------------------------


def sign(entry: Entry) -> Hint | None:
    """A minus too many or too few."""
    value, references = _number(entry), expected(entry)
    signs = {one > 0 for one in [*(float(value) for value in entry.series() if value), *references]}
    if not value or signs != {value < 0}:
        return None
    near = _distance(-value, references)
    if value > 0 and (near is None or abs(near) > 0.5):
        return None  # a fall that was planned and did not come is no slip
    return Hint(
        Rule.SIGN,
        f"正负号：以往和目标都是{'正' if value < 0 else '负'}数，本期填 {_text(entry.value)}，请核对正负号。",
    )


def fraction(entry: Entry) -> Hint | None:
    """A share typed as a fraction of one where percent are asked, or the other way round."""
    value = _number(entry)
    if not value or not entry.unit.endswith(PERCENTS):
        return None
    distance = _distance(value, expected(entry))
    if distance is not None and abs(value) <= 1 and abs(distance + 2) <= 0.35:
        return Hint(
            Rule.FRACTION,
            f"百分数：计量单位是“{entry.unit}”，本期填 {_text(entry.value)}，{_usually(entry)}，像是把百分数填成了小数"
            f"（应为 {_text(_exact(entry) * 100)}？）。",
        )
    if not entry.adds_up and value > 100 and all(abs(one) <= 100 for one in expected(entry)):
        return Hint(
            Rule.FRACTION, f"百分数：本期填 {_text(entry.value)}{entry.unit}，超过 100，{_usually(entry)}，请核对。"
        )
    return None


def cumulative(entry: Entry) -> Hint | None:
    """What is reported as the month's is the months before and this one together."""
    value, before = _number(entry), float(entry.before)
    references = expected(entry)
    if not value or not entry.adds_up or not before or value / before < 0.999:
        return None
    as_month = _distance(value, references)
    if as_month is None or as_month < CUMULATIVE_FROM:
        return None
    if value <= max(map(float, _values(entry.earlier, entry.month - 1))):
        return None
    rest = (value - before) / before
    as_total = 0.0 if rest < 0.001 else _distance(value - before, references)
    if as_total is None or abs(as_total) > min(as_month - CUMULATIVE_MARGIN, CUMULATIVE_NEAR):
        return None
    return Hint(
        Rule.CUMULATIVE,
        f"累计值：像是把累计值填成了当月值（此前累计 {_text(entry.before)}，本期填 {_text(entry.value)}，"
        f"{_usually(entry)}）。",
    )


def magnitude(entry: Entry) -> Hint | None:
    """Ten times too much or too little, or a unit of 万 for one of 个: what it would be else is what is expected."""
    value, references = _number(entry), expected(entry)
    distance = _distance(value, references) if value else None
    if distance is None:
        return None
    limit = max(MAGNITUDE_FROM if entry.adds_up else LEVEL_FROM, min(_spread(entry), 0.7))
    power = min(POWERS, key=lambda power: abs(distance - power))
    if abs(distance) < limit or abs(distance - power) > 0.5:
        return None
    times = f"大了约 {10**power}" if power > 0 else f"小了约 {10**-power}"
    return Hint(
        Rule.MAGNITUDE,
        f"数量级：本期填 {_text(entry.value)}，{_usually(entry)}，像是{times} 倍，请核对小数点和计量单位"
        f"（{entry.unit}）。",
    )


def unusual(entry: Entry) -> Hint | None:
    """Far from what is usual, by the modified z-score, of the values as they are and as shares of their targets."""
    value = _number(entry)
    if value is None:
        return None
    series = [float(one) for one in entry.series()]
    if not entry.adds_up:
        return _unusual_step(entry, value, series)
    if len(series) < LEAST_FOR_Z:
        return None
    scores = [modified_z(value, series)]
    shares = [
        float(done / planned)
        for month, done in entry.earlier.items()
        if done is not None and month < entry.month and (planned := entry.targets.get(month))
    ]
    if entry.target and len(shares) >= 3:
        scores.append(modified_z(value / float(entry.target), shares))
    distance = _distance(value, expected(entry))
    if min(map(abs, scores)) <= Z_LIMIT or (distance is not None and abs(distance) < UNUSUAL_FROM):
        return None
    if not value and any(not one for one in series):
        return None  # a month without anything is usual here
    return _is_unusual(entry, median(series), min(scores, key=abs))


def _unusual_step(entry: Entry, value: float, series: list[float]) -> Hint | None:
    """Of levels the step from the month before counts: they rise and fall with the years."""
    if len(series) < 4:
        return None
    steps = [later - earlier for earlier, later in pairwise(series)]
    step = value - series[-1]
    score = modified_z(step, steps)
    far = max(3 * max(map(abs, steps)), LEVEL_STEP * abs(series[-1]))
    planned = entry.target is not None and abs(value - float(entry.target)) < far
    near_plan = planned and not _was_near_plan(entry, far)
    if abs(score) <= Z_LIMIT or abs(step) <= far or near_plan:
        return None
    return _is_unusual(entry, series[-1], score)


def _was_near_plan(entry: Entry, far: float) -> bool:
    months = known(entry.earlier, entry.month - 1)
    planned = entry.targets.get(months[-1]) if months else None
    return planned is not None and abs(float(planned) - float(entry.earlier[months[-1]] or 0)) < far / 2


def _is_unusual(entry: Entry, usual: float, score: float) -> Hint:
    what = "以往中位数" if entry.adds_up else "上期"
    shown = f"{min(abs(score), 99.9):.1f}"
    return Hint(
        Rule.UNUSUAL,
        f"异常值：本期填 {_text(entry.value)}，{what} {_text(usual)}，偏离程度 {shown}（超过 {Z_LIMIT} 时提示），"
        "请核对。",
    )


def modified_z(value: float, values: list[float]) -> float:
    """0.6745·(x − median) ÷ MAD; where the MAD is 0, the mean absolute deviation takes its place."""
    middle = median(values)
    deviations = [abs(one - middle) for one in values]
    if mad := median(deviations):
        return MAD_FACTOR * (value - middle) / mad
    if mean := fmean(deviations):
        return MEAN_FACTOR * (value - middle) / mean
    return 0.0 if value == middle else float("inf") * (1 if value > middle else -1)


def repeated(entry: Entry) -> Hint | None:
    """The same value six months running; not where the plan says so (see `on_target`), nor where a level is to stay."""
    months = entry.running(TIMES_RUNNING)
    if not months or any(entry.earlier[month] != entry.value for month in months[:-1]):
        return None
    if entry.adds_up and not entry.value:
        return None  # nothing yet, which the lights show
    planned = {entry.targets.get(month) for month in months}
    if planned == {entry.value} or (not entry.adds_up and len(planned) == 1):
        return None
    return Hint(
        Rule.REPEATED, f"数值重复：本期与前 {TIMES_RUNNING - 1} 期都填 {_text(entry.value)}，请核对是否沿用了旧数据。"
    )


def on_target(entry: Entry) -> Hint | None:
    """Exactly on target six times running."""
    months = entry.running(TIMES_RUNNING)
    values: Mapping[int, Decimal | None] = {**entry.earlier, entry.month: entry.value}
    if not months or any(not values[month] or values[month] != entry.targets.get(month) for month in months):
        return None
    if not entry.adds_up and len({values[month] for month in months}) == 1:
        return None  # kept at 100 %
    return Hint(
        Rule.ON_TARGET, f"与目标一致：连续 {TIMES_RUNNING} 期的进度值都与目标值完全相同，请核对是否按实际填报。"
    )


def text(entry: Entry) -> Iterator[Hint]:
    """The remark says something else than the number, or than the state of a 定性目标."""
    for sentence in contradictions(entry.remark, entry.progress, entry.value, entry.unit):
        yield Hint(Rule.TEXT, f"文字与数值不符：{sentence}")


# --- In words -----------------------------------------------------------------------------------


def _usually(entry: Entry) -> str:
    """What the sentence compares the value with."""
    earlier = _values(entry.earlier, entry.month - 1) or _values(entry.last_year, 12)
    if entry.adds_up and len(earlier) >= 2:
        return f"以往每期约 {_text(median(map(float, earlier)))}"
    if earlier:
        return f"上期 {_text(earlier[-1])}"
    return f"本期目标 {_text(entry.target)}" if entry.target is not None else "以往没有数据"


def _values(months: Months, through: int) -> list[Decimal]:
    return [months[month] or ZERO for month in known(months, through)]


def _number(entry: Entry) -> float | None:
    return None if entry.value is None else float(entry.value)


def _exact(entry: Entry) -> Decimal:
    return entry.value or ZERO


def _text(value: Decimal | float | None) -> str:
    """As typed; what was computed with at most two decimals."""
    if isinstance(value, float):
        value = Decimal(str(value)).quantize(Decimal("0.01"), ROUND_HALF_UP)
    return plain(value)
