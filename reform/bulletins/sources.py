"""The rows behind a figure of a bulletin, as far as a person may see them, each leading to its own page."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Q, QuerySet
from django.urls import reverse

from accounts.models import Department, User
from reform.models import (
    BattleMap,
    DueItem,
    Indicator,
    Measure,
    MonthlyPlan,
    Project,
    SupervisionLetter,
    SupervisionMatter,
)
from reform.reporting.matters import title_of
from workflow.models import Record


@dataclass(frozen=True)
class SourceRow:
    title: str
    note: str
    department: str
    url: str


@dataclass(frozen=True)
class Kind:
    """`project` leads from a row to its project, `department` to the department that answers where it is not the
    project's; `visible`: which rows a person may see, where that is not said by the project.
    """

    rows: Callable[[], QuerySet[Any]]
    project: str
    order: tuple[str, ...]
    show: Callable[[Any], SourceRow]
    department: str = ""
    visible: Callable[[User], Q] | None = None

    def seen_by(self, user: User) -> Q:
        if self.visible:
            return self.visible(user)
        return Q(**{f"{self.project}__in": Project.objects.visible_to(user)})


def _map(found: BattleMap) -> SourceRow:
    project = found.dossier.project
    return _row(project, f"{found.title} · {project.number}", reverse("reform:map", args=[found.pk]))


def _row(project: Project, note: str, url: str) -> SourceRow:
    return SourceRow(project.name, note, project.department.name, url)


def _plan(plan: MonthlyPlan) -> SourceRow:
    note = f"{plan.month}月 {plan.type_label}：{plan.content}（{plan.get_status_display()}）"
    return _row(plan.measure.battle_map.dossier.project, note, reverse("reform:plan", args=[plan.pk]))


def _measure(measure: Measure) -> SourceRow:
    url = reverse("reform:map", args=[measure.battle_map_id])
    return _row(measure.battle_map.dossier.project, measure.content, url)


def _indicator(indicator: Indicator) -> SourceRow:
    url = reverse("reform:map", args=[indicator.battle_map_id])
    return _row(indicator.battle_map.dossier.project, indicator.name, url)


def _record(record: Record) -> SourceRow:
    url = reverse("workflow:record", args=[record.pk])
    return _row(record.dossier.project, record.heading, url)


def _due(item: DueItem) -> SourceRow:
    if item.plan:
        title = title_of(item, item.battle_map.year)
        matter, url = f"月度计划：{title}", reverse("reform:plan", args=[item.plan_id])
    else:
        matter, url = "量化目标", reverse("reform:map", args=[item.battle_map_id])
    note = f"{item.year}年{item.month}月 {matter}，截止 {item.due_on:%Y-%m-%d}"
    return SourceRow(item.dossier.name, note, item.department.name, url)


def _matter(matter: SupervisionMatter) -> SourceRow:
    note = f"{matter.get_origin_display()}，办理时限 {matter.due_on:%Y-%m-%d}（{matter.standing_words}）"
    return SourceRow(matter.name, note, matter.department.name, matter.get_absolute_url())


def _letter(letter: SupervisionLetter) -> SourceRow:
    note = f"{letter.document_number}，{letter.issued_on:%Y-%m-%d} 签发"
    return SourceRow(letter.matter.name, note, letter.department_name, letter.get_absolute_url())


def _department(department: Department) -> SourceRow:
    url = reverse("reform:projects", query={"department": department.pk})
    return SourceRow(department.name, "责任单位", department.name, url)


PROJECT = "dossier__project"
KINDS = {
    "map": Kind(
        lambda: BattleMap.objects.select_related("dossier__project__department"),
        PROJECT,
        ("dossier__department__position", "dossier__project__number"),
        _map,
    ),
    "plan": Kind(
        lambda: MonthlyPlan.objects.select_related("measure__battle_map__dossier__project__department"),
        f"measure__battle_map__{PROJECT}",
        ("month", "measure__battle_map__dossier__project__number", "pk"),
        _plan,
    ),
    "measure": Kind(
        lambda: Measure.objects.select_related("battle_map__dossier__project__department"),
        f"battle_map__{PROJECT}",
        ("battle_map__dossier__project__number", "position", "pk"),
        _measure,
    ),
    "indicator": Kind(
        lambda: Indicator.objects.select_related("battle_map__dossier__project__department"),
        f"battle_map__{PROJECT}",
        ("battle_map__dossier__project__number", "position", "pk"),
        _indicator,
    ),
    "record": Kind(
        lambda: Record.objects.select_related("dossier__project__department"),
        PROJECT,
        ("dossier__project__number", "pk"),
        _record,
    ),
    "due": Kind(
        lambda: DueItem.objects.select_related("dossier__project", "department", "plan", "battle_map"),
        PROJECT,
        ("department__position", "dossier__project__number", "year", "month", "pk"),
        _due,
        department="department",
    ),
    "matter": Kind(
        lambda: SupervisionMatter.objects.with_standing().select_related("department"),
        "of_project",
        ("due_on", "pk"),
        _matter,
        department="department",
        visible=lambda user: Q(pk__in=SupervisionMatter.objects.visible_to(user).values("pk")),
    ),
    "letter": Kind(
        lambda: SupervisionLetter.objects.select_related("matter"),
        "matter__of_project",
        ("issued_on", "pk"),
        _letter,
        department="department",
        visible=lambda user: Q(matter__department__in=user.assigned_department_ids),
    ),
    "department": Kind(Department.objects.all, "dossiers__project", ("position", "name"), _department),
}


def rows_of(
    source: dict[str, Any], user: User, *, department: int | None = None, domain: int | None = None
) -> QuerySet[Any]:
    """Those rows that this person may see, of one department or domain where that is asked for."""
    kind = KINDS[source["kind"]]
    rows = kind.rows().filter(pk__in=source["ids"])
    if not user.is_office_reviewer:
        rows = rows.filter(kind.seen_by(user)).distinct()
    if department is not None:
        rows = rows.filter(**{kind.department or f"{kind.project}__department": department})
    if domain is not None:
        rows = rows.filter(**{f"{kind.project}__domain": domain})
    return rows.order_by(*kind.order)


def shown(source: dict[str, Any], rows: Iterable[Any]) -> Sequence[SourceRow]:
    return [KINDS[source["kind"]].show(row) for row in rows]
