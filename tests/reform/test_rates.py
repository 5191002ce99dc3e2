"""按时率 and 完整率: of what was due, what was first submitted in time, and what stands submitted."""

import pytest
import time_machine
from django.urls import reverse

from reform.calendar import today
from reform.models import MonthlyPlan, Project
from reform.reporting.rates import Rates, months_until, overall, rates
from tests import factories
from workflow.states import State

pytestmark = [pytest.mark.usefixtures("due_agrees"), pytest.mark.sql]


def on(day):
    return time_machine.travel(f"{day}T09:00+08:00", tick=False)


@pytest.fixture
def spring(cast):
    """A map issued in January, whose values alone are due until July."""
    with on("2026-01-05"):
        drawn = factories.battle_map(cast.project, cast.clerk)
        MonthlyPlan.objects.filter(measure__battle_map=drawn).update(month=12)
        return cast.bring(drawn, State.ISSUED)


def report(cast, spring, month, day, to=State.SUBMITTED):
    with on(day):
        return cast.bring(factories.target_update(spring, cast.clerk, month), to)


def of_planning(cast, first, last):
    return rates((2026, first), (2026, last), today()).get(cast.planning.pk, Rates())


def test_a_late_report_completes_and_a_missing_one_does_neither(cast, spring):
    report(cast, spring, 1, "2026-01-30")
    report(cast, spring, 2, "2026-02-28", State.CONFIRMED)
    report(cast, spring, 3, "2026-04-09")
    with on("2026-05-06"):
        found = of_planning(cast, 1, 4)
    assert found == Rates(due=4, submitted=3, in_time=2)
    assert (found.on_time, found.complete) == ("50%", "75%")


def test_what_came_back_was_in_time_but_is_owed(cast, spring):
    report(cast, spring, 1, "2026-01-30", State.REJECTED)
    with on("2026-02-02"):
        assert of_planning(cast, 1, 1) == Rates(due=1, submitted=0, in_time=1)


def test_a_month_counts_once_its_deadline_is_over(cast, spring):
    report(cast, spring, 1, "2026-01-20")
    with on("2026-01-30"):  # its last working day
        assert of_planning(cast, 1, 1) == Rates()
    with on("2026-01-31"):
        assert of_planning(cast, 1, 12) == Rates(due=1, submitted=1, in_time=1)


def test_what_is_due_no_more_counts_nowhere(cast, spring):
    with on("2026-07-15"):
        assert of_planning(cast, 1, 6).due == 6
        cast.bring(factories.closure(cast.project, cast.clerk), State.CONFIRMED)
        assert of_planning(cast, 7, 7) == Rates()
    with on("2026-09-01"):
        assert of_planning(cast, 7, 8) == Rates()
        assert of_planning(cast, 1, 6).due == Project.objects.get().due_items.standing().count()


def test_without_anything_due_there_is_no_rate():
    assert (Rates().on_time, Rates().complete, overall([])) == ("—", "—", Rates())
    assert overall([Rates(4, 3, 2), Rates(1, 1, 1)]) == Rates(5, 4, 3)


@pytest.mark.parametrize(
    ("last", "first"),
    [((2026, 7), (2026, 2)), ((2026, 6), (2026, 1)), ((2026, 3), (2025, 10)), ((2025, 12), (2025, 7))],
)
def test_six_months_in_a_row(last, first):
    assert months_until(last, 6) == (first, last)


def test_the_office_sees_them_beside_what_is_owed(client, cast, spring):
    report(cast, spring, 4, "2026-04-30")
    report(cast, spring, 5, "2026-06-11")
    with on("2026-07-30"):
        client.force_login(cast.office)
        answer = client.get(reverse("reform:month_end"))
    [unit] = answer.context["units"]
    assert unit.rates == answer.context["overall"] == Rates(due=5, submitted=2, in_time=1)  # February to June
    assert "20% <small>/ 40%</small>" in answer.content.decode()


def test_months_of_two_years_are_one_period(cast, spring):
    with on("2027-02-10"):
        both = rates((2026, 12), (2027, 1), today())
        assert both == rates((2026, 12), (2026, 12), today())
        assert both[cast.planning.pk].due > 1
