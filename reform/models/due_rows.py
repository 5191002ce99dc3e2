"""The rows of what is due as they follow from the facts: issue, iterations, extensions, closures, submissions and what
became of them.

A plan is due in its month and, until 已完成, again in each month after it: to the end of its map's year from the issue
on, in later years up to the month after the present one. A submission answers what has begun by then; one that says
已完成 answers the plan's own month and what begins while it stands. What has not begun when a plan ends is never due:
it has no row.
"""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from operator import attrgetter, itemgetter

from django.db.models import OuterRef, Subquery
from django.utils import timezone

from reform.calendar import MONTHS, Calendar, month_start, today
from workflow.models import Event
from workflow.states import State

from .due_answers import Answers, answers_to
from .due_item import DueItem
from .extension import Extension
from .iteration import PlanChange
from .measure import PlanStatus
from .plan_update import PlanUpdate
from .target_update import TargetUpdate


@dataclass(frozen=True)
class Span:
    """Since when until when (None: still) a plan had this month."""

    month: int
    since: datetime
    until: datetime | None

    def has(self, item):
        """Whether the term of that row may be one of this time: due after it began, and open before it ended."""
        began_before = item.due_on >= timezone.localdate(self.since)
        return began_before and (self.until is None or item.opens_on < timezone.localdate(self.until))


@dataclass(frozen=True)
class Move:
    """From that moment on a plan has this month; `before` is the one that it had, None: it was added."""

    at: datetime
    before: int | None
    month: int


@dataclass
class Expected:
    """Rows as they should be, and the keys of all records submitted for them."""

    items: list[DueItem] = field(default_factory=list)
    records: set[int] = field(default_factory=set)

    @property
    def late(self):
        """The records that were the first to answer something, too late."""
        return {item.first_record for item in self.items if item.late}


def target_items(maps, existing, month=None):
    """Every month of these maps that ends a period of an indicator, or one; `existing` are their rows."""
    known = {(item.battle_map_id, item.month): item for item in existing if item.plan_id is None}
    updates = TargetUpdate.objects.filter(battle_map__in=maps)
    if month:
        updates = updates.filter(month=month)
    answers = answers_to(updates.order_by("revision"), lambda update: (update.battle_map_id, update.month))
    calendar, expected = Calendar(), Expected()
    for battle_map in maps.filter(state=State.ISSUED).select_related("dossier").prefetch_related("indicators"):
        closed_at = battle_map.dossier.closed_at
        asked = battle_map.period_ends
        for number in [month] if month else MONTHS:
            if number not in asked:
                continue
            place = battle_map.pk, number
            answer = answers.get(place, Answers())
            item = _item(TargetUpdate, battle_map, battle_map.year, number)
            _set_term(item, known.get(place), calendar, battle_map.issued_at)
            _answer(item, answer.submissions, answer)
            if closed_at and item.owed:
                is_dropped = bool(existing) and place not in known
                if not (answer.submissions or item.due_on < timezone.localdate(closed_at)) or is_dropped:
                    continue
                item.cancelled_at = closed_at
            _set_department(item, battle_map, known.get(place))
            item.waits_from = _waits_from(item, battle_map, answer)
            expected.items.append(item)
            expected.records |= {submission.record for submission in answer.submissions}
    return expected


def last_carried(day: date) -> tuple[int, int]:
    """The last (year, month) of which plans of earlier years have rows on that day: its deadline is announced while
    the month before still runs.
    """
    return day.year + day.month // 12, day.month % 12 + 1


def plan_items(plans, existing, last):
    """Every month in which these plans were or are owed, in later years than their own up to the `last` (year, month);
    `existing` are their rows as they stand.
    """
    known = {(item.plan_id, item.year, item.month): item for item in existing}
    plans = plans.filter(measure__battle_map__state=State.ISSUED, month__isnull=False)
    plans = plans.select_related("measure__battle_map__dossier").order_by()
    answers = answers_to(PlanUpdate.objects.filter(plan__in=plans).order_by("pk"), attrgetter("plan_id"))
    moves = _moves(plans)
    expected = Expected()
    writer = PlanWriter(Calendar(), last, known, expected)
    for plan in plans:
        answer = answers.get(plan.pk, Answers())
        writer.add(plan, _spans(plan, moves[plan.pk], _ended_at(plan)), answer)
        expected.records |= {submission.record for submission in answer.submissions}
    return expected


def _moves(plans):
    """{plan: its Moves, in order}, by iterations and extensions."""
    confirmed = Event.objects.filter(action="confirm").order_by("-at")

    def at(record):
        return Subquery(confirmed.filter(record=OuterRef(record)).values("at")[:1])

    changes = PlanChange.objects.filter(
        plan__in=plans, before__isnull=False, cancelled=False, iteration__state=State.CONFIRMED
    )
    extensions = Extension.objects.filter(plan__in=plans, state=State.CONFIRMED)
    found = [
        *changes.annotate(at=at("iteration")).values_list("at", "pk", "plan", "before__month", "month"),
        *extensions.annotate(at=at("pk")).values_list("at", "pk", "plan", "month_before", "month"),
    ]
    moves = defaultdict(list)
    for moment, _, plan, before, month in sorted(found, key=itemgetter(0, 1)):
        moves[plan].append(Move(moment, before, month))
    return moves


def _ended_at(plan):
    """When it ended without being done: by an iteration, or with its project."""
    closed_at = plan.measure.battle_map.dossier.closed_at
    return plan.cancelled_at or (closed_at if plan.status != PlanStatus.DONE else None)


def _spans(plan, moves, until):
    """The months that the plan has had, in order, the last one `until` it ended (None: it has not)."""
    month, since = moves[0].before if moves else plan.month, plan.measure.battle_map.issued_at
    if month is None:  # added
        month, since, moves = moves[0].month, moves[0].at, moves[1:]
    for move in moves:
        if move.month != month:
            yield Span(month, since, move.at)
            month, since = move.month, move.at
    yield Span(month, since, until)


@dataclass
class PlanWriter:
    """Adds the rows of one plan after another to `expected`."""

    calendar: Calendar
    last: tuple[int, int]
    known: dict[tuple, DueItem]
    expected: Expected

    def __post_init__(self):
        rows = self.known.values()
        self._plans = {row.plan_id for row in rows}
        self._originals = {row.plan_id: row.original_due_on for row in rows if row.original_due_on}

    def add(self, plan, spans, answer):
        battle_map = plan.measure.battle_map
        done = next((found for found in answer.submissions if found.settles), None)
        rows, original = {}, self._originals.get(plan.pk)
        for span in spans:
            for item in self._months(plan, battle_map, span):
                place = item.year, item.month
                start = max(month_start(*place), span.since)
                covering = [
                    found
                    for found in answer.submissions
                    if found.covers(start) or (found.is_done and not found.undone_at and item.is_deadline)
                ]
                if span.until is None:
                    if not item.is_deadline and any(found.was_done(start) for found in answer.submissions):
                        continue
                    item.original_due_on = original if item.is_deadline else None
                    _answer(item, covering, answer, done)
                else:
                    if item.is_deadline:
                        original = original or item.due_on
                    before = [found for found in covering if found.at < span.until]
                    item.is_deadline = False
                    if not self._keeps(item, before, start, span.until):
                        continue
                    _answer(item, before, answer)
                    if item.owed:
                        item.cancelled_at = span.until
                rows[place] = item
        for place, item in rows.items():
            _set_department(item, battle_map, self.known.get((plan.pk, *place)))
            item.waits_from = _waits_from(item, battle_map, answer)
        self.expected.items += rows.values()

    def _keeps(self, item, submissions, start, until):
        """Whether it counts although the plan has another month since, or none: it was answered, or overdue.

        Once a plan's rows are written, what was dropped stays dropped: the calendar of that day is gone.
        """
        place = item.plan_id, item.year, item.month
        is_dropped = item.plan_id in self._plans and place not in self.known
        is_overdue = item.due_on < timezone.localdate(until) and not is_dropped
        return start < until and (bool(submissions) or is_overdue)

    def _months(self, plan, battle_map, span):
        """The plan's own month, and those after the one in which that is due."""
        own = self._row(plan, battle_map, battle_map.year, span.month, span)
        yield own
        year, month = own.due_on.year, own.due_on.month
        while True:
            year, month = year + month // 12, month % 12 + 1
            if year > battle_map.year and (year, month) > self.last:
                return
            yield self._row(plan, battle_map, year, month)

    def _row(self, plan, battle_map, year, month, span=None):
        """Of a span's own month, or of a month after it."""
        item = _item(PlanUpdate, battle_map, year, month, plan=plan, is_deadline=span is not None)
        known = self.known.get((plan.pk, year, month))
        if known and span and not span.has(known):
            known = None
        _set_term(item, known, self.calendar, span and span.since)
        return item


def _item(kind, battle_map, year, month, **values):
    return DueItem(
        kind=kind._meta.label_lower,
        battle_map=battle_map,
        dossier_id=battle_map.dossier_id,
        year=year,
        month=month,
        **values,
    )


def _set_term(item, known, calendar, since):
    """From the calendar; what is past, has ended or was reported keeps its days."""
    if known and (known.cancelled_at or known.first_reported_at or known.due_on < today()):
        item.opens_on, item.due_on = known.opens_on, known.due_on
    else:
        term = calendar.term(item.year, item.month, since)
        item.opens_on, item.due_on = term.opens, term.closes


def _set_department(item, battle_map, known):
    is_closed = item.settled_at or item.cancelled_at
    item.department_id = known.department_id if known and is_closed else battle_map.dossier.department_id


def _waits_from(item, battle_map, answer):
    if item.cancelled_at:
        return None
    if item.came_back:  # whatever the day
        return timezone.localdate(battle_map.issued_at)
    is_open_plan = item.plan_id and item.is_deadline and not item.settled_at
    if is_open_plan and answer.reopened_at:
        return timezone.localdate(answer.reopened_at)
    if item.plan_id and answer.is_under_review:  # a plan has one unfinished update
        return None
    if item.owed:
        return item.opens_on
    return item.due_on + timedelta(days=1) if is_open_plan else None


def _answer(item, submissions, answer, done=None):
    """What the submissions make of the row; a plan's own month is settled by `done` alone."""
    standing = [found for found in submissions if found.until is None]
    item.owed = not standing
    if submissions:
        first = min(submissions, key=attrgetter("at"))
        item.first_reported_at = first.at
        item.late = timezone.localdate(first.at) > item.due_on
        item.first_record = first.record
        item.record_id = max(submissions, key=attrgetter("at")).record
    if item.is_deadline:
        item.record_id, item.came_back = answer.record, answer.came_back
    if item.plan_id and item.is_deadline:
        item.settled_at = done and done.confirmed_at
    else:
        item.settled_at = min((found.confirmed_at for found in standing if found.confirmed_at), default=None)
