"""Forecasts of many indicators at once, from their confirmed values and those of the year before."""

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import partial

from django.db import transaction

from accounts.compiled_queries import compiled_rows
from reform.forecasts import Forecast, Quality, forecast, qualities, with_quality, year_end
from reform.indicators import IndicatorType
from reform.models import ForecastQuality, Indicator, MonthlyTarget
from workflow.states import State


@dataclass
class Course:
    """An indicator's year: what was planned and what was confirmed, month by month."""

    pk: int
    name: str
    unit: str
    annual: Decimal | None
    type: IndicatorType
    baseline: Decimal | None
    year: int
    project: int
    targets: dict = field(default_factory=dict)
    actuals: dict = field(default_factory=dict)

    @classmethod
    def of(cls, indicator: Indicator, year: int, project: int) -> "Course":
        """Of an indicator whose targets are prefetched."""
        targets = indicator.by_month()
        return cls(
            *(indicator.pk, indicator.name, indicator.unit, indicator.annual_target),
            *(IndicatorType(indicator.type), indicator.baseline, year, project),
            targets={month: row.target for month, row in targets.items()},
            actuals={month: row.actual for month, row in targets.items() if row.actual is not None},
        )

    @property
    def key(self):
        """By what it is found again in the year before."""
        return self.project, self.name, self.unit, self.type

    def forecast(self, last_year=None, until=12) -> Forecast | None:
        """As it would have been made when the values up to that month were confirmed."""
        return forecast(
            self.targets,
            {month: value for month, value in self.actuals.items() if month <= until},
            annual=self.annual,
            type=self.type,
            baseline=self.baseline,
            last_year=(last_year.targets, last_year.actuals) if last_year else None,
        )


def courses(indicators) -> list[Course]:
    """Of these indicators (a queryset), without 定性目标, in two queries."""
    return _courses(_facts(indicators), _months(indicators))


def _facts(indicators):
    fields = ("pk", "name", "unit", "annual_target", "type", "baseline", "battle_map__year", "battle_map__dossier")
    return _with_figures(indicators).order_by("battle_map", "position", "pk").values_list(*fields)


def _months(indicators):
    rows = MonthlyTarget.objects.filter(indicator__in=_with_figures(indicators).order_by().values("pk")).order_by()
    return rows.values_list("indicator", "month", "target", "actual")


def _with_figures(indicators):
    return indicators.exclude(type=IndicatorType.QUALITATIVE)


def _courses(facts, months) -> list[Course]:
    found = {row[0]: Course(*row) for row in facts}
    for pk, month, target, actual in months:
        found[pk].targets[month] = target
        if actual is not None:
            found[pk].actuals[month] = actual
    return list(found.values())


def issued_indicators(year):
    return Indicator.objects.filter(battle_map__state=State.ISSUED, battle_map__year=year)


def forecasts(indicators, year, until=12) -> dict[int, Forecast]:
    """{indicator: its Forecast} of these indicators of that year's maps, as far as there is one: from the values
    confirmed for its months up to `until`.
    """
    return forecasts_of(courses(indicators), year, until)


def forecasts_of(own: list[Course], year: int, until: int = 12) -> dict[int, Forecast]:
    """The same of courses that are known."""
    projects = {course.project for course in own}

    def asked(of, projects):
        return of(issued_indicators(year - 1).filter(battle_map__dossier__in=projects))

    facts = compiled_rows("courses", year, partial(asked, _facts), projects=projects)
    months = compiled_rows("months of courses", year, partial(asked, _months), projects=projects)
    last_year = {course.key: course for course in _courses(facts, months)}
    known = known_qualities()
    found = {course.pk: course.forecast(last_year.get(course.key), until) for course in own}
    return {pk: with_quality(each, known) for pk, each in found.items() if each}


def known_qualities() -> dict[tuple[IndicatorType, int], Quality]:
    rows = compiled_rows("qualities", (), _qualities)
    return {
        (IndicatorType(kind), month): Quality(cases, low, high, error) for kind, month, cases, low, high, error in rows
    }


def _qualities():
    return ForecastQuality.objects.values_list("type", "month", "cases", "low", "high", "error")


@transaction.atomic
def learn(day: date):
    """Write anew what the method was worth in the years before that day's."""
    found = qualities(past_cases(range(day.year - 5, day.year)))
    ForecastQuality.objects.all().delete()
    ForecastQuality.objects.bulk_create(
        ForecastQuality(type=kind, month=month, cases=each.cases, low=each.low, high=each.high, error=each.error)
        for (kind, month), each in sorted(found.items())
    )


def past_cases(years):
    """(type, month, forecast, year's end) of each month of each year's indicators whose December is confirmed."""
    before: dict[tuple, Course] = {}
    for year in years:
        own = courses(issued_indicators(year))
        for course in own:
            end = year_end(course.actuals, course.type)
            if end is None:
                continue
            for month in sorted(course.actuals)[:-1]:
                if found := course.forecast(before.get(course.key), month):
                    yield course.type, month, found.value, end
        before = {course.key: course for course in own}
