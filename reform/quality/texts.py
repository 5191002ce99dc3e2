"""Which earlier texts a record's texts are compared with: those of its department first, then of sibling projects."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Case, OuterRef, Q, QuerySet, Subquery, When

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
    kind = type(record)
    earlier = Q(kind=kind._meta.label_lower, submitted_at__isnull=False) & ~Q(state=State.VOIDED) & ~Q(pk=record.pk)
    if record.submitted_at:
        earlier &= Q(submitted_at__lt=record.submitted_at)
    before = kind.objects.filter(earlier).order_by(*NEWEST_FIRST).select_related("dossier")
    department = record.dossier.department_id
    of_domain = Q(domain__in=Project.objects.filter(pk=record.dossier_id).values("domain"))
    is_own = Q(department=department)
    submitted = Record.objects.filter(earlier)
    nth = Case(When(is_own, then=_nth(submitted)), default=_nth(submitted.filter(state__in=SETTLED)))
    projects = list(Project.objects.filter(is_own | of_domain).values_list("pk", "department", nth))
    since = _since((last for _, whose, last in projects if whose == department), OWN)
    own = list(before.filter(since, dossier__department=department)[:OWN])
    number = MOST_CANDIDATES - len(own)
    siblings = {pk: last for pk, whose, last in projects if whose != department}
    others = list(before.filter(_since(siblings.values(), number), dossier__in=siblings, state__in=SETTLED)[:number])
    readable = set()
    if others:
        visible = Record.objects.visible_to(user).filter(pk__in=[other.pk for other in others])
        readable = set(visible.values_list("pk", flat=True))
    found = []
    for one in [*own, *others]:
        shown = one in own or one.pk in readable
        name = f"{one.dossier.name}“{one.title}”" if shown else "其他单位同领域项目的填报"
        source = Source(one.pk if shown else None, name)
        found += [(getattr(one, field), source) for field in TEXTS[kind] if getattr(one, field)]
    return found


def _nth(records: QuerySet[Record]) -> Subquery:
    """When the STEPth newest of these of a project was submitted."""
    of_project = records.filter(dossier=OuterRef("pk")).order_by(*NEWEST_FIRST)
    return Subquery(of_project.values("submitted_at")[STEP - 1 : STEP])


def _since(of_projects: Iterable[datetime | None], number: int) -> Q:
    """From when on there are `number` records, as so many projects have STEP each: a city's years of others stay
    unread. Where too few have, all is read.
    """
    newest = sorted((nth for nth in of_projects if nth), reverse=True)
    enough = -(-number // STEP)
    return Q(submitted_at__gte=newest[enough - 1]) if len(newest) >= enough else Q()
