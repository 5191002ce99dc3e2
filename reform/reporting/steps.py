"""Where each matter of a period stands, and how many stand where, by department."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import reduce
from itertools import chain
from operator import or_
from typing import Any

from django.db.models import Case, Count, Exists, IntegerChoices, Min, OuterRef, Q, QuerySet, Subquery, Value, When

from accounts.kept_queries import kept_rows
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


def of_period(period: Period) -> QuerySet[DueItem]:
    """What belongs to its months, or falls due in them."""
    falls_due = Q(due_on__gte=period.starts, due_on__lte=period.ends)
    belongs = Q(year=period.year, month__gte=period.first, month__lte=period.last)
    return DueItem.objects.standing().filter(falls_due | belongs)


def editable_targets() -> QuerySet[TargetUpdate]:
    """What clerks have in hand for the outer row, if it asks for progress values."""
    return TargetUpdate.objects.filter(
        battle_map=OuterRef("battle_map"), month=OuterRef("month"), state__in=EDITABLE
    ).order_by("-pk")


def editable_plans() -> QuerySet[PlanUpdate]:
    """The same, if it asks about a plan."""
    return PlanUpdate.objects.filter(plan=OuterRef("plan"), state__in=EDITABLE).order_by("-pk")


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
    if set(steps) == set(OWED):
        return items.filter(owed=True)
    reached = _reached()
    return items.filter(reduce(or_, (reached[step] for step in steps)))


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
    return _tallied(_counts(items, day), _done(items), _waiting(items))


def tallies_of(departments: frozenset[int], period: Period, day: date) -> dict[int, Tally]:
    """{department id: Tally} of that period's."""

    def items() -> QuerySet[DueItem]:
        return of_period(period).filter(department__in=departments)

    follows_from = departments, period, day
    return _tallied(
        kept_rows("tallies", follows_from, lambda: _counts(items(), day)),
        kept_rows("tallies of what is settled", follows_from, lambda: _done(items())),
        kept_rows("waiting in tallies", follows_from, lambda: _waiting(items())),
    )


def _counts(items: QuerySet[DueItem], day: date) -> QuerySet[DueItem, Any]:
    rows = with_step(items.filter(settled_at=None)).order_by()
    return rows.values_list("department", "kind", "step").annotate(
        number=Count("pk"), overdue=Count("pk", filter=Q(owed=True, due_on__lt=day))
    )


def _done(items: QuerySet[DueItem]) -> QuerySet[DueItem, Any]:
    """Nearly all of a year; it is counted without a look at records."""
    settled = items.filter(settled_at__isnull=False).order_by()
    return settled.values_list("department", "kind").annotate(number=Count("pk"))


def _waiting(items: QuerySet[DueItem]) -> QuerySet[DueItem, Any]:
    """Since when the oldest waits at each step of a review."""
    rows = with_step(items.filter(settled_at=None)).order_by()
    under_review = rows.filter(owed=False, record__in=_in_state(*UNDER_REVIEW)).annotate(at=last_event())
    return under_review.values_list("department", "step").annotate(since=Min("at"))


def _tallied(counts: Iterable[Any], done: Iterable[Any], waiting: Iterable[Any]) -> dict[int, Tally]:
    found: dict[int, Tally] = {}
    for department, kind, step, number, overdue in chain(
        counts, ((department, kind, Step.CONFIRMED, number, 0) for department, kind, number in done)
    ):
        tally = found.setdefault(department, Tally())
        tally.steps[Step(step)] += number
        tally.kinds[kind] = tally.kinds.get(kind, 0) + number
        tally.overdue += overdue
    for department, step, since in waiting:
        found[department].since[Step(step)] = since
    return found


def reported_by(items: QuerySet[DueItem], moment: datetime) -> tuple[int, int]:
    """How many of these had first been reported by then, and how many there are."""
    counts = items.aggregate(due=Count("pk"), reported=Count("pk", filter=Q(first_reported_at__lte=moment)))
    return counts["reported"], counts["due"]
