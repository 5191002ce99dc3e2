"""Facts about each project under way, kept, and read anew for those projects to which something has happened.

Read for the whole city they take seconds where there are thousands of projects.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from time import time
from typing import Any, Generic, TypeVar

from django.core.cache import cache
from django.db.models import Max

from accounts import clock
from reform.calendar import today
from reform.models import CalendarDay, ForecastQuality, LightRule, Project, ProjectRevision
from workflow.models import Event

KEPT_FOR = 60 * 60  # seconds, at most: what leaves no event behind is seen by then, and the page says as of when
WRITTEN_AT_ONCE = 100  # events, at most

Facts = TypeVar("Facts")


@dataclass(frozen=True)
class Kept(Generic[Facts]):
    at: datetime
    facts: dict[int, Facts]  # by project
    seen: tuple[int, int]  # the last event and the last revision of a project that are in it
    since: float  # when all of it was read


class ProjectCache:
    """For one page: what has happened is looked up once."""

    def __init__(self) -> None:
        self.last = _last(Event), _last(ProjectRevision)
        # What concerns all projects: the day, the calendar, the rule and the quality of forecasts.
        common = [today(), LightRule.current().token, _last(CalendarDay), _last(ForecastQuality)]
        self.version = "-".join(map(str, common))

    def get(self, read: Callable[..., dict[int, Facts]], *arguments: Any) -> Kept[Facts]:
        """What `read(projects, *arguments)` finds for each project under way."""
        key = "-".join(map(str, ["projects", read.__name__, *arguments, self.version]))
        kept: Kept[Facts] | None = cache.get(key)
        if kept is not None and kept.seen == self.last:
            return kept
        if kept is None:
            kept = Kept(clock.now(), read(self._projects, *arguments), self.last, time())
        else:
            touched = self._touched(kept.seen)
            others = {pk: facts for pk, facts in kept.facts.items() if pk not in touched}
            at, anew = clock.now(), read(self._projects.filter(pk__in=touched), *arguments)
            kept = replace(kept, at=at, facts=others | anew, seen=self.last)
        cache.set(key, kept, max(1, KEPT_FOR - (time() - kept.since)))
        return kept

    @cached_property
    def _projects(self):
        return Project.objects.filter(closed_at=None)

    def _touched(self, seen):
        # What was being written when the last was seen may have an earlier key.
        event, revision = (max(0, pk - WRITTEN_AT_ONCE) for pk in seen)
        touched = set(Event.objects.filter(pk__gt=event).values_list("record__dossier", flat=True))
        return touched | set(ProjectRevision.objects.filter(pk__gt=revision).values_list("subject", flat=True))


def _last(model):
    return model.objects.aggregate(last=Max("pk"))["last"] or 0
