"""How all projects under way stand now: lights with their reasons, and forecasts that miss their target.

Both are taken from every indicator and plan of the city, which takes seconds where there are thousands of projects.
So they are kept, and where something happens to a project, that one is read anew.
"""

from dataclasses import dataclass
from datetime import datetime
from operator import attrgetter
from time import time

from django.core.cache import cache
from django.db.models import Max

from accounts import clock
from reform.calendar import today
from reform.forecasts import Forecast
from reform.lights import facts_for, indicator_light, project_light
from reform.models import CalendarDay, ForecastQuality, Indicator, LightRule, Project, ProjectRevision
from workflow.models import Event

from .forecasting import forecasts, issued_indicators

KEPT_FOR = 60 * 60  # seconds, at most: what leaves no event behind is seen by then, and the page says as of when
WRITTEN_AT_ONCE = 100  # events, at most


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
class Miss:
    """An indicator of this year that will not reach its target as it goes."""

    project: int
    name: str
    forecast: Forecast
    order: tuple


@dataclass(frozen=True)
class Situation:
    at: datetime
    standings: dict[int, Standing]
    misses: list[Miss]  # the lowest share of the year's target first
    seen: tuple[int, int]  # the last event and the last revision of a project that are in it
    since: float  # when all of it was read


def situation() -> Situation:
    """What is kept, with the projects read anew to which something has happened since."""
    key, last = _key(), (_last(Event), _last(ProjectRevision))
    found: Situation | None = cache.get(key)
    if found is not None and found.seen == last:
        return found
    found = _read(last) if found is None else _renewed(found, last)
    cache.set(key, found, max(1, KEPT_FOR - (time() - found.since)))
    return found


def _last(model):
    return model.objects.aggregate(last=Max("pk"))["last"] or 0


def _key():
    """Another one as soon as what concerns all projects has changed: the day, the calendar or the rule."""
    last = [_last(model) for model in (CalendarDay, ForecastQuality)]
    return "cockpit-" + "-".join(map(str, [today(), LightRule.current().token, *last]))


def _read(last):
    at, projects = clock.now(), Project.objects.filter(closed_at=None)
    return Situation(at, _standings(projects), _misses(projects), last, time())


def _renewed(found, last):
    # What was being written when the last was seen may have an earlier key.
    event, revision = (max(0, pk - WRITTEN_AT_ONCE) for pk in found.seen)
    touched = set(Event.objects.filter(pk__gt=event).values_list("record__dossier", flat=True))
    touched |= set(ProjectRevision.objects.filter(pk__gt=revision).values_list("subject", flat=True))
    at, projects = clock.now(), Project.objects.filter(closed_at=None, pk__in=touched)
    others = {pk: standing for pk, standing in found.standings.items() if pk not in touched}
    misses = [miss for miss in found.misses if miss.project not in touched]
    misses = sorted(misses + _misses(projects), key=attrgetter("order"))
    return Situation(at, others | _standings(projects), misses, last, found.since)


def _standings(projects):
    rule = LightRule.current()
    return {pk: _standing(facts, rule) for pk, facts in facts_for(projects, today()).items()}


def _standing(facts, rule):
    light = project_light(facts, rule)
    if facts is None:
        return Standing(light.colour, light.word, light.reason, light.risk)
    lagging = sum(indicator_light(each.progress, rule).is_warning for each in facts.indicators)
    counts = facts.overdue_plans, lagging, len(facts.indicators)
    return Standing(light.colour, light.word, light.reason, light.risk, *counts)


def _misses(projects):
    year = today().year
    own = issued_indicators(year).filter(battle_map__dossier__in=projects.order_by().values("pk"))
    made = {pk: found for pk, found in forecasts(own, year).items() if not found.reaches}
    rows = Indicator.objects.filter(pk__in=made).order_by("battle_map", "position", "pk")
    found = [
        Miss(project, f"{name}（{unit}）", made[pk], (made[pk].share is None, made[pk].share or 0, number, place))
        for place, (pk, name, unit, project, number) in enumerate(
            rows.values_list("pk", "name", "unit", "battle_map__dossier", "battle_map__dossier__project__number")
        )
    ]
    return sorted(found, key=attrgetter("order"))
