"""What is searched: one line for each kind of thing, in the order of the page.

A kind more is a line here, and where it may have many rows an index in a migration (`gram_index`) of the same columns
in the same order.
"""

from dataclasses import dataclass
from typing import Any

from django.db.models import Model, QuerySet
from django.urls import reverse

from accounts.models import User
from reform.models import (
    BattleMap,
    BrandUpdate,
    Closure,
    Extension,
    Indicator,
    Measure,
    MeasureIteration,
    MonthlyPlan,
    PlanUpdate,
    Project,
    PromotionUpdate,
    TargetAdjustment,
    TargetUpdate,
    TargetValue,
)
from workflow.models import Attachment, Record


@dataclass(frozen=True)
class Source:
    """A kind of thing, the texts of it that are searched, and the address to which a found one leads."""

    key: str
    label: str
    icon: str
    rows: Any  # a queryset; of a project one with `visible_to`
    fields: tuple[str, ...]
    page: str  # its own, or where `of_record` that of the record to which it belongs
    records: Any = None  # a queryset of those to which it belongs; None: it is a project
    record: str = ""  # the path to its record; "": it is one
    of_record: bool = False
    order: str = "-pk"
    is_indexed: bool = True

    @property
    def model(self) -> type[Model]:
        found: type[Model] = self.rows.model
        return found

    def visible_to(self, user: User, dossiers: list[int] | None) -> QuerySet:
        """As far as this person may read it, by the one rule for its record.

        `dossiers`: keys of all that they see, which lead to the few records that can be theirs; None: they see all.
        """
        if self.records is None:
            return self.rows.visible_to(user)
        visible = self.records.visible_to(user)
        if dossiers is not None:
            visible = visible.filter(dossier__in=dossiers)
        return self.rows.filter(**{f"{self.record}__in": visible}) if self.record else visible

    def url(self, row: Any) -> str:
        return reverse(self.page, args=[self.record_of(row).pk if self.of_record else row.pk])

    def label_of(self, name: str) -> str:
        """What pages call one of the texts."""
        field: Any = self.model._meta.get_field(name)
        return str(field.verbose_name)

    def record_of(self, row: Any) -> Any:
        """The record to which it belongs, or the project that it is."""
        for name in filter(None, self.record.split("__")):
            row = getattr(row, name)
        return row

    def listed(self) -> QuerySet:
        """With what a page shows of each row."""
        path = f"{self.record}__" if self.record else ""
        return self.rows.select_related(f"{path}dossier__department" if self.records is not None else "department")


MAPS = BattleMap.objects.standing()


def _record(model: type[Record], icon: str, *fields: str) -> Source:
    """A kind of record, searched in its own texts."""
    records = model.objects.all()
    key, label = model._meta.model_name or "", str(model._meta.verbose_name)
    return Source(key, label, icon, records, fields, "workflow:record", records)


SOURCES = (
    Source(
        "project",
        "重大改革项目",
        "folder-kanban",
        Project.objects.all(),
        ("name", "number", "lead_leader", "plan_title", "plan_number"),
        "reform:project",
        order="number",
        is_indexed=False,  # some thousands, in two tables
    ),
    Source(
        "indicator",
        "核心指标",
        "chart-column",
        Indicator.objects.all(),
        ("name", "annual_words", "scope", "source"),
        "reform:map",
        MAPS,
        "battle_map",
        of_record=True,
    ),
    Source(
        "measure",
        "具体举措",
        "list-checks",
        Measure.objects.all(),
        ("content",),
        "reform:map",
        MAPS,
        "battle_map",
        of_record=True,
    ),
    Source(
        "plan",
        "月度推进计划",
        "calendar-days",
        MonthlyPlan.objects.all(),
        ("type_name", "content"),
        "reform:plan",
        MAPS,
        "measure__battle_map",
    ),
    Source(
        "targetupdate",
        "量化目标推进更新",
        "chart-no-axes-column",
        TargetValue.objects.all(),
        ("remark",),
        "workflow:record",
        TargetUpdate.objects.all(),
        "update",
        of_record=True,
    ),
    _record(PlanUpdate, "calendar-check", "work_done", "difficulties", "next_steps"),
    _record(PromotionUpdate, "megaphone", "summary"),
    _record(BrandUpdate, "award", "circumstances", "results", "recognition_detail"),
    _record(MeasureIteration, "git-branch", "content", "basis"),
    _record(TargetAdjustment, "target", "annual_words", "basis"),
    _record(Extension, "calendar-clock", "reason", "work_done"),
    _record(Closure, "flag", "completion", "results", "arrangements", "reasons"),
    Source(
        "file",
        "附件",
        "paperclip",
        Attachment.objects.current(),
        ("name",),
        "workflow:record",
        Record.objects.all(),
        "record",
        of_record=True,
    ),
)
