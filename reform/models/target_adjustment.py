"""目标调整申请: the one way to change the targets of an issued map."""

from copy import copy
from dataclasses import dataclass
from decimal import Decimal

from django.db import models
from django.db.models import Q
from django.utils.text import Truncator

from accounts.compiled_prefetch import prefetch_compiled
from accounts.revisions import keep
from reform.calendar import MONTHS
from workflow.actions import create_record
from workflow.changes import Earlier
from workflow.formats import from_plain, plain
from workflow.models import Problem, Record
from workflow.refusals import ActionRefused
from workflow.states import UNDER_REVIEW

from .indicator import QUANTITY, Indicator, MonthlyTarget
from .keys import parse_key, pick
from .plan_update import EVIDENCE
from .target_update import TargetUpdate


@dataclass(frozen=True)
class Line:
    """A month: the target that is asked for, the map's, and the confirmed value, which closes the month.

    Of a 定性目标 targets are words, and the value is the label of its state.
    """

    month: int
    target: Decimal | str | None
    current: Decimal | str | None
    actual: Decimal | str | None
    is_open: bool

    @property
    def changes(self):
        return self.target != self.current


class TargetAdjustment(Record):
    """New targets of one indicator, for the months without a confirmed value."""

    items_of_kind = {
        "annual_target": "年度目标",
        "unit": "计量单位",
        "months": "全部各月目标",
        "months.*": "{id}月目标",
        "basis": "调整依据",
    }
    opened_along = {"annual_words": "annual_target"}

    create_label = "申请调整"

    indicator = models.ForeignKey(Indicator, models.PROTECT, verbose_name="核心指标", related_name="adjustments")
    unit = models.CharField("计量单位", max_length=20, blank=True)
    annual_target = models.DecimalField("年度目标值", **QUANTITY)
    annual_words = models.TextField("年度目标", blank=True)  # of a 定性目标
    basis = models.TextField("调整依据", blank=True)
    # Written when applied: what it replaced, as `_current`.
    before = models.JSONField("调整前目标", null=True, editable=False)

    class Meta:
        verbose_name = verbose_name_plural = "目标调整申请"

    @classmethod
    def create(cls, indicator, user):
        """The `draft`, saved. Call it inside a transaction."""
        return create_record(cls.draft, indicator, user)

    @classmethod
    def draft(cls, indicator, user):
        """The indicator's unfinished application, or an unsaved one as the map stands; raises ActionRefused."""
        indicator = Indicator.objects.select_related("battle_map__dossier__department").get(pk=indicator.pk)
        if unfinished := cls.objects.filter(indicator=indicator).unfinished().first():
            return unfinished
        if obstacle := cls.obstacle(indicator):
            raise ActionRefused(obstacle)
        return cls(
            dossier=indicator.battle_map.dossier,
            indicator=indicator,
            unit=indicator.unit,
            annual_target=indicator.annual_target,
            annual_words=indicator.annual_words,
            title=f"{indicator.battle_map.year}年度 {Truncator(indicator.name).chars(60)}",
            creator=user,
        )

    @classmethod
    def draft_from_key(cls, key, user):
        """The application for the indicator that a work item's key names; raises ActionRefused."""
        [indicator] = parse_key(key, 1)
        own = Indicator.objects.filter(battle_map__dossier__department__in=user.assigned_department_ids)
        return cls.draft(pick(own, indicator, "这个核心指标"), user)

    @staticmethod
    def obstacle(indicator):
        """Why no application can be begun for the indicator now, or ""."""
        if not indicator.battle_map.is_open:
            return "项目作战图下发后，才能申请调整目标。"
        if not indicator.targets.filter(actual=None, state="").exists():
            return "各月进度值都已确认，目标值不再调整。"
        return ""

    @property
    def month_field(self):
        """Where a month's target stands, here and in the map."""
        return "words" if self.indicator.is_qualitative else "target"

    @property
    def prefix(self):
        """Of the names of the months' fields on the page."""
        return "w" if self.indicator.is_qualitative else "m"

    @property
    def annual_field(self):
        return "annual_words" if self.indicator.is_qualitative else "annual_target"

    def _text(self, target):
        return target or "" if self.indicator.is_qualitative else plain(target)

    def _from_text(self, text):
        return text if self.indicator.is_qualitative else from_plain(text)

    def read_once(self):
        super().read_once()
        prefetch_compiled([self], "indicator__targets", "indicator__battle_map", "months")

    def save_first_rows(self):
        AdjustedTarget.objects.bulk_create(
            AdjustedTarget(adjustment=self, month=line.month, **{self.month_field: line.target})
            for line in self.lines()
        )

    def lines(self):
        """The twelve months; of a confirmed month the map's target stands, whatever was asked before."""
        now = self.indicator.by_month()
        asked = {row.month: getattr(row, self.month_field) for row in self.months.all()} if self.pk else {}
        nothing = self._from_text("")
        for month in MONTHS:
            row = now.get(month)
            current, actual = (getattr(row, self.month_field), row.actual_text) if row else (nothing, None)
            if self.before:
                current = self._from_text(self.before["months"].get(str(month), ""))
            is_open = actual is None and month in self.indicator.months
            keeps_asked = self.before or is_open
            yield Line(month, asked.get(month, current) if keeps_asked else current, current, actual, is_open)

    def problems(self):
        lines = list(self.lines())
        found = [*self._target_problems(lines)]
        if not self.basis.strip():
            found.append(Problem("basis", "请填写调整依据。"))
        if not self.has_evidence:
            found.append(Problem("files", f"调整依据须有文件。{EVIDENCE}"))
        return found

    def _target_problems(self, lines):
        wanted, label = self._wanted(lines), "目标值"
        for problem in (*wanted.content_problems("", ""), *wanted.target_problems("", label)):
            yield Problem(problem.field.lstrip("-"), problem.text)
        if not self._changes_anything(lines):
            yield Problem(self.annual_field, "目标值没有变化，请先修改再上报。")
        yield from self._review_problems(lines)

    def _wanted(self, lines):
        """The indicator as it would be: its own rules for targets apply."""
        wanted = copy(self.indicator)
        wanted.unit, wanted.annual_target, wanted.annual_words = (
            self.unit.strip(),
            self.annual_target,
            self.annual_words,
        )
        targets = [
            MonthlyTarget(indicator=self.indicator, month=line.month, **{self.month_field: line.target})
            for line in lines
        ]
        wanted._prefetched_objects_cache = {"targets": targets}
        return wanted

    def _changes_anything(self, lines):
        indicator = self.indicator
        own = (self.unit.strip(), self.annual_target, self.annual_words)
        return own != (indicator.unit, indicator.annual_target, indicator.annual_words) or any(
            line.changes for line in lines
        )

    def _review_problems(self, lines):
        """What is being decided on is compared with the targets up to its month."""
        first = next((line.month for line in lines if line.changes), None)
        if first is None:
            return
        updates = TargetUpdate.objects.filter(battle_map=self.indicator.battle_map_id, month__gte=first)
        month = updates.filter(state__in=UNDER_REVIEW).order_by("month").values_list("month", flat=True).first()
        if month:
            yield Problem(f"{self.prefix}{first}", f"{month}月进度值正在审核，审核结束后才能调整 {first} 月目标值。")

    def snapshot(self):
        return {
            "name": self.indicator.name,
            "unit": self.unit,
            "annual_target": self._text(getattr(self, self.annual_field)),
            "months": [{"id": line.month, "target": self._text(line.target)} for line in self.lines()],
            "basis": self.basis,
        }

    def baseline(self):
        """Of what it says, unit and targets are compared with the map's: as they were before, once applied."""
        before = self.before or self._current()
        months = [{"id": month, "target": before["months"].get(str(month), "")} for month in MONTHS]
        own = {"unit": before["unit"], "annual_target": before["annual_target"], "months": months}
        return Earlier(self.snapshot() | own, "项目作战图")

    def _current(self):
        """Unit and targets of the map, as plain JSON."""
        return {
            "unit": self.indicator.unit,
            "annual_target": self._text(getattr(self.indicator, self.annual_field)),
            "months": {str(month): row.target_text for month, row in self.indicator.by_month().items()},
        }

    def on_confirmed(self):
        """Apply the application to the map, keeping the old values here."""
        lines = list(self.lines())
        submitted = self.events.filter(action="submit").latest("at").snapshot["months"]
        targets = {month["id"]: month["target"] for month in submitted}
        if closed := [line.month for line in lines if self._text(line.target) != targets[line.month]]:
            raise ActionRefused(f"{'、'.join(map(str, closed))}月进度值已确认，目标值不能再调整。请退回后修改。")
        if problem := next(self._target_problems(lines), None):
            raise ActionRefused(f"{problem.text}请退回后修改。")
        self.before = self._current()
        self.save()
        for line in lines:
            if not line.is_open:
                self.months.filter(month=line.month).update(**{self.month_field: line.target})
        indicator = self.indicator
        indicator.unit = self.unit.strip()
        setattr(indicator, self.annual_field, getattr(self, self.annual_field))
        indicator.save()
        MonthlyTarget.objects.bulk_create(
            [
                MonthlyTarget(indicator=indicator, month=line.month, **{self.month_field: line.target})
                for line in lines
                if line.changes
            ],
            update_conflicts=True,
            unique_fields=["indicator", "month"],
            update_fields=[self.month_field],
        )
        keep(Indicator.objects.filter(pk=indicator.pk))
        keep(MonthlyTarget.objects.filter(indicator=indicator))


class AdjustedTarget(models.Model):
    """One month's target that is asked for."""

    adjustment = models.ForeignKey(TargetAdjustment, models.CASCADE, verbose_name="目标调整申请", related_name="months")
    month = models.PositiveSmallIntegerField("月份")
    target = models.DecimalField("目标值", **QUANTITY)
    words = models.TextField("阶段目标", blank=True)  # of a 定性目标

    class Meta:
        verbose_name = verbose_name_plural = "调整后目标"
        ordering = ["month"]
        constraints = [
            models.UniqueConstraint(fields=["adjustment", "month"], name="one_adjusted_target_per_month"),
            models.CheckConstraint(condition=Q(month__gte=1, month__lte=12), name="adjusted_target_month_1_to_12"),
        ]

    def __str__(self):
        return f"{self.month}月"
