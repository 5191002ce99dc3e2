"""核心指标台账: one row per indicator of a confirmed map, with its confirmed values."""

from decimal import Decimal
from operator import attrgetter

from django.db.models import F, IntegerField, OuterRef, Prefetch, Subquery, Value
from django.db.models.functions import Cast

from reform import indicators
from reform.calendar import MONTHS
from reform.models import Indicator, MonthlyTarget, TargetAdjustment
from reform.models.indicator import Period
from workflow.formats import from_plain

from .base import BY_PROJECT, NUMBER, NUMBERED, PERCENT, Column, Ledger, number_of, project_columns


def by_month(row):
    """{month: its MonthlyTarget} of what the row's indicator is told by."""
    if not hasattr(row, "month_found"):  # every month has a column, and figures are taken from all
        row.month_found = {target.month: target for target in row.targets_then}
    return row.month_found


def actual(month):
    """Takes the month's confirmed value out of a row; of a 定性目标 its state."""

    def found(row):
        target = by_month(row).get(month)
        if target is None:
            return None
        return indicators.QualitativeState(target.said_then).label if target.said_then else target.actual_then

    return found


def original(row):
    """The year's target before the first adjustment, if it was another."""
    before = row.before and row.before["annual_target"]
    if row.type_then == indicators.IndicatorType.QUALITATIVE:
        return None if before == row.words_then else before
    target = from_plain(before)
    return None if target == row.target_then else target


def progress(row):
    """How far the row's indicator is at the end of the month for which the row speaks; None before the first."""
    if not hasattr(row, "progress_found"):  # eight columns show something of it
        row.progress_found = _progress(row)
    return row.progress_found


def _progress(row):
    if row.through is None:
        return None
    actuals = {month: target.actual_then for month, target in by_month(row).items()}
    return indicators.progress(
        planned(row),
        actuals,
        row.through,
        annual=row.target_then,
        type=indicators.IndicatorType(row.type_then),
        baseline=row.baseline_then,
        state=row.state_so_far,
    )


def planned(row):
    return {month: target.target_then for month, target in by_month(row).items()}


def months_behind(row):
    found = progress(row)
    behind = indicators.lag_months(found, planned(row)) if found else None
    return behind and behind.quantize(Decimal("0.1"))


def points_behind(row):
    found = progress(row)
    points = found.lag_points if found else None
    return points and points.quantize(Decimal("0.1"))


def of_progress(name, show=lambda value: value):
    """Takes one figure out of a row's progress."""
    return lambda row: show(getattr(found, name)) if (found := progress(row)) else None


def reported(row):
    """累计进度; of a level, nothing before anything was reported; of a 定性目标 its state."""
    found = progress(row)
    if found is None:
        return None
    if found.type == indicators.IndicatorType.QUALITATIVE:
        return indicators.QualitativeState(found.state).label if found.state else None
    return found.amount if found.type in indicators.INCREMENTS else found.value


FIGURES = ("value_so_far", "target_so_far", "target_then", "type_then", "baseline_then")  # what shares are taken from


class IndicatorLedger(Ledger):
    name = "indicators"
    label = "核心指标台账"
    about = "每个核心指标一行：类型、年度目标值、各月已确认的进度值、累计进度、完成比例和序时进度。"
    filled_by = "项目作战图确认后，其中的核心指标会自动列在这里。"
    leads_by = "battle_map_id"
    order = ("-year", "project_number", "position")
    filters = {
        "year": "year",
        "period": None,
        **BY_PROJECT,
    }
    labels = {"period": "累计至"}
    words = ("name_then", "project_name", "project_number")
    columns = (
        NUMBERED,
        Column("年度", attrgetter("year"), 7, NUMBER, order="year"),
        *project_columns(),
        Column("核心指标", attrgetter("name_then"), 22, order="name_then"),
        Column("计量单位", attrgetter("unit_then"), 10),
        Column("指标类型", lambda row: indicators.IndicatorType(row.type_then).label, 10, order="type_then"),
        Column("基期值", attrgetter("baseline_then"), 10, NUMBER),
        Column("填报周期", lambda row: Period(row.period_then).label, 9),
        Column("年度目标值", lambda row: row.words_then or row.target_then, 11, NUMBER, order="target_then"),
        Column("原目标", original, 11, NUMBER),
        Column("调整次数", lambda row: row.adjusted or None, 10, NUMBER, order="adjusted"),
        *(Column(f"{month}月", actual(month), 8, NUMBER) for month in MONTHS),
        Column("累计至", lambda row: row.through and f"{row.through}月", 8, order="through"),
        Column("累计目标值", of_progress("target"), 11, NUMBER, order="target_so_far"),
        Column("累计进度", reported, 11, NUMBER, order="value_so_far"),
        Column(
            indicators.SHARE_SO_FAR,
            of_progress("share", indicators.floored),
            14,
            PERCENT,
            order=indicators.share_until(*FIGURES),
        ),
        Column(
            indicators.SHARE_OF_YEAR,
            of_progress("year_share", indicators.floored),
            14,
            PERCENT,
            order=indicators.share_of_year(
                "value_so_far", "target_so_far", "target_then", "type_then", "baseline_then"
            ),
        ),
        Column("计划进度", of_progress("planned_share", indicators.floored), 10, PERCENT),
        Column(indicators.PACE, of_progress("pace", indicators.floored), 10, PERCENT),
        Column("滞后百分点", points_behind, 11, NUMBER),
        Column("约滞后月数", months_behind, 11, NUMBER),
    )

    def begins_at(self, user, as_of, chosen):
        return as_of.maps(user, chosen.get("year"))

    def rows(self, user, as_of, chosen, maps=None):
        own = as_of.targets(MonthlyTarget.objects.filter(indicator=OuterRef("pk")))
        last = own.exclude(actual_then=None, said_then="").order_by("-month").values("month")[:1]
        month = chosen.get("month")
        # A bare number in ORDER BY is the position of a column; a cast one is a value.
        asked = Cast(Value(month), IntegerField())
        adjustments = as_of.confirmed(TargetAdjustment.objects.filter(indicator=OuterRef("pk"))).order_by("pk")
        standing = as_of.standing(
            as_of.on_maps(Indicator.objects.only("battle_map"), "battle_map", maps),
            name_then="name",
            unit_then="unit",
            target_then="annual_target",
            words_then="annual_words",
            type_then="type",
            baseline_then="baseline",
            period_then="period",
        )
        figures = indicators.figures_until(
            own, "through", type="type_then", value="actual_then", target="target_then", state="said_then"
        )
        return (
            as_of.with_project(standing, "battle_map__dossier__project")
            .annotate(
                year=F("battle_map__year"),
                before=Subquery(adjustments.values("before")[:1]),
                adjusted=number_of(adjustments, "indicator"),
                through=asked if month else Subquery(last),
            )
            .annotate(state_so_far=figures.pop("state_so_far"))
            .alias(**figures)  # to sort by: what the columns say is worked out from the months
        )

    def prefetched(self, as_of):
        targets = as_of.targets(MonthlyTarget.objects.all())
        return (Prefetch("targets", targets.only("indicator", "month"), "targets_then"),)
