"""Writes the table of what is due, from the facts: issue, iterations, submissions and what became of them.

A plan is due in its month and, until 已完成, again in each month after it: to the end of its map's year from the issue
on, in later years as the months begin. A submission answers what has begun by then; one that says 已完成 answers the
plan's own month and what begins while it stands. What has not begun when a plan ends is never due: it has no row.
"""

from collections import defaultdict
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from itertools import groupby
from operator import attrgetter, itemgetter

from django.db import transaction
from django.db.models import F, OuterRef, Q, Subquery
from django.utils import timezone

from reform.calendar import MONTHS, Calendar, month_start, today
from workflow.models import Event, Record
from workflow.states import CAME_BACK, REPORTED, STANDING, State

from .battle_map import BattleMap, MonthlyPlan, PlanStatus
from .due_item import DueItem
from .iteration import PlanChange
from .plan_update import PlanUpdate
from .target_update import TargetUpdate

MAPS_AT_ONCE, AT_ONCE = 100, 500  # bound the memory, and the length of a query
WRITTEN = (
    "department_id",
    "is_deadline",
    "opens_on",
    "due_on",
    "original_due_on",
    "record_id",
    "owed",
    "came_back",
    "first_reported_at",
    "late",
    "settled_at",
    "cancelled_at",
)


@dataclass(frozen=True)
class Submission:
    """From when until when (None: still) a record stood submitted, and whether it said that a plan is 已完成."""

    record: int
    at: datetime
    until: datetime | None
    is_done: bool
    confirmed_at: datetime | None

    def covers(self, start):
        """Whether it answers what begins at that moment."""
        return self.at >= start or (self.is_done and (self.until is None or start <= self.until))


@dataclass
class Answers:
    """What was submitted for one matter, in order; the latest record not laid aside, and whether it is back."""

    submissions: list[Submission] = field(default_factory=list)
    record: int | None = None
    came_back: bool = False


@dataclass(frozen=True)
class Span:
    """Since when until when (None: still) a plan had this month."""

    month: int
    since: datetime
    until: datetime | None


@dataclass
class Expected:
    """Rows as they should be, and the keys of all records submitted for them."""

    items: list[DueItem] = field(default_factory=list)
    records: set[int] = field(default_factory=set)

    @property
    def late(self):
        """The records that were the first to answer something, too late."""
        return {item.first_record for item in self.items if item.late}


# --- When something happens ----------------------------------------------------------------------------------------


def write_map(battle_map):
    """After the issue, or an iteration: all that follows from this map."""
    _write(BattleMap.objects.filter(pk=battle_map.pk))


def write_month(battle_map, month):
    """After a step of an update of that month; returns the keys of its records that came too late."""
    existing = list(DueItem.objects.filter(battle_map=battle_map, month=month, plan=None))
    return _keep(_target_items(BattleMap.objects.filter(pk=battle_map.pk), existing, month), existing)


def write_plans(plans):
    """After a step of an update of these plans (a queryset); returns the keys of their records that came too late."""
    existing = list(DueItem.objects.filter(plan__in=plans))
    return _keep(_plan_items(plans, existing, today()), existing)


def follow_calendar():
    """Days that were corrected move what lies ahead and has not been reported, never what is past.

    Returns how many matters have moved.
    """
    return sum(rows.update(opens_on=term.opens, due_on=term.closes) for rows, term in _moves(Calendar()))


def count_moves(corrected):
    """How many matters would move with these corrections ({day: is_working}, None for no exception any more)."""
    return sum(rows.count() for rows, _ in _moves(Calendar(corrected)))


def _moves(calendar):
    """(open rows that share their term, the other term that they have in this calendar)."""
    ahead = DueItem.objects.standing().filter(due_on__gte=today(), first_reported_at=None)
    terms = ahead.values_list("year", "month", "opens_on", "due_on").distinct().order_by()
    for year, month, opens_on, due_on in list(terms):
        from_the_issue = (year, month) != (due_on.year, due_on.month)
        term = calendar.term(year, month, opens_on if from_the_issue else None)
        if (term.opens, term.closes) != (opens_on, due_on):
            yield ahead.filter(year=year, month=month, opens_on=opens_on, due_on=due_on), term


def catch_up():
    """What no step of a record writes, again and again without harm: the rows of this month for plans of earlier
    years that are not done, and those of maps that have none (issued before there was this table, or in bulk).
    """
    now = today()
    without = BattleMap.objects.filter(state=State.ISSUED).exclude(pk__in=DueItem.objects.values("battle_map"))
    for keys in _split(without.values_list("pk", flat=True), MAPS_AT_ONCE):
        _write(BattleMap.objects.filter(pk__in=keys))
    unfinished = DueItem.objects.unsettled().filter(is_deadline=True, plan__isnull=False, battle_map__year__lt=now.year)
    written = DueItem.objects.filter(year=now.year, month=now.month, plan__isnull=False).values("plan")
    for keys in _split(unfinished.exclude(plan__in=written).values_list("plan", flat=True)):
        write_plans(MonthlyPlan.objects.filter(pk__in=keys))


# --- All of it -----------------------------------------------------------------------------------------------------


def rebuild():
    """Write the whole table, and 迟报 of the records; rows that are there keep their past due days."""
    DueItem.objects.exclude(battle_map__state=State.ISSUED).delete()
    for maps in _portions():
        _write(maps)


def differences():
    """Sentences on what the table says otherwise than the records; [] when both agree."""
    further = DueItem.objects.filter(year__gt=F("battle_map__year"))
    last = further.order_by("-year", "-month").values_list("year", "month").first()
    day = max(today(), date(*last, 1)) if last else today()
    found = [f"多余：{_name(item)}" for item in DueItem.objects.exclude(battle_map__state=State.ISSUED)]
    late = set()
    for maps in _portions():
        items = list(DueItem.objects.filter(battle_map__in=maps))
        months, plans = _target_items(maps, items), _plan_items(_plans_of(maps), items, day)
        late |= months.late | plans.late
        known = {_key(item): item for item in items}
        for expected in [*months.items, *plans.items]:
            item = known.pop(_key(expected), None)
            found += [f"缺少：{_name(expected)}"] if item is None else _compare(item, expected)
        found += [f"多余：{_name(item)}" for item in known.values()]
    marked = set(Record.objects.filter(late=True).values_list("pk", flat=True))
    return found + [f"填报记录 {pk} 的迟报标记有误" for pk in sorted(marked ^ late)]


def _compare(item, expected):
    for name in WRITTEN:
        now, wanted = getattr(item, name), getattr(expected, name)
        if now != wanted:
            yield f"不一致：{_name(item)}，{DueItem._meta.get_field(name).verbose_name}现为 {now}，应为 {wanted}"


def _name(item):
    matter = f"月度计划 {item.plan_id}" if item.plan_id else "进度值"
    return f"作战图 {item.battle_map_id}，{matter}，{item.year}年{item.month}月"


def _portions():
    for keys in _split(BattleMap.objects.filter(state=State.ISSUED).values_list("pk", flat=True), MAPS_AT_ONCE):
        yield BattleMap.objects.filter(pk__in=keys)


def _plans_of(maps):
    return MonthlyPlan.objects.filter(measure__battle_map__in=maps)


def _write(maps):
    existing = list(DueItem.objects.filter(battle_map__in=maps, plan=None))
    _keep(_target_items(maps, existing), existing)
    write_plans(_plans_of(maps))


@transaction.atomic
def _keep(expected, existing):
    """Write what differs; returns the keys of the records that came too late."""
    known = {_key(item): item for item in existing}
    added, changed = [], []
    for wanted in expected.items:
        item = known.pop(_key(wanted), None)
        if item is None:
            added.append(wanted)
        elif any(getattr(item, name) != getattr(wanted, name) for name in WRITTEN):
            wanted.pk = item.pk
            changed.append(wanted)
    if known:
        DueItem.objects.filter(pk__in=[item.pk for item in known.values()]).delete()
    DueItem.objects.bulk_create(added, batch_size=AT_ONCE)
    DueItem.objects.bulk_update(changed, WRITTEN, batch_size=AT_ONCE)
    for keys, late in ((expected.late, True), (expected.records - expected.late, False)):
        for portion in _split(keys):
            Record.objects.filter(pk__in=portion).exclude(late=late).update(late=late)
    return expected.late


def _key(item):
    return item.battle_map_id, item.plan_id, item.year, item.month


def _split(keys, size=AT_ONCE):
    keys = sorted(keys)
    return [keys[start : start + size] for start in range(0, len(keys), size)]


# --- What follows from the records ---------------------------------------------------------------------------------


def _target_items(maps, existing, month=None):
    """Every month of these maps, or one; `existing` are their rows as they stand."""
    known = {(item.battle_map_id, item.month): item for item in existing if item.plan_id is None}
    updates = TargetUpdate.objects.filter(battle_map__in=maps)
    if month:
        updates = updates.filter(month=month)
    answers = _answers(updates.order_by("revision"), lambda update: (update.battle_map_id, update.month))
    calendar, expected = Calendar(), Expected()
    for battle_map in maps.filter(state=State.ISSUED).select_related("dossier"):
        for number in [month] if month else MONTHS:
            place = battle_map.pk, number
            answer = answers.get(place, Answers())
            item = _item(TargetUpdate, battle_map, battle_map.year, number)
            _set_term(item, known.get(place), calendar, battle_map.issued_at)
            _answer(item, answer.submissions, answer)
            _set_department(item, battle_map, known.get(place))
            expected.items.append(item)
            expected.records |= {submission.record for submission in answer.submissions}
    return expected


def _plan_items(plans, existing, day):
    """Every month in which these plans were or are owed; `existing` are their rows as they stand."""
    known = {(item.plan_id, item.year, item.month): item for item in existing}
    plans = plans.filter(measure__battle_map__state=State.ISSUED, month__isnull=False)
    plans = plans.select_related("measure__battle_map__dossier").order_by()
    answers = _answers(PlanUpdate.objects.filter(plan__in=plans).order_by("pk"), attrgetter("plan_id"))
    changes = defaultdict(list)
    confirmed = Event.objects.filter(record=OuterRef("iteration"), action="confirm").values("at")[:1]
    for change in (
        PlanChange.objects.filter(plan__in=plans, before__isnull=False, iteration__state=State.CONFIRMED)
        .annotate(at=Subquery(confirmed))
        .order_by("at", "pk")
    ):
        changes[change.plan_id].append(change)
    expected = Expected()
    writer = PlanWriter(Calendar(), day, known, expected)
    for plan in plans:
        answer = answers.get(plan.pk, Answers())
        writer.add(plan, _spans(plan, changes[plan.pk]), answer)
        expected.records |= {submission.record for submission in answer.submissions}
    return expected


def _spans(plan, changes):
    """The months that the plan has had, in order."""
    if changes and not changes[0].before:  # added
        month, since, changes = changes[0].month, changes[0].at, changes[1:]
    else:
        month, since = (changes[0].before["month"] if changes else plan.month), plan.measure.battle_map.issued_at
    for change in changes:
        if not change.cancelled and change.month != month:
            yield Span(month, since, change.at)
            month, since = change.month, change.at
    yield Span(month, since, plan.cancelled_at)


@dataclass
class PlanWriter:
    """Adds the rows of one plan after another to `expected`."""

    calendar: Calendar
    day: date
    known: dict[tuple, DueItem]
    expected: Expected

    def add(self, plan, spans, answer):
        battle_map = plan.measure.battle_map
        done = next((found for found in answer.submissions if found.is_done and found.until is None), None)
        rows, original = {}, None
        for span in spans:
            for item in self._months(plan, battle_map, span):
                place = item.year, item.month
                start = max(month_start(*place), span.since)
                covering = [
                    found for found in answer.submissions if found.covers(start) or (found.is_done and item.is_deadline)
                ]
                if span.until is None:
                    if done and not item.is_deadline and start > done.at:
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
        self.expected.items += rows.values()

    @staticmethod
    def _keeps(item, submissions, start, until):
        """Whether it counts although the plan has another month since, or none: it was answered, or overdue."""
        return start < until and (bool(submissions) or item.due_on < timezone.localdate(until))

    def _months(self, plan, battle_map, span):
        """The plan's own month, and those after the one in which that is due."""
        own = self._row(plan, battle_map, battle_map.year, span.month, span.since)
        yield own
        year, month = own.due_on.year, own.due_on.month
        while True:
            year, month = year + month // 12, month % 12 + 1
            if year > battle_map.year and (year, month) > (self.day.year, self.day.month):
                return
            yield self._row(plan, battle_map, year, month)

    def _row(self, plan, battle_map, year, month, since=None):
        item = _item(PlanUpdate, battle_map, year, month, plan=plan, is_deadline=since is not None)
        _set_term(item, self.known.get((plan.pk, year, month)), self.calendar, since)
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
    """From the calendar; what is past, or was reported, keeps its days."""
    if known and not known.cancelled_at and (known.first_reported_at or known.due_on < today()):
        item.opens_on, item.due_on = known.opens_on, known.due_on
    else:
        term = calendar.term(item.year, item.month, since)
        item.opens_on, item.due_on = term.opens, term.closes


def _set_department(item, battle_map, known):
    is_closed = item.settled_at or item.cancelled_at
    item.department_id = known.department_id if known and is_closed else battle_map.dossier.department_id


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


def _answers(updates, matter):
    """{matter: Answers} of these updates, in their order."""
    found = {}
    records = {}
    for update in updates.filter(submitted_at__isnull=False):
        answer = found.setdefault(matter(update), Answers())
        records[update.pk] = answer
        if update.state in STANDING:
            answer.record, answer.came_back = update.pk, update.state in CAME_BACK
    for portion in _split(records):
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
            if to_state == State.CONFIRMED:
                open_one = replace(open_one, confirmed_at=at)
            else:
                records[pk].submissions.append(replace(open_one, until=at))
                open_one = None
        if open_one:
            records[pk].submissions.append(open_one)
