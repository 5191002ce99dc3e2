"""延期申请: the deadline of one plan moves within its year; the original month stays in sight."""

import pytest
import time_machine

from reform.models import DueItem, Extension, MeasureIteration, MonthlyPlan, PlanChange, PlanStatus, PlanUpdate
from reform.models.due_schedule import catch_up
from tests import factories
from tests.contracts import RecordContract, fields, texts
from tests.work import due_count, work_rows
from workflow.actions import create_record, perform
from workflow.refusals import ActionRefused, Incomplete, StaleVersion
from workflow.states import State

pytestmark = pytest.mark.usefixtures("due_agrees")


class TestExtension(RecordContract):
    kind = Extension
    label = "延期申请"
    missing = ["month", "reason", "work_done"]

    def key(self, cast):
        return str(factories.open_plan(cast.issued_map()).pk)

    def change(self, record, text):
        Extension.objects.filter(pk=record.pk).update(reason=text)


def on(day):
    return time_machine.travel(f"{day}T10:00+08:00", tick=False)


@pytest.fixture
def early(cast):
    """The map, issued at the beginning of the year; plans in February, July and November."""
    with on("2026-01-05"):
        return cast.issued_map()


@pytest.fixture
def plan(early):
    """That of July, due by 31 July."""
    return MonthlyPlan.objects.get(measure__battle_map=early, month=7)


def rows(plan):
    """Of what is due of the plan: (month, whether its own, due on, original, whether still owed)."""
    items = DueItem.objects.standing().filter(plan=plan).order_by("year", "month")
    return [
        (
            item.month,
            item.is_deadline,
            f"{item.due_on:%m-%d}",
            item.original_due_on and f"{item.original_due_on:%m-%d}",
            item.owed,
        )
        for item in items
    ]


# What follows from 确认


@pytest.mark.sql
def test_the_deadline_moves_and_the_original_stays_in_sight(cast, plan):
    asked = factories.extension(plan, cast.clerk, 10)
    cast.bring(asked, State.DEPT_APPROVED)
    before = rows(plan)
    assert before[0] == (7, True, "07-31", None, True)
    cast.act(asked, "office", "confirm")
    plan = MonthlyPlan.objects.get(pk=plan.pk)
    assert (plan.month, plan.original_month, plan.extended_words) == (10, 7, "原定7月，已延期 1 次")
    assert rows(plan) == [
        (10, True, "10-30", "07-31", True),
        (11, False, "11-30", None, True),
        (12, False, "12-31", None, True),
    ]
    assert [f"{found.month}" for found in plan.revisions.order_by("valid_from")] == ["7", "10"]


def test_what_was_reported_for_the_original_month_still_counts(cast, plan):
    cast.bring(factories.plan_update(plan, cast.clerk), State.CONFIRMED)
    cast.bring(factories.extension(plan, cast.clerk, 12), State.CONFIRMED)
    assert rows(plan) == [(7, False, "07-31", None, False), (12, True, "12-31", "07-31", True)]


def test_confirmed_after_the_original_deadline_nothing_was_overdue(cast, plan):
    asked = cast.bring(factories.extension(plan, cast.clerk, 9), State.SUBMITTED)
    with on("2026-08-05"):
        cast.act(asked, "reviewer", "approve")
        cast.act(asked, "office", "confirm")
        catch_up()
        assert rows(plan)[0] == (9, True, "09-30", "07-31", True)
        assert due_count(PlanUpdate, cast.clerk) == 1  # that of February


def test_a_plan_may_be_extended_again_and_keeps_its_first_month(cast, plan):
    for month in (9, 11):
        cast.bring(factories.extension(MonthlyPlan.objects.get(pk=plan.pk), cast.clerk, month), State.CONFIRMED)
    plan = MonthlyPlan.objects.get(pk=plan.pk)
    assert plan.extended_words == "原定7月，已延期 2 次"
    assert rows(plan)[0] == (11, True, "11-30", "07-31", True)


@pytest.mark.parametrize("state", [state for state in State if state not in (State.CONFIRMED, State.ISSUED)])
def test_until_the_office_confirms_the_map_stands(cast, plan, state):
    before = rows(plan)
    cast.bring(factories.extension(plan, cast.clerk), state)
    assert MonthlyPlan.objects.get(pk=plan.pk).month == 7
    assert rows(plan) == before


def test_an_open_update_of_the_plan_bears_its_new_month(cast, plan):
    update = factories.plan_update(plan, cast.clerk)
    cast.bring(factories.extension(plan, cast.clerk), State.CONFIRMED)
    update.refresh_from_db()
    assert update.title == "2026年9月 制定改革方案"


# What an application must say


@pytest.mark.parametrize(
    ("month", "sentence"),
    [
        (None, "请选择延期至哪个月。"),
        (7, "延期后的月份应晚于现计划月度 7 月。"),
        (3, "延期后的月份应晚于现计划月度 7 月。"),
        (8, ""),
        (12, ""),
    ],
)
def test_the_new_month_lies_after_the_old_one(cast, plan, month, sentence):
    asked = factories.extension(plan, cast.clerk)
    asked.month = month
    assert texts(asked) == sentence


def test_a_month_that_is_due_no_later_is_refused(cast):
    """Of a map issued in July, what was planned for February is due by the end of July, like what was for June."""
    asked = factories.extension(factories.open_plan(cast.issued_map()), cast.clerk, 6)
    assert texts(asked) == "延期至 6 月，截止日期仍是2026年7月31日，请选择更晚的月份。"


def test_it_is_asked_before_the_deadline(cast, plan):
    asked = factories.extension(plan, cast.clerk)
    with on("2026-07-31"):
        assert asked.problems() == []
    with on("2026-08-01"):
        assert texts(asked) == "应在截止日期（2026年7月31日）前申请延期，现已过期。"


def test_what_was_asked_in_time_may_be_mended_later(cast, plan):
    asked = cast.bring(factories.extension(plan, cast.clerk), State.RETURNED)
    with on("2026-08-05"):
        assert cast.act(asked, "clerk", "submit").state == State.SUBMITTED


# When none can be begun


def refusal(plan, cast):
    with pytest.raises(ActionRefused) as refused:
        create_record(Extension.draft_from_key, str(plan.pk), cast.clerk)
    return str(refused.value)


def test_no_extension_once_the_deadline_has_passed(cast, plan):
    with on("2026-08-01"):
        assert refusal(plan, cast) == "应在截止日期（2026年7月31日）前申请延期，现已过期。"


def test_no_extension_of_what_is_done(cast, plan):
    done = factories.plan_update(plan, cast.clerk, PlanStatus.DONE)
    factories.ClassifiedNoticeFactory(record=done)
    cast.bring(done, State.CONFIRMED)
    assert refusal(plan, cast) == "这项计划已完成，不能延期。"


def test_no_extension_beyond_the_year(cast, plan):
    cast.bring(factories.extension(plan, cast.clerk, 12), State.CONFIRMED)
    assert refusal(plan, cast) == "计划月度已是 12 月，年内不能再延期。"


def test_no_extension_before_the_map_is_issued(cast):
    drawn = cast.bring(factories.battle_map(cast.project, cast.clerk), State.CONFIRMED)
    assert "下发后" in refusal(drawn.measures.first().plans.get(), cast)


# Beside updates and iterations


def test_what_was_done_during_the_review_is_not_extended(cast, plan):
    asked = cast.bring(factories.extension(plan, cast.clerk), State.DEPT_APPROVED)
    done = factories.plan_update(plan, cast.clerk, PlanStatus.DONE)
    factories.ClassifiedNoticeFactory(record=done)
    cast.bring(done, State.CONFIRMED)
    with pytest.raises(ActionRefused, match=r"这项计划已完成，不能延期。请退回后修改。"):
        cast.act(asked, "office", "confirm")
    assert MonthlyPlan.objects.get(pk=plan.pk).month == 7
    cast.act(asked, "office", "send_back")
    with pytest.raises(Incomplete):
        cast.act(asked, "clerk", "submit")
    assert cast.act(asked, "clerk", "void").state == State.VOIDED


def touching(cast, plan):
    changed = factories.iteration(plan.measure, cast.clerk)
    changed.changes.filter(plan=plan).update(month=12)
    return changed


def test_while_an_iteration_of_the_plan_is_under_review_none_is_submitted(cast, plan):
    cast.bring(touching(cast, plan), State.SUBMITTED)
    asked = factories.extension(plan, cast.clerk)
    assert fields(asked) == ["month"]
    assert "措施迭代申请正在审核" in texts(asked)


def test_while_it_is_under_review_no_iteration_of_the_plan_is(cast, plan):
    asked = cast.bring(factories.extension(plan, cast.clerk), State.SUBMITTED)
    changed = touching(cast, plan)
    assert fields(changed) == ["plans-0-month"]
    assert "延期申请正在审核" in texts(changed)
    cast.act(asked, "reviewer", "reject")
    assert changed.problems() == []


@pytest.mark.parametrize("state", [State.DRAFT, State.SUBMITTED])
def test_iterations_that_leave_the_plan_alone_do_not_move_it_back(cast, plan, state):
    changed = cast.bring(factories.iteration(plan.measure, cast.clerk), state)
    version = MeasureIteration.objects.get(pk=changed.pk).version
    cast.bring(factories.extension(plan, cast.clerk), State.CONFIRMED)
    assert PlanChange.objects.get(iteration=changed, plan=plan).month == 9
    assert MeasureIteration.objects.get(pk=changed.pk).version == version + 1
    for who, action in {State.DRAFT: [("clerk", "submit")], State.SUBMITTED: []}[state]:
        cast.act(changed, who, action)
    cast.act(changed, "reviewer", "approve")
    cast.act(changed, "office", "confirm")
    assert MonthlyPlan.objects.get(pk=plan.pk).month == 9


def test_who_reviews_an_iteration_sees_the_month_that_moved_meanwhile(cast, plan):
    changed = cast.bring(factories.iteration(plan.measure, cast.clerk), State.SUBMITTED)
    shown = changed.version
    cast.bring(factories.extension(plan, cast.clerk), State.CONFIRMED)
    with pytest.raises(StaleVersion):
        perform(changed.pk, "approve", cast.reviewer, shown)


# The reviewer reads old → new; the clerk finds it in lists


def test_reviewers_see_the_old_month_and_the_new(cast, plan):
    asked = cast.bring(factories.extension(plan, cast.clerk), State.SUBMITTED).specific
    assert asked.marked_content()["month"].__html__() == "<del>7月</del><ins>9月</ins>"
    assert not asked.marked_content()["reason"].changed
    cast.act(asked, "reviewer", "approve")
    confirmed = cast.act(asked, "office", "confirm").specific
    assert confirmed.marked_content()["month"].__html__() == "<del>7月</del><ins>9月</ins>"


@pytest.mark.sql
def test_the_list_holds_what_can_be_extended_by_its_deadline(cast, early):
    """February's is overdue."""
    assert [(row.title, row.due) for row in work_rows(Extension, cast.clerk)] == [
        ("2026年7月 制定改革方案", False),
        ("2026年11月 制定改革方案", False),
    ]
    july, november = MonthlyPlan.objects.filter(measure__battle_map=early, month__gte=7)
    factories.extension(november, cast.clerk, 12)
    cast.bring(factories.extension(july, cast.clerk), State.CONFIRMED)
    found = work_rows(Extension, cast.clerk)
    assert [(row.title, row.due, row.notes) for row in found] == [
        ("2026年11月 制定改革方案", True, ["截止11月30日"]),
        ("2026年9月 制定改革方案", False, ["截止9月30日", "原定7月，已延期 1 次"]),
    ]


@pytest.mark.sql
def test_the_ledger_shows_the_original_month_of_the_day(cast, plan, table):
    with on("2026-07-16"):
        cast.bring(factories.extension(plan, cast.clerk), State.CONFIRMED)
    with on("2026-07-17"):
        labels = ("月度", "原定月份", "延期次数")
        months = {row["月度"]: [row[label] for label in labels] for row in table("office", "plans")}
        assert months == {"2": ["2", "", ""], "9": ["9", "7月", "1"], "11": ["11", "", ""]}
        then = table("office", "plans", as_of="2026-07-15", year=2026)
        assert [[row[label] for label in labels] for row in then][1] == ["7", "", ""]


def test_the_page_of_the_plan_says_so(client, cast, plan):
    client.force_login(cast.clerk)
    address = f"/plans/{plan.pk}/"
    assert "申请延期</a>" in client.get(address).content.decode()
    cast.bring(factories.extension(plan, cast.clerk), State.CONFIRMED)
    client.force_login(cast.partner)
    page = client.get(address).content.decode()
    assert "9月（原定7月，已延期 1 次）" in page
    assert "延期申请：7月 → 9月" in page
    assert "申请延期</a>" not in page
