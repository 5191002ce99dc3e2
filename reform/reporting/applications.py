"""What can be applied for on issued maps: iterations, other targets, extensions."""

from django.db.models import Exists, OuterRef, Q
from django.urls import reverse

from reform.calendar import MONTHS, today
from reform.indicators import IndicatorType
from reform.models import BattleMap, DueItem, Indicator, MonthlyTarget, PlanStatus
from workflow.formats import near_day_words, plain
from workflow.states import State

from .work_list import WorkItem, WorkItems, when


class IterationItems(WorkItems):
    """Each issued map of whatever year: first those with an application in hand, then the latest year."""

    def rows(self):
        maps = self._own(BattleMap.objects.filter(state=State.ISSUED), "dossier__").select_related("dossier__project")
        maps = maps.annotate(latest=self._in_hand(battle_map=OuterRef("pk")))
        return maps.order_by(when(latest__isnull=False).desc(), "-year", "dossier__project__number")

    def build(self, rows):
        records = self._records(battle_map.latest for battle_map in rows)
        return [
            WorkItem(
                kind=self.kind,
                key=str(battle_map.pk),
                project=battle_map.project,
                title=f"{battle_map.year}年度",
                record=records.get(battle_map.latest),
                due=battle_map.latest is not None,
                page=reverse("reform:iterations", args=[battle_map.pk]),
            )
            for battle_map in rows
        ]


class AdjustmentItems(WorkItems):
    """Each indicator with a month of which no value is confirmed: first those with an application in hand."""

    empty = ("没有可以调整目标的核心指标。", "已下发作战图中还有月份未确认进度值的核心指标会列在这里。")
    waits_for_issue = False
    within = ("adjustments",)

    def rows(self):
        numeric = Indicator.objects.exclude(type=IndicatorType.QUALITATIVE)
        indicators = self._own(numeric.filter(battle_map__state=State.ISSUED), "battle_map__dossier__")
        is_open = Exists(MonthlyTarget.objects.filter(indicator=OuterRef("pk"), actual=None))
        under_way = Exists(self.kind.objects.filter(indicator=OuterRef("pk")).unfinished())
        return (
            indicators.filter(is_open | under_way)
            .annotate(in_hand=self._in_hand(indicator=OuterRef("pk")), latest=self._latest(indicator=OuterRef("pk")))
            .select_related("battle_map__dossier__project")
            .order_by(
                when(in_hand__isnull=False).desc(),
                "-battle_map__year",
                "battle_map__dossier__project__number",
                "position",
                "pk",
            )
        )

    def build(self, rows):
        records = self._records(indicator.latest for indicator in rows)
        return [
            WorkItem(
                kind=self.kind,
                key=str(indicator.pk),
                project=indicator.battle_map.project,
                title=f"{indicator.battle_map.year}年度 {indicator.name}",
                notes=[
                    f"年度目标值 {plain(indicator.annual_target)}{indicator.unit}",
                    *filter(None, [indicator.adjusted_words]),
                ],
                record=records.get(indicator.latest),
                due=indicator.in_hand is not None,
            )
            for indicator in rows
        ]


class ExtensionItems(WorkItems):
    """Each plan that can still be extended, by its deadline: first those with an application in hand."""

    empty = ("没有可以申请延期的月度计划。", "已下发作战图中尚未完成、未过截止日期的月度计划会列在这里。")
    waits_for_issue = False
    within = ("plan__extensions",)

    def rows(self):
        """And those with an application under way, for which the day has passed meanwhile."""
        plans = DueItem.objects.unsettled().filter(is_deadline=True, plan__isnull=False)
        under_way = Exists(self.kind.objects.filter(plan=OuterRef("plan")).unfinished())
        rows = self._own(plans, "dossier__").annotate(in_hand=self._in_hand(plan=OuterRef("plan")))
        return (
            rows.filter(Q(due_on__gte=today(), month__lt=MONTHS[-1]) | Q(under_way))
            .exclude(plan__status=PlanStatus.DONE)
            .annotate(latest=self._latest(plan=OuterRef("plan")))
            .select_related("dossier__project", "plan__measure")
            .order_by(when(in_hand__isnull=False).desc(), "due_on", "dossier__project__number", "plan")
        )

    def build(self, rows):
        records, marks = self._records(item.latest for item in rows), self._marks(rows)
        return [
            WorkItem(
                kind=self.kind,
                key=str(item.plan_id),
                project=item.dossier.project,
                title=f"{item.year}年{item.plan}",
                notes=[*filter(None, [f"截止{near_day_words(item.due_on)}", item.plan.extended_words])],
                record=records.get(item.latest),
                due=item.in_hand is not None,
                marks=marks[item.plan_id],
            )
            for item in rows
        ]
