"""核心指标 of a map, with its targets and what has been confirmed of them, month by month."""

from typing import Any

from django.db import models
from django.db.models import Q

from reform.calendar import MONTHS
from reform.indicators import INCREMENTS, IndicatorType, QualitativeState, progress
from workflow.formats import MAX_DECIMALS, MAX_WHOLE_DIGITS, from_plain, plain
from workflow.models import Problem, confirmed_among

QUANTITY: dict[str, Any] = {
    "max_digits": MAX_WHOLE_DIGITS + MAX_DECIMALS,
    "decimal_places": MAX_DECIMALS,
    "null": True,
    "blank": True,
}


LONGEST_DELAY = 3  # months


class Period(models.IntegerChoices):
    """填报周期, by its months."""

    MONTH = 1, "月"
    QUARTER = 3, "季"
    HALF_YEAR = 6, "半年"
    YEAR = 12, "年"


class IndicatorContent(models.Model):
    """What an indicator says of itself, now and in its revisions. The default type is the manual's."""

    name = models.CharField("核心指标名称", max_length=100, blank=True)
    unit = models.CharField("计量单位", max_length=20, blank=True)
    annual_target = models.DecimalField("年度目标值", **QUANTITY)
    type = models.CharField("指标类型", max_length=20, choices=IndicatorType.choices, default=IndicatorType.CUMULATIVE)
    baseline = models.DecimalField("基期值", **QUANTITY)
    annual_words = models.TextField("年度目标", blank=True)  # of a 定性目标
    scope = models.TextField("口径", blank=True)
    source = models.CharField("数据来源", max_length=100, blank=True)
    period = models.PositiveSmallIntegerField("填报周期", choices=Period.choices, default=Period.MONTH)
    delay = models.PositiveSmallIntegerField("数据滞后", default=0)  # months

    class Meta:
        abstract = True

    @property
    def adds_up(self):
        return self.type in INCREMENTS

    @property
    def is_qualitative(self):
        return self.type == IndicatorType.QUALITATIVE

    @property
    def is_default(self):
        """Whether it is as the manual knows indicators."""
        return self.type == IndicatorType.CUMULATIVE and self.period == Period.MONTH and not self.delay

    @property
    def months(self):
        """The months in which it is asked for: those that end a period."""
        return months_of(self.period)

    def data_month(self, month):
        """Of which month the figure is that is reported for `month`, in words; "" if it is of that month itself."""
        if not self.delay:
            return ""
        return f"{month - self.delay}月数据" if month > self.delay else f"上年{month - self.delay + 12}月数据"

    @property
    def kind_words(self):
        """期末达到 · 按季填报 · 数据滞后 1 个月; "" as the manual knows it."""
        words = [] if self.type == IndicatorType.CUMULATIVE else [self.get_type_display()]
        if self.period != Period.MONTH:
            words.append(f"按{self.get_period_display()}填报")
        if self.delay:
            words.append(f"数据滞后 {self.delay} 个月")
        return " · ".join(words)


def months_of(period):
    return range(period, MONTHS[-1] + 1, period)


class Indicator(IndicatorContent):
    battle_map = models.ForeignKey(
        "reform.BattleMap", models.CASCADE, verbose_name="项目作战图", related_name="indicators"
    )
    position = models.PositiveSmallIntegerField("排序", default=0)

    class Meta:
        verbose_name = verbose_name_plural = "核心指标"
        ordering = ["position", "pk"]
        constraints = [
            models.CheckConstraint(condition=Q(type__in=IndicatorType.values), name="indicator_type_known"),
            models.CheckConstraint(condition=Q(period__in=Period.values), name="indicator_period_known"),
            models.CheckConstraint(condition=Q(delay__lte=LONGEST_DELAY), name="indicator_delay_to_3"),
        ]

    def __str__(self):
        return self.name

    @property
    def identity(self):
        """By which it is the same one in the project's map of another year."""
        return self.name, self.unit, self.type

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
        now = self.annual_words if self.is_qualitative else self.annual_target
        return self._other_than(now, first and first.before["annual_target"])

    def original_target(self, month):
        """The same of a month."""
        first = next(iter(self.confirmed_adjustments), None)
        row = self.by_month().get(month)
        now = row and (row.words if self.is_qualitative else row.target)
        return self._other_than(now, first and first.before["months"].get(str(month)))

    def _other_than(self, value, original):
        """The `original`, as an application keeps it, if there is one and `value` is another."""
        was = original if self.is_qualitative else from_plain(original)
        return was if was != value else None

    def progress(self, targets, actuals, through, state=""):
        """How far it is with these values, see reform.indicators."""
        return progress(
            targets,
            actuals,
            through,
            annual=self.annual_target,
            type=IndicatorType(self.type),
            baseline=self.baseline,
            state=state,
        )

    def content_problems(self, prefix, label):
        """What is missing of what it says of itself and of its year; `label` stands before each sentence."""
        if self.is_qualitative:
            if not self.annual_words.strip():
                yield Problem(f"{prefix}-annual_words", f"{label}请填写年度目标，写明年底要达到的状态。")
            return
        if not self.unit:
            yield Problem(f"{prefix}-unit", f"{label}请填写计量单位。")
        if self.annual_target is None:
            yield Problem(f"{prefix}-annual_target", f"{label}请填写年度目标值。")

    def target_problems(self, prefix, label):
        if self.is_qualitative:
            if not any(target.words.strip() for target in self.targets.all() if target.month in self.months):
                first = self.months[0]
                yield Problem(f"{prefix}-w{first}", f"{label}：请至少在一个月份写明到时要达到的目标。")
            return
        targets = {target.month: target.target for target in self.targets.all() if target.target is not None}
        missing = [month for month in self.months if month not in targets]
        if missing:
            months = "各" if len(missing) == len(self.months) else f" {'、'.join(map(str, missing))} "
            ending = "没有安排的月份填 0。" if self.adds_up else "填写到月末要达到的数值。"
            yield Problem(f"{prefix}-m{missing[0]}", f"{label}：请填写{months}月目标值，{ending}")
        elif self.annual_target is not None:
            yield from self._year_problems(targets, prefix, label)

    def _year_problems(self, targets, prefix, label):
        last = self.months[-1]
        if not self.adds_up:
            if targets[last] != self.annual_target:
                yield Problem(
                    f"{prefix}-m{last}",
                    f"{label} {self.name}：{last}月目标值 {plain(targets[last])}，应与年度目标值 "
                    f"{plain(self.annual_target)} 一致。",
                )
        elif (total := sum(targets[month] for month in self.months)) != self.annual_target:
            yield Problem(
                f"{prefix}-m{last}",
                f"{label} {self.name}：各月目标值合计 {plain(total)}，与年度目标值 {plain(self.annual_target)} "
                f"相差 {plain(abs(total - self.annual_target))}。",
            )

    def snapshot(self):
        """What is as the manual knows it is said by no word."""
        targets = self.by_month()
        return {
            "id": self.pk,
            "name": self.name,
            "unit": self.unit,
            "annual_target": self.annual_words if self.is_qualitative else plain(self.annual_target),
            "kind": self.kind_words,
            "is_words": "定性" if self.is_qualitative else "",
            "baseline": plain(self.baseline),
            "scope": self.scope,
            "source": self.source,
            "months": [
                {"id": month, "target": targets[month].target_text if month in targets else ""} for month in MONTHS
            ],
        }


class MonthlyTarget(models.Model):
    """One month: what was planned, and what a confirmed TargetUpdate reported, as the indicator's type has it."""

    indicator = models.ForeignKey(Indicator, models.CASCADE, verbose_name="核心指标", related_name="targets")
    month = models.PositiveSmallIntegerField("月份")
    target = models.DecimalField("目标值", **QUANTITY)
    actual = models.DecimalField("进度值", **QUANTITY)
    words = models.TextField("阶段目标", blank=True)  # of a 定性目标
    state = models.CharField("进展状态", max_length=20, choices=QualitativeState.choices, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "月度目标"
        ordering = ["month"]
        constraints = [
            models.UniqueConstraint(fields=["indicator", "month"], name="one_target_per_month"),
            models.CheckConstraint(condition=Q(month__gte=1, month__lte=12), name="target_month_1_to_12"),
        ]

    def __str__(self):
        return f"{self.month}月"

    @property
    def target_text(self):
        return self.words or plain(self.target)

    @property
    def actual_text(self):
        """The confirmed value, or the label of the state; None before."""
        return self.get_state_display() or self.actual
