"""What a reviewer should know before anything else: which projects have plans overdue, and what falls due next."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import Count, Exists, Func, IntegerField, Min, OuterRef, QuerySet

from accounts.compiled_queries import compiled_rows
from reform.lights import Light, lights_for
from reform.models import DueItem, MonthLight, Project

AHEAD = 45  # days


@dataclass(frozen=True)
class OverdueProject:
    """A project with plans overdue: its light, and whether that was no red one at the end of the month before."""

    project: Project
    light: Light
    is_new: bool


def overdue_plans(departments: Collection[int], day: date) -> QuerySet[DueItem]:
    return DueItem.objects.overdue_plans(day).filter(department__in=departments)


def count_overdue_projects(departments: frozenset[int], day: date) -> int:
    def number(departments: Sequence[int]) -> QuerySet[DueItem]:
        projects = Func("dossier", template="COUNT(DISTINCT %(expressions)s)", output_field=IntegerField())
        return overdue_plans(departments, day).order_by().values_list(projects, flat=True)

    return sum(compiled_rows("number of overdue projects", day, number, departments=departments))


def overdue_projects(departments: frozenset[int], day: date, number: int) -> list[OverdueProject]:
    """The first of them: those that have turned red since the last month's end, then those with most plans overdue."""

    def rows(departments: Sequence[int]) -> QuerySet[DueItem, Any]:
        before = day.replace(day=1) - timedelta(days=1)
        lights_then = MonthLight.objects.filter(project=OuterRef("dossier"), year=before.year, month=before.month)
        found = overdue_plans(departments, day).order_by().values("dossier")
        return found.annotate(
            plans=Count("plan", distinct=True), since=Min("due_on"), is_new=Exists(lights_then.exclude(colour="red"))
        ).order_by("-is_new", "-plans", "since", "dossier")[:number]

    found = compiled_rows("overdue projects", (day, number), rows, departments=departments)
    first = {row["dossier"]: row["is_new"] for row in found}
    known = Project.objects.select_related("department").in_bulk(first)
    lights = lights_for(known.values(), day)
    return [OverdueProject(known[pk], lights[pk], is_new) for pk, is_new in first.items() if pk in known]


def deadlines_ahead(departments: frozenset[int], day: date) -> dict[date, dict[str, int]]:
    """{due day: {kind: how many are still to be reported}}, the nearest first."""

    def numbers(departments: Sequence[int]) -> QuerySet[DueItem, Any]:
        owed = DueItem.objects.owed().filter(
            department__in=departments, due_on__gte=day, due_on__lte=day + timedelta(days=AHEAD)
        )
        return owed.order_by("due_on").values_list("due_on", "kind").annotate(number=Count("*"))

    found: dict[date, dict[str, int]] = {}
    for due_on, kind, number in compiled_rows("deadlines ahead", day, numbers, departments=departments):
        found.setdefault(due_on, {})[kind] = number
    return found
