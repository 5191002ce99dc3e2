"""经验复制推广台账, 品牌显示度台账: one row per achievement that was reported. Recorded, never scored."""

from datetime import date
from operator import attrgetter

from django.db.models import DateField, JSONField, Subquery

from reform.models import BrandUpdate, PromotionUpdate
from reform.models.achievement import Achievement
from workflow.states import State

from .base import BY_PROJECT, DATE, NUMBERED, Column, Ledger, project_columns

# What is in the clerk's hands is in no ledger: it may not be what was submitted.
REPORTED = (State.SUBMITTED, State.DEPT_APPROVED, State.CONFIRMED)
STATES = [(state.value, state.label) for state in REPORTED]


def snapshot_at(row):
    """What the record said then, as a snapshot: made once, several columns show something of it."""
    if getattr(row, "snapshot_then", None) is None:
        row.snapshot_then = row.snapshot()
    return row.snapshot_then


def reported(model, user, as_of):
    """The records of that kind that stand in a ledger, with all that was said in them then."""
    records = (
        as_of.records(model, user)
        .found_by_dossier(user)
        .of_kind()
        .filter(state_then__in=REPORTED)
        .annotate(submitted_then=as_of.last_submitted(), confirmed_then=as_of.last("confirm"))
    )
    if not as_of.is_now:
        snapshots = as_of.events("submit").values("snapshot")[:1]
        records = records.annotate(snapshot_then=Subquery(snapshots, output_field=JSONField()))
    return as_of.with_project(records, "dossier__project")


def part(name):
    """Takes one part of what was said out of a row."""
    return lambda row: snapshot_at(row)[name]


class AchievementLedger(Ledger):
    model: type[Achievement]
    searched: str
    order = ("-day_then", "project_number")
    filters = {
        "year": "day_then__year",
        "period": ("day_then__year", "day_then__month"),
        **BY_PROJECT,
        "state": "state_then",
    }
    states = STATES

    def rows(self, user, as_of, chosen):
        records = reported(self.model, user, as_of).annotate(day_then=as_of.submitted(self.model.DATE, DateField))
        if "q" in chosen:
            records = records.annotate(text_then=as_of.submitted(self.searched))
        return records


def columns(*own):
    return (
        NUMBERED,
        *project_columns(),
        *own,
        Column("上报日期", attrgetter("submitted_then"), 12, DATE, order="submitted_then"),
        Column("状态", lambda row: State(row.state_then).label, 15),
        Column("确认日期", attrgetter("confirmed_then"), 12, DATE, order="confirmed_then"),
    )


def day(name):
    return lambda row: date.fromisoformat(snapshot_at(row)[name])


class PromotionLedger(AchievementLedger):
    name = "promotions"
    label = "经验复制推广台账"
    about = "每次经验复制推广一行：推广方式、推广日期和具体情况。"
    filled_by = "经验复制推广推进更新上报后，会自动列在这里。"
    model = PromotionUpdate
    searched = "summary"
    labels = {"year": "推广年度", "period": "推广时间"}
    words = ("project_name", "project_number", "text_then")
    columns = columns(
        Column("推广方式", part("method"), 24),
        Column("推广日期", day("promoted_on"), 12, DATE, order="day_then"),
        Column("具体情况简介", part("summary"), 60),
    )


class BrandLedger(AchievementLedger):
    name = "brands"
    label = "品牌显示度台账"
    about = "每个改革品牌一行：创建日期、获肯定方式、具体情形、做法实效和报道详情。"
    filled_by = "品牌显示度推进更新上报后，会自动列在这里。"
    model = BrandUpdate
    searched = "results"
    labels = {"year": "创建年度", "period": "创建时间"}
    words = ("project_name", "project_number", "text_then")
    columns = columns(
        Column("品牌创建日期", day("created_on"), 14, DATE, order="day_then"),
        Column("获肯定方式", part("recognition"), 20),
        Column("具体情形", part("circumstances"), 36),
        Column("解决问题、主要举措及取得实效", part("results"), 44),
        Column("获肯定或报道详情", part("recognition_detail"), 36),
    )
