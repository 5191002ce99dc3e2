"""措施迭代申请: the one way to change an issued map, applied whole or not at all, the old text kept."""

import pytest

from reform.models import Measure, MeasureIteration, MonthlyPlan, PlanChange, PlanStatus
from tests.contracts import RecordContract, fields, texts
from tests.factories import AttachmentFactory, battle_map, iteration, new_measure, plan_update
from workflow.actions import create_record
from workflow.refusals import ActionRefused, Incomplete
from workflow.states import State

pytestmark = pytest.mark.usefixtures("due_agrees")


class TestMeasureIteration(RecordContract):
    """编辑举措."""

    kind = MeasureIteration
    label = "措施迭代申请"
    missing = ["basis", "content"]

    def key(self, cast):
        drawn = cast.issued_map()
        return f"{drawn.pk}-{drawn.measures.first().pk}"

    def change(self, record, text):
        MeasureIteration.objects.filter(pk=record.pk).update(basis=text)


class TestNewMeasure(RecordContract):
    """新增举措."""

    kind = MeasureIteration
    label = "措施迭代申请"
    missing = ["content", "basis", "plans"]
    one_at_a_time = False

    def make(self, cast):
        return new_measure(cast.issued_map(), cast.clerk)

    def key(self, cast):
        return str(cast.issued_map().pk)

    def change(self, record, text):
        MeasureIteration.objects.filter(pk=record.pk).update(basis=text)


@pytest.fixture
def drawn(cast):
    return cast.issued_map()


@pytest.fixture
def measure(drawn):
    return drawn.measures.first()


@pytest.fixture
def changed(cast, measure):
    return iteration(measure, cast.clerk)


def the_map(drawn):
    """All that an application could change, as plain rows."""
    plans = MonthlyPlan.objects.filter(measure__battle_map=drawn).order_by("pk")
    return list(drawn.measures.order_by("pk").values()), list(plans.values())


def iterated(drawn):
    return {measure.content: measure.iteration_count for measure in Measure.objects.with_iteration_count()}


# What an application must say


@pytest.mark.parametrize(("length", "accepted"), [(0, False), (1, True), (300, True), (301, False)])
def test_a_measure_has_one_to_300_characters(changed, length, accepted):
    changed.content = "实" * length
    assert fields(changed) == ([] if accepted else ["content"])


def test_the_grounds_are_told(changed):
    changed.basis = " \n"
    assert fields(changed) == ["basis"]


def test_plans_follow_the_rules_of_the_map(changed):
    changed.changes.filter(plan=None).update(month=None, type="", content="")
    assert fields(changed) == ["plans-1-month", "plans-1-type", "plans-1-content"]


def test_at_least_one_plan_remains(changed):
    changed.changes.exclude(plan=None).update(cancelled=True)
    assert changed.problems() == []
    changed.changes.filter(plan=None).delete()
    assert fields(changed) == ["plans"]


@pytest.mark.parametrize(("new", "word"), [(True, "录入"), (False, "保留")])
def test_who_left_no_plan_is_asked_for_one(cast, drawn, changed, new, word):
    application = new_measure(drawn, cast.clerk) if new else changed
    application.changes.all().delete()
    [problem] = application.problems()
    assert problem.text == f"请至少{word}一项月度推进计划。"


def test_an_application_that_changes_nothing_is_none(cast, measure):
    changed = MeasureIteration.create(measure.battle_map, measure, cast.clerk)
    changed.basis = "按会议要求。"
    assert fields(changed) == ["content"]
    changed.changes.update(content="另一个内容")
    assert changed.problems() == []


def test_cancelled_plans_need_not_be_complete(changed):
    changed.changes.exclude(plan=None).update(cancelled=True, content="", type="")
    assert changed.problems() == []


# Plans that are not touched


def finish(cast, plan):
    update = plan_update(plan, cast.clerk, PlanStatus.DONE)
    AttachmentFactory(record=update)
    cast.bring(update, State.CONFIRMED)


def touch(changed, how):
    changed.changes.exclude(plan=None).update(**how)


TOUCHES = [{"content": "换一个内容"}, {"month": 12}, {"type": "pilot"}, {"cancelled": True}]


@pytest.mark.parametrize("how", TOUCHES, ids=lambda how: next(iter(how)))
def test_a_plan_that_is_done_is_not_touched(cast, measure, changed, how):
    finish(cast, measure.plans.get())
    assert changed.problems() == []
    touch(changed, how)
    assert fields(changed) == ["plans-0-month"]
    assert "原计划已完成" in texts(changed)


@pytest.mark.parametrize("how", TOUCHES, ids=lambda how: next(iter(how)))
@pytest.mark.parametrize("state", [State.SUBMITTED, State.DEPT_APPROVED])
def test_a_plan_with_an_update_under_review_is_not_touched(cast, measure, changed, how, state):
    update = cast.bring(plan_update(measure.plans.get(), cast.clerk), state)
    assert changed.problems() == []
    touch(changed, how)
    assert fields(changed) == ["plans-0-month"]
    assert "正在审核" in texts(changed)
    cast.act(update, "reviewer" if state == State.SUBMITTED else "office", "reject")
    assert changed.problems() == []


def test_what_became_untouchable_during_review_is_not_confirmed_and_nothing_is_applied(cast, drawn, measure, changed):
    touch(changed, {"content": "换一个内容"})
    cast.bring(changed, State.DEPT_APPROVED)
    finish(cast, measure.plans.get())
    before = the_map(drawn)
    with pytest.raises(ActionRefused, match=r"原计划已完成.*请退回后修改"):
        cast.act(changed, "office", "confirm")
    changed.refresh_from_db()
    assert (changed.state, changed.before) == (State.DEPT_APPROVED, None)
    assert the_map(drawn) == before
    assert changed.events.count() == 2
    assert cast.act(changed, "office", "send_back").state == State.RETURNED
    with pytest.raises(Incomplete):
        cast.act(changed, "clerk", "submit")


# What follows from 确认


def test_the_map_stands_until_the_office_confirms(cast, drawn, changed):
    before = the_map(drawn)
    cast.bring(changed, State.DEPT_APPROVED)
    assert the_map(drawn) == before
    cast.act(changed, "office", "confirm")
    assert the_map(drawn) != before


def test_an_edited_measure_says_the_new_text_and_its_history_the_old_one(cast, drawn, measure, changed):
    old = measure.plans.get()
    touch(changed, {"content": "换一个内容"})
    cast.bring(changed, State.CONFIRMED)
    measure.refresh_from_db()
    changed.refresh_from_db()
    assert measure.content == "第1条举措（已优化）"
    assert [(plan.month, plan.content) for plan in measure.plans.all()] == [(2, "换一个内容"), (9, "扩大试点")]
    assert measure.plans.first() == old
    assert changed.before["content"] == "第1条举措"
    assert [plan["content"] for plan in changed.before["plans"]] == ["2月制定方案"]
    assert iterated(drawn) == {"第1条举措（已优化）": 1, "第2条举措": 0, "第3条举措": 0}


def test_the_same_measure_iterated_twice(cast, drawn, measure, changed):
    cast.bring(changed, State.CONFIRMED)
    measure.refresh_from_db()
    again = iteration(measure, cast.clerk)
    assert again != changed
    cast.bring(again, State.CONFIRMED)
    assert iterated(drawn) == {"第1条举措（已优化）（已优化）": 2, "第2条举措": 0, "第3条举措": 0}
    changed.refresh_from_db()
    again.refresh_from_db()
    assert [changed.before["content"], again.before["content"]] == ["第1条举措", "第1条举措（已优化）"]


def test_a_rejected_application_is_no_iteration(cast, drawn, changed):
    cast.bring(changed, State.REJECTED)
    assert set(iterated(drawn).values()) == {0}


def test_cancelled_plans_leave_the_map_but_not_the_history(cast, drawn, measure, changed):
    gone = measure.plans.get()
    touch(changed, {"cancelled": True})
    cast.bring(changed, State.CONFIRMED)
    assert [plan.content for plan in measure.plans.standing()] == ["扩大试点"]
    gone.refresh_from_db()
    assert (gone.content, gone.cancelled_at is None) == ("2月制定方案", False)
    assert [plan["content"] for plan in drawn.snapshot()["measures"][0]["plans"]] == ["扩大试点"]


def test_what_is_being_said_of_a_moved_plan_bears_its_new_month(cast, measure, changed):
    plan = measure.plans.get()
    settled = cast.bring(plan_update(plan, cast.clerk), State.CONFIRMED)
    rejected = cast.bring(plan_update(plan, cast.clerk), State.REJECTED)
    assert rejected.title == "2026年2月 制定改革方案"
    changed.changes.filter(plan=plan).update(month=10, type="pilot")
    cast.bring(changed, State.CONFIRMED)
    settled.refresh_from_db()
    rejected.refresh_from_db()
    assert (settled.title, rejected.title) == ("2026年2月 制定改革方案", "2026年10月 开展试点示范")
    cast.act(rejected, "clerk", "submit")
    told = [message.text for message in cast.reviewer.messages.filter(record=rejected)]
    assert "2026年10月 开展试点示范" in told[0]


def test_a_new_measure_stands_last_with_its_plans(cast, drawn):
    cast.bring(new_measure(drawn, cast.clerk), State.CONFIRMED)
    *_, last = drawn.measures.all()
    assert (last.content, [plan.content for plan in last.plans.all()]) == ("新增的举措", ["开展试点"])
    assert [measure.content for measure in drawn.measures.all()] == [
        "第1条举措",
        "第2条举措",
        "第3条举措",
        "新增的举措",
    ]
    assert iterated(drawn)["新增的举措"] == 0  # it is as it came


def test_the_maps_last_submission_is_no_part_of_the_change(cast, drawn, changed):
    submitted = drawn.events.filter(action="submit").get().snapshot
    cast.bring(changed, State.CONFIRMED)
    assert drawn.events.filter(action="submit").get().snapshot == submitted
    assert drawn.snapshot() != submitted


# The reviewer reads the application against the map


def test_a_first_submission_is_marked_against_the_map(cast, changed):
    touch(changed, {"content": "2月印发方案"})
    record = cast.bring(changed, State.SUBMITTED).specific
    content = record.marked_content()
    assert content.since == "项目作战图"
    assert content["content"].__html__() == "第1条举措<ins>（已优化）</ins>"
    assert [(plan["content"].now, plan.status) for plan in content["plans"]] == [
        ("2月印发方案", "kept"),
        ("扩大试点", "added"),
    ]
    assert content["plans"][0]["content"].__html__() == "2月<del>制定</del><ins>印发</ins>方案"


def test_the_marks_of_a_confirmed_application_remain(cast, changed):
    record = cast.bring(changed, State.CONFIRMED).specific
    assert record.marked_content()["content"].__html__() == "第1条举措<ins>（已优化）</ins>"


# One at a time


def test_one_unfinished_application_per_measure(cast, drawn, measure, changed):
    for who, action in [("clerk", "submit"), ("reviewer", "approve"), ("office", "send_back"), ("clerk2", "submit")]:
        assert MeasureIteration.create(drawn, measure, cast.clerk2) == changed
        cast.act(changed, who, action)
    assert MeasureIteration.create(drawn, drawn.measures.last(), cast.clerk) != changed


def test_an_application_starts_from_the_measure_as_it_is_and_not_as_a_page_knew_it(cast, drawn, measure, changed):
    cast.bring(changed, State.CONFIRMED)
    assert measure.content == "第1条举措"
    assert MeasureIteration.create(drawn, measure, cast.clerk2).content == "第1条举措（已优化）"


def test_several_new_measures_may_be_applied_for(cast, drawn):
    first = new_measure(drawn, cast.clerk)
    cast.act(first, "clerk", "submit")
    assert MeasureIteration.create(drawn, None, cast.clerk) != first


def test_a_measure_of_another_map_is_not_found(cast, drawn):
    other = battle_map(cast.project, cast.clerk, year=2027)
    cast.bring(other, State.ISSUED)
    with pytest.raises(ActionRefused, match="没有找到这条举措"):
        create_record(MeasureIteration.draft_from_key, f"{drawn.pk}-{other.measures.first().pk}", cast.clerk)


@pytest.mark.parametrize("state", [state for state in State if state != State.ISSUED])
def test_only_an_issued_map_is_iterated(cast, state):
    drawn = cast.bring(battle_map(cast.project, cast.clerk), state)
    with pytest.raises(ActionRefused, match="下发后"):
        create_record(MeasureIteration.draft_from_key, str(drawn.pk), cast.clerk)


def test_cancelled_plans_are_not_offered_again(cast, measure, changed):
    touch(changed, {"cancelled": True})
    cast.bring(changed, State.CONFIRMED)
    measure.refresh_from_db()
    again = MeasureIteration.create(measure.battle_map, measure, cast.clerk)
    assert [change.content for change in again.changes.all()] == ["扩大试点"]
    assert not PlanChange.objects.filter(iteration=again, cancelled=True).exists()
