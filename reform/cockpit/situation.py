"""How each project under way stands now: its light with the reason, and forecasts that miss their target."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from operator import attrgetter

from reform.calendar import today
from reform.lights import RISK, facts_for, indicator_light, project_light
from reform.models import Indicator, LightRule

from .forecasting import forecasts, issued_indicators
from .project_cache import ProjectCache


@dataclass(frozen=True)
class Miss:
    """An indicator of this year that will not reach its target as it goes."""

    project: int
    name: str
    words: str
    order: tuple


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
    misses: tuple[Miss, ...] = ()


@dataclass(frozen=True)
class Situation:
    at: datetime
    standings: dict[int, Standing]

    @property
    def misses(self) -> list[Miss]:
        """The lowest share of the year's target first."""
        found = (miss for standing in self.standings.values() for miss in standing.misses)
        return sorted(found, key=attrgetter("order"))

    def risk(self, project: int) -> int:
        """Sorts the most urgent projects first, and last those that have ended."""
        return self.standings[project].risk if project in self.standings else len(RISK)


def situation(kept: ProjectCache | None = None) -> Situation:
    found = (kept or ProjectCache()).get(_standings)
    return Situation(found.at, found.facts)


def _standings(projects):
    rule, misses = LightRule.current(), _misses(projects)
    found = facts_for(projects, today())
    return {pk: _standing(facts, rule, tuple(misses[pk])) for pk, facts in found.items()}


def _standing(facts, rule, misses):
    light = project_light(facts, rule)
    if facts is None:
        return Standing(light.colour, light.word, light.reason, light.risk)
    lagging = sum(indicator_light(each.progress, rule).is_warning for each in facts.indicators)
    counts = facts.overdue_plans, lagging, len(facts.indicators)
    return Standing(light.colour, light.word, light.reason, light.risk, *counts, misses)


def _misses(projects):
    """{project: [Miss]}."""
    year = today().year
    own = issued_indicators(year).filter(battle_map__dossier__in=projects.order_by().values("pk"))
    made = {pk: found for pk, found in forecasts(own, year).items() if not found.reaches}
    rows = Indicator.objects.filter(pk__in=made).order_by("battle_map", "position", "pk")
    fields = ("pk", "position", "name", "unit", "battle_map__dossier", "battle_map__dossier__project__number")
    found = defaultdict(list)
    for pk, position, name, unit, project, number in rows.values_list(*fields):
        order = made[pk].share is None, float(made[pk].share or 0), number, position, pk
        found[project].append(Miss(project, f"{name}（{unit}）", made[pk].short, order))
    return found
