"""The little bar chart of an indicator of increments."""

from dataclasses import dataclass
from decimal import Decimal

from reform.indicators import IndicatorType, Progress
from workflow.formats import plain

# A little bar chart, in its own units.
BAR_STEP, BAR_GAP, BASELINE, TALLEST, THINNEST = 30, 1.5, 46, 44, 1


@dataclass(frozen=True)
class Axis:
    """Between which values a chart stretches: 0, and all that it shows."""

    lowest: Decimal
    highest: Decimal

    @classmethod
    def of(cls, values):
        known = [Decimal(0), *(value for value in values if value is not None)]
        return cls(min(known), max(known))

    @property
    def has_negatives(self):
        return self.lowest < 0

    @property
    def zero(self):
        """Where bars stand, or hang from."""
        return BASELINE - self.height(self.lowest)

    @property
    def line(self):
        return f"{self.zero:.1f}"

    def height(self, value):
        span = self.highest - self.lowest
        return float(abs(value) / span) * TALLEST if span else 0.0


@dataclass(frozen=True)
class Bar:
    """One month: the target in grey, and over it what is confirmed."""

    month: int
    target: Decimal | None
    actual: Decimal | None
    annual: Decimal | None
    axis: Axis
    type: IndicatorType = IndicatorType.CUMULATIVE

    @property
    def x(self):
        return f"{(self.month - 1) * BAR_STEP + BAR_GAP:.1f}"

    @property
    def middle(self):
        return f"{(self.month - 0.5) * BAR_STEP:.1f}"

    @property
    def colour(self):
        """Whether the month reached its own target; lights look at what has added up."""
        return "green" if Progress(self.actual, self.target, self.month, self.annual, self.type).reached else "amber"

    @property
    def target_box(self):
        return self._box(self.target)

    @property
    def actual_box(self):
        return self._box(self.actual)

    def _box(self, value):
        """(top, height); None for nothing. A value of 0 is a line: it has been said."""
        if value is None:
            return None
        height = max(self.axis.height(value), THINNEST)
        top = self.axis.zero if value < 0 else self.axis.zero - height
        return f"{top:.1f}", f"{height:.1f}"

    @property
    def words(self):
        actual = "进度值未确认" if self.actual is None else f"进度值 {plain(self.actual)}"
        return f"{self.month}月：目标值 {plain(self.target) or '未填写'}，{actual}"
