"""What is searched: one line for each kind of thing, in the order of the page.

A kind more is a line here, and where it may have many rows an index in a migration (`gram_index`) of the same columns
in the same order.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db.models import Model, QuerySet
from django.urls import reverse

from accounts.models import User
from reform.models import (
    BattleMap,
    BrandUpdate,
    Bulletin,
    BulletinFile,
    Closure,
    CoordinationRequest,
    Extension,
    Indicator,
    Measure,
    MeasureIteration,
    MonthlyPlan,
    PlanUpdate,
    Project,
    PromotionUpdate,
    SpotCheck,
    SupervisionMatter,
    SupervisionReport,
    TargetAdjustment,
    TargetUpdate,
    TargetValue,
)
from workflow.models import Attachment, Record


@dataclass(frozen=True)
class Summary:
    """What the page says of a found thing: whose it is, which one, and where it stands."""

    name: str
    title: str
    department: Any
    state: str = ""
    tint: str = "grey"
    day: Any = None


@dataclass(frozen=True)
class Source:
    """A kind of thing, the texts of it that are searched, and the address to which a found one leads."""

    key: str
    label: str
    icon: str
    rows: Any  # a queryset
    fields: tuple[str, ...]
    page: str  # its own, or where `of_record` that of the record to which it belongs
    records: Any = None  # a queryset of those to which it belongs; None: it has a rule and words of its own
    record: str = ""  # the path to its record; "": it is one
    visible: Callable[[User], QuerySet] | None = None  # the rule, where the rows have no `visible_to`
    summarise: Callable[[Any], Summary] | None = None  # the words
    related: tuple[str, ...] = ("department",)  # that they need
    of_record: bool = False
    order: str = "-pk"
    is_indexed: bool = True

    @property
    def model(self) -> type[Model]:
        found: type[Model] = self.rows.model
        return found

    def visible_to(self, user: User, dossiers: list[int] | None = None) -> QuerySet:
        """As far as this person may read it, by the one rule for its record.

        `dossiers`: keys of all that they see, which lead to the few records that can be theirs.
        """
        if self.records is None:
            return self.visible(user) if self.visible else self.rows.visible_to(user)
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

    def summary_of(self, row: Any) -> Summary:
        if self.summarise:
            return self.summarise(row)
        record = self.record_of(row)
        dossier, state = record.dossier, record.get_state_display()
        return Summary(dossier.name, record.title, dossier.department, state, record.tint, record.updated_at)

    def with_related(self) -> QuerySet:
        """With what a page shows of each row."""
        path = f"{self.record}__" if self.record else ""
        return self.rows.select_related(*([f"{path}dossier__department"] if self.summarise is None else self.related))


MAPS = BattleMap.objects.standing()


def _record(model: type[Record], icon: str, *fields: str) -> Source:
    """A kind of record, searched in its own texts."""
    records = model.objects.all()
    key, label = model._meta.model_name or "", str(model._meta.verbose_name)
    return Source(key, label, icon, records, fields, "workflow:record", records)


def _summarise_project(row: Project) -> Summary:
    return Summary(row.name, row.number, row.department, row.get_stage_display() if row.closed_at else "")


def _summarise_matter(row: Any) -> Summary:
    return Summary(row.name, row.get_origin_display(), row.department, row.standing_words, row.tint, row.created_at)


def _summarise_request(row: CoordinationRequest) -> Summary:
    dossier = row.dossier
    return Summary(
        dossier.name, row.source.title, dossier.department, row.get_status_display(), row.tint, row.raised_at
    )


def _summarise_check(row: Any) -> Summary:
    dossier, state = row.update.dossier, row.get_finding_display() or "未核查"
    return Summary(dossier.name, row.update.title, dossier.department, state, day=row.opened_at)


def _summarise_bulletin(row: Bulletin) -> Summary:
    state = "已印发" if row.is_issued else "草稿"
    return Summary(row.title, str(row), "", state, "green" if row.is_issued else "grey", row.made_at)


def _bulletin_texts(user: User) -> QuerySet:
    """The office's: what departments read is the issued file."""
    return Bulletin.objects.visible_to(user) if user.is_office_reviewer else Bulletin.objects.none()


def _bulletin_files(user: User) -> QuerySet:
    return BulletinFile.objects.current().filter(bulletin__in=Bulletin.objects.visible_to(user).issued().values("pk"))


SOURCES = (
    Source(
        "project",
        "重大改革项目",
        "folder-kanban",
        Project.objects.all(),
        ("name", "number", "lead_leader", "plan_title", "plan_number", "mandate_document"),
        "reform:project",
        summarise=_summarise_project,
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
        "matter",
        "督办事项",
        "siren",
        SupervisionMatter.objects.with_standing(),
        ("text", "source_words"),
        "reform:matter",
        summarise=_summarise_matter,
        is_indexed=False,
    ),
    _record(SupervisionReport, "message-square-reply", "work_done", "difficulties", "next_steps"),
    Source(
        "request",
        "提请协调",
        "hand-helping",
        CoordinationRequest.objects.all(),
        ("text", "answer"),
        "reform:request",
        summarise=_summarise_request,
        related=("source__dossier__department",),
        is_indexed=False,
    ),
    Source(
        "check",
        "督察核查",
        "search-check",
        SpotCheck.objects.all(),
        ("text",),
        "reform:check",
        summarise=_summarise_check,
        related=("update__dossier__department",),
        is_indexed=False,
    ),
    Source(
        "bulletin",
        "通报",
        "newspaper",
        Bulletin.objects.defer("content", "sources"),  # some 100,000 characters each
        ("words",),
        "reform:bulletin",
        visible=_bulletin_texts,
        summarise=_summarise_bulletin,
        related=(),
        is_indexed=False,
    ),
    Source(
        "bulletinfile",
        "通报印发文件",
        "file-text",
        BulletinFile.objects.current().defer("bulletin__content", "bulletin__words", "bulletin__sources"),
        ("name",),
        "reform:bulletin",
        record="bulletin",
        of_record=True,
        visible=_bulletin_files,
        summarise=lambda row: _summarise_bulletin(row.bulletin),
        related=("bulletin",),
        is_indexed=False,
    ),
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
