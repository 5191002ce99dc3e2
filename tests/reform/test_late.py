"""迟报: what was first submitted after its term, and what waits as due or overdue."""

import pytest
import time_machine
from django.urls import reverse

from reform.models import MonthlyPlan, PlanUpdate, PromotionUpdate, TargetUpdate
from tests import factories
from tests.work import due_count, work_rows
from workflow.states import State

pytestmark = [pytest.mark.usefixtures("due_agrees"), pytest.mark.sql]


@pytest.fixture
def early(cast):
    """The map, issued at the beginning of the year."""
    with time_machine.travel("2026-01-05T09:00+08:00"):
        return cast.issued_map()


def submitted_at(cast, record, moment):
    with time_machine.travel(moment):
        return cast.act(record, "clerk", "submit")


@pytest.mark.parametrize(
    ("moment", "late"),
    [
        ("2026-02-24T09:00+08:00", False),
        ("2026-02-28T23:59+08:00", False),  # the Saturday worked for 春节, to its last minute
        ("2026-03-01T00:00+08:00", True),
    ],
)
def test_a_target_update_after_the_last_working_day_is_late(cast, early, moment, late):
    with time_machine.travel("2026-02-20T09:00+08:00"):
        update = factories.target_update(early, cast.clerk, 2)
    assert submitted_at(cast, update, moment).late is late


def test_the_first_submission_decides(cast, early):
    punctual = factories.target_update(early, cast.clerk, 6)
    with time_machine.travel("2026-06-30T09:00+08:00"):
        cast.act(punctual, "clerk", "submit")
    cast.act(punctual, "reviewer", "reject")
    assert cast.act(punctual, "clerk", "submit").late is False
    tardy = factories.target_update(early, cast.clerk, 5)
    cast.act(tardy, "clerk", "submit")
    cast.act(tardy, "clerk", "withdraw")
    with time_machine.travel("2026-05-20T09:00+08:00"):
        assert cast.act(tardy, "clerk", "submit").late is True


def test_a_correction_of_a_confirmed_month_is_no_late_report(cast, early):
    with time_machine.travel("2026-02-27T09:00+08:00"):
        cast.bring(factories.target_update(early, cast.clerk, 2), State.CONFIRMED)
    correction = factories.target_update(early, cast.clerk, 2)
    assert correction.revision == 2
    assert cast.act(correction, "clerk", "submit").late is False


def test_nobody_is_late_with_months_over_before_the_issue(cast):
    update = factories.target_update(cast.issued_map(), cast.clerk, 1)  # issued on 15 July
    assert submitted_at(cast, update, "2026-07-31T17:00+08:00").late is False


def test_unless_the_month_of_the_issue_is_over_too(cast):
    update = factories.target_update(cast.issued_map(), cast.clerk, 1)
    assert submitted_at(cast, update, "2026-08-03T09:00+08:00").late is True


@pytest.mark.parametrize(
    ("told", "moment", "late"),
    [
        (None, "2026-02-28T09:00+08:00", False),
        (None, "2026-03-02T09:00+08:00", True),
        ("2026-02-10T09:00+08:00", "2026-03-02T09:00+08:00", False),  # it was told of in its month
        ("2026-01-20T09:00+08:00", "2026-03-02T09:00+08:00", True),  # before its month counts for nothing
    ],
)
def test_a_plan_update_is_late_if_nothing_was_told_of_the_plan_in_time(cast, early, told, moment, late):
    plan = MonthlyPlan.objects.get(measure__battle_map=early, month=2)
    if told:
        with time_machine.travel(told):
            cast.bring(factories.plan_update(plan, cast.clerk), State.CONFIRMED)
    assert submitted_at(cast, factories.plan_update(plan, cast.clerk), moment).late is late


def test_the_second_update_after_the_term_is_not_late_again(cast, early):
    plan = MonthlyPlan.objects.get(measure__battle_map=early, month=2)
    first = cast.bring(factories.plan_update(plan, cast.clerk), State.CONFIRMED)
    second = cast.act(factories.plan_update(plan, cast.clerk), "clerk", "submit")
    assert (first.late, second.late) == (True, False)


def test_what_is_welcome_at_any_time_is_never_late(cast, early):
    assert cast.act(cast.make(PromotionUpdate), "clerk", "submit").late is False


def test_late_ones_are_marked_wherever_their_state_is_shown(client, cast, early):
    record = cast.act(factories.target_update(early, cast.clerk, 2), "clerk", "submit")
    client.force_login(cast.reviewer)
    kind = reverse("reform:kind", args=["targetupdate"])
    for url in (reverse("workflow:inbox"), reverse("workflow:record", args=[record.pk]), kind, reverse("home")):
        assert ">迟报<" in client.get(url).content.decode(), url


def test_the_kind_page_says_what_is_due_and_what_is_late(client, cast, early):
    client.force_login(cast.clerk)
    with time_machine.travel("2026-02-27T09:00+08:00"):
        page = client.get(reverse("reform:kind", args=["targetupdate"])).content.decode()
        assert "已逾期，截止1月30日" in page
        assert "本月应报，截止2月28日" in page
        page = client.get(reverse("reform:kind", args=["planupdate"])).content.decode()
        assert "本月应报，截止2月28日" in page
        assert "截止7月31日" in page


def test_a_plan_told_of_in_its_month_is_due_again_only_when_it_is_over(cast, early):
    plan = MonthlyPlan.objects.get(measure__battle_map=early, month=2)
    with time_machine.travel("2026-02-25T09:00+08:00"):
        assert due_count(PlanUpdate, cast.clerk) == 1
        cast.bring(factories.plan_update(plan, cast.clerk), State.CONFIRMED)
        assert due_count(PlanUpdate, cast.clerk) == 0
        assert not any(row.due for row in work_rows(PlanUpdate, cast.clerk))
    with time_machine.travel("2026-03-02T09:00+08:00"):
        assert due_count(PlanUpdate, cast.clerk) == 1
        assert work_rows(PlanUpdate, cast.clerk)[0].term_words == "已逾期，截止2月28日"


@pytest.mark.parametrize("kind", [TargetUpdate, PlanUpdate])
def test_what_came_back_waits_whatever_the_day(cast, early, kind):
    with time_machine.travel("2026-01-10T09:00+08:00"):
        record = cast.bring(cast.make(kind), State.SUBMITTED)
        assert due_count(kind, cast.clerk) == 0
        cast.act(record, "reviewer", "reject")
        assert due_count(kind, cast.clerk) == 1
        assert [row.record.pk for row in work_rows(kind, cast.clerk) if row.due] == [record.pk]
