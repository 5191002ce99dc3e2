"""What is due, until when, whether it has been reported and when: one table, written by what happens."""

from datetime import date
from importlib import import_module

import pytest
import time_machine
from django.apps import apps

from reform.models import CalendarDay, DueItem, MonthlyPlan, PlanStatus, PlanUpdate, TargetUpdate
from reform.models.due_schedule import catch_up, differences, follow_calendar, rebuild
from tests import factories
from workflow.states import State

pytestmark = [pytest.mark.usefixtures("due_agrees"), pytest.mark.sql]


def on(day):
    return time_machine.travel(f"{day}T10:00+08:00", tick=False)


@pytest.fixture
def early(cast):
    """The map, issued at the beginning of the year; plans in February, July and November."""
    with on("2026-01-05"):
        return cast.issued_map()


def months(battle_map):
    return DueItem.objects.filter(battle_map=battle_map, plan=None).order_by("month")


def rows(plan):
    """Of a plan: (month, due on, owed) of each row."""
    items = DueItem.objects.standing().filter(plan=plan).order_by("year", "month")
    return [(item.month, f"{item.due_on:%m-%d}", item.owed) for item in items]


def plan_of(battle_map, month):
    return MonthlyPlan.objects.get(measure__battle_map=battle_map, month=month)


def update(cast, plan, day, to, status=PlanStatus.IN_PROGRESS):
    with on(day):
        record = factories.plan_update(plan, cast.clerk, status)
        if status == PlanStatus.DONE:
            factories.ClassifiedNoticeFactory(record=record)
        return cast.bring(record, to)


# --- What the issue of a map makes due ---------------------------------------------------------------------------


def test_before_the_issue_nothing_is_due(cast):
    cast.bring(factories.battle_map(cast.project, cast.clerk), State.CONFIRMED)
    assert not DueItem.objects.exists()


def test_the_issue_makes_every_month_due_by_its_last_working_day(cast, early):
    assert [f"{item.due_on:%m-%d}" for item in months(early)] == [
        *("01-30", "02-28", "03-31", "04-30", "05-29", "06-30"),
        *("07-31", "08-31", "09-30", "10-30", "11-30", "12-31"),
    ]
    assert {item.department for item in months(early)} == {cast.planning}


def test_a_plan_is_due_in_its_month_and_in_each_after_it(cast, early):
    assert rows(plan_of(early, 7)) == [
        (7, "07-31", True),
        (8, "08-31", True),
        (9, "09-30", True),
        (10, "10-30", True),
        (11, "11-30", True),
        (12, "12-31", True),
    ]
    assert [item.month for item in DueItem.objects.filter(plan__month=7, is_deadline=True)] == [7]


def test_what_was_over_at_the_issue_is_due_with_the_month_of_the_issue(cast):
    with on("2026-11-25"):
        issued = cast.issued_map()
    found = [(item.month, str(item.opens_on), str(item.due_on)) for item in months(issued)]
    assert found[0] == (1, "2026-11-25", "2026-11-30")
    assert found[4] == (5, "2026-11-25", "2026-11-30")
    assert found[10] == (11, "2026-11-24", "2026-11-30")
    assert found[11] == (12, "2026-12-25", "2026-12-31")
    assert rows(plan_of(issued, 2)) == [(2, "11-30", True), (12, "12-31", True)]


# --- Reported --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("steps", "result"),
    [
        ([], (True, False)),
        (["clerk submit"], (False, False)),
        (["clerk submit", "clerk withdraw"], (True, False)),
        (["clerk submit", "reviewer reject"], (True, True)),
        (["clerk submit", "reviewer approve"], (False, False)),
        (["clerk submit", "reviewer approve", "reviewer take_back"], (False, False)),
        (["clerk submit", "reviewer approve", "office send_back"], (True, True)),
        (["clerk submit", "reviewer approve", "office confirm"], (False, False)),
    ],
)
@pytest.mark.parametrize("kind", [TargetUpdate, PlanUpdate])
def test_it_is_owed_until_something_for_it_stands_submitted(cast, early, kind, steps, result):
    with on("2026-02-24"):
        if kind is TargetUpdate:
            record, item = factories.target_update(early, cast.clerk, 2), months(early).filter(month=2)
        else:
            plan = plan_of(early, 2)
            record, item = factories.plan_update(plan, cast.clerk), DueItem.objects.filter(plan=plan, month=2)
        for step in steps:
            cast.act(record, *step.split())
    found = item.get()
    assert (found.owed, found.came_back) == result
    assert (found.record_id, bool(found.first_reported_at), found.late) == (
        (record.pk, True, False) if steps else (None, False, False)
    )


def test_the_first_submission_decides_for_good_whether_it_was_late(cast, early):
    with on("2026-02-28"):
        record = cast.bring(factories.target_update(early, cast.clerk, 2), State.RETURNED)
    with on("2026-03-02"):
        cast.act(record, "clerk", "submit")
    item = months(early).get(month=2)
    assert (str(item.first_reported_at.date()), item.late, item.owed) == ("2026-02-28", False, False)


def test_a_correction_neither_is_late_nor_takes_the_report_back(cast, early):
    with on("2026-02-26"):
        first = cast.bring(factories.target_update(early, cast.clerk, 2), State.CONFIRMED)
    correction = cast.bring(factories.target_update(early, cast.clerk, 2), State.REJECTED)
    item = months(early).get(month=2)
    assert (item.owed, item.late, item.came_back, item.record_id) == (False, False, True, correction.pk)
    assert item.settled_at == first.events.get(action="confirm").at


def test_an_update_answers_each_month_of_the_plan_that_has_begun(cast, early):
    plan = plan_of(early, 2)
    update(cast, plan, "2026-04-10", State.SUBMITTED)
    assert [month for month, _, owed in rows(plan) if not owed] == [2, 3, 4]
    late = DueItem.objects.filter(plan=plan, late=True).values_list("month", flat=True)
    assert sorted(late) == [2, 3]


def test_a_later_month_waits_for_the_clerk_once_the_update_before_it_is_reviewed(cast, early):
    """A plan has one unfinished update: until then nothing can be filled in, though the month is owed."""
    plan = plan_of(early, 2)
    record = update(cast, plan, "2026-02-26", State.DEPT_APPROVED)
    march = DueItem.objects.filter(plan=plan, month=3)
    assert march.values_list("owed", "waits_from").get() == (True, None)
    with on("2026-03-27"):
        assert not DueItem.objects.waiting(date(2026, 3, 27)).filter(plan=plan).exists()
        cast.act(record, "office", "confirm")
    assert march.values_list("owed", "waits_from").get() == (True, date(2026, 3, 25))


def test_an_update_before_its_month_answers_nothing(cast, early):
    plan = plan_of(early, 7)
    update(cast, plan, "2026-06-29", State.CONFIRMED)
    assert all(owed for *_, owed in rows(plan))


@pytest.mark.parametrize("confirmed_on", ["2026-01-30", "2026-02-03"])
def test_whether_it_counts_as_reported_does_not_depend_on_when_a_reviewer_acts(cast, early, confirmed_on):
    """Submitted before February began, it is no report of February, whether confirmed before or after."""
    plan = plan_of(early, 2)
    record = update(cast, plan, "2026-01-29", State.DEPT_APPROVED)
    assert rows(plan)[0] == (2, "02-28", True)
    with on(confirmed_on):
        cast.act(record, "office", "confirm")
    assert rows(plan)[0] == (2, "02-28", True)


# --- 已完成 ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("to", [State.SUBMITTED, State.CONFIRMED])
def test_after_the_month_in_which_it_was_done_a_plan_is_due_no_more(cast, early, to):
    plan = plan_of(early, 7)
    update(cast, plan, "2026-08-20", to, PlanStatus.DONE)
    assert rows(plan) == [(7, "07-31", False), (8, "08-31", False)]
    settled = DueItem.objects.filter(plan=plan, is_deadline=True, settled_at__isnull=False)
    assert settled.exists() is (to == State.CONFIRMED)


def test_done_before_its_month_it_was_reported_in_time(cast, early):
    plan = plan_of(early, 7)
    update(cast, plan, "2026-05-20", State.CONFIRMED, PlanStatus.DONE)
    assert rows(plan) == [(7, "07-31", False)]
    assert DueItem.objects.get(plan=plan).late is False


def test_what_says_that_it_is_done_and_comes_back_is_due_again(cast, early):
    plan = plan_of(early, 7)
    record = update(cast, plan, "2026-08-20", State.SUBMITTED, PlanStatus.DONE)
    with on("2026-10-12"):
        cast.act(record, "reviewer", "reject")
    assert [(month, owed) for month, _, owed in rows(plan)] == [(month, True) for month in range(7, 13)]
    reported = DueItem.objects.filter(plan=plan, first_reported_at__isnull=False).values_list("month", flat=True)
    assert sorted(reported) == [7, 8, 9, 10]


def test_in_later_years_a_plan_that_is_not_done_is_due_month_by_month_and_the_next_one_is_known(cast, early):
    plan = plan_of(early, 11)
    with on("2026-11-30"):
        catch_up()
        assert [row[0] for row in rows(plan)] == [11, 12]
        assert differences() == []
    with on("2027-01-31"):
        assert differences() != []
        assert [row[0] for row in rows(plan)] == [11, 12]
        for _ in range(2):
            catch_up()
            assert rows(plan) == [
                (11, "11-30", True),
                (12, "12-31", True),
                (1, "01-29", True),
                (2, "02-26", True),
            ]
    with on("2027-02-01"):
        assert differences() == []
        update(cast, plan_of(early, 7), "2027-02-01", State.SUBMITTED)
        assert differences() == []
    with on("2027-02-10"):
        update(cast, plan, "2027-02-10", State.CONFIRMED, PlanStatus.DONE)
        catch_up()
        assert rows(plan)[2:] == [(1, "01-29", False), (2, "02-26", False)]
        assert differences() == []
        assert not DueItem.objects.filter(plan=None, year=2027).exists()


# --- Iterations ------------------------------------------------------------------------------------------------------


@pytest.fixture
def iterate(cast, early):
    """iterate(day, plan, month=…): the measure of the plan is changed on that day."""

    def apply(day, plan=None, **changes):
        with on(day):
            measure = plan.measure if plan else early.measures.first()
            iteration = factories.iteration(measure, cast.clerk)
            if plan:
                iteration.changes.filter(plan=None).update(month=12)
                iteration.changes.filter(plan=plan).update(**changes)
            else:
                iteration.changes.filter(plan=None).update(**changes)
            cast.bring(iteration, State.CONFIRMED)
            return iteration

    return apply


def test_a_plan_added_for_a_month_that_is_over_is_due_with_the_month_of_the_confirmation(iterate):
    iteration = iterate("2026-06-10", month=3)
    added = iteration.changes.get(content="扩大试点").plan
    assert rows(added)[:2] == [(3, "06-30", True), (7, "07-31", True)]
    assert str(DueItem.objects.get(plan=added, month=3).opens_on) == "2026-06-10"


def test_a_plan_moved_is_due_in_its_new_month_and_keeps_the_original_day_in_sight(iterate, early):
    plan = plan_of(early, 7)
    iterate("2026-06-10", plan, month=9)
    plan.refresh_from_db()
    assert [row[0] for row in rows(plan)] == [9, 10, 11, 12]
    item = DueItem.objects.get(plan=plan, is_deadline=True)
    assert (str(item.due_on), str(item.original_due_on)) == ("2026-09-30", "2026-07-31")


def test_a_plan_moved_to_a_month_that_is_over_is_due_with_the_confirmation_never_before_it(iterate, early):
    """Also where the plan was due in that month before, as one that was not completed in its own."""
    plan = plan_of(early, 2)
    iterate("2026-06-10", plan, month=4)
    item = DueItem.objects.get(plan=plan, is_deadline=True)
    found = item.month, str(item.opens_on), str(item.due_on), str(item.original_due_on)
    assert found == (4, "2026-06-10", "2026-06-30", "2026-02-28")
    iterate("2026-07-02", plan, month=2)  # and back
    item = DueItem.objects.get(plan=plan, is_deadline=True)
    found = item.month, str(item.opens_on), str(item.due_on), str(item.original_due_on)
    assert found == (2, "2026-07-02", "2026-07-31", "2026-02-28")


def test_what_was_overdue_when_it_was_moved_stays_as_cancelled(iterate, early):
    plan = plan_of(early, 2)
    iterate("2026-05-10", plan, month=9)
    assert [row[0] for row in rows(plan)] == [9, 10, 11, 12]
    ended = DueItem.objects.filter(plan=plan, cancelled_at__isnull=False).values_list("month", flat=True)
    assert sorted(ended) == [2, 3, 4]


def test_a_cancelled_plan_is_due_no_more(iterate, early):
    plan = plan_of(early, 2)
    iterate("2026-04-10", plan, cancelled=True)
    assert rows(plan) == []
    assert sorted(DueItem.objects.filter(plan=plan).values_list("month", flat=True)) == [2, 3]


def test_what_an_iteration_leaves_alone_keeps_its_days(iterate, early):
    plan = plan_of(early, 2)
    before = rows(plan)
    iterate("2026-04-10", month=10)
    assert rows(plan) == before


# --- Departments, calendar, drift ------------------------------------------------------------------------------------


def test_what_is_open_moves_with_the_project_to_another_department(cast, early):
    with on("2026-02-20"):
        cast.bring(factories.target_update(early, cast.clerk, 1), State.CONFIRMED)
    cast.project.department = cast.education
    cast.project.save()
    found = {item.month: item.department for item in months(early)}
    assert (found[1], found[2], found[12]) == (cast.planning, cast.education, cast.education)


def test_a_corrected_calendar_moves_what_lies_ahead_alone(cast, early):
    for day in ("2026-06-30", "2026-11-30"):
        CalendarDay.objects.create(day=date.fromisoformat(day), is_working=False, note="临时放假")
    follow_calendar()  # it is July
    found = {item.month: str(item.due_on) for item in months(early)}
    assert (found[6], found[11], found[12]) == ("2026-06-30", "2026-11-27", "2026-12-31")
    assert DueItem.objects.get(plan__month=11, month=11).opens_on == date(2026, 11, 23)


def test_a_corrected_calendar_leaves_alone_what_an_iteration_has_ended(iterate, early):
    """The original day of what was moved, the days of what ended overdue, and that the rest was never due."""
    moved, ended = plan_of(early, 11), plan_of(early, 2)
    iterate("2026-05-30", moved, month=9)
    iterate("2026-06-10", ended, cancelled=True)
    rows_then = list(DueItem.objects.filter(plan=ended).order_by("month").values_list("month", "due_on"))
    assert [month for month, _ in rows_then] == [2, 3, 4, 5]
    off = [date(2026, 2, 28), date(2026, 5, 29), date(2026, 11, 30), *(date(2026, 6, day) for day in range(9, 31))]
    for day in off:
        CalendarDay.objects.update_or_create(day=day, defaults={"is_working": False})
    follow_calendar()
    assert differences() == []
    rebuild()
    assert list(DueItem.objects.filter(plan=ended).order_by("month").values_list("month", "due_on")) == rows_then
    assert str(DueItem.objects.get(plan=moved, is_deadline=True).original_due_on) == "2026-11-30"


def test_what_was_written_before_learns_since_when_it_waits(cast, early):
    """The migration says what the table says of itself: of what is owed, came back, is overdue, or waits for nobody."""
    with on("2026-02-26"):
        cast.bring(factories.target_update(early, cast.clerk, 1), State.CONFIRMED)
        cast.bring(factories.target_update(early, cast.clerk, 2), State.REJECTED)
    update(cast, plan_of(early, 2), "2026-02-26", State.CONFIRMED)
    update(cast, plan_of(early, 7), "2026-07-10", State.CONFIRMED, PlanStatus.DONE)
    found = {(item.plan and item.plan.month, item.month): str(item.waits_from) for item in DueItem.objects.all()}
    assert [found[None, month] for month in (1, 2, 3)] == ["None", "2026-01-05", "2026-03-25"]
    assert [found[place] for place in ((2, 2), (2, 3), (7, 7))] == ["2026-03-01", "2026-03-25", "None"]
    DueItem.objects.update(waits_from=None)
    import_module("reform.migrations.0010_due_items_that_wait").write_since_when_they_wait(apps, None)
    assert differences() == []


def test_drift_is_named(cast, early):
    item = months(early).get(month=3)
    months(early).filter(month=3).update(owed=False)
    assert differences() == [f"不一致：作战图 {early.pk}，进度值，2026年3月，应报未报现为 False，应为 True"]
    item.delete()
    assert differences() == [f"缺少：作战图 {early.pk}，进度值，2026年3月"]
    rebuild()
    assert differences() == []
