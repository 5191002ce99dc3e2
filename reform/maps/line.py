"""A little line chart of an indicator that holds levels: the targets as a line, what is confirmed against it."""

from dataclasses import dataclass
from decimal import Decimal

from reform.indicators import Progress
from workflow.formats import plain

STEP, TOP, BOTTOM = 30, 4, 44  # in the chart's own units, as bars are drawn


@dataclass(frozen=True)
class Point:
    month: int
    value: Decimal
    x: str
    y: str
    colour: str = ""

    @property
    def place(self):
        return f"{self.x},{self.y}"


@dataclass(frozen=True)
class Line:
    """`months` is {month: (target, confirmed value)}."""

    months: dict[int, tuple[Decimal | None, Decimal | None]]
    progress: Progress

    def _points(self, which):
        found = {month: pair[which] for month, pair in self.months.items() if pair[which] is not None}
        return [
            Point(month, value, f"{(month - 0.5) * STEP:.1f}", self._y(value), self._colour(month, value))
            for month, value in found.items()
        ]

    def _y(self, value):
        """Between the lowest and the highest level: of rates it is the difference that is to be seen."""
        levels = [level for pair in self.months.values() for level in pair if level is not None]
        low, high = min(levels), max(levels)
        share = float((value - low) / (high - low)) if high > low else 0.5
        return f"{BOTTOM - share * (BOTTOM - TOP):.1f}"

    def _colour(self, month, value):
        wanted = [target for known, (target, _) in self.months.items() if known <= month and target is not None]
        target = wanted[-1] if wanted else None
        found = Progress(value, target, month, self.progress.annual, self.progress.type, self.progress.baseline)
        return "green" if found.reached else "amber"

    @property
    def targets(self):
        return self._points(0)

    @property
    def actuals(self):
        return self._points(1)

    @property
    def target_path(self):
        return " ".join(point.place for point in self.targets)

    @property
    def actual_path(self):
        return " ".join(point.place for point in self.actuals)

    @property
    def words(self):
        """What the chart says, for those who do not see it."""
        parts = []
        for month, (target, actual) in self.months.items():
            reached = "进度值未确认" if actual is None else f"进度值 {plain(actual)}"
            parts.append(f"{month}月目标值 {plain(target) or '未填写'}，{reached}")
        return "；".join(parts)
