"""What stood at a moment: read from the tables for now, from revisions and events for a day that has passed.

What may change without becoming another record has revisions (accounts/revisions.py). Of records, events tell: which
state they were in, and what was submitted; what is confirmed is frozen.
"""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.db.models import Exists, F, FilteredRelation, OuterRef, Prefetch, Q, Subquery, TextField
from django.db.models.fields.json import KT
from django.db.models.functions import Cast
from django.utils import timezone

from accounts import clock
from accounts.compiled_queries import compiled_rows
from accounts.models import Department
from accounts.revisions import valid_at
from reform.calendar import today
from reform.models import BattleMap, Measure, MeasurePartnerSpan, PartnerSpan, PlanUpdate
from workflow.models import Event, Record
from workflow.states import SETTLED

# What ledgers are narrowed by, beside the department.
NARROWING_FACTS = {
    "domain_then": "domain",
    "leader_then": "lead_leader",
    "mandate_then": "mandate",
    "task_force_then": "task_force",
}


@dataclass(frozen=True)
class AsOf:
    """Now, or the end of a day that has passed. Its methods are expressions and filters for querysets."""

    at: datetime
    day: date
    is_now: bool

    @classmethod
    def of(cls, day=None):
        """The end of that day; now, for today or None."""
        if day is None or day >= today():
            return cls(now := clock.now(), timezone.localdate(now), True)
        midnight = timezone.make_aware(datetime.combine(day + timedelta(days=1), time()))
        return cls(midnight - timedelta.resolution, day, False)

    # --- What was revised -------------------------------------------------------------------------

    def annotate(self, rows, path="", **names):
        """The rows with what the row at the end of `path` said then: `names` are {annotation: its field}."""
        rows, path = self._revised(rows, path)
        return rows.annotate(**{name: F(f"{path}{field}") for name, field in names.items()})

    def standing(self, rows, **names):
        """Those of the rows that stood then, with what they said themselves."""
        rows, path = self._revised(rows, "")
        if not self.is_now:
            rows = rows.filter(**{f"{path}pk__isnull": False})
        return rows.annotate(**{name: F(f"{path}{field}") for name, field in names.items()})

    def _revised(self, rows, path):
        """The rows, and the path to what the row at the end of `path` said then: that row, or its revision."""
        if self.is_now:
            return rows, f"{path}__" if path else ""
        revisions = f"{path}__revisions" if path else "revisions"
        alias = f"{path.rpartition('__')[2] or 'own'}_revision"
        revision = FilteredRelation(revisions, condition=valid_at(self.at, f"{revisions}__"))
        return rows.alias(**{alias: revision}), f"{alias}__"

    def with_project(self, rows, path=""):
        """The rows with the base info of their project that every ledger shows; `path` leads to the project."""
        names = {"project_number": "number", "project_name": "name", "department_then": "department", **NARROWING_FACTS}
        rows = self.annotate(rows, path, **names) if path else self.standing(rows, **names)
        rows, project = self._revised(rows, path)
        rows = self.annotate(rows, f"{project}department", department_name="name", department_place="position")
        return self.annotate(rows, f"{project}domain", domain_name="name", domain_place="position")

    def with_task_force(self, projects):
        """Those projects with the name of their 专项小组, `task_force_name`, and its place."""
        rows, project = self._revised(projects, "")
        return self.annotate(rows, f"{project}task_force", task_force_name="name", task_force_place="position")

    def partners(self, owner="", model=PartnerSpan):
        """A Prefetch of 配合单位, as `partners_then`, each with its `name_then`: of projects.

        Of measures, `owner` leads to them and `model` has their spans.
        """
        path = f"{owner}__" if owner else ""
        if self.is_now:
            departments = Department.objects.annotate(name_then=F("name")).order_by("position", "name")
            return Prefetch(f"{path}partners", departments, "partners_then")
        spans = self.annotate(model.objects.at(self.at), "department", name_then="name", place="position")
        return Prefetch(f"{path}partner_spans", spans.order_by("place", "name_then"), "partners_then")

    def plans(self, plans):
        """Those of the plans of confirmed maps that stood then, with all they said: `month_then`, `status_then` …"""
        if self.is_now:
            plans = plans.standing()
        fields = ("month", "type", "type_name", "content", "status")
        plans = self.standing(plans, **{f"{field}_then": field for field in fields})
        plans = self.annotate(plans, "measure", measure_then="content")
        plans, measure = self._revised(plans, "measure")
        return self.annotate(plans, f"{measure}lead", lead_then="name")

    def worked_on_by(self, plans, unit):
        """Those of the `plans` whose measure that department led then, or assisted in."""
        plans, measure = self._revised(plans, "measure")
        lead = f"{measure}lead"
        links = Measure.partners.through if self.is_now else MeasurePartnerSpan
        links = links.objects.filter(measure=OuterRef("measure"), department=unit)
        if not self.is_now:
            links = links.filter(valid_at(self.at))
        return plans.filter(Q(**{lead: unit.pk}) | Q(**{lead: None}, department_then=unit.pk) | Exists(links))

    def targets(self, targets):
        """MonthlyTargets with `target_then` and the confirmed value, `actual_then`, or state, `said_then`."""
        return self.standing(targets, target_then="target", actual_then="actual", said_then="state")

    # --- What was filed ---------------------------------------------------------------------------

    def maps(self, user, year=None):
        """{"maps": keys} of maps of which a department's person may read what was confirmed; {} for the office.

        Of that year alone, if it is given. As a list: PostgreSQL does not begin at a subquery if there are many joins
        beside it, and reads the city's years.
        """
        if user.is_office_reviewer:
            return {}

        def maps(person):
            # Of records alone, with their kind: an index has all of that, and PostgreSQL joins it as one table.
            found = Record.objects.visible_to(person).found_by_dossier(person).settled()
            found = found.filter(kind=BattleMap._meta.label_lower, **({"battlemap__year": year} if year else {}))
            return found.values_list("pk", flat=True)

        return {"maps": compiled_rows("maps with a past", year, maps, user=user)}

    def on_maps(self, rows, path, maps=None):
        """Those of the rows on `maps`, or on any that was confirmed: what stood on them then, the rows say."""
        return rows.filter(**({f"{path}__state__in": SETTLED} if maps is None else {f"{path}__in": maps}))

    def events(self, action, record="pk"):
        """The events of that action by then, newest first; `record` leads from the outer row to their record."""
        return Event.objects.filter(record=OuterRef(record), action=action, at__lte=self.at).order_by("-at", "-pk")

    def last(self, action, record="pk"):
        """When that action was last done to the row's record."""
        return Subquery(self.events(action, record).values("at")[:1])

    def last_submitted(self):
        """When the row, a record, was last submitted."""
        return F("submitted_at") if self.is_now else self.last("submit")

    def records(self, model, user):
        """Records of that kind submitted by then, as far as this person may see them, with their `state_then`."""
        records = model.objects.visible_to(user).annotate(state_then=self.state())
        if self.is_now:
            return records.filter(submitted_at__isnull=False)
        records = records.exclude(state_then=None)
        if not user.is_office_reviewer:
            # A partner reads what is settled; what was not yet settled then, they did not read then.
            records = records.filter(
                Q(dossier__department__in=user.assigned_department_ids) | Q(state_then__in=SETTLED)
            )
        return records

    def state(self):
        """The state of the row, a record; None: it had not been submitted."""
        steps = Event.objects.filter(record=OuterRef("pk"), at__lte=self.at).order_by("-at", "-pk")
        return F("state") if self.is_now else Subquery(steps.values("to_state")[:1])

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

    def with_last_update(self, plans):
        """The plans, each with `last_update`: the way to its newest confirmed update."""
        updates = self.confirmed(PlanUpdate.objects.filter(plan=OuterRef("pk"))).order_by("-pk")
        last = Q(updates__pk=Subquery(updates.values("pk")[:1]))
        return plans.alias(last_update=FilteredRelation("updates", condition=last))
