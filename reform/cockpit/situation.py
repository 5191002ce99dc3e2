"""How all projects under way stand now: lights with their reasons, and forecasts. Kept until something happens.

Both are taken from every indicator and plan of the city, which takes a second where there are thousands of projects;
pages take a part of it.
"""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime

from django.core.cache import cache
from django.db.models import Max

from accounts import clock
from reform.calendar import today
from reform.forecasts import Forecast
from reform.lights import facts_for, indicator_light, project_light
from reform.models import CalendarDay, ForecastQuality, Indicator, LightRule, Project, ProjectRevision
from workflow.models import Event

from .forecasting import forecasts, issued_indicators

KEPT_FOR = 10 * 60  # seconds, at most: what leaves no event behind is seen by then


@dataclass(frozen=True)
class Standing:
    """A project's light and what is behind it."""

    colour: str
    word: str
    reason: str
    risk: int
    overdue: int = 0
    lagging: int = 0
    indicators: int = 0


@dataclass(frozen=True)
class Situation:
    at: datetime
    standings: dict[int, Standing]
    forecasts: dict[int, list[tuple[str, str, Forecast]]] = field(default_factory=dict)  # by project: name, unit


def situation() -> Situation:
    key = _key()
    found = cache.get(key)
    if found is None:
        found = _situation()
        cache.set(key, found, KEPT_FOR)
    return found


def _key():
    """Another one as soon as something happened to a record, a project, the calendar or the rule."""
    last = [
        model.objects.aggregate(last=Max("pk"))["last"]
        for model in (Event, ProjectRevision, CalendarDay, ForecastQuality)
    ]
    return "cockpit-" + "-".join(map(str, [today(), LightRule.current().token, *last]))


def _situation():
    day, rule = today(), LightRule.current()
    at = clock.now()
    facts = facts_for(Project.objects.filter(closed_at=None), day)
    return Situation(at, {pk: _standing(found, rule) for pk, found in facts.items()}, _forecasts(day.year))


def _standing(facts, rule):
    light = project_light(facts, rule)
    if facts is None:
        return Standing(light.colour, light.word, light.reason, light.risk)
    lagging = sum(indicator_light(each.progress, rule).is_warning for each in facts.indicators)
    counts = facts.overdue_plans, lagging, len(facts.indicators)
    return Standing(light.colour, light.word, light.reason, light.risk, *counts)


def _forecasts(year):
    made = forecasts(issued_indicators(year).filter(battle_map__dossier__closed_at=None), year)
    found = defaultdict(list)
    rows = Indicator.objects.filter(pk__in=made).order_by("battle_map", "position", "pk")
    for pk, name, unit, project in rows.values_list("pk", "name", "unit", "battle_map__dossier"):
        found[project].append((name, unit, made[pk]))
    return dict(found)
