"""量化目标推进更新: one progress value per indicator, per battle map and month."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import Any

from django.db import models
from django.db.models import Max, Q

from accounts.compiled_prefetch import prefetch_compiled
from accounts.compiled_queries import compiled_first, compiled_rows
from accounts.revisions import keep
from reform import indicators
from reform.calendar import months_begun
from reform.indicators import IndicatorType, QualitativeState
from workflow.actions import create_record
from workflow.formats import plain
from workflow.models import Problem, Record
from workflow.refusals import ActionRefused
from workflow.states import SETTLED, UNDER_REVIEW

from .battle_map import BattleMap
from .indicator import QUANTITY, Indicator, MonthlyTarget
from .keys import parse_key, pick
from .light_rule import RED_BELOW, LightRule

SAID = ("target", "cumulative_target")  # what a confirmed update keeps saying of the targets


class TargetUpdate(Record):
    takes_files = False
    items_of_kind = {"values.*": "{name}"}

    create_label = "更新"
    read_along = ("battle_map",)
    lines_read: "list[TargetValue] | None" = None  # set by `read_lines`

    battle_map = models.ForeignKey(BattleMap, models.PROTECT, verbose_name="项目作战图", related_name="target_updates")
    month = models.PositiveSmallIntegerField("月份")
    revision = models.PositiveSmallIntegerField("次序", default=1)

    class Meta:
        verbose_name = verbose_name_plural = "量化目标推进更新"
        constraints = [
            models.UniqueConstraint(fields=["battle_map", "month", "revision"], name="one_target_update_per_revision"),
            models.CheckConstraint(condition=Q(month__gte=1, month__lte=12), name="target_update_month_1_to_12"),
        ]

    @classmethod
    def create(cls, battle_map, month, user):
        """The `draft`, saved. Call it inside a transaction."""
        return create_record(cls.draft, battle_map, month, user)

    @classmethod
    def draft(cls, battle_map, month, user):
        """The unfinished update of that month, or an unsaved revision that starts from the values as confirmed.

        Raises ActionRefused.
        """
        battle_map = BattleMap.objects.get(pk=battle_map.pk)
        if obstacle := cls.obstacle(battle_map, month):
            raise ActionRefused(obstacle)
        siblings = cls.objects.filter(battle_map=battle_map, month=month)
        if unfinished := siblings.unfinished().first():
            return unfinished
        if not battle_map.indicators_of(month):
            raise ActionRefused(f"{month}月没有需要填报的核心指标：按季、半年、年填报的，在期末月份填报。")
        revision = (siblings.aggregate(last=Max("revision"))["last"] or 0) + 1
        number = siblings.settled().count() + 1
        return cls(
            dossier=battle_map.dossier,
            battle_map=battle_map,
            month=month,
            revision=revision,
            title=cls.title_of(battle_map, month) + (f"（第{number}次更新）" if number > 1 else ""),
            creator=user,
        )

    @staticmethod
    def title_of(battle_map, month):
        return f"{battle_map.year}年{month}月进度值"

    @staticmethod
    def obstacle(battle_map, month):
        """Why that month of the map cannot be updated now, or ""."""
        if not battle_map.is_open:
            return "项目作战图下发后，才能更新进度值。"
        if month not in months_begun(battle_map.year):
            return "只能更新当月及以前月份的进度值。"
        return ""

    def save_first_rows(self):
        TargetValue.objects.bulk_create(self._first_values())

    def _first_values(self):
        """A value for each indicator of the map that is asked for in that month."""
        return [self.first_value(indicator) for indicator in self.battle_map.indicators_of(self.month)]

    def _due_values(self):
        """The same, of a map that came with its indicators."""
        indicators = self.battle_map.indicators.all()
        return [self.first_value(indicator) for indicator in indicators if self.month in indicator.months]

    def first_value(self, indicator):
        """With which the update begins: as confirmed."""
        confirmed = indicator.by_month().get(self.month)
        initial = {"value": confirmed.actual, "state": confirmed.state} if confirmed else {}
        return TargetValue(update=self, indicator=indicator, **initial)

    @classmethod
    def draft_from_key(cls, key, user):
        """The update that a work item's key names; raises ActionRefused."""
        battle_map, month = parse_key(key, 2)
        own = BattleMap.objects.filter(dossier__department__in=user.assigned_department_ids)
        return cls.draft(pick(own, battle_map, "这个项目的作战图"), month, user)

    def lines(self):
        """The values in the order of the map, each with what the figures beside it take in."""
        if self.lines_read is not None:
            return self.lines_read
        if self.pk:
            values = list(self.values.select_related("indicator").prefetch_related("indicator__targets"))
        else:
            values = self._first_values()
        return self._complete(values)

    def read_once(self):
        super().read_once()
        if self.pk:
            self.read_lines([self])

    @classmethod
    def read_lines(cls, updates: "Sequence[TargetUpdate]") -> None:
        """Give each of these its `lines`, in a constant number of queries, for a page that shows them and no more.

        What is not saved yet comes with its map.
        """
        saved = {update.pk: update for update in updates if update.pk}
        values = compiled_rows("values", (), _values_of, updates=saved)
        prefetch_compiled(values, "indicator__targets")
        for value in values:
            value.update = saved[value.update_id]
        new = [update for update in updates if not update.pk]
        prefetch_compiled([update.battle_map for update in new], "indicators__targets")
        values += [value for update in new for value in update._due_values()]
        lines: dict[int, list[TargetValue]] = {id(update): [] for update in updates}
        for value in cls._complete(values):
            lines[id(value.update)].append(value)
        for update in updates:
            update.lines_read = lines[id(update)]

    @classmethod
    def _complete(cls, values: "list[TargetValue]") -> "list[TargetValue]":
        values, red_below = cls.with_submitted(values), LightRule.current().red_below
        for value in values:
            value.red_below = red_below
        return sorted(values, key=_in_order)

    @classmethod
    def with_submitted(cls, values: "Iterable[TargetValue]") -> "list[TargetValue]":
        """The values, of one update or of several, each with what is under review for the months before it."""
        values = list(values)
        submitted = cls._submitted_before([value.update for value in values])
        for value in values:
            value.submitted = submitted[value.update.battle_map_id, value.update.month].get(value.indicator_id, {})
        return values

    @staticmethod
    def _submitted_before(updates: "Collection[TargetUpdate]") -> dict[tuple[int, int], dict[int, dict[int, Any]]]:
        """{(map, month): {indicator: {earlier month: value}}} of what is under review; a settled update speaks of what
        is settled.
        """
        found: dict[tuple[int, int], dict[int, dict[int, Any]]] = {
            (update.battle_map_id, update.month): {} for update in updates
        }
        open_ones = {(update.battle_map_id, update.month) for update in updates if update.state not in SETTLED}
        if not open_ones:
            return found
        last = max(month for _, month in open_ones)

        def under_review(maps: "Collection[int]") -> Any:
            of_maps = {"update__battle_map__in": maps, "update__month__lt": last, "update__state__in": UNDER_REVIEW}
            names = ("update__battle_map", "indicator", "update__month", "value")
            return TargetValue.objects.filter(**of_maps).values_list(*names)

        rows = compiled_rows("values under review", last, under_review, maps={drawn for drawn, _ in open_ones})
        for drawn, indicator, month, value in rows:
            for place in open_ones:
                if place[0] == drawn and month < place[1]:
                    found[place].setdefault(indicator, {})[month] = value
        return found

    @property
    def has_levels(self):
        return any(not found.adds_up and not found.is_qualitative for found in self.battle_map.indicators.all())

    def problems(self):
        return [problem for number, value in enumerate(self.lines()) for problem in value.problems(f"values-{number}")]

    def snapshot(self):
        values = [value.snapshot() for value in self.lines()]
        if self.state in SETTLED:
            # Targets may have been adjusted since: it was confirmed with those of its submission.
            submitted = self.events.filter(action="submit").order_by("-at").values_list("snapshot", flat=True).first()
            earlier = {value["id"]: value for value in submitted["values"]} if submitted else {}
            for value in values:
                value |= {name: earlier[value["id"]][name] for name in SAID if value["id"] in earlier}
        return {"month": f"{self.month}月", "values": values}

    def _confirmed_before(self):
        month, revision = self.month, self.revision

        def settled(battle_map):
            earlier = TargetUpdate.objects.filter(battle_map=battle_map, month=month, revision__lt=revision)
            return earlier.settled().order_by("-revision")[:1]

        return compiled_first("settled before", (month, revision), settled, battle_map=self.battle_map_id)

    def baseline(self):
        before = self._confirmed_before()
        return before and before.as_earlier()

    def on_confirmed(self):
        for value in self.values.all():
            MonthlyTarget.objects.update_or_create(
                {"actual": value.value, "state": value.state}, indicator_id=value.indicator_id, month=self.month
            )
        keep(MonthlyTarget.objects.filter(indicator__battle_map=self.battle_map_id, month=self.month))

    def on_step(self):
        from .due_schedule import write_month  # it reads every kind

        self.late = self.pk in write_month(self.battle_map, self.month)


def _values_of(updates):
    return TargetValue.objects.filter(update__pk__in=updates).select_related("indicator")


def _in_order(value: "TargetValue") -> tuple[int, int]:
    return value.indicator.position, value.indicator_id


class TargetValue(models.Model):
    """What one indicator reached in the month of the update: an increment, a level, or a state with words."""

    update = models.ForeignKey(TargetUpdate, models.CASCADE, verbose_name="量化目标推进更新", related_name="values")
    indicator = models.ForeignKey(Indicator, models.PROTECT, verbose_name="核心指标", related_name="values")
    value = models.DecimalField("进度值", **QUANTITY)
    state = models.CharField("进展状态", max_length=20, choices=QualitativeState.choices, blank=True)
    remark = models.TextField("备注", blank=True)

    # Set by TargetUpdate.lines().
    submitted: Mapping = MappingProxyType({})  # {earlier month: value} of what is under review
    red_below = RED_BELOW  # percent of the cumulative target

    class Meta:
        verbose_name = verbose_name_plural = "进度值"
        constraints = [models.UniqueConstraint(fields=["update", "indicator"], name="one_value_per_indicator")]

    def __str__(self):
        return f"{self.indicator} {self.value_text}"

    @property
    def value_text(self):
        return self.get_state_display() if self.indicator.is_qualitative else plain(self.value)

    @property
    def targets(self):
        return {month: row.target for month, row in self.indicator.by_month().items()}

    @property
    def earlier_months(self):
        """{month: value} before this one: what is under review in place of what was confirmed."""
        confirmed = {month: row.actual for month, row in self.indicator.by_month().items()}
        return {month: value for month, value in (confirmed | self.submitted).items() if month < self.update.month}

    @property
    def target(self):
        """This month's target; None of a 定性目标."""
        return self.targets.get(self.update.month)

    @property
    def target_text(self):
        """The same in words."""
        row = self.indicator.by_month().get(self.update.month)
        return row.target_text if row else ""

    @property
    def last_month(self):
        """The value of the period before, or None."""
        return self.earlier_months.get(self.month_before)

    @property
    def month_before(self):
        """The month that ended the period before."""
        return self.update.month - self.indicator.period

    @property
    def progress(self):
        """How far the indicator is with this month's value."""
        return self.indicator.progress(
            self.targets,
            self.earlier_months | {self.update.month: self.value},
            self.update.month,
            state=self.state,
        )

    @property
    def earlier(self):
        """What has been reported for the months before this one, and adds to it."""
        if not self.indicator.adds_up:
            return indicators.ZERO
        return indicators.total(self.earlier_months, self.update.month) or indicators.ZERO

    def as_confirmed(self):
        """The month of the indicator as it will stand once the update is confirmed, unsaved."""
        row = self.indicator.by_month().get(self.update.month)
        targets = {"target": row.target, "words": row.words} if row else {}
        return MonthlyTarget(
            indicator=self.indicator, month=self.update.month, actual=self.value, state=self.state, **targets
        )

    @property
    def lags(self):
        """Whether a remark is due: the cumulative value is below the red line of the lights."""
        return self.value is not None and self.progress.is_below(self.red_below)

    @property
    def shortfall(self):
        """What a lagging value falls short of, in words."""
        found = self.progress
        found = replace(found, value=found.amount)  # the page says it before anything is typed
        target = f"{self._total}目标值 {plain(found.target)}"
        if self.indicator.type != IndicatorType.CUMULATIVE and found.is_falling:
            return f"高于{target}，目标完成程度不足 {self.red_below}%"
        if found.rises_from_baseline:
            return f"未达{target}，自基期值 {plain(found.baseline)} 起的完成程度不足 {self.red_below}%"
        if found.share is not None:
            return f"不足{target} 的 {self.red_below}%"
        return f"未达到{target}"

    @property
    def _total(self):
        return "累计" if self.indicator.adds_up else "当月"

    @property
    def lag_words(self):
        return f"{'累计进度' if self.indicator.adds_up else '最新值'} {plain(self.progress.amount)}，{self.shortfall}"

    def problems(self, prefix):
        name = self.indicator.name
        if self.indicator.is_qualitative:
            yield from self._state_problems(prefix, name)
        elif self.value is None and not self.indicator.adds_up:
            yield Problem(f"{prefix}-value", f"{name}：请填写截至月末的数值。")
        elif self.value is None:
            yield Problem(f"{prefix}-value", f"{name}：请填写当月进度值，没有进展的填 0。")
        elif self.lags and not self.remark.strip():
            yield Problem(f"{prefix}-remark", f"{name}：{self.lag_words}，请在备注中说明原因。")

    def _state_problems(self, prefix, name):
        if not self.state:
            yield Problem(f"{prefix}-state", f"{name}：请选择进展状态（已达成、按计划或滞后）。")
        if not self.remark.strip():
            asked = "滞后的原因和下一步安排" if self.state == QualitativeState.BEHIND else "进展情况"
            yield Problem(f"{prefix}-remark", f"{name}：请在备注中写明{asked}。")

    def snapshot(self):
        adds_up = self.indicator.adds_up
        return {
            "id": self.indicator_id,
            "name": self.indicator.name,
            "unit": self.indicator.unit,
            "note": self.note,
            "target": self.target_text,
            "cumulative_target": plain(self.progress.target) if adds_up else "",
            "last_month": plain(self.last_month),
            "last_month_note": "待审核" if self.month_before in self.submitted else "",
            "value": self.value_text,
            "cumulative": plain(self.progress.amount) if adds_up else "",
            "cumulative_note": self._cumulative_note,
            "remark": self.remark,
        }

    @property
    def note(self):
        """What is asked for, where it is not the month's increment."""
        words = [self.indicator.kind_words, self.indicator.data_month(self.update.month)]
        return "，".join(word for word in words if word)

    @property
    def _cumulative_note(self):
        """Which of the months in the cumulative value are still under review."""
        if not self.indicator.adds_up:
            return ""
        months = "、".join(str(month) for month in sorted(self.submitted))
        return f"含{months}月待审核" if months else ""
