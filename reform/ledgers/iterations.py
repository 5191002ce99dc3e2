"""措施迭代台账: one row per application, with what it changes on the map."""

from operator import attrgetter

from django.urls import reverse

from reform.models import MeasureIteration
from workflow.states import State

from .achievements import STATES, reported, snapshot_at
from .base import DATE, NUMBER, NUMBERED, Column, Ledger, project_columns


def measure_before(row):
    """The measure's text when the application was made; no other could change it meanwhile."""
    if row.is_new:
        return ""
    return row.before["content"] if row.before else row.measure.content


def plans_changed(row):
    """What happens to the monthly plans, one line each."""
    if row.before:
        earlier = {plan["id"]: plan for plan in row.before["plans"]}
    else:
        earlier = {
            change.pk: change.plan.snapshot() | {"id": change.pk, "cancelled": ""}
            for change in row.changes.all()
            if change.plan and not row.is_new
        }
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


class IterationLedger(Ledger):
    name = "iterations"
    label = "措施迭代台账"
    about = "每次措施迭代一行：迭代前后的举措、迭代依据和月度计划的变化。"
    order = ("-battle_map__year", "-submitted_then")
    filters = {
        "year": "battle_map__year",
        "department": "dossier__department",
        "domain": "dossier__project__domain",
        "state": "state_then",
    }
    states = STATES
    words = ("dossier__name", "dossier__project__number", "content_then", "basis_then")
    columns = (
        NUMBERED,
        Column("年度", attrgetter("battle_map.year"), 7, NUMBER, order="battle_map__year"),
        *project_columns(attrgetter("dossier.project"), "dossier__project__"),
        Column("迭代类型", lambda row: "新增举措" if row.is_new else "编辑举措", 11, order="is_new"),
        Column("迭代前举措", measure_before, 36),
        Column("迭代后举措", lambda row: snapshot_at(row)["content"], 36),
        Column("迭代依据", lambda row: snapshot_at(row)["basis"], 30),
        Column("月度计划变化", plans_changed, 40),
        Column("上报日期", attrgetter("submitted_then"), 12, DATE, order="submitted_then"),
        Column("状态", lambda row: State(row.state_then).label, 15),
        Column("确认日期", attrgetter("confirmed_then"), 12, DATE, order="confirmed_then"),
    )

    def rows(self, user, as_of, chosen):
        records = reported(MeasureIteration, user, as_of)
        if "q" in chosen:
            records = records.annotate(content_then=as_of.submitted("content"), basis_then=as_of.submitted("basis"))
        return records.select_related("battle_map", "measure").prefetch_related("changes__plan")

    def url(self, row):
        return reverse("workflow:record", args=[row.pk])
