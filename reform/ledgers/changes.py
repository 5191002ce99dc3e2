"""目标调整与延期台账: one row per adjustment of targets or extension of a plan that was confirmed."""

from operator import attrgetter

from django.db.models import Case, F, Prefetch, Value, When
from django.db.models.functions import Coalesce

from reform.models import AdjustedTarget, Extension, TargetAdjustment
from workflow.formats import plain
from workflow.models import Record

from .base import BY_PROJECT, DATE, NUMBER, NUMBERED, Column, Ledger, project_columns

ADJUSTMENT, EXTENSION = "adjustment", "extension"
STATES = [(ADJUSTMENT, "目标调整"), (EXTENSION, "延期")]
KINDS = {ADJUSTMENT: TargetAdjustment._meta.label_lower, EXTENSION: Extension._meta.label_lower}


def _targets(annual, unit, months):
    year = f"全年 {annual}{unit}" if annual else ""
    return "；".join(filter(None, [year, "，".join(f"{month}月 {target}" for month, target in months)]))


def _moved(row):
    """{month: (before, after)} of the months whose target the adjustment changed."""
    adjustment = row.targetadjustment
    after = {target.month: target.words or plain(target.target) for target in adjustment.asked}
    before = adjustment.before["months"]
    months = sorted({*after, *map(int, before)})
    pairs = {month: (before.get(str(month), ""), after.get(month, "")) for month in months}
    return {month: pair for month, pair in pairs.items() if pair[0] != pair[1]}


def before(row):
    """原目标, or the plan's month before."""
    if row.what == EXTENSION:
        return f"{row.extension.month_before}月"
    earlier = row.targetadjustment.before
    return _targets(
        earlier["annual_target"], earlier["unit"], [(month, old or "—") for month, (old, _) in _moved(row).items()]
    )


def after(row):
    """What was confirmed in its place."""
    if row.what == EXTENSION:
        return f"{row.extension.month}月"
    adjustment = row.targetadjustment
    annual = adjustment.annual_words or plain(adjustment.annual_target)
    return _targets(annual, adjustment.unit, [(month, new or "—") for month, (_, new) in _moved(row).items()])


def matter(row):
    """The indicator, or the plan."""
    if row.what == EXTENSION:
        plan = row.extension.plan
        return f"{plan.type_label}：{plan.content}"
    return row.targetadjustment.indicator.name


class ChangeLedger(Ledger):
    name = "changes"
    label = "目标调整与延期台账"
    about = "每次已确认的目标调整、延期一行：原目标或原定月份、调整后、理由和确认日期。"
    filled_by = "目标调整、延期申请确认后，会自动列在这里。"
    order = ("-confirmed_then", "project_number")
    filters = {
        "year": "year",
        "period": ("confirmed_then__year", "confirmed_then__month"),
        **BY_PROJECT,
        "state": "what",
    }
    labels = {"period": "确认时间", "state": "类别"}
    states = STATES
    words = ("project_name", "project_number", "title", "reason")
    columns = (
        NUMBERED,
        Column("年度", attrgetter("year"), 7, NUMBER, order="year"),
        *project_columns(),
        Column("类别", lambda row: dict(STATES)[row.what], 11, order="what"),
        Column("指标或计划", matter, 30),
        Column("原目标、原定月份", before, 30),
        Column("调整后", after, 30),
        Column("调整依据、延期理由", attrgetter("reason"), 36),
        Column("上报日期", attrgetter("submitted_then"), 12, DATE, order="submitted_then"),
        Column("确认日期", attrgetter("confirmed_then"), 12, DATE, order="confirmed_then"),
    )

    def rows(self, user, as_of, chosen):
        records = as_of.confirmed(
            Record.objects.visible_to(user).found_by_dossier(user).filter(kind__in=KINDS.values())
        )
        plan = "extension__plan__measure__battle_map"
        return (
            as_of.with_project(records, "dossier__project")
            .annotate(
                what=Case(When(kind=KINDS[EXTENSION], then=Value(EXTENSION)), default=Value(ADJUSTMENT)),
                year=Coalesce(F("targetadjustment__indicator__battle_map__year"), F(f"{plan}__year")),
                reason=Coalesce(F("targetadjustment__basis"), F("extension__reason")),
                submitted_then=as_of.last_submitted(),
                confirmed_then=as_of.last("confirm"),
            )
            .select_related("targetadjustment__indicator", "extension__plan")
        )

    def prefetched(self, as_of):
        return (Prefetch("targetadjustment__months", AdjustedTarget.objects.order_by("month"), "asked"),)
