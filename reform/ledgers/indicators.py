"""核心指标台账: one row per indicator of a confirmed map, with its confirmed values."""

from operator import attrgetter

from django.db.models import IntegerField, OuterRef, Prefetch, Subquery, Sum, Value
from django.db.models.functions import Cast
from django.urls import reverse

from reform import indicators
from reform.calendar import MONTHS
from reform.models import Indicator, MonthlyTarget, TargetAdjustment
from workflow.formats import from_plain

from .base import NUMBER, NUMBERED, PERCENT, Column, Ledger, number_of, project_columns


def actual(month):
    """Takes the month's confirmed value out of a row."""
    return lambda row: next((target.actual_then for target in row.targets.all() if target.month == month), None)


def original(row):
    """The year's target before the first adjustment, if it was another."""
    target = from_plain(row.before and row.before["annual_target"])
    return None if target == row.target_then else target


def progress(row):
    """How far the row's indicator is at the end of the month for which the row speaks; None before the first."""
    if row.through is None:
        return None
    targets = {target.month: target.target_then for target in row.targets.all()}
    actuals = {target.month: target.actual_then for target in row.targets.all()}
    return indicators.progress(targets, actuals, row.through, annual=row.target_then)


def of_progress(name, show=lambda value: value):
    """Takes one figure out of a row's progress."""
    return lambda row: show(getattr(found, name)) if (found := progress(row)) else None


class IndicatorLedger(Ledger):
    name = "indicators"
    label = "核心指标台账"
    about = "每个核心指标一行：年度目标值、各月已确认的进度值、累计进度和完成比例。"
    order = ("-battle_map__year", "project_number", "position")
    filters = {
        "year": "battle_map__year",
        "month": None,
        "department": "department_then",
        "domain": "domain_then",
    }
    labels = {"month": "累计至"}
    words = ("name_then", "project_name", "project_number")
    columns = (
        NUMBERED,
        Column("年度", attrgetter("battle_map.year"), 7, NUMBER, order="battle_map__year"),
        *project_columns(),
        Column("核心指标", attrgetter("name_then"), 22, order="name_then"),
        Column("计量单位", attrgetter("unit_then"), 10),
        Column("年度目标值", attrgetter("target_then"), 11, NUMBER, order="target_then"),
        Column("原目标", original, 11, NUMBER),
        Column("调整次数", lambda row: row.adjusted or None, 10, NUMBER, order="adjusted"),
        *(Column(f"{month}月", actual(month), 8, NUMBER) for month in MONTHS),
        Column("累计至", lambda row: row.through and f"{row.through}月", 8, order="through"),
        Column("累计目标值", of_progress("target"), 11, NUMBER, order="target_so_far"),
        Column("累计进度", of_progress("amount"), 11, NUMBER, order="actual_so_far"),
        Column(
            indicators.SHARE_SO_FAR,
            of_progress("share", indicators.floored),
            14,
            PERCENT,
            order=indicators.share_until("actual_so_far", "target_so_far", "target_then"),
        ),
        Column(
            indicators.SHARE_OF_YEAR,
            of_progress("year_share", indicators.floored),
            14,
            PERCENT,
            order=indicators.share_of_year("actual_so_far", "target_so_far", "target_then"),
        ),
    )

    def rows(self, user, as_of, chosen):
        targets = as_of.targets(MonthlyTarget.objects.all())
        own = targets.filter(indicator=OuterRef("pk"))
        last = own.exclude(actual_then=None).order_by("-month").values("month")[:1]
        month = chosen.get("month")
        # A bare number in ORDER BY is the position of a column; a cast one is a value.
        asked = Cast(Value(month), IntegerField())
        until = own.filter(month__lte=OuterRef("through")).order_by().values("indicator")
        adjustments = as_of.confirmed(TargetAdjustment.objects.filter(indicator=OuterRef("pk"))).order_by("pk")
        standing = as_of.standing(
            Indicator.objects.filter(battle_map__in=as_of.maps(user).values("pk")),
            name_then="name",
            unit_then="unit",
            target_then="annual_target",
        )
        return (
            as_of.with_project(standing, "battle_map__dossier__project")
            .annotate(
                before=Subquery(adjustments.values("before")[:1]),
                adjusted=number_of(adjustments, "indicator"),
                through=asked if month else Subquery(last),
                target_so_far=Subquery(until.annotate(total=Sum("target_then")).values("total")),
                actual_so_far=Subquery(until.annotate(total=Sum("actual_then")).values("total")),
            )
            .select_related("battle_map")
            .prefetch_related(Prefetch("targets", targets))
        )

    def url(self, row):
        return reverse("workflow:record", args=[row.battle_map_id])
