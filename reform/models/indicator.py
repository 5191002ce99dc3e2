"""核心指标 of a map, with its targets and what has been confirmed of them, month by month."""

from typing import Any

from django.db import models
from django.db.models import Q

from reform.calendar import MONTHS
from workflow.formats import MAX_DECIMALS, MAX_WHOLE_DIGITS, from_plain, plain
from workflow.models import Problem, confirmed_among

QUANTITY: dict[str, Any] = {
    "max_digits": MAX_WHOLE_DIGITS + MAX_DECIMALS,
    "decimal_places": MAX_DECIMALS,
    "null": True,
    "blank": True,
}


class Indicator(models.Model):
    battle_map = models.ForeignKey(
        "reform.BattleMap", models.CASCADE, verbose_name="项目作战图", related_name="indicators"
    )
    position = models.PositiveSmallIntegerField("排序", default=0)
    name = models.CharField("核心指标名称", max_length=100, blank=True)
    unit = models.CharField("计量单位", max_length=20, blank=True)
    annual_target = models.DecimalField("年度目标值", **QUANTITY)

    class Meta:
        verbose_name = verbose_name_plural = "核心指标"
        ordering = ["position", "pk"]

    def __str__(self):
        return self.name

    def by_month(self):
        """{month: MonthlyTarget} of the months that have one."""
        return {target.month: target for target in self.targets.all()}

    @property
    def confirmed_adjustments(self):
        """In their order; prefetch `adjustments` where there are many indicators."""
        return confirmed_among(self.adjustments.all())

    @property
    def adjusted_words(self):
        """已调整 n 次; "" if it never was."""
        times = len(self.confirmed_adjustments)
        return f"已调整 {times} 次" if times else ""

    @property
    def original_annual(self):
        """原目标 of the year, before the first adjustment, if it is another now; else None."""
        first = next(iter(self.confirmed_adjustments), None)
        return _other_than(self.annual_target, first and first.before["annual_target"])

    def original_target(self, month):
        """The same of a month."""
        first = next(iter(self.confirmed_adjustments), None)
        now = self.by_month().get(month)
        return _other_than(now and now.target, first and first.before["months"].get(str(month)))

    def target_problems(self, prefix, label):
        targets = {target.month: target.target for target in self.targets.all() if target.target is not None}
        missing = [month for month in MONTHS if month not in targets]
        if missing:
            months = "各" if len(missing) == len(MONTHS) else f" {'、'.join(map(str, missing))} "
            yield Problem(f"{prefix}-m{missing[0]}", f"{label}：请填写{months}月目标值，没有安排的月份填 0。")
        elif self.annual_target is not None and (total := sum(targets.values())) != self.annual_target:
            yield Problem(
                f"{prefix}-m12",
                f"{label} {self.name}：各月目标值合计 {plain(total)}，与年度目标值 {plain(self.annual_target)} "
                f"相差 {plain(abs(total - self.annual_target))}。",
            )

    def snapshot(self):
        targets = self.by_month()
        return {
            "id": self.pk,
            "name": self.name,
            "unit": self.unit,
            "annual_target": plain(self.annual_target),
            "months": [
                {"id": month, "target": plain(targets[month].target) if month in targets else ""} for month in MONTHS
            ],
        }


class MonthlyTarget(models.Model):
    """One month's increment: what was planned, and what a confirmed TargetUpdate reported."""

    indicator = models.ForeignKey(Indicator, models.CASCADE, verbose_name="核心指标", related_name="targets")
    month = models.PositiveSmallIntegerField("月份")
    target = models.DecimalField("目标值", **QUANTITY)
    actual = models.DecimalField("进度值", **QUANTITY)

    class Meta:
        verbose_name = verbose_name_plural = "月度目标"
        ordering = ["month"]
        constraints = [
            models.UniqueConstraint(fields=["indicator", "month"], name="one_target_per_month"),
            models.CheckConstraint(condition=Q(month__gte=1, month__lte=12), name="target_month_1_to_12"),
        ]

    def __str__(self):
        return f"{self.month}月"


def _other_than(value, original):
    """The `original`, as a snapshot has it, if there is one and `value` is another."""
    was = from_plain(original)
    return was if was != value else None
