"""What stood at a as_of: read from the tables for now, from the events for a day that has passed.

What is confirmed is frozen, so its tables still say what they said; only measures and plans of issued maps change,
and each confirmed iteration keeps what it replaced. What is under review may have changed since: its submission tells.
"""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.db.models import Exists, F, IntegerField, OuterRef, Q, Subquery, TextField, Value
from django.db.models.fields.json import KT
from django.db.models.functions import Cast, Coalesce
from django.utils import timezone

from accounts import clock
from accounts.models import Role
from reform.calendar import today
from reform.models import MeasureIteration, PlanChange, PlanStatus, PlanUpdate, TargetValue
from workflow.models import Event
from workflow.states import SETTLED


@dataclass(frozen=True)
class AsOf:
    """Now, or the end of a day that has passed. Its methods are expressions and filters for querysets."""

    at: datetime
    is_now: bool

    @classmethod
    def of(cls, day=None):
        """The end of that day; now, for today or None."""
        if day is None or day >= today():
            return cls(clock.now(), True)
        return cls(timezone.make_aware(datetime.combine(day + timedelta(days=1), time())) - timedelta.resolution, False)

    @property
    def day(self) -> date:
        return timezone.localdate(self.at)

    def events(self, action, record="pk"):
        """The events of that action by then, newest first; `record` leads from the outer row to their record."""
        return Event.objects.filter(record=OuterRef(record), action=action, at__lte=self.at).order_by("-at", "-pk")

    def last(self, action):
        """When that action was last done to the row's record."""
        return Subquery(self.events(action).values("at")[:1])

    def records(self, model, user):
        """Records of that kind submitted by then, as far as this person may see them, with their `state_then`."""
        records = model.objects.visible_to(user)
        if self.is_now:
            return records.filter(submitted_at__isnull=False).annotate(state_then=F("state"))
        steps = Event.objects.filter(record=OuterRef("pk"), at__lte=self.at).order_by("-at", "-pk")
        records = records.annotate(state_then=Subquery(steps.values("to_state")[:1])).exclude(state_then=None)
        if user.role != Role.OFFICE_REVIEWER:
            # A partner reads what is settled; what was not yet settled then, they did not read then.
            records = records.filter(
                Q(dossier__department__in=user.assigned_department_ids) | Q(state_then__in=SETTLED)
            )
        return records

    def confirmed(self, records):
        """Those of the records that were confirmed by then."""
        if self.is_now:
            return records.filter(state__in=SETTLED)
        return records.filter(Exists(self.events("confirm")))

    def submitted(self, field, kind=TextField):
        """What the row's record said in that field, as it was last submitted."""
        if self.is_now:
            return F(field)
        return Cast(Subquery(self.events("submit").values(text=KT(f"snapshot__{field}"))[:1]), kind())

    def actual(self):
        """The confirmed value of a MonthlyTarget."""
        if self.is_now:
            return F("actual")
        values = TargetValue.objects.filter(
            Exists(self.events("confirm", "update")), indicator=OuterRef("indicator"), update__month=OuterRef("month")
        )
        return Subquery(values.order_by("-update__revision").values("value")[:1])

    def measures(self, measures):
        """Those of the measures of confirmed maps that stood then."""
        if self.is_now:
            return measures
        return measures.exclude(
            Exists(self._later(MeasureIteration.objects.filter(measure=OuterRef("pk"), is_new=True)))
        )

    def plans(self, plans):
        """Those of the plans of confirmed maps that stood then, with all they said: `month_then`, `status_then` …"""
        if self.is_now:
            return plans.standing().annotate(
                month_then=F("month"),
                type_then=F("type"),
                type_name_then=F("type_name"),
                content_then=F("content"),
                measure_then=F("measure__content"),
                status_then=F("status"),
            )
        changes = self._later(PlanChange.objects.filter(plan=OuterRef("pk"), before__isnull=False), "iteration__")
        iterations = self._later(MeasureIteration.objects.filter(measure=OuterRef("measure"), is_new=False))
        updates = self.updates().values("status")[:1]

        def before(name):
            return Subquery(changes.values(was=KT(f"before__{name}"))[:1], output_field=TextField())

        return (
            plans.filter(Q(cancelled_at=None) | Q(cancelled_at__gt=self.at))
            .exclude(Exists(changes.filter(before={})))
            .annotate(
                month_then=Coalesce(Cast(before("month"), IntegerField()), F("month"), output_field=IntegerField()),
                type_then=Coalesce(before("type"), F("type"), output_field=TextField()),
                type_name_then=Coalesce(before("type_name"), F("type_name"), output_field=TextField()),
                content_then=Coalesce(before("content"), F("content")),
                measure_then=Coalesce(
                    Subquery(iterations.values(was=KT("before__content"))[:1], output_field=TextField()),
                    F("measure__content"),
                ),
                status_then=Coalesce(Subquery(updates), Value(PlanStatus.NOT_STARTED), output_field=TextField()),
            )
        )

    def updates(self):
        """The confirmed updates of the outer plan, newest first."""
        return self.confirmed(PlanUpdate.objects.filter(plan=OuterRef("pk"))).order_by("-pk")

    def _later(self, changes, path=""):
        """Changes that were confirmed after the as_of, the first of them first."""
        confirmed = {f"{path}events__action": "confirm", f"{path}events__at__gt": self.at}
        return changes.filter(**confirmed).order_by(f"{path}events__at", "pk")
