"""One deadline for one matter, on every page and in every message; overdue until something ends it."""

import pytest
import time_machine
from django.core.management import call_command
from django.urls import reverse

from accounts import clock
from accounts.models import User
from reform.lights import lights_for
from reform.models import MonthlyPlan, PlanStatus, PlanUpdate, Project, TargetUpdate
from tests import factories
from tests.work import due_count, work_rows
from workflow.states import State

pytestmark = [pytest.mark.usefixtures("due_agrees"), pytest.mark.sql]


def on(day):
    return time_machine.travel(f"{day}T10:00+08:00", tick=False)


@pytest.fixture
def read(client, cast):
    """read("clerk", "home"): the words of that page."""

    def get(who, name, *args, **query):
        client.force_login(getattr(cast, who))
        return client.get(reverse(name, args=args), query).content.decode()

    return get


def plan_of(battle_map, **which):
    return MonthlyPlan.objects.get(measure__battle_map=battle_map, **which)


# --- One deadline ----------------------------------------------------------------------------------------------------


def test_what_was_over_when_the_map_was_issued_has_the_deadline_of_the_issue_everywhere(cast, read):
    with on("2026-11-25"):
        issued = cast.issued_map()
        plan = plan_of(issued, month=2)
        owed = {"period": "2026-05", "open": cast.planning.pk}
        pages = [
            read("clerk", "home"),
            read("clerk", "reform:kind", "targetupdate"),
            read("clerk", "reform:kind", "planupdate"),
            read("office", "reform:month_end", **owed),
        ]
        assert all("截止11月30日" in page for page in pages)
        assert not any("已逾期" in page for page in pages)
        for page in (read("clerk", "reform:plan", plan.pk), read("clerk", "reform:map", issued.pk)):
            assert "应于2026年11月30日前完成" in page
            assert "2月28日" not in page
    with on("2026-11-30"):
        call_command("remind")
    texts = list(cast.clerk.messages.filter(key__startswith="remind").values_list("text", flat=True))
    assert len(texts) == 2
    assert all("截止11月30日" in text for text in texts)
    with on("2026-12-01"):
        assert {row.term_words for row in work_rows(TargetUpdate, cast.clerk) if row.due} == {"已逾期，截止11月30日"}
        assert "已逾期，截止11月30日" in read("office", "reform:month_end", **owed)


def test_a_plan_added_for_a_month_that_is_over_has_the_deadline_of_its_confirmation_everywhere(cast, read):
    with on("2026-01-05"):
        issued = cast.issued_map()
    with on("2026-06-10"):
        iteration = factories.iteration(issued.measures.first(), cast.clerk)
        iteration.changes.filter(plan=None).update(month=3)
        cast.bring(iteration, State.CONFIRMED)
        plan = plan_of(issued, month=3)
        [row] = [row for row in work_rows(PlanUpdate, cast.clerk) if row.key == str(plan.pk)]
        assert (row.term_words, str(row.due_on)) == ("本月应报，截止6月30日", "2026-06-30")
        assert "应于2026年6月30日前完成" in read("clerk", "reform:plan", plan.pk)
        assert "截止6月30日" in read("office", "reform:month_end", period="2026-03", open=cast.planning.pk)
        page = read("clerk", "reform:map", issued.pk)
        assert "应于2026年6月30日前完成" in page
        assert "应于2026年3月31日前完成" not in page


# --- Overdue until something ends it --------------------------------------------------------------------------------


def is_overdue(cast, day):
    """Whether the light says so, which the clerk's list must confirm."""
    with on(day):
        User.objects.update(password_set_at=clock.now())
        [light] = lights_for(Project.objects.filter(pk=cast.project.pk), clock.today()).values()
        due = [row for row in work_rows(PlanUpdate, cast.clerk) if row.due]
        assert len(due) == due_count(PlanUpdate, cast.clerk)
        listed = any("已逾期" in row.term_words for row in due)
        assert ("项月度计划逾期" in light.reason) is listed
        return listed


def done(cast, plan):
    update = factories.plan_update(plan, cast.clerk, PlanStatus.DONE)
    factories.ClassifiedNoticeFactory(record=update)
    cast.bring(update, State.CONFIRMED)


def changed(**values):
    def change(cast, plan):
        iteration = factories.iteration(plan.measure, cast.clerk)
        iteration.changes.filter(plan=plan).update(**values)
        iteration.changes.filter(plan=None).update(month=12)
        cast.bring(iteration, State.CONFIRMED)
        done(cast, iteration.changes.get(content="扩大试点").plan)

    return change


@pytest.fixture
def one_plan(cast):
    """A map of 2025 with one plan, of November, that nobody has spoken of."""
    with on("2025-01-06"):
        drawn = factories.battle_map(cast.project, cast.clerk, 2025)
        MonthlyPlan.objects.filter(measure__battle_map=drawn, month__lt=11).update(month=12)
        issued = cast.bring(drawn, State.ISSUED)
    with on("2025-12-20"):
        for plan in MonthlyPlan.objects.filter(measure__battle_map=issued, month=12):
            done(cast, plan)
    return plan_of(issued, month=11)


@pytest.mark.parametrize(
    ("end", "after"),
    [(done, False), (changed(cancelled=True), False), (changed(month=12), True)],
    ids=["done", "cancelled", "moved"],
)
@pytest.mark.parametrize("ended_on", ["2025-12-10", "2027-02-03"])
def test_overdue_stays_overdue_in_whatever_year_until_something_ends_it(cast, one_plan, end, ended_on, after):
    assert is_overdue(cast, "2025-12-09")
    if ended_on > "2026":
        assert is_overdue(cast, "2026-01-04")
        assert is_overdue(cast, ended_on)
    with on(ended_on):
        end(cast, one_plan)
        assert not is_overdue(cast, ended_on)
    assert is_overdue(cast, "2027-12-20") is after  # what was moved has a new day, and misses it too
