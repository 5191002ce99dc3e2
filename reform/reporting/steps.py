"""Where each matter of a period stands, and how many stand where, by department."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import reduce
from itertools import chain
from operator import or_
from typing import Any

from django.db.models import Case, Count, Exists, IntegerChoices, Min, OuterRef, Q, QuerySet, Subquery, Value, When

from accounts.compiled_queries import compiled_rows
from reform.calendar.periods import Period
from reform.models import DueItem, PlanUpdate, TargetUpdate
from workflow.models import Event, Record
from workflow.states import EDITABLE, UNDER_REVIEW, State


class Step(IntegerChoices):
    """In the order in which a matter goes through them."""

    UNTOUCHED = 1, "未动"
    DRAFT = 2, "草稿"  # also what came back
    DEPARTMENT = 3, "待部门审核"
    OFFICE = 4, "待改革办审核"
    CONFIRMED = 5, "已确认"

    @property
    def tint(self) -> str:
        return {1: "red", 2: "grey", 3: "amber", 4: "blue", 5: "green"}[self.value]

    @property
    def key(self) -> str:
        """Its name in an address."""
        return self.name.lower()


OWED = (Step.UNTOUCHED, Step.DRAFT)
REVIEWS = (Step.DEPARTMENT, Step.OFFICE)


def of_period(period: Period) -> QuerySet[DueItem]:
    """What belongs to its months, or falls due in them."""
    return DueItem.objects.standing().filter(_falls_due(period) | _belongs(period))


def parts_of_period(period: Period) -> list[QuerySet[DueItem]]:
    """The same in parts that share nothing: each is counted in an index alone, the whole is not."""
    standing = DueItem.objects.standing().order_by()
    belongs = standing.filter(_belongs(period))
    early, late = belongs.filter(due_on__lt=period.starts), belongs.filter(due_on__gt=period.ends)
    return [standing.filter(_falls_due(period)), early, late]


def _falls_due(period: Period) -> Q:
    return Q(due_on__gte=period.starts, due_on__lte=period.ends)


def _belongs(period: Period) -> Q:
    return Q(year=period.year, month__gte=period.first, month__lte=period.last)


def editable_targets() -> QuerySet[TargetUpdate]:
    """What clerks have in hand for the outer row, if it asks for progress values."""
    return _editable(TargetUpdate).filter(battle_map=OuterRef("battle_map"), month=OuterRef("month")).order_by("-pk")


def editable_plans() -> QuerySet[PlanUpdate]:
    """The same, if it asks about a plan."""
    return _editable(PlanUpdate).filter(plan=OuterRef("plan")).order_by("-pk")


def _editable(kind: type[Record]) -> QuerySet[Any]:
    """Found by an index of records, among those of other kinds."""
    return kind.objects.of_kind().filter(state__in=EDITABLE)


def with_step(items: QuerySet[DueItem]) -> QuerySet[Any]:
    """Each with the Step that it has reached.

    What is not owed and no longer under review was confirmed: a later update that came back changes nothing of that.
    """
    reached = _reached()
    return items.annotate(
        step=Case(
            When(reached[Step.DRAFT], then=Value(Step.DRAFT.value)),
            When(owed=True, then=Value(Step.UNTOUCHED.value)),
            When(reached[Step.DEPARTMENT], then=Value(Step.DEPARTMENT.value)),
            When(reached[Step.OFFICE], then=Value(Step.OFFICE.value)),
            default=Value(Step.CONFIRMED.value),
        )
    )


def at_steps(items: QuerySet[DueItem], steps: Collection[Step]) -> QuerySet[DueItem]:
    """Those that have reached one of these; by a Case the database would look at each of all."""
    reached = _reached()
    conditions = [reached[step] for step in steps]
    if set(OWED) <= set(steps):  # whichever of both
        conditions = [Q(owed=True), *(reached[step] for step in steps if step not in OWED)]
    if Step.CONFIRMED not in steps:
        items = items.filter(settled_at=None)  # as their conditions say, for the sake of an index
    return items.filter(reduce(or_, conditions))


def _reached() -> dict[Step, Q]:
    """When a matter has reached which step; each has reached one."""
    is_owed, is_open = Q(owed=True), Q(owed=False, settled_at=None)
    is_begun = (
        Q(came_back=True)
        | (Q(plan__isnull=True) & Exists(editable_targets()))
        | (Q(plan__isnull=False) & Exists(editable_plans()))
    )
    return {
        Step.UNTOUCHED: is_owed & ~is_begun,
        Step.DRAFT: is_owed & is_begun,
        Step.DEPARTMENT: is_open & Q(record__in=_in_state(State.SUBMITTED)),
        Step.OFFICE: is_open & Q(record__in=_in_state(State.DEPT_APPROVED)),
        Step.CONFIRMED: Q(settled_at__isnull=False) | (is_open & ~Q(record__in=_in_state(*UNDER_REVIEW))),
    }


def _in_state(*states: State) -> QuerySet[Any, Any]:
    """Looked for among the few that are under review: joined, every matter would bring its record."""
    return Record.objects.filter(state__in=states).values("pk")


def last_event() -> Subquery:
    """When something last happened to the record of the outer row."""
    return Subquery(Event.objects.filter(record=OuterRef("record")).order_by("-at").values("at")[:1])


@dataclass
class Tally:
    """How many matters there are, and how many of them have reached which step."""

    steps: dict[Step, int] = field(default_factory=lambda: dict.fromkeys(Step, 0))
    kinds: dict[str, int] = field(default_factory=dict)  # {kind of the records that answer: how many matters}
    overdue: int = 0  # not reported, and the deadline is over
    since: dict[Step, datetime] = field(default_factory=dict)  # {step of a review: since when the oldest waits there}

    def __add__(self, other: "Tally") -> "Tally":
        kinds = self.kinds | {kind: self.kinds.get(kind, 0) + number for kind, number in other.kinds.items()}
        since = self.since | {step: min(at, self.since.get(step, at)) for step, at in other.since.items()}
        steps = {step: self.steps[step] + other.steps[step] for step in Step}
        return Tally(steps, kinds, self.overdue + other.overdue, since)

    @property
    def due(self) -> int:
        return sum(self.steps.values())

    @property
    def owed(self) -> int:
        return sum(self.steps[step] for step in OWED)

    @property
    def reported(self) -> int:
        return self.due - self.owed

    @property
    def waits(self) -> int:
        """For the department's own people: what can be urged."""
        return self.owed + self.steps[Step.DEPARTMENT]


def tallies(items: QuerySet[DueItem], day: date) -> dict[int, Tally]:
    """{department id: Tally} of these."""
    return _tallied(_counts(items, day), _done(items))


def tallies_of(period: Period, day: date, departments: frozenset[int] | None = None) -> dict[int, Tally]:
    """The same of that period's, of these departments or of all."""

    def meant(items: QuerySet[DueItem], keys: Sequence[int]) -> QuerySet[DueItem]:
        return items if departments is None else items.filter(department__in=keys)

    def counts(keys: Sequence[int]) -> QuerySet[DueItem, Any]:
        return _counts(meant(of_period(period), keys), day)

    def done(keys: Sequence[int]) -> QuerySet[DueItem, Any]:
        return _done(*(meant(items, keys) for items in parts_of_period(period)))

    follows_from, keys = (period, day, departments is None), departments or ()
    return _tallied(
        compiled_rows("tallies", follows_from, counts, keys=keys),
        compiled_rows("tallies of what is settled", follows_from, done, keys=keys),
    )


def _counts(items: QuerySet[DueItem], day: date) -> QuerySet[DueItem, Any]:
    """How many there are of what is not settled, and since when the oldest waits that is under review."""
    rows = with_step(items.filter(settled_at=None)).order_by()
    return rows.values_list("department", "kind", "step").annotate(
        number=Count("*"),
        overdue=Count(Value(1), filter=Q(owed=True, due_on__lt=day)),
        since=Min(last_event(), filter=Q(owed=False)),
    )


def _done(*parts: QuerySet[DueItem]) -> QuerySet[DueItem, Any]:
    """Nearly all of a year; it is counted without a look at records."""
    first, *others = (
        part.filter(settled_at__isnull=False).order_by().values_list("department", "kind").annotate(number=Count("*"))
        for part in parts
    )
    return first.union(*others, all=True)


def _tallied(counts: Iterable[Any], done: Iterable[Any]) -> dict[int, Tally]:
    found: dict[int, Tally] = {}
    for department, kind, step_number, number, overdue, since in chain(
        counts, ((department, kind, Step.CONFIRMED, number, 0, None) for department, kind, number in done)
    ):
        tally, step = found.setdefault(department, Tally()), Step(step_number)
        tally.steps[step] += number
        tally.kinds[kind] = tally.kinds.get(kind, 0) + number
        tally.overdue += overdue
        if step in REVIEWS:
            tally.since[step] = min(since, tally.since.get(step, since))
    return found


def reported_by(period: Period, moment: datetime) -> tuple[int, int]:
    """How many of that period's had first been reported by then, and how many there are."""
    numbers = {"due": Count("*"), "reported": Count(Value(1), filter=Q(first_reported_at__lte=moment))}
    first, *others = (part.values_list("kind").annotate(**numbers) for part in parts_of_period(period))
    found = list(first.union(*others, all=True))
    return sum(reported for _, _, reported in found), sum(due for _, due, _ in found)


def due_days(period: Period, *, owed: bool = False) -> dict[date, int]:
    """{due day: how many} of that period's, or of what it still owes."""

    def numbers() -> QuerySet[DueItem, Any]:
        first, *others = (
            (part.filter(owed=True) if owed else part).values_list("due_on").annotate(number=Count("*"))
            for part in parts_of_period(period)
        )
        return first.union(*others, all=True)

    # No day is in two parts.
    return dict(compiled_rows("due days", (period, owed), numbers))
