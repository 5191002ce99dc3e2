"""Lights over time: what lit at each month's end, written once and read ever after.

To know the lights of a past day, revisions and events of the whole city are read: seconds, where there are many
projects. What has passed does not change, so `remind` writes each month's end once it is over.
"""

from collections import Counter, defaultdict
from datetime import date

from django.db.models import Count, Min
from django.utils import timezone

from reform.as_of import AsOf
from reform.calendar import Period, today
from reform.lights import project_light
from reform.models import BattleMap, LightRule, MonthLight

from .past_lights import facts_at

Month = tuple[int, int]  # year, month

AT_ONCE = 500
MOST_MONTHS = 36  # that are written afterwards, where nothing is written yet


def last_month_end(day: date) -> Month:
    """The last month that was over by that day."""
    return (day.year, day.month - 1) if day.month > 1 else (day.year - 1, 12)


def colours_at_end(month: Month) -> dict[int, str]:
    """{project: its colour} at that month's end, of those that were under way; empty if it has not been written."""
    year, number = month
    return dict(MonthLight.objects.filter(year=year, month=number).values_list("project", "colour"))


def counts(projects, first: Month, last: Month) -> dict[Month, Counter]:
    """{month: {colour: how many of these projects}} of the months' ends that are written."""
    rows = (
        MonthLight.objects.filter(project__in=projects.order_by().values("pk"), year__gte=first[0], year__lte=last[0])
        .order_by()
        .values_list("year", "month", "colour")
        .annotate(number=Count("pk"))
    )
    found: dict[Month, Counter] = defaultdict(Counter)
    for year, month, colour, number in rows:
        if first <= (year, month) <= last:
            found[year, month][colour] = number
    return found


def catch_up(most: int = MOST_MONTHS) -> int:
    """Write the months' ends that are over and not written, so many at most; returns how many.

    Again and again without harm.
    """
    written = set(MonthLight.objects.order_by().values_list("year", "month").distinct())
    months = [month for month in _months_over(most) if month not in written]
    for month in months:
        lights = lights_at_end(month, LightRule.current())
        MonthLight.objects.bulk_create(lights, batch_size=AT_ONCE, ignore_conflicts=True)
    return len(months)


def lights_at_end(month: Month, rule: LightRule) -> list[MonthLight]:
    """As they follow from revisions and events, under that rule; unsaved."""
    year, number = month
    facts = facts_at(AsOf.of(Period(year, number, number).ends).at)
    return [
        MonthLight(
            project_id=pk,
            year=year,
            month=number,
            colour=project_light(found, rule).colour,
            red_below=rule.red_below,
            amber_below=rule.amber_below,
        )
        for pk, found in sorted(facts.items())
    ]


def differences() -> list[str]:
    """Sentences on what is written otherwise than it follows; [] when both agree."""
    found = []
    written: dict[Month, dict[int, MonthLight]] = defaultdict(dict)
    for light in MonthLight.objects.order_by("year", "month", "project"):
        written[light.year, light.month][light.project_id] = light
    for month, lights in written.items():
        rules = {(light.red_below, light.amber_below) for light in lights.values()}
        for red, amber in rules:
            rule = LightRule(red_below=red, amber_below=amber)
            expected = {light.project_id: light for light in lights_at_end(month, rule)}
            under = {pk: light for pk, light in lights.items() if (light.red_below, light.amber_below) == (red, amber)}
            for pk in sorted(under if len(rules) > 1 else under.keys() | expected.keys()):
                now, wanted = (each.get(pk) and each[pk].colour for each in (under, expected))
                if now != wanted:
                    found.append(f"{month[0]}年{month[1]}月末，项目 {pk}：现为 {now}，应为 {wanted}")
    return found


def _months_over(most: int) -> list[Month]:
    """From that of the first issue on, in order."""
    first = BattleMap.objects.aggregate(at=Min("issued_at"))["at"]
    if first is None:
        return []
    first_day, (year, month) = timezone.localdate(first), last_month_end(today())
    last = year * 12 + month - 1
    start = max(first_day.year * 12 + first_day.month - 1, last - most + 1)
    return [(number // 12, number % 12 + 1) for number in range(start, last + 1)]
