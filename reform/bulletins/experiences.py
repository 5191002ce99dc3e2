"""经验库: confirmed promotions and brands as one list, by their days. Recorded, never scored or ranked."""

from datetime import date
from typing import Any

from django.db.models import F, QuerySet, Value

from accounts.listing import containing
from accounts.models import Department, User
from reform.calendar import Period
from reform.models import BrandUpdate, Domain, PromotionUpdate
from reform.models.achievement import Achievement

PROMOTION, BRAND = "promotion", "brand"
KINDS: dict[str, type[Achievement]] = {PROMOTION: PromotionUpdate, BRAND: BrandUpdate}
SEARCHED = {PROMOTION: ("summary",), BRAND: ("results", "circumstances", "recognition_detail")}
NAMES = ("pk", "day", "achievement")


def experiences(
    user: User,
    *,
    kind: str = "",
    period: Period | None = None,
    department: Department | None = None,
    domain: Domain | None = None,
    words: str = "",
) -> QuerySet[Any]:
    """Dicts with NAMES, the latest first."""
    parts = [
        _of(name, user, period=period, department=department, domain=domain, words=words)
        for name in ([kind] if kind else KINDS)
    ]
    found = parts[0].union(*parts[1:], all=True) if len(parts) > 1 else parts[0]
    return found.order_by("-day", "-pk")


def _of(
    name: str,
    user: User,
    *,
    period: Period | None,
    department: Department | None,
    domain: Domain | None,
    words: str,
) -> QuerySet[Any]:
    model = KINDS[name]
    found = model.objects.visible_to(user).found_by_dossier(user).of_kind().settled()
    if period:
        days: dict[str, date] = {f"{model.DATE}__gte": period.starts, f"{model.DATE}__lte": period.ends}
        found = found.filter(**days)
    if department:
        found = found.filter(dossier__department=department)
    if domain:
        found = found.filter(dossier__project__domain=domain)
    return (
        containing(found, words, "dossier__name", *SEARCHED[name])
        .order_by()
        .annotate(day=F(model.DATE), achievement=Value(name))
        .values(*NAMES)
    )


def records(rows: list[dict[str, Any]]) -> dict[int, Any]:
    """{key: the record} of these rows, with projects, departments and domains."""
    found: dict[int, Any] = {}
    for name, model in KINDS.items():
        keys = [row["pk"] for row in rows if row["achievement"] == name]
        if keys:
            found |= model.objects.select_related("dossier__department", "dossier__project__domain").in_bulk(keys)
    return found
