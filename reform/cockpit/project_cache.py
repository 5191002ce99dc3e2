"""Facts about each project under way, kept, and read anew for those projects to which something has happened.

Read for the whole city they take seconds where there are thousands of projects.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any, Generic, TypeVar

from django.core.cache import cache
from django.db.models import Max, Model, QuerySet

from accounts import clock
from reform.calendar import today
from reform.models import CalendarDay, ForecastQuality, LightRule, MonthLight, Project, ProjectRevision
from workflow.models import Event

KEPT_FOR = 24 * 60 * 60  # seconds; all of it is read anew on the next day
# What happens to a project leaves a row in one of these, with the way from there to the project.
TRACES = ((Event, "record__dossier"), (ProjectRevision, "subject"))
WRITTEN_AT_ONCE = 100  # of these rows, at most

Facts = TypeVar("Facts")


@dataclass(frozen=True)
class Kept(Generic[Facts]):
    at: datetime
    facts: dict[int, Facts]  # by project
    seen: tuple[int, ...]  # the last key of each kind of trace that is in it
    recent: list[set[int]]  # the last keys of each that were there


class ProjectCache:
    """For one page: what has happened is looked up once."""

    def __init__(self) -> None:
        self.last = tuple(_last(model) for model, _ in TRACES)
        # What concerns all projects: the day, the rule, the calendar, months that ended, the quality of forecasts.
        common = [today(), LightRule.current().token, *map(_last, (CalendarDay, MonthLight, ForecastQuality))]
        self.version = "-".join(map(str, common))

    @property
    def seen(self) -> tuple[object, ...]:
        """Becomes another one with everything that happens."""
        return self.version, *self.last

    def get(self, read: Callable[..., dict[int, Facts]], *arguments: Any) -> Kept[Facts]:
        """What `read(projects, *arguments)` finds for each project under way."""
        key = "-".join(map(str, ["projects", read.__name__, *arguments, self.version]))
        kept: Kept[Facts] | None = cache.get(key)
        if kept is not None and kept.seen == self.last:
            return kept
        at, recent = clock.now(), self._recent  # before the facts: what comes in between is read again
        if kept is None:
            facts = read(self._projects, *arguments)
        else:
            touched = self._touched(kept)
            facts = {pk: found for pk, found in kept.facts.items() if pk not in touched}
            facts |= read(self._projects.filter(pk__in=touched), *arguments)
        kept = Kept(at, facts, self.last, recent)
        cache.set(key, kept, KEPT_FOR)
        return kept

    @cached_property
    def _projects(self) -> QuerySet[Project]:
        return Project.objects.filter(closed_at=None)

    @cached_property
    def _recent(self) -> list[set[int]]:
        return [
            set(model._default_manager.filter(pk__gt=last - WRITTEN_AT_ONCE).values_list("pk", flat=True))
            for (model, _), last in zip(TRACES, self.last, strict=True)
        ]

    def _touched(self, kept: Kept[Any]) -> set[int]:
        """The projects to which something has happened since. What was just being written may have an earlier key."""
        touched: set[int] = set()
        for (model, project), seen, recent in zip(TRACES, kept.seen, kept.recent, strict=True):
            new = model._default_manager.filter(pk__gt=seen - WRITTEN_AT_ONCE).exclude(pk__in=recent)
            touched.update(new.values_list(project, flat=True))
        return touched


def _last(model: type[Model]) -> int:
    return model._default_manager.aggregate(last=Max("pk"))["last"] or 0
