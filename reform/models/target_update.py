"""量化目标推进更新: one progress value per indicator, per battle map and month."""

from decimal import Decimal

from django.conf import settings
from django.db import models
from django.db.models import Max, Q

from accounts.revisions import keep
from reform.calendar import months_begun, today
from workflow.actions import ActionRefused, lock_dossier
from workflow.formats import plain
from workflow.models import Problem, Record

from .battle_map import BattleMap, Indicator, MonthlyTarget
from .due_item import DueItem
from .work_item import AFTER_ISSUE, WorkItem, parse_key, pick


class TargetUpdate(Record):
    create_label = "更新"
    no_work_items = AFTER_ISSUE

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
        """The unfinished update of that month, or a new revision that starts from the values as confirmed.

        Call it inside a transaction; raises ActionRefused.
        """
        lock_dossier(battle_map.dossier_id)
        battle_map = BattleMap.objects.get(pk=battle_map.pk)
        if not battle_map.is_open:
            raise ActionRefused("项目作战图下发后，才能更新进度值。")
        if month not in months_begun(battle_map.year):
            raise ActionRefused("只能更新当月及以前月份的进度值。")
        siblings = cls.objects.filter(battle_map=battle_map, month=month)
        if unfinished := siblings.unfinished().first():
            return unfinished
        revision = (siblings.aggregate(last=Max("revision"))["last"] or 0) + 1
        number = siblings.settled().count() + 1
        update = cls.objects.create(
            dossier_id=battle_map.dossier_id,
            battle_map=battle_map,
            month=month,
            revision=revision,
            title=f"{battle_map.year}年{month}月进度值" + (f"（第{number}次更新）" if number > 1 else ""),
            creator=user,
        )
        actuals = dict(
            MonthlyTarget.objects.filter(indicator__battle_map=battle_map, month=month).values_list(
                "indicator", "actual"
            )
        )
        TargetValue.objects.bulk_create(
            TargetValue(update=update, indicator=indicator, value=actuals.get(indicator.pk))
            for indicator in battle_map.indicators.all()
        )
        return update

    @classmethod
    def work_items(cls, user):
        """A row for each issued map of this clerk and each month that has begun: what is due first, then the latest."""
        now = today()
        items = DueItem.objects.filter(
            kind=cls._meta.label_lower, dossier__department__in=user.assigned_department_ids
        ).select_related("dossier__project__department", "battle_map")
        items = items.filter(Q(year__lt=now.year) | Q(year=now.year, month__lte=now.month))
        updates = cls.objects.filter(battle_map__dossier__department__in=user.assigned_department_ids)
        latest = {(update.battle_map_id, update.month): update for update in updates.order_by("revision")}
        rows = [cls._work_item(item, latest.get((item.battle_map_id, item.month))) for item in items]
        return sorted(rows, key=lambda row: (not row.due, row.order))

    @classmethod
    def _work_item(cls, item, found):
        return WorkItem(
            key=f"{item.battle_map_id}-{item.month}",
            project=item.dossier.project,
            title=f"{item.year}年{item.month}月",
            record=found,
            due=item.waits(today()),
            due_on=item.due_on,
            order=(-item.year, -item.month, item.dossier.project.number),
            term=item.term if item.owed else None,
        )

    @classmethod
    def due_count(cls, user):
        """How many months of this clerk's issued maps are due or late and not reported, or came back."""
        return DueItem.objects.waiting(user, today()).filter(kind=cls._meta.label_lower).count()

    @classmethod
    def create_from_key(cls, key, user):
        """Start the update that a work item's key names; raises ActionRefused."""
        battle_map, month = parse_key(key, 2)
        own = BattleMap.objects.filter(dossier__department__in=user.assigned_department_ids)
        return cls.create(pick(own, battle_map, "这个项目的作战图"), month, user)

    def lines(self):
        """The values in the order of the map, each with the figures that are shown beside it."""
        values = self.values.select_related("indicator").prefetch_related("indicator__targets")
        return sorted(values, key=lambda value: (value.indicator.position, value.indicator_id))

    def problems(self):
        return [problem for number, value in enumerate(self.lines()) for problem in value.problems(f"values-{number}")]

    def snapshot(self):
        return {"month": f"{self.month}月", "values": [value.snapshot() for value in self.lines()]}

    def _confirmed_before(self):
        earlier = TargetUpdate.objects.filter(
            battle_map=self.battle_map_id, month=self.month, revision__lt=self.revision
        )
        return earlier.settled().order_by("-revision").first()

    def baseline(self):
        before = self._confirmed_before()
        return before and before.as_earlier()

    def on_confirmed(self):
        for value in self.values.all():
            MonthlyTarget.objects.filter(indicator=value.indicator_id, month=self.month).update(actual=value.value)
        keep(MonthlyTarget.objects.filter(indicator__battle_map=self.battle_map_id, month=self.month))

    def on_step(self):
        from .due_schedule import write_month  # it reads every kind

        self.late = self.pk in write_month(self.battle_map, self.month)


class TargetValue(models.Model):
    """One indicator's increment in the month of the update."""

    update = models.ForeignKey(TargetUpdate, models.CASCADE, verbose_name="量化目标推进更新", related_name="values")
    indicator = models.ForeignKey(Indicator, models.PROTECT, verbose_name="核心指标", related_name="values")
    value = models.DecimalField("进度值", max_digits=18, decimal_places=4, null=True, blank=True)
    remark = models.TextField("备注", blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "进度值"
        constraints = [models.UniqueConstraint(fields=["update", "indicator"], name="one_value_per_indicator")]

    def __str__(self):
        return f"{self.indicator} {plain(self.value)}"

    @property
    def _targets(self):
        return self.indicator.by_month()

    @property
    def target(self):
        """This month's target."""
        return self._targets[self.update.month].target

    @property
    def last_month(self):
        """Last month's confirmed value, or None."""
        before = self._targets.get(self.update.month - 1)
        return before and before.actual

    @property
    def cumulative_target(self):
        return sum(row.target for month, row in self._targets.items() if month <= self.update.month)

    @property
    def earlier(self):
        """What has been confirmed for the months before this one."""
        return sum(
            (
                row.actual
                for month, row in self._targets.items()
                if month < self.update.month and row.actual is not None
            ),
            Decimal(0),
        )

    @property
    def cumulative(self):
        return self.earlier + (self.value or Decimal(0))

    @property
    def lags(self):
        """Whether a remark is due: the cumulative value is below the threshold of the cumulative target."""
        return self.value is not None and self.cumulative < settings.LAG_THRESHOLD * self.cumulative_target

    @property
    def lag_words(self):
        wanted = f"累计目标 {plain(self.cumulative_target)} 的 {settings.LAG_THRESHOLD:.0%}"
        return f"累计 {plain(self.cumulative)}，不足{wanted}"

    def problems(self, prefix):
        name = self.indicator.name
        if self.value is None:
            yield Problem(f"{prefix}-value", f"{name}：请填写当月进度值，没有进展的填 0。")
        elif self.lags and not self.remark.strip():
            yield Problem(f"{prefix}-remark", f"{name}：{self.lag_words}，请在备注中说明原因。")

    def snapshot(self):
        return {
            "id": self.indicator_id,
            "name": self.indicator.name,
            "unit": self.indicator.unit,
            "target": plain(self.target),
            "cumulative_target": plain(self.cumulative_target),
            "last_month": plain(self.last_month),
            "value": plain(self.value),
            "cumulative": plain(self.cumulative),
            "remark": self.remark,
        }
