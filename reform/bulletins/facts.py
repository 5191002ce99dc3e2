"""What a bulletin says of a period: plans, indicators, achievements and reports, confirmed ones only."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import Any

from django.db.models import Exists, Max, OuterRef, Q, QuerySet
from django.utils import timezone

from reform.calendar import Period, today
from reform.cockpit.forecasting import forecasts
from reform.forecasts import Forecast
from reform.indicators import Progress, QualitativeState, lag_months
from reform.lights import months_over, progress_colour
from reform.models import (
    BattleMap,
    BrandUpdate,
    DueItem,
    Extension,
    Indicator,
    LightRule,
    Measure,
    MeasureIteration,
    MonthlyPlan,
    PlanStatus,
    PlanUpdate,
    Project,
    PromotionUpdate,
    SupervisionLetter,
    SupervisionMatter,
    TargetAdjustment,
    TargetValue,
)
from reform.models.achievement import Achievement
from reform.reporting.rates import counted
from reform.reporting.steps import of_period
from workflow.models import Event, Record
from workflow.states import SETTLED, State


@dataclass(frozen=True)
class Cause:
    """Why something lags, in the words of a confirmed record."""

    text: str
    record: int


@dataclass
class IndicatorFact:
    indicator: Indicator
    battle_map: BattleMap
    progress: Progress
    colour: str
    months: Decimal | None  # behind

    @property
    def is_behind(self) -> bool:
        return self.colour in ("red", "amber")

    @property
    def points(self) -> Decimal | None:
        """By which it is behind."""
        return self.progress.lag_points

    @property
    def state_label(self) -> str:
        """Of a 定性目标, the state that was confirmed."""
        return QualitativeState(self.progress.state).label if self.progress.state else ""


class PeriodFacts:
    """Of all projects whose map of that year was issued, or of one; `day` is today's, for what is over."""

    def __init__(self, period: Period, day: date | None = None, project: Project | None = None) -> None:
        self.period = period
        self.day = day or today()
        self.project = project

    @cached_property
    def maps(self) -> list[BattleMap]:
        """In the order of departments and numbers."""
        maps = BattleMap.objects.filter(state=State.ISSUED, year=self.period.year)
        if self.project:
            maps = maps.filter(dossier=self.project.pk)
        maps = maps.select_related("dossier__project__domain", "dossier__department")
        return list(maps.order_by("dossier__department__position", "dossier__project__number"))

    @cached_property
    def map_keys(self) -> list[int]:
        return [found.pk for found in self.maps]

    @cached_property
    def measures(self) -> list[int]:
        return list(Measure.objects.filter(battle_map__in=self.map_keys).values_list("pk", flat=True))

    # --- Plans ----------------------------------------------------------------------------------------

    @cached_property
    def plans(self) -> list[MonthlyPlan]:
        """Those of the period's months, in their order."""
        found = MonthlyPlan.objects.standing().filter(
            measure__battle_map__in=self.map_keys, month__in=list(self.period.months)
        )
        return list(
            found.select_related("measure__battle_map").order_by("month", "measure__battle_map", "measure__position")
        )

    def plans_at(self, status: str) -> list[int]:
        return [plan.pk for plan in self.plans if plan.status == status]

    @cached_property
    def overdue(self) -> list[MonthlyPlan]:
        """Those of the period whose own deadline is over and that are not completed."""
        items = DueItem.objects.overdue_plans(self.day).filter(plan__in=[plan.pk for plan in self.plans])
        late = set(items.values_list("plan", flat=True))
        return [plan for plan in self.plans if plan.pk in late and plan.status != PlanStatus.DONE]

    @cached_property
    def plan_causes(self) -> dict[int, Cause]:
        """{plan: 存在问题 of its last confirmed update} of what is overdue."""
        updates = PlanUpdate.objects.settled().filter(plan__in=[plan.pk for plan in self.overdue])
        rows = updates.exclude(difficulties="").order_by("pk").values_list("plan", "difficulties", "pk")
        return {plan: Cause(text, record) for plan, text, record in rows}

    # --- Indicators -----------------------------------------------------------------------------------

    @cached_property
    def indicators(self) -> list[IndicatorFact]:
        """In the order of the maps; only those of which something is wanted by then."""
        rule, through = LightRule.current(), self._through()
        rows = Indicator.objects.filter(battle_map__in=self.map_keys).prefetch_related("targets")
        by_map: dict[int, list[Indicator]] = {}
        for indicator in rows.order_by("position", "pk"):
            by_map.setdefault(indicator.battle_map_id, []).append(indicator)
        found = []
        for battle_map in self.maps:
            for indicator in by_map.get(battle_map.pk, ()):
                fact = self._fact(battle_map, indicator, through[battle_map.pk], rule)
                if fact:
                    found.append(fact)
        return found

    @staticmethod
    def _fact(battle_map: BattleMap, indicator: Indicator, through: int, rule: LightRule) -> IndicatorFact | None:
        if not through:
            return None
        rows = indicator.targets.all()
        targets = {row.month: row.target for row in rows}
        actuals = {row.month: row.actual for row in rows}
        states = [row.state for row in rows if row.month <= through and row.state]
        progress = indicator.progress(targets, actuals, through, states[-1] if states else "")
        if progress.target is None and not indicator.is_qualitative:
            return None
        colour = progress_colour(progress, rule)
        return IndicatorFact(indicator, battle_map, progress, colour, lag_months(progress, targets))

    def _through(self) -> dict[int, int]:
        """{map: up to which month of the period value and target are compared}, as lights do."""
        last = self.period.last
        items = DueItem.objects.filter(battle_map__in=self.map_keys, month__lte=last)
        over = dict(items.last_months_over(self.day))
        targets = Q(indicators__targets__month__lte=last)
        reported = Q(indicators__targets__actual__isnull=False) | ~Q(indicators__targets__state="")
        maps = BattleMap.objects.filter(pk__in=self.map_keys).order_by()
        confirmed = dict(
            maps.annotate(last=Max("indicators__targets__month", filter=targets & reported)).values_list("pk", "last")
        )
        return {pk: months_over(over.get(pk, 0), self.period.year, self.day, confirmed.get(pk)) for pk in self.map_keys}

    @cached_property
    def behind(self) -> list[IndicatorFact]:
        """Red ones first, each in the order of the maps: nobody is ranked."""
        return [fact for colour in ("red", "amber") for fact in self.indicators if fact.colour == colour]

    @cached_property
    def causes(self) -> dict[int, Cause]:
        """{indicator: the remark that was confirmed last} of those behind."""
        values = TargetValue.objects.filter(
            indicator__in=[fact.indicator.pk for fact in self.behind],
            update__state__in=SETTLED,
            update__month__lte=self.period.last,
        )
        rows = values.exclude(remark="").order_by("update__month", "update__revision")
        return {
            indicator: Cause(text, record)
            for indicator, text, record in rows.values_list("indicator", "remark", "update")
        }

    @property
    def is_forecast(self) -> bool:
        """Whether the year's end is still to come."""
        return self.period.year >= self.day.year

    @cached_property
    def forecasts(self) -> dict[int, Forecast]:
        """{indicator: what it will be at the year's end} of those behind, as far as it can be said."""
        if not self.is_forecast:
            return {}
        found = Indicator.objects.filter(pk__in=[fact.indicator.pk for fact in self.behind])
        return forecasts(found, self.period.year, self.period.last)

    # --- 督办事项 --------------------------------------------------------------------------------------

    @cached_property
    def open_matters(self) -> list[SupervisionMatter]:
        """Those raised by the period's end that are not closed, by their deadlines."""
        found = self._matters().unsettled().filter(created_at__date__lte=self.period.ends)
        found = found.with_standing().select_related("department").prefetch_related("letters")
        return list(found.order_by("due_on", "pk"))

    @property
    def overdue_matters(self) -> list[SupervisionMatter]:
        return [matter for matter in self.open_matters if matter.is_overdue]

    @cached_property
    def closed_matters(self) -> list[int]:
        """Those closed in the period."""
        found = self._matters().filter(closed_at__date__gte=self.period.starts, closed_at__date__lte=self.period.ends)
        return list(found.order_by("due_on", "pk").values_list("pk", flat=True))

    @cached_property
    def letters(self) -> list[SupervisionLetter]:
        """Those issued in the period."""
        found = SupervisionLetter.objects.filter(matter__in=self._matters().values("pk"))
        found = found.filter(issued_on__gte=self.period.starts, issued_on__lte=self.period.ends)
        return list(found.order_by("issued_on", "pk"))

    def _matters(self) -> Any:
        return SupervisionMatter.objects.filter(Q(of_project=self.project.pk) if self.project else Q())

    # --- What was applied for, and achieved -----------------------------------------------------------

    def confirmed_in(self, model: type[Record]) -> list[int]:
        """The records of that kind that were confirmed in the period."""
        steps = Event.objects.filter(
            record=OuterRef("pk"),
            action="confirm",
            at__date__gte=self.period.starts,
            at__date__lte=self.period.ends,
        )
        return list(model.objects.settled().filter(Exists(steps)).order_by("pk").values_list("pk", flat=True))

    @cached_property
    def changes(self) -> dict[str, list[int]]:
        return {
            "iterations": self.confirmed_in(MeasureIteration),
            "adjustments": self.confirmed_in(TargetAdjustment),
            "extensions": self.confirmed_in(Extension),
        }

    @cached_property
    def ended(self) -> list[int]:
        """Maps of projects that ended in the period."""
        return [
            found.pk
            for found in self.maps
            if found.dossier.closed_at
            and self.period.starts <= timezone.localdate(found.dossier.closed_at) <= self.period.ends
        ]

    @cached_property
    def closed(self) -> list[int]:
        """Maps of projects that are no longer under way, whenever they ended."""
        return [found.pk for found in self.maps if found.dossier.closed_at]

    def achieved(self, model: type[Achievement]) -> list[Any]:
        """Confirmed achievements of the period, by their day."""
        day = model.DATE
        found = model.objects.settled().filter(**{f"{day}__gte": self.period.starts, f"{day}__lte": self.period.ends})
        return list(found.select_related("dossier__department", "dossier__project").order_by(day, "pk"))

    @cached_property
    def promotions(self) -> list[PromotionUpdate]:
        return self.achieved(PromotionUpdate)

    @cached_property
    def brands(self) -> list[BrandUpdate]:
        return self.achieved(BrandUpdate)

    # --- What was to be reported -----------------------------------------------------------------------

    @cached_property
    def due(self) -> list[DueItem]:
        """What was due in the period's months and whose time is over."""
        return list(self._own(due_items(self.period, self.day)))

    @property
    def has_more_due(self) -> bool:
        """Whether anything of the period is asked for, its time over or not."""
        return self._own(of_period(self.period)).exists()

    def _own(self, items: QuerySet[DueItem]) -> QuerySet[DueItem]:
        return items.filter(dossier=self.project.pk) if self.project else items

    @property
    def unreported(self) -> list[DueItem]:
        return [item for item in self.due if item.owed]


def due_items(period: Period, day: date) -> QuerySet[DueItem]:
    """The items that rates count, by department."""
    items = counted((period.year, period.first), (period.year, period.last), day)
    return items.select_related("department", "dossier", "plan", "battle_map").order_by(
        "department__position", "department", "dossier__project__number", "month", "pk"
    )


def by(rows: Iterable[Any], key: Any) -> dict[Any, list[Any]]:
    found: dict[Any, list[Any]] = {}
    for row in rows:
        found.setdefault(key(row), []).append(row)
    return found
