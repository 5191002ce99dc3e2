"""督办事项台账: one row per matter, where it came from, who sees to it and where it stood."""

from operator import attrgetter

from django.db.models import Case, Exists, F, OuterRef, Q, Subquery, TextField, Value, When
from django.db.models.functions import Coalesce

from reform.as_of import NARROWING_FACTS
from reform.models import Level, MatterStep, Origin, Outcome, Progress, Step, SupervisionMatter, SupervisionReport
from reform.models.supervision_matter import OVERDUE, REVIEWED, STANDINGS
from workflow.states import UNDER_REVIEW

from .base import BY_PROJECT, DATE, NUMBER, NUMBERED, Column, Ledger, number_of


def days_over(row):
    """How many days after its deadline it was; None where it was not."""
    return (row.day_then - row.due_on).days if row.standing_then == OVERDUE else None


def partners_of(row):
    if row.partners_then is not None:
        return row.partners_then
    return "、".join(partner.name for partner in row.partners.all())


class MatterLedger(Ledger):
    name = "matters"
    label = "督办事项台账"
    about = "每个督办事项一行：来源、牵头和配合单位、办理时限、反馈次数和办理进展。"
    filled_by = "市委改革办列为督办事项后，会自动列在这里。"
    leads_to = "reform:matter"
    order = ("due_on",)
    filters = {
        "year": "due_on__year",
        "period": ("due_on__year", "due_on__month"),
        **BY_PROJECT,
        "state": None,
    }
    labels = {"year": "时限年度", "period": "办理时限", "department": "牵头单位", "state": "办理进展"}
    states = STANDINGS
    words = ("text", "source_words", "project_name")
    columns = (
        NUMBERED,
        Column("督办内容", attrgetter("text"), 44, leads=True),
        Column("事项来源", lambda row: Origin(row.origin).label, 11, order="origin"),
        Column("来源说明", attrgetter("source_words"), 20),
        Column("所属项目", attrgetter("project_name"), 24, order="project_name"),
        Column("牵头单位", attrgetter("department_name"), 16, order="department_place"),
        Column("配合单位", partners_of, 18),
        Column("协调层级", lambda row: Level(row.level).label, 11, order="level"),
        Column("登记日期", attrgetter("created_at"), 12, DATE, order="created_at"),
        Column("办理时限", attrgetter("due_on"), 12, DATE, order="due_on"),
        Column("办理反馈", attrgetter("reports_then"), 10, NUMBER, order="reports_then"),
        Column("办理进展", lambda row: dict(STANDINGS)[row.standing_then], 11, order="standing_then"),
        Column("逾期天数", days_over, 10, NUMBER),
        Column("办结日期", attrgetter("closed_then"), 12, DATE, order="closed_then"),
        Column("办结意见", attrgetter("closing_words"), 30),
    )

    def rows(self, user, as_of, chosen):
        day = as_of.day
        steps = MatterStep.objects.filter(matter=OuterRef("pk"), at__lte=as_of.at).order_by("-at", "-pk")
        reports = as_of.confirmed(SupervisionReport.objects.filter(dossier=OuterRef("pk")))
        matters = SupervisionMatter.objects.visible_to(user).filter(created_at__lte=as_of.at)
        led = as_of.annotate(steps, "department", lead_name="name", lead_place="position")
        matters = as_of.annotate(matters, "of_project", project_name="name", **NARROWING_FACTS)
        matters = matters.annotate(
            day_then=Value(day),
            department_then=Subquery(steps.values("department")[:1]),
            department_name=Subquery(led.values("lead_name")[:1]),
            department_place=Subquery(led.values("lead_place")[:1]),
            partners_then=Value(None, TextField()) if as_of.is_now else Subquery(steps.values("partner_names")[:1]),
            progress_then=Coalesce(Subquery(steps.values("progress")[:1]), Value(Progress.OPEN)),
            reports_then=number_of(reports, "dossier"),
            closed_then=Case(When(closed_at__lte=as_of.at, then=F("closed_at"))),
            closing_words=Subquery(steps.filter(step=Step.CLOSED).values("words")[:1]),
        ).annotate(
            standing_then=Case(
                When(~Q(progress_then=Progress.OPEN), then=F("progress_then")),
                When(_applied_for(as_of), then=Value(REVIEWED)),
                When(due_on__lt=day, then=Value(OVERDUE)),
                default=F("progress_then"),
            )
        )
        if "state" in chosen:
            field = "progress_then" if chosen["state"] in Progress.values else "standing_then"
            matters = matters.filter(**{field: chosen["state"]})
        return matters

    def prefetched(self, as_of):
        return ("partners",)


def _applied_for(as_of):
    """Whether 办结 was applied for by then, and that report still under review."""
    reports = SupervisionReport.objects.filter(dossier=OuterRef("pk"))
    reports = reports.annotate(state_then=as_of.state(), outcome_then=as_of.submitted("outcome"))
    outcomes = [Outcome.DONE, Outcome.DONE.label]  # the value, of a past day the word for it
    return Exists(reports.filter(state_then__in=UNDER_REVIEW, outcome_then__in=outcomes))
