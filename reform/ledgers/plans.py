"""月度计划台账: one row per monthly plan of a confirmed map, with what its last confirmed update says."""

from operator import attrgetter

from django.db.models import Case, F, OuterRef, Prefetch, Subquery, Value, When
from django.db.models.functions import NullIf

from reform.inspections.marks import marks_of, with_marks
from reform.models import Extension, Measure, MeasurePartnerSpan, MonthlyPlan, PlanStatus, PlanType

from .base import BY_PROJECT, DATE, NUMBER, NUMBERED, Column, Ledger, number_of, project_columns

TYPES = dict(PlanType.choices)
STATUSES = dict(PlanStatus.choices)


def type_then(row):
    return row.type_name_then if row.type_then == PlanType.OTHER and row.type_name_then else TYPES[row.type_then]


class PlanLedger(Ledger):
    name = "plans"
    label = "月度计划台账"
    about = "每项月度计划一行：所属举措、计划内容、推进状态，最近一次已确认的推进情况。"
    filled_by = "项目作战图确认后，其中的月度计划会自动列在这里。"
    leads_to = "reform:plan"
    order = (
        "-year",
        "month_then",
        "project_number",
        "measure__position",
    )
    filters = {
        "year": "year",
        "period": ("year", "month_then"),
        **BY_PROJECT,
        "unit": None,
        "state": "status_then",
    }
    labels = {"period": "计划月度", "state": "推进状态"}
    states = PlanStatus.choices
    words = (
        "project_name",
        "project_number",
        "measure_then",
        "content_then",
    )
    columns = (
        NUMBERED,
        Column("年度", attrgetter("year"), 7, NUMBER, order="year"),
        Column("月度", attrgetter("month_then"), 7, NUMBER, order="month_then"),
        Column("原定月份", lambda row: row.original and f"{row.original}月", 10, order="original"),
        Column("延期次数", lambda row: row.extended or None, 10, NUMBER, order="extended"),
        *project_columns(name_width=22),
        Column("具体举措", attrgetter("measure_then"), 36),
        Column("牵头单位", lambda row: row.lead_then or row.department_name, 16),
        Column("配合单位", lambda row: "、".join(unit.name_then for unit in row.measure.partners_then), 18),
        Column("计划类型", type_then, 16, order="type_then"),
        Column("计划内容", attrgetter("content_then"), 30),
        Column(
            "推进状态",
            lambda row: STATUSES[row.status_then],
            10,
            order=Case(*(When(status_then=status, then=Value(place)) for place, status in enumerate(PlanStatus))),
        ),
        Column("核实标记", lambda row: marks_of(row).words, 16),
        Column("已开展工作", attrgetter("work_done"), 36),
        Column("存在问题", attrgetter("difficulties"), 28),
        Column("下一步工作计划", attrgetter("next_steps"), 28),
        Column("最近更新", attrgetter("updated"), 12, DATE, order="updated"),
    )

    def begins_at(self, user, as_of, chosen):
        return as_of.maps(user, chosen.get("year"))

    def rows(self, user, as_of, chosen, maps=None):
        plans = as_of.on_maps(MonthlyPlan.objects.only("measure"), "measure__battle_map", maps)
        plans = as_of.plans(plans)
        plans = as_of.with_project(plans, "measure__battle_map__dossier__project")
        if unit := chosen.get("unit"):
            plans = as_of.worked_on_by(plans, unit)
        extensions = as_of.confirmed(Extension.objects.filter(plan=OuterRef("pk"))).order_by("pk")
        return with_marks(plans, as_of).annotate(
            year=F("measure__battle_map__year"),
            # Where an iteration moved it back, there is nothing to say.
            original=NullIf(Subquery(extensions.values("month_before")[:1]), F("month_then")),
            extended=number_of(extensions, "plan"),
            work_done=F("last_update__work_done"),
            difficulties=F("last_update__difficulties"),
            next_steps=F("last_update__next_steps"),
            updated=as_of.last("confirm", "marked_update"),
        )

    def prefetched(self, as_of):
        return Prefetch("measure", Measure.objects.only("pk")), as_of.partners("measure", MeasurePartnerSpan)
