"""What was submitted for what is due, and what became of it, from the events of the records."""

from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import groupby
from operator import attrgetter, itemgetter

from django.db.models import Q

from workflow.models import Event
from workflow.states import CAME_BACK, REPORTED, STANDING, UNDER_REVIEW, State

from .measure import PlanStatus

AT_ONCE = 500  # bounds the length of a query


@dataclass(frozen=True)
class Submission:
    """From when until when (None: still) a record stood submitted, and whether it said that a plan is 已完成."""

    record: int
    at: datetime
    until: datetime | None
    is_done: bool
    confirmed_at: datetime | None
    undone_at: datetime | None = None  # when a check found that the plan was not 已完成: as a report it stands

    def covers(self, start):
        """Whether it answers what begins at that moment."""
        return self.at >= start or (self.is_done and all(end is None or start <= end for end in self._ends))

    @property
    def _ends(self):
        return self.until, self.undone_at

    @property
    def settles(self):
        """Whether the plan is done by it."""
        return self.is_done and self.until is None and self.undone_at is None

    def was_done(self, start):
        """Whether the plan counted as done at that moment because of it, while it stood."""
        return self.is_done and self.until is None and self.at < start and self.covers(start)


@dataclass
class Answers:
    """What was submitted for one matter, in order; the latest record not laid aside, and where that is."""

    submissions: list[Submission] = field(default_factory=list)
    record: int | None = None
    came_back: bool = False
    is_under_review: bool = False

    @property
    def reopened_at(self):
        """When the plan was reopened, until something is submitted after that."""
        last = max(self.submissions, key=attrgetter("at"), default=None)
        return last and last.undone_at


def answers_to(updates, matter):
    """{matter: Answers} of these updates, in their order."""
    found = {}
    records = {}
    for update in updates.filter(submitted_at__isnull=False):
        answer = found.setdefault(matter(update), Answers())
        records[update.pk] = answer
        if update.state in STANDING:
            answer.record = update.pk
            answer.came_back, answer.is_under_review = update.state in CAME_BACK, update.state in UNDER_REVIEW
    for portion in split(records):
        _read_events(portion, records)
    for answer in found.values():
        answer.submissions.sort(key=attrgetter("at"))
    return found


def _read_events(keys, records):
    steps = (
        Event.objects.filter(record__in=keys)
        .filter(Q(action="submit") | Q(to_state=State.CONFIRMED) | ~Q(to_state__in=REPORTED))
        .order_by("record", "at", "pk")
        .values_list("record", "action", "at", "to_state", "snapshot__status")
    )
    for pk, group in groupby(steps, key=itemgetter(0)):
        open_one = None
        for _, action, at, to_state, status in group:
            if action == "submit":
                open_one = Submission(pk, at, None, status == PlanStatus.DONE.label, None)
                continue
            if open_one is None:
                continue
            if action == "reopen":
                open_one = replace(open_one, undone_at=at)
            elif to_state == State.CONFIRMED:
                open_one = replace(open_one, confirmed_at=at)
            else:
                records[pk].submissions.append(replace(open_one, until=at))
                open_one = None
        if open_one:
            records[pk].submissions.append(open_one)


def split(keys, size=AT_ONCE):
    keys = sorted(keys)
    return [keys[start : start + size] for start in range(0, len(keys), size)]
