"""Writes the table of what is due, from the facts (see `due_rows`)."""

from datetime import timedelta
from typing import NamedTuple

from django.db import transaction
from django.db.models import Case, F, Q, Value, When

from reform.calendar import Calendar, today
from workflow.models import Record
from workflow.states import State

from .battle_map import BattleMap
from .due_answers import AT_ONCE, split
from .due_item import DueItem
from .due_rows import last_carried, plan_items, target_items
from .measure import MonthlyPlan

MAPS_AT_ONCE = 100  # bounds the memory
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
    "waits_from",
)


# --- When something happens ----------------------------------------------------------------------------------------


def write_map(battle_map):
    """After the issue, or an iteration: all that follows from this map."""
    _write(BattleMap.objects.filter(pk=battle_map.pk))


def write_month(battle_map, month):
    """After a step of an update of that month; returns the keys of its records that came too late."""
    existing = list(DueItem.objects.filter(battle_map=battle_map, month=month, plan=None))
    return _keep(target_items(BattleMap.objects.filter(pk=battle_map.pk), existing, month), existing)


def write_plans(plans):
    """After a step of an update of these plans (a queryset); returns the keys of their records that came too late."""
    existing = list(DueItem.objects.filter(plan__in=plans))
    return _keep(plan_items(plans, existing, last_carried(today())), existing)


def follow_calendar():
    """Days that were corrected move what lies ahead and has not been reported, never what is past.

    Returns how many matters have moved.
    """
    moved = 0
    for rows, term in _moves(_ahead(), Calendar()):
        stays = Q(came_back=True) | Q(waits_from=None)  # whatever the day
        waits_from = Case(When(stays, then="waits_from"), default=Value(term.opens))
        moved += rows.update(opens_on=term.opens, due_on=term.closes, waits_from=waits_from)
    return moved


class Moves(NamedTuple):
    number: int = 0
    overdue: int = 0  # of them, whose new deadline is over: no later correction moves those again


def count_moves(corrected):
    """How many matters would move with these corrections ({day: is_working}, None for no exception any more)."""
    if not corrected:
        return Moves()
    first, last = min(corrected), max(corrected)
    # What a day is counts for what falls due in its month, or in the next when its month was over.
    near = _ahead().filter(due_on__gte=first.replace(day=1), due_on__lt=last.replace(day=1) + timedelta(days=62))
    counts = [(rows.count(), term.closes < today()) for rows, term in _moves(near, Calendar(corrected))]
    return Moves(sum(number for number, _ in counts), sum(number for number, is_over in counts if is_over))


def _ahead():
    """What is still to come and has not been reported."""
    return DueItem.objects.standing().filter(due_on__gte=today(), first_reported_at=None)


def _moves(ahead, calendar):
    """(rows that share their term, the other term that they have in this calendar)."""
    terms = ahead.values_list("year", "month", "opens_on", "due_on").distinct().order_by()
    for year, month, opens_on, due_on in list(terms):
        from_the_issue = (year, month) != (due_on.year, due_on.month)
        term = calendar.term(year, month, opens_on if from_the_issue else None)
        if (term.opens, term.closes) != (opens_on, due_on):
            yield ahead.filter(year=year, month=month, opens_on=opens_on, due_on=due_on), term


def catch_up():
    """What no step of a record writes, again and again without harm: the rows up to next month for plans of earlier
    years that are not done, and those of maps that have none (issued before there was this table, or in bulk).
    """
    year, month = last_carried(today())
    without = BattleMap.objects.filter(state=State.ISSUED).exclude(pk__in=DueItem.objects.values("battle_map"))
    for keys in split(without.values_list("pk", flat=True), MAPS_AT_ONCE):
        _write(BattleMap.objects.filter(pk__in=keys))
    unfinished = DueItem.objects.unsettled().filter(is_deadline=True, plan__isnull=False, battle_map__year__lt=year)
    written = DueItem.objects.filter(year=year, month=month, plan__isnull=False).values("plan")
    for keys in split(unfinished.exclude(plan__in=written).values_list("plan", flat=True)):
        write_plans(MonthlyPlan.objects.filter(pk__in=keys))


# --- All of it -----------------------------------------------------------------------------------------------------


def rebuild():
    """Write the whole table, and 迟报 of the records; rows that are there keep their past due days."""
    DueItem.objects.exclude(battle_map__state=State.ISSUED).delete()
    for maps in _portions():
        _write(maps)


def differences():
    """Sentences on what the table says otherwise than the records; [] when both agree.

    Rows of the next month for plans of earlier years may be missing: `catch_up` writes them in the course of a day.
    """
    this_month = today().year, today().month
    further = DueItem.objects.filter(year__gt=F("battle_map__year"))
    written = further.order_by("-year", "-month").values_list("year", "month").first()
    last = max(written or this_month, this_month)
    found = [f"多余：{_name(item)}" for item in DueItem.objects.exclude(battle_map__state=State.ISSUED)]
    late = set()
    for maps in _portions():
        items = list(DueItem.objects.filter(battle_map__in=maps))
        months, plans = target_items(maps, items), plan_items(_plans_of(maps), items, last)
        late |= months.late | plans.late
        known = {_key(item): item for item in items}
        for expected in [*months.items, *plans.items]:
            if item := known.pop(_key(expected), None):
                found += _compare(item, expected)
            elif expected.year == expected.battle_map.year or (expected.year, expected.month) <= this_month:
                found.append(f"缺少：{_name(expected)}")
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
    for keys in split(BattleMap.objects.filter(state=State.ISSUED).values_list("pk", flat=True), MAPS_AT_ONCE):
        yield BattleMap.objects.filter(pk__in=keys)


def _plans_of(maps):
    return MonthlyPlan.objects.filter(measure__battle_map__in=maps)


def _write(maps):
    existing = list(DueItem.objects.filter(battle_map__in=maps, plan=None))
    _keep(target_items(maps, existing), existing)
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
        for portion in split(keys):
            Record.objects.filter(pk__in=portion).exclude(late=late).update(late=late)
    return expected.late


def _key(item):
    return item.battle_map_id, item.plan_id, item.year, item.month
