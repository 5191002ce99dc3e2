"""What lit the projects at a moment that has passed, from revisions, events and what was due by then."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime
from operator import attrgetter

from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from reform.calendar import Calendar, Term, month_start
from reform.indicators import IndicatorType, progress
from reform.lights import IndicatorFacts, MapFacts, months_over
from reform.models import (
    BattleMap,
    DueItem,
    IndicatorRevision,
    PlanRevision,
    PlanStatus,
    PlanUpdate,
    Project,
    ProjectRevision,
    TargetRevision,
    TargetUpdate,
)
from reform.models.due_answers import answers_to
from workflow.states import State


@dataclass
class Due:
    """Of one project: its overdue plans, the others that were due and not reported, and the months likewise."""

    overdue: set[int] = field(default_factory=set)
    silent: set[int] = field(default_factory=set)
    months: list[tuple[int, int]] = field(default_factory=list)


def facts_at(at: datetime) -> dict[int, MapFacts | None]:
    """{project: MapFacts, or None before its first map was issued} of those that were under way at that moment."""
    day = timezone.localdate(at)
    entered = ProjectRevision.objects.at(at).filter(subject=OuterRef("pk"))
    projects = Project.objects.filter(Exists(entered)).filter(Q(closed_at=None) | Q(closed_at__gt=at))
    facts: dict[int, MapFacts | None] = dict.fromkeys(projects.values_list("pk", flat=True))
    issued = BattleMap.objects.filter(state=State.ISSUED, issued_at__lte=at, dossier__in=projects.values("pk"))
    in_force = {found.dossier_id: found for found in issued.filter(year__lte=day.year).order_by("year")}
    due = _due(issued, at, day)
    indicators = _indicators(in_force.values(), at, day)
    for pk, battle_map in in_force.items():
        own = due[pk]
        facts[pk] = MapFacts(
            indicators=tuple(indicators[battle_map.pk]),
            overdue_plans=len(own.overdue),
            silent_plans=len(own.silent),
            silent_months=tuple(month for year, month in own.months if year == battle_map.year),
            silent_months_before=sum(year != battle_map.year for year, _ in own.months),
        )
    return facts


# --- What was due -------------------------------------------------------------------------------


def _due(issued, at, day):
    found = defaultdict(Due)
    _add_plans(found, issued, at, day)
    _add_months(found, issued, at, day)
    return found


def _add_plans(found, issued, at, day):
    """Plans that stood then and were not 已完成, by the month that they had then."""
    path = "subject__measure__battle_map"
    open_plans = PlanRevision.objects.at(at).exclude(status=PlanStatus.DONE).filter(**{f"{path}__in": issued})
    terms = _terms(issued, at)
    calendar, due = Calendar(), {}
    rows = open_plans.values_list("subject", f"{path}__dossier", f"{path}__year", "month", f"{path}__issued_at")
    for plan, project, year, month, issued_at in rows:
        term = terms.get((plan, year, month)) or calendar.term(year, month, issued_at)
        if term.closes < day:
            found[project].overdue.add(plan)
        elif term.opens <= day:
            due[plan] = project, max(month_start(year, month), issued_at)
    updates = PlanUpdate.objects.filter(plan__in=due).order_by("pk")
    answers = answers_to(updates, attrgetter("plan_id"))
    for plan, (project, start) in due.items():
        if not any(each.is_done or each.covers(start) for each in _standing(answers.get(plan), at)):
            found[project].silent.add(plan)


def _terms(issued, at):
    """{(plan, year, month): its Term} of the own months of plans that were not completed."""
    items = _unsettled(issued, at).filter(plan__isnull=False, is_deadline=True)
    rows = items.values_list("plan", "year", "month", "opens_on", "due_on")
    return {(plan, year, month): Term(*days) for plan, year, month, *days in rows}


def _unsettled(issued, at):
    return DueItem.objects.filter(battle_map__in=issued).filter(Q(settled_at=None) | Q(settled_at__gt=at))


def _add_months(found, issued, at, day):
    items = (
        _unsettled(issued, at)
        .filter(plan=None, opens_on__lte=day)
        .filter(Q(cancelled_at=None) | Q(cancelled_at__gt=at))
    )
    rows = list(items.order_by("year", "month").values_list("battle_map", "year", "month", "dossier"))
    maps, months = {pk for pk, *_ in rows}, {month for _, _, month, _ in rows}
    updates = TargetUpdate.objects.filter(battle_map__in=maps, month__in=months).order_by("revision")
    answers = answers_to(updates, lambda update: (update.battle_map_id, update.month))
    for pk, year, month, project in rows:
        if not _standing(answers.get((pk, month)), at):
            found[project].months.append((year, month))


def _standing(answer, at):
    """The submissions that stood at that moment."""
    submissions = answer.submissions if answer else []
    return [found for found in submissions if found.at <= at and (found.until is None or found.until > at)]


# --- How far the indicators were ------------------------------------------------------------------


def _indicators(maps, at, day):
    """{map: [IndicatorFacts]}."""
    years = {found.pk: found.year for found in maps}
    over = dict(DueItem.objects.filter(battle_map__in=years).last_months_over(day))
    targets = defaultdict(dict)
    rows = TargetRevision.objects.at(at).filter(subject__indicator__battle_map__in=years)
    confirmed = defaultdict(int)
    path = "subject__indicator"
    for indicator, pk, month, target, actual, state in rows.values_list(
        path, f"{path}__battle_map", "subject__month", "target", "actual", "state"
    ):
        targets[indicator][month] = target, actual, state
        if actual is not None or state:
            confirmed[pk] = max(confirmed[pk], month)
    revisions = IndicatorRevision.objects.at(at).filter(subject__battle_map__in=years)
    found = defaultdict(list)
    for pk, indicator, name, annual, kind, baseline in revisions.order_by("subject__position", "subject").values_list(
        "subject__battle_map", "subject", "name", "annual_target", "type", "baseline"
    ):
        through = months_over(over.get(pk, 0), years[pk], day, confirmed[pk])
        months = targets[indicator]
        states = [months[month][2] for month in sorted(months) if month <= through and months[month][2]]
        found[pk].append(
            IndicatorFacts(
                name,
                progress(
                    {month: values[0] for month, values in months.items()},
                    {month: values[1] for month, values in months.items()},
                    through,
                    annual=annual,
                    type=IndicatorType(kind),
                    baseline=baseline,
                    state=states[-1] if states else "",
                ),
            )
        )
    return found
