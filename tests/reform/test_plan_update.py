"""月度计划推进更新: where a plan stands, from where it stood last; 已完成 is shown, not said."""

import pytest
import time_machine

from reform.models import PlanStatus, PlanUpdate
from tests.contracts import EvidenceContract, RecordContract, fields, texts
from tests.factories import AttachmentFactory, battle_map, iteration, open_plan, plan_update
from tests.work import due_count, work_rows
from workflow.actions import create_record
from workflow.refusals import ActionRefused, Incomplete
from workflow.states import State

pytestmark = pytest.mark.usefixtures("due_agrees")


class TestPlanUpdate(EvidenceContract, RecordContract):
    kind = PlanUpdate
    label = "月度计划推进更新"
    missing = ["status", "work_done", "next_steps"]

    def key(self, cast):
        return str(open_plan(cast.issued_map()).pk)

    def change(self, record, text):
        PlanUpdate.objects.filter(pk=record.pk).update(work_done=text)

    def bare(self, cast):
        return plan_update(open_plan(cast.issued_map()), cast.clerk, PlanStatus.DONE)


@pytest.fixture
def plan(cast):
    return open_plan(cast.issued_map())


@pytest.fixture
def update(cast, plan):
    return plan_update(plan, cast.clerk)


@pytest.mark.parametrize(
    ("status", "needed"),
    [(PlanStatus.NOT_STARTED, ["next_steps"]), (PlanStatus.IN_PROGRESS, ["next_steps"]), (PlanStatus.DONE, [])],
)
def test_next_steps_until_it_is_done(update, status, needed):
    AttachmentFactory(record=update)
    update.status, update.next_steps = status, "  "
    assert fields(update) == needed


def test_work_done_is_always_told_and_difficulties_may_be_none(update):
    update.work_done, update.difficulties = "\n", ""
    assert fields(update) == ["work_done"]


def test_evidence_is_asked_of_what_is_done_alone(update):
    assert update.problems() == []
    update.status = PlanStatus.DONE
    assert fields(update) == ["files"]


def test_a_confirmed_update_settles_the_plans_status(cast, plan, update):
    for who, action in [("clerk", "submit"), ("reviewer", "approve")]:
        cast.act(update, who, action)
        plan.refresh_from_db()
        assert plan.status == PlanStatus.NOT_STARTED
    cast.act(update, "office", "confirm")
    plan.refresh_from_db()
    assert plan.status == PlanStatus.IN_PROGRESS


def test_the_next_one_starts_from_the_last_confirmed(cast, plan, update):
    cast.bring(update, State.CONFIRMED)
    following = PlanUpdate.create(plan, cast.clerk2)
    assert following != update
    assert (following.status, following.work_done, following.next_steps) == (
        PlanStatus.IN_PROGRESS,
        "已召开启动会。",
        "印发方案。",
    )
    following.work_done = "已召开启动会，方案已印发。"
    assert following.marked_content()["work_done"].__html__() == "已召开启动会<ins>，方案已印发</ins>。"
    assert list(following.history()) == [update]
    assert list(update.history()) == []


def test_one_unfinished_update_per_plan(cast, plan, update):
    for who, action in [("clerk", "submit"), ("reviewer", "approve"), ("office", "reject"), ("clerk2", "submit")]:
        assert PlanUpdate.create(plan, cast.clerk2) == update
        cast.act(update, who, action)


def test_what_is_done_is_not_updated_again(cast, plan, update):
    PlanUpdate.objects.filter(pk=update.pk).update(status=PlanStatus.DONE)
    AttachmentFactory(record=update)
    cast.bring(update, State.CONFIRMED)
    with pytest.raises(ActionRefused, match="已完成，不再更新"):
        create_record(PlanUpdate.draft_from_key, str(plan.pk), cast.clerk)
    assert plan not in [row.record.plan for row in work_rows(PlanUpdate, cast.clerk) if row.record]


def test_what_an_iteration_cancelled_is_not_updated_again(cast, plan):
    plan.measure.plans.create(month=8, type="pilot", content="保留的一项")
    changed = iteration(plan.measure, cast.clerk)
    changed.changes.filter(plan=plan).update(cancelled=True)
    cast.bring(changed, State.CONFIRMED)
    with pytest.raises(ActionRefused, match="已由措施迭代取消"):
        create_record(PlanUpdate.draft_from_key, str(plan.pk), cast.clerk)
    assert str(plan.pk) not in [row.key for row in work_rows(PlanUpdate, cast.clerk)]


def test_an_update_of_a_plan_that_was_cancelled_meanwhile_is_not_submitted(cast, plan, update):
    plan.measure.plans.create(month=8, type="pilot", content="保留的一项")
    changed = iteration(plan.measure, cast.clerk)
    changed.changes.filter(plan=plan).update(cancelled=True)
    cast.bring(changed, State.CONFIRMED)
    with pytest.raises(Incomplete):
        cast.act(update, "clerk", "submit")
    assert "已由措施迭代取消" in texts(PlanUpdate.objects.get(pk=update.pk))


@pytest.mark.parametrize("state", [state for state in State if state != State.ISSUED])
def test_plans_are_updated_once_the_map_is_issued(cast, state):
    drawn = cast.bring(battle_map(cast.project, cast.clerk), state)
    assert work_rows(PlanUpdate, cast.clerk) == []
    with pytest.raises(ActionRefused, match="下发后"):
        create_record(PlanUpdate.draft_from_key, str(open_plan(drawn).pk), cast.clerk)


def test_plans_due_by_now_stand_first_and_are_counted(cast, plan, update):
    rows = work_rows(PlanUpdate, cast.clerk)
    assert [(row.title, row.due) for row in rows] == [
        ("2026年2月 制定改革方案", True),
        ("2026年7月 制定改革方案", False),  # due in the last five working days
        ("2026年11月 制定改革方案", False),
    ]
    assert due_count(PlanUpdate, cast.clerk) == 1
    cast.act(update, "clerk", "submit")
    assert due_count(PlanUpdate, cast.clerk) == 0
    cast.act(update, "reviewer", "reject")
    assert due_count(PlanUpdate, cast.clerk) == 1
    with time_machine.travel("2026-07-27T09:00+08:00"):
        assert due_count(PlanUpdate, cast.clerk) == 2
        assert [row.due for row in work_rows(PlanUpdate, cast.clerk)] == [True, True, False]
    with time_machine.travel("2026-11-24T09:00+08:00"):
        assert due_count(PlanUpdate, cast.clerk) == 3
