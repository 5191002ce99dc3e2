"""What asks a reviewer to look at a record by itself, before it is passed together with others."""

from collections import Counter
from collections.abc import Collection

from django.db.models import QuerySet

from accounts.compiled_queries import compiled_rows
from accounts.models import User
from reform.calendar import today
from reform.lights import indicator_light
from reform.models import (
    BrandUpdate,
    DueItem,
    LightRule,
    PlanStatus,
    PlanUpdate,
    PromotionUpdate,
    TargetUpdate,
    TargetValue,
)
from reform.quality.records import keys_of_kind, open_hints, values_of
from workflow.models import Record

# What is reported month by month; everything else decides on a map, or on its end.
PASSED_TOGETHER = (TargetUpdate, PlanUpdate, PromotionUpdate, BrandUpdate)
ONE_BY_ONE = "宜逐件审核"


def doubts(records: Collection[Record], user: User) -> dict[int, list[str]]:
    """{record: its doubts, in words}; those without are left out. Constant queries for any number of records.

    A hint that nobody has answered, an indicator whose light would be amber or red, a plan that is overdue. Evidence is
    there where it is needed: nothing is submitted without (`problems`).
    """
    together = {kind._meta.label_lower for kind in PASSED_TOGETHER}
    found = {record.pk: [ONE_BY_ONE] for record in records if record.kind not in together}
    others = [record for record in records if record.pk not in found]
    values = values_of(others)
    hints = open_hints(others, for_office=user.is_office_reviewer, values=values)
    behind, overdue = _behind(values), _overdue(others)
    for record in others:
        words = []
        if record.pk in hints:
            words.append(f"数据提示 {len(hints[record.pk])} 条")
        if record.pk in behind:
            words.append(f"{behind[record.pk]} 项指标滞后")
        if record.pk in overdue:
            words.append("计划已逾期，尚未完成")
        if words:
            found[record.pk] = words
    return found


def _behind(values: Collection[TargetValue]) -> Counter[int]:
    """{update: how many of its indicators}."""
    rule = LightRule.current()
    return Counter(value.update_id for value in values if indicator_light(value.progress, rule).is_warning)


def _overdue(records: Collection[Record]) -> set[int]:
    """The updates that do not say 已完成 of a plan whose time is over."""
    updates = keys_of_kind(records, PlanUpdate)

    def late(updates: Collection[int]) -> QuerySet[PlanUpdate, int]:
        plans = DueItem.objects.overdue_plans(today()).filter(plan__updates__in=updates).values("plan")
        found = PlanUpdate.objects.filter(pk__in=updates, plan__in=plans).exclude(status=PlanStatus.DONE)
        return found.values_list("pk", flat=True)

    return set(compiled_rows("updates of overdue plans", today(), late, updates=updates))
