"""Lights over time: at each month's end, as they were, whatever has happened since."""

from datetime import UTC, datetime

import pytest
import time_machine
from django.core.management import call_command

from accounts import clock
from reform.calendar import today
from reform.cockpit import month_lights
from reform.cockpit.past_lights import facts_at
from reform.lights import facts_for
from reform.models import LightRule, MonthLight, MonthlyPlan, Project, ProjectRevision
from tests import factories
from workflow.states import State

pytestmark = pytest.mark.sql


def on(day):
    return time_machine.travel(f"{day}T09:00+08:00", tick=False)


@pytest.fixture
def spring(cast):
    """A map issued in January, of which one plan is for February; the values of January were confirmed in time."""
    ProjectRevision.objects.update(valid_from=datetime(2025, 11, 3, tzinfo=UTC))
    with on("2026-01-05"):
        drawn = factories.battle_map(cast.project, cast.clerk)
        plans = MonthlyPlan.objects.filter(measure__battle_map=drawn)
        plans.update(month=12)
        plans.filter(pk=plans.first().pk).update(month=2)
        drawn = cast.bring(drawn, State.ISSUED)
    with on("2026-01-30"):
        cast.bring(factories.target_update(drawn, cast.clerk, 1), State.CONFIRMED)
    return drawn


def colours():
    return {(light.year, light.month): light.colour for light in MonthLight.objects.order_by("year", "month")}


def test_a_month_end_keeps_its_light_whatever_happens_later(cast, spring):
    with on("2026-03-02"):
        assert month_lights.catch_up() == 2
        assert colours() == {(2026, 1): "green", (2026, 2): "amber"}  # due that day
        plan = MonthlyPlan.objects.get(measure__battle_map=spring, month=2)
        cast.bring(factories.plan_update(plan, cast.clerk), State.CONFIRMED)
        cast.bring(factories.target_update(spring, cast.clerk, 2), State.CONFIRMED)
    with on("2026-04-01"):
        assert month_lights.catch_up() == 1
        assert colours()[2026, 2] == "amber"
        assert month_lights.colours_at_end(month_lights.last_month_end(today())) == {
            cast.project.pk: "red"
        }  # not completed
        assert month_lights.differences() == []
        assert month_lights.counts(Project.objects.all(), (2026, 2), (2026, 3)) == {
            (2026, 2): {"amber": 1},
            (2026, 3): {"red": 1},
        }


def test_other_thresholds_change_no_month_that_is_over(cast, spring):
    with on("2026-03-02"):
        month_lights.catch_up()
        LightRule.objects.create(pk=1, red_below=98, amber_below=99)
        assert month_lights.differences() == []
        MonthLight.objects.filter(month=1).update(colour="red")
        with pytest.raises(SystemExit):
            call_command("check_lights")
        call_command("check_lights", fix=True)
        assert colours() == {(2026, 1): "green", (2026, 2): "amber"}


@pytest.mark.parametrize("state", [State.SUBMITTED, State.REJECTED, State.CONFIRMED])
def test_the_past_is_told_as_the_present_was(cast, spring, state):
    """Both ways to the facts agree, at a moment that both can tell."""
    with on("2026-02-27"):
        cast.bring(factories.target_update(spring, cast.clerk, 2), state)
        plan = MonthlyPlan.objects.get(measure__battle_map=spring, month=2)
        cast.bring(factories.plan_update(plan, cast.clerk), state)
        assert facts_at(clock.now()) == facts_for(Project.objects.all(), today())
    with on("2026-03-05"):
        assert facts_at(clock.now()) == facts_for(Project.objects.all(), today())
