"""Numbers of a year, project by project: the cockpit adds them up over the projects that are asked for."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from typing import Any

from django.db.models import Count, F, FloatField, OuterRef, Q, QuerySet, Subquery, Sum, Value
from django.db.models.functions import Cast, Greatest, Least

from reform.indicators import IndicatorType
from reform.models import DueItem, Indicator, MonthlyTarget, Project
from reform.reporting.rates import NUMBERS, counted
from workflow.states import State

PlanNumbers = tuple[int, int, int, int, int]  # due, done, in time; of those whose deadline is over: due, in time
RateNumbers = tuple[int, int, int]


def added(numbers: Iterable[Iterable[Any]]) -> list[Any]:
    """Column by column."""
    return list(map(sum, zip(*numbers, strict=True)))


def shares(projects: QuerySet[Project], year: int, through: int) -> dict[int, tuple[float, int]]:
    """{project: (sum of the shares of the year's targets, of how many indicators)}, of 累计完成 alone."""
    until = MonthlyTarget.objects.filter(indicator=OuterRef("pk"), month__lte=through).order_by()
    done = Subquery(until.values("indicator").annotate(total=Sum("actual")).values("total"))
    share = Cast(done, FloatField()) / Cast(F("annual_target"), FloatField())
    rows = (
        Indicator.objects.filter(
            battle_map__dossier__in=projects.order_by().values("pk"),
            type=IndicatorType.CUMULATIVE,
            annual_target__gt=0,
            battle_map__state=State.ISSUED,
            battle_map__year=year,
        )
        .order_by()
        .annotate(share=Least(Greatest(share, Value(0.0)), Value(1.0)))
        .values_list("battle_map__dossier")
        .annotate(total=Sum("share", default=0.0), number=Count("pk"))
    )
    return {project: (total, number) for project, total, number in rows}


def plan_months(projects: QuerySet[Project], year: int, day: date) -> dict[int, dict[int, PlanNumbers]]:
    """{project: {month: how many of its plans}}."""
    rows = DueItem.objects.standing().filter(plan__isnull=False, is_deadline=True, year=year)
    # In time: what said 已完成 was submitted by the day on which the plan was due.
    in_time = Q(settled_at__isnull=False, record__submitted_at__date__lte=F("due_on"))
    over = Q(due_on__lt=day)
    found: dict[int, dict[int, PlanNumbers]] = defaultdict(dict)
    for project, month, *numbers in (
        rows.filter(dossier__in=projects.order_by().values("pk"))
        .order_by()
        .values_list("dossier", "month")
        .annotate(
            due=Count("pk"),
            done=Count("pk", filter=Q(settled_at__isnull=False)),
            in_time=Count("pk", filter=in_time),
            over=Count("pk", filter=over),
            over_in_time=Count("pk", filter=in_time & over),
        )
    ):
        found[project][month] = tuple(numbers)
    return dict(found)


def rates(projects: QuerySet[Project], year: int, day: date) -> dict[int, dict[tuple[int, int], RateNumbers]]:
    """{project: {(department, month): the numbers of Rates}} as far as deadlines were over by that day."""
    found: dict[int, dict[tuple[int, int], RateNumbers]] = defaultdict(dict)
    rows = counted((year, 1), (year, 12), day).filter(dossier__in=projects.order_by().values("pk")).order_by()
    for project, department, month, *numbers in rows.values_list("dossier", "department", "month").annotate(**NUMBERS):
        found[project][department, month] = tuple(numbers)
    return dict(found)
