"""Which earlier texts a record's texts are compared with: those of its department first, then of sibling projects."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from django.db.models import Case, OuterRef, Q, QuerySet, Subquery, When

from accounts.compiled_queries import compiled_rows
from accounts.models import User
from reform.models import BrandUpdate, PlanUpdate, Project, PromotionUpdate
from reform.quality.repeated import MOST_CANDIDATES, Compared, compare
from workflow.models import NEWEST_FIRST, Record
from workflow.states import SETTLED, State

TEXTS: dict[type[Record], tuple[str, ...]] = {
    PlanUpdate: ("work_done", "difficulties", "next_steps"),
    PromotionUpdate: ("summary",),
    BrandUpdate: ("circumstances", "results", "recognition_detail"),
}
OWN = 24  # of the department, the newest; the rest is of sibling projects
STEP = 3  # of each project, how many are looked at to see from when on there are enough


@dataclass(frozen=True)
class Source:
    """An earlier record in which a sentence stood; `pk` is None for those who may not read it."""

    pk: int | None
    name: str


@dataclass(frozen=True)
class RepeatedText:
    label: str  # of the field
    compared: Compared[Source]


def repeated_texts(record: Record, user: User) -> list[RepeatedText]:
    """The texts of the record of which much stood in earlier ones, as this person may be told."""
    fields = TEXTS.get(type(record), ())
    texts = {field: text for field in fields if (text := getattr(record, field).strip())}
    if not texts:
        return []
    earlier = _earlier(record, user)
    found = [RepeatedText(_label(record, field), compare(text, earlier)) for field, text in texts.items()]
    return [text for text in found if text.compared.is_marked]


def _label(record: Record, field: str) -> str:
    return str(record._meta.get_field(field).verbose_name)  # type: ignore[union-attr]  # one of its own


def _earlier(record: Any, user: User) -> list[tuple[str, Source]]:
    kind, department = type(record), record.dossier.department_id
    given: dict[str, Any] = (
        {"record": record.pk, "before": record.submitted_at} if record.submitted_at else {"record": record.pk or 0}
    )
    of_projects, steps = partial(_last_of_projects, kind), (kind, STEP)
    whose = {"dossier": record.dossier_id, "department": department}
    projects = compiled_rows("texts of projects", steps, of_projects, **whose, **given)
    since = _since((last for _, whose, last in projects if whose == department), OWN)
    of_department = partial(_texts, kind, OWN)
    own = compiled_rows("texts of a department", (kind, OWN), of_department, department=department, **since, **given)
    number = MOST_CANDIDATES - len(own)
    siblings = {pk: last for pk, whose, last in projects if whose != department}
    since = _since(siblings.values(), number)
    most = number if len(own) == OWN else MOST_CANDIDATES  # of one question for few numbers
    of_siblings = partial(_texts, kind, most)
    others = compiled_rows("texts of siblings", (kind, most), of_siblings, dossiers=siblings, **since, **given)[:number]
    readable = {row["pk"] for row in own}
    if others:
        visible = compiled_rows("readable", (), _readable, user=user, records=[row["pk"] for row in others])
        readable |= set(visible)
    found = []
    for row in [*own, *others]:
        shown = row["pk"] in readable
        name = f"{row['dossier__name']}“{row['title']}”" if shown else "其他单位同领域项目的填报"
        source = Source(row["pk"] if shown else None, name)
        found += [(row[field], source) for field in TEXTS[kind] if row[field]]
    return found


def _before(kind: type[Record], record: Any, before: Any = None) -> Q:
    """What was submitted of the kind before this record."""
    earlier = Q(kind=kind._meta.label_lower, submitted_at__isnull=False) & ~Q(state=State.VOIDED) & ~Q(pk=record)
    return earlier & Q(submitted_at__lt=before) if before else earlier


def _last_of_projects(kind: type[Record], dossier: Any, department: Any, **record: Any) -> QuerySet[Any, Any]:
    """(project, department, when the STEPth newest of it was submitted) of what is compared."""
    submitted, is_own = Record.objects.filter(_before(kind, **record)), Q(department=department)
    nth = Case(When(is_own, then=_nth(submitted)), default=_nth(submitted.filter(state__in=SETTLED)))
    of_domain = Q(domain__in=Project.objects.filter(pk=dossier).values("domain"))
    return Project.objects.filter(is_own | of_domain).values_list("pk", "department", nth)


def _texts(
    kind: type[Record], number: int, department: Any = None, dossiers: Any = None, since: Any = None, **record: Any
) -> QuerySet[Any, Any]:
    """The newest of the department, or what is settled of these dossiers."""
    where = Q(dossier__department=department) if department else Q(dossier__pk__in=dossiers, state__in=SETTLED)
    if since:
        where &= Q(submitted_at__gte=since)
    found = kind.objects.filter(_before(kind, **record), where).order_by(*NEWEST_FIRST)
    return found.values("pk", "title", "dossier__name", *TEXTS[kind])[:number]


def _readable(user: User, records: Any) -> QuerySet[Any, Any]:
    return Record.objects.visible_to(user).filter(pk__in=records).values_list("pk", flat=True)


def _nth(records: QuerySet[Record]) -> Subquery:
    """When the STEPth newest of these of a project was submitted."""
    of_project = records.filter(dossier=OuterRef("pk")).order_by(*NEWEST_FIRST)
    return Subquery(of_project.values("submitted_at")[STEP - 1 : STEP])


def _since(of_projects: Iterable[datetime | None], number: int) -> dict[str, Any]:
    """From when on there are `number` records, as so many projects have STEP each: a city's years of others stay
    unread. Where too few have, all is read.
    """
    newest = sorted((nth for nth in of_projects if nth), reverse=True)
    enough = -(-number // STEP)
    return {"since": newest[enough - 1]} if len(newest) >= enough else {}
