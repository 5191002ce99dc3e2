"""Which earlier texts a record's texts are compared with: those of its department first, then of sibling projects."""

from dataclasses import dataclass
from typing import Any

from accounts.models import User
from reform.models import BrandUpdate, PlanUpdate, Project, PromotionUpdate
from reform.quality.repeated import MOST_CANDIDATES, Compared, compare
from workflow.models import Record
from workflow.states import SETTLED, State

TEXTS: dict[type[Record], tuple[str, ...]] = {
    PlanUpdate: ("work_done", "difficulties", "next_steps"),
    PromotionUpdate: ("summary",),
    BrandUpdate: ("circumstances", "results", "recognition_detail"),
}
OWN = 24  # of the department, the newest; the rest is of sibling projects


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
    before = kind.objects.filter(submitted_at__isnull=False).exclude(state=State.VOIDED).order_by("-submitted_at")
    if record.submitted_at:
        before = before.filter(submitted_at__lt=record.submitted_at)
    before = before.exclude(pk=record.pk).select_related("dossier")
    department = record.dossier.department_id
    own = list(before.filter(dossier__department=department)[:OWN])
    siblings = Project.objects.filter(domain__in=Project.objects.filter(pk=record.dossier_id).values("domain"))
    others = before.filter(dossier__in=siblings.values("pk"), state__in=SETTLED).exclude(dossier__department=department)
    others = list(others[: MOST_CANDIDATES - len(own)])
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
