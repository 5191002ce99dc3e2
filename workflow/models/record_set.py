"""Records in a QuerySet: who sees which, and what waits for whom."""

from datetime import datetime
from typing import TYPE_CHECKING, Self

from django.db import models
from django.db.models import Exists, F, OuterRef, Q, Subquery

from accounts.models import Role, User
from workflow.states import EDITABLE, SETTLED, STANDING, UNDER_REVIEW, UNFINISHED, State

from .dossier import Dossier
from .event import DECISIONS, IS_DECISION, Event

if TYPE_CHECKING:
    from .record import Record

OLDEST_FIRST = ("submitted_at", "pk")
NEWEST_FIRST = ("-submitted_at", "-pk")


class RecordQuerySet(models.QuerySet["Record"]):
    def visible_to(self, user: User) -> Self:
        """What this person may read: all for the office; else their departments', and what partners have settled."""
        if user.is_office_reviewer:
            return self
        if not user.is_department_staff:
            return self.none()
        shared = Dossier.objects.shared_with(user)
        return self.filter(
            Q(dossier__department__in=user.assigned_department_ids) | Q(state__in=SETTLED, dossier__in=shared)
        )

    def parts_visible_to(self, user: User) -> list[Self]:
        """The same in parts that share nothing, for counts: each is found by dossiers, both together are not."""
        if not user.is_department_staff:
            return [self.visible_to(user)]
        own = user.assigned_department_ids
        shared = self.filter(state__in=SETTLED, dossier__in=Dossier.objects.shared_with(user))
        return [self.filter(dossier__department__in=own), shared.exclude(dossier__department__in=own)]

    def found_by_dossier(self, user: User) -> Self:
        """The same of what this person may read, found by dossier: for counts, where there is no order to go by."""
        if not user.is_department_staff:
            return self
        own = Dossier.objects.filter(department__in=user.assigned_department_ids).values("pk")
        return self.filter(dossier__in=own.union(Dossier.objects.shared_with(user)))

    def awaiting(self, user: User) -> Self:
        """What waits for this reviewer's decision."""
        states: dict[str, State] = {Role.DEPT_REVIEWER: State.SUBMITTED, Role.OFFICE_REVIEWER: State.DEPT_APPROVED}
        state = states.get(user.role)
        if state is None:
            return self.none()
        found = self.filter(state=state, dossier__department__in=user.assigned_department_ids).exclude(submitter=user)
        held = user.departments_by_holder
        for person in held.keys() - {user.pk}:
            others = frozenset[int]().union(*(departments for other, departments in held.items() if other != person))
            # What somebody submitted is not decided on in their place either.
            found = found.exclude(submitter=person, dossier__department__in=held[person] - others)
        return found

    def awaiting_issue(self, user: User) -> Self:
        """待下发: confirmed records of the kinds that are issued, for the office."""
        if not user.is_office_reviewer:
            return self.none()
        kinds = [model._meta.label_lower for model in self.model.kinds() if model.issuable]
        return self.filter(state=State.CONFIRMED, kind__in=kinds, dossier__department__in=user.assigned_department_ids)

    def in_hand(self, user: User) -> Self:
        """What this clerk can still change: drafts, and what came back."""
        if not user.is_clerk:
            return self.none()
        own = self.filter(state__in=EDITABLE, dossier__department__in=user.assigned_department_ids)
        return own.filter(dossier__closed_at=None)

    def decided_by(self, user: User, since: datetime | None = None) -> Self:
        """已审核: what this person has decided on, at some time or since then, and when last: `decided_at`."""
        decisions = Event.objects.filter(IS_DECISION, actor=user)
        if since:
            decisions = decisions.filter(at__gte=since)
        # Not an aggregate: grouping whole records takes seconds where there are many.
        last = decisions.filter(record=OuterRef("pk")).order_by("-at").values("at")[:1]
        return self.filter(pk__in=decisions.values("record")).annotate(decided_at=Subquery(last))

    def keys_last_decided_first(self, user: User) -> "models.QuerySet[Record, int]":
        return self.last_decided_first(user).values_list("pk", flat=True)

    def last_decided_first(self, user: User) -> Self:
        """What `decided_by` finds, in an order that an index has: the first are found at once."""
        decided = (
            self.order_by()
            .filter(events__action__in=DECISIONS, events__actor=user)
            .annotate(last_at=F("events__at"), decision=F("events__pk"))
        )
        later = Q(at__gt=OuterRef("last_at")) | Q(at=OuterRef("last_at"), pk__gt=OuterRef("decision"))
        last = decided.filter(~Exists(Event.objects.filter(IS_DECISION, later, actor=user, record=OuterRef("pk"))))
        return last.order_by("-last_at", "-pk")

    def with_waiting_since(self) -> Self:
        """`waiting_since`: when somebody last did something to the record."""
        last = Event.objects.filter(record=OuterRef("pk")).order_by("-at").values("at")[:1]
        return self.annotate(waiting_since=Subquery(last))

    def waiting_since_before(self, moment: datetime) -> Self:
        """What reviewers have had before them since before then, with `waiting_since`."""
        # Nothing waits since before it was submitted: that has an index.
        found = self.filter(state__in=UNDER_REVIEW, submitted_at__lt=moment).with_waiting_since()
        return found.filter(waiting_since__lt=moment)

    def submitted_by(self, user: User) -> Self:
        """我上报的."""
        return self.filter(pk__in=Event.objects.filter(actor=user, action="submit").values("record"))

    def under_review(self, clerk: User) -> Self:
        """What this clerk's departments have submitted and reviewers have before them, whoever submitted it."""
        return self.filter(state__in=UNDER_REVIEW, dossier__department__in=clerk.assigned_department_ids)

    def of_kind(self) -> Self:
        """The same, of a kind's own records: with what the table says already, indexes of records find them."""
        return self.filter(kind=self.model._meta.label_lower)

    def unfinished(self) -> Self:
        return self.filter(state__in=UNFINISHED)

    def settled(self) -> Self:
        return self.filter(state__in=SETTLED)

    def standing(self) -> Self:
        """Without those that were laid aside."""
        return self.filter(state__in=STANDING)
