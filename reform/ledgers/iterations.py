"""措施迭代台账: one row per application, with what it changes on the map."""

from operator import attrgetter

from django.db.models import OuterRef, Prefetch, Subquery

from reform.models import MeasureIteration, MeasureRevision, MonthlyPlan, PlanRevision
from workflow.states import State

from .achievements import STATES, reported, snapshot_at
from .base import BY_PROJECT, DATE, NUMBER, NUMBERED, Column, Ledger, project_columns


def plans_changed(row):
    """What happens to the monthly plans, one line each."""
    earlier = {}
    for change in row.changes.all():
        if change.plan_id and (revision := _at_submission(change.plan, row)):
            earlier[change.pk] = revision.snapshot() | {"id": change.pk, "cancelled": ""}
    lines = []
    for plan in snapshot_at(row)["plans"]:
        text = f"{plan['month']} {plan['type']}：{plan['content']}"
        if plan["id"] not in earlier:
            lines.append(f"新增 {text}")
        elif plan["cancelled"]:
            lines.append(f"取消 {text}")
        elif plan != earlier[plan["id"]]:
            lines.append(f"调整为 {text}")
    return "\n".join(lines)


def _at_submission(plan, row):
    """What the plan said when the application was submitted: until it is confirmed, no other may change it."""
    return next((revision for revision in plan.all_revisions if revision.holds_at(row.submitted_then)), None)


class IterationLedger(Ledger):
    name = "iterations"
    label = "措施迭代台账"
    about = "每次措施迭代一行：迭代前后的举措、迭代依据和月度计划的变化。"
    filled_by = "措施迭代申请上报后，会自动列在这里。"
    order = ("-battle_map__year", "-submitted_then")
    filters = {
        "year": "battle_map__year",
        "period": ("submitted_then__year", "submitted_then__month"),
        **BY_PROJECT,
        "state": "state_then",
    }
    labels = {"period": "上报时间"}
    states = STATES
    words = ("project_name", "project_number", "content_then", "basis_then")
    columns = (
        NUMBERED,
        Column("年度", attrgetter("battle_map.year"), 7, NUMBER, order="battle_map__year"),
        *project_columns(),
        Column("迭代类型", lambda row: "新增举措" if row.is_new else "编辑举措", 11, order="is_new"),
        Column("迭代前举措", attrgetter("measure_before"), 36),
        Column("迭代后举措", lambda row: snapshot_at(row)["content"], 36),
        Column("迭代后牵头单位", lambda row: snapshot_at(row).get("lead") or row.department_name, 16),
        Column("迭代后配合单位", lambda row: snapshot_at(row).get("partners") or "", 18),
        Column("迭代依据", lambda row: snapshot_at(row)["basis"], 30),
        Column("月度计划变化", plans_changed, 40),
        Column("上报日期", attrgetter("submitted_then"), 12, DATE, order="submitted_then"),
        Column("状态", lambda row: State(row.state_then).label, 15),
        Column("确认日期", attrgetter("confirmed_then"), 12, DATE, order="confirmed_then"),
    )

    def rows(self, user, as_of, chosen):
        measures = MeasureRevision.objects.at(OuterRef("submitted_then")).filter(subject=OuterRef("measure"))
        records = reported(MeasureIteration, user, as_of).annotate(
            measure_before=Subquery(measures.values("content")[:1])
        )
        if "q" in chosen:
            records = records.annotate(content_then=as_of.submitted("content"), basis_then=as_of.submitted("basis"))
        return records.select_related("battle_map", "lead")

    def prefetched(self, as_of):
        plans = Prefetch("changes__plan", MonthlyPlan.objects.only("pk"))
        # As a list: a manager makes a query for each plan, even of what is there already.
        return plans, Prefetch("changes__plan__revisions", PlanRevision.objects.all(), "all_revisions"), "partners"
