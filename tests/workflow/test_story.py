"""流转记录: who did what, when, from where and why; and what is said to who comes too late."""

import pytest

from reform.models import BattleMap, PlanUpdate
from tests.factories import open_plan, plan_update
from workflow.actions import perform
from workflow.models import Event, ReasonCategory, Record
from workflow.refusals import ActionRefused, Incomplete, StaleVersion
from workflow.states import State

pytestmark = [pytest.mark.sql, pytest.mark.usefixtures("due_agrees")]


@pytest.fixture
def record(cast):
    return cast.make(BattleMap)


def test_an_event_tells_the_step(cast, record):
    cast.bring(record, State.SUBMITTED)
    perform(record.pk, "reject", cast.reviewer, 1, reason="数据有误", detail=" 请核对6月目标值。\n", address="10.1.2.3")
    event = record.events.first()
    told = {field: getattr(event, field) for field in (
        "actor", "actor_name", "actor_department", "action", "label", "from_state", "to_state", "version", "reason",
        "detail", "address", "snapshot",
    )}  # fmt: skip
    assert told == {
        "actor": cast.reviewer,
        "actor_name": "审核甲",
        "actor_department": "市发展改革委",
        "action": "reject",
        "label": "驳回",
        "from_state": "submitted",
        "to_state": "rejected",
        "version": 1,
        "reason": "数据有误",
        "detail": "请核对6月目标值。",
        "address": "10.1.2.3",
        "snapshot": None,
    }
    assert f"{event.at:%Y-%m-%d}" == "2026-07-15"


def test_names_stay_as_they_were(cast, record):
    cast.bring(record, State.SUBMITTED)
    cast.clerk.full_name, cast.clerk.department = "改名", cast.education
    cast.clerk.save()
    cast.planning.name = "市发改局"
    cast.planning.save()
    event = record.events.get()
    assert (event.actor_name, event.actor_department) == ("录入甲", "市发展改革委")


def test_every_step_has_its_word_in_the_timeline(cast):
    assert {Event(action=action).label for action in Event.LABELS} == {
        "上报", "撤回", "部门审核通过", "撤回部门审核", "改革办确认", "退回完善", "驳回", "下发", "作废",
        "另行要求打开", "督察核查不属实，计划重新办理",
    }  # fmt: skip


def test_the_newest_event_stands_first(cast, record):
    cast.bring(record, State.ISSUED)
    assert [event.action for event in record.events.all()] == ["issue", "confirm", "approve", "submit"]


def test_every_submission_keeps_the_content_as_it_was(cast, record):
    cast.bring(record, State.REJECTED)
    record.measures.filter(position=0).update(content="改过的举措")
    cast.act(record, "clerk2", "submit")
    new, old = record.events.filter(action="submit")
    assert [event.snapshot["measures"][0]["content"] for event in (old, new)] == ["第1条举措", "改过的举措"]
    record.refresh_from_db()
    assert (record.submitter, record.submitted_at) == (cast.clerk2, new.at)


# Reasons


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("", ""), "请选择驳回原因。请填写详细描述。"),
        (("数据有误", ""), "请填写详细描述。"),
        (("数据有误", " \n"), "请填写详细描述。"),
        (("", "请核对。"), "请选择驳回原因。"),
    ],
)
@pytest.mark.parametrize(
    "step", ["submitted reviewer reject", "dept_approved office reject", "dept_approved office send_back"]
)
def test_who_sends_something_back_says_why(cast, record, step, words, sentence):
    state, who, action = step.split()
    cast.bring(record, state)
    with pytest.raises(ActionRefused, match=f"^{sentence}$"):
        cast.act(record, who, action, reason=words[0], detail=words[1])
    assert Record.objects.get(pk=record.pk).state == state


def test_the_reasons_to_choose_from(db):
    assert [str(category) for category in ReasonCategory.objects.all()] == [
        "内容不完整",
        "数据有误",
        "佐证材料不足",
        "不符合改革方案",
        "表述不规范",
        "其他",
    ]


# Too late, and twice


def test_doing_the_same_twice_does_it_once(cast, record):
    for _click in range(2):
        assert perform(record.pk, "submit", cast.clerk, 0).state == State.SUBMITTED
    for _click in range(2):
        assert perform(record.pk, "approve", cast.reviewer, 1).state == State.DEPT_APPROVED
    assert record.events.count() == 2


def test_a_late_second_click_does_not_disturb_what_followed(cast, record):
    cast.bring(record, State.CONFIRMED)
    assert perform(record.pk, "submit", cast.clerk, 0).state == State.CONFIRMED
    assert record.events.count() == 3


def test_the_same_by_somebody_else_is_too_late(cast, record):
    perform(record.pk, "submit", cast.clerk, 0)
    with pytest.raises(StaleVersion, match="录入甲已先一步办理，这条记录现在是“待部门审核”，请核对后再操作。"):
        perform(record.pk, "submit", cast.clerk2, 0)


def test_after_a_quiet_change_nobody_is_blamed(cast, record):
    cast.bring(record, State.REJECTED)
    Record.objects.filter(pk=record.pk).update(version=5)
    with pytest.raises(StaleVersion, match="这条记录刚刚被修改过，请核对最新内容后再操作。"):
        perform(record.pk, "submit", cast.clerk, 2)


@pytest.mark.parametrize("version", [-1, 1, 2**31])
def test_a_version_that_never_was_is_refused(cast, record, version):
    with pytest.raises(StaleVersion):
        perform(record.pk, "submit", cast.clerk, version)


@pytest.mark.parametrize("name", ["", "confirmed", "save", "delete", "__init__", "on_confirmed", "Submit"])
def test_an_action_that_is_none_is_refused(cast, record, name):
    with pytest.raises(ActionRefused, match="您不能进行这项操作"):
        perform(record.pk, name, cast.clerk, 0)


def test_a_record_that_never_was_is_like_one_of_strangers(cast, record):
    messages = set()
    for pk, person in [(record.pk, cast.stranger), (10**9, cast.stranger), (10**9, cast.clerk)]:
        with pytest.raises(Record.DoesNotExist) as refusal:
            perform(pk, "submit", person, 0)
        messages.add(str(refusal.value))
    assert len(messages) == 1


def test_nothing_is_submitted_while_problems_remain_and_they_are_told_together(cast, record):
    record.measures.all().delete()
    record.indicators.all().delete()
    with pytest.raises(Incomplete, match="还有 2 处需要修改，修改后才能上报。") as refusal:
        cast.act(record, "clerk", "submit")
    assert [problem.text for problem in refusal.value.problems] == [
        "请填写核心指标，一般不少于两个。",
        "具体举措至少 3 条，现有 0 条。",
    ]


# Lists of one's work


def test_reviewed_submitted_and_in_hand(cast, record):
    update = cast.bring(record, State.ISSUED) and plan_update(open_plan(record), cast.clerk2)
    cast.bring(update, State.REJECTED)
    on_hand = {name: {str(found) for found in Record.objects.in_hand(person)} for name, person in cast.people.items()}
    assert {name: titles for name, titles in on_hand.items() if titles} == {
        "clerk": {"2026年2月 制定改革方案"},
        "clerk2": {"2026年2月 制定改革方案"},
    }
    assert set(Record.objects.submitted_by(cast.clerk).values_list("kind", flat=True)) == {
        "reform.battlemap",
        "reform.planupdate",
    }
    assert [found.specific for found in Record.objects.decided_by(cast.office)] == [record]
    assert set(Record.objects.decided_by(cast.reviewer)) == set(Record.objects.all())
    assert list(Record.objects.decided_by(cast.clerk)) == []


def test_one_waiting_row_however_often_it_came_back(cast, record):
    cast.bring(record, State.REJECTED)
    cast.act(record, "clerk", "submit")
    cast.act(record, "reviewer", "approve")
    cast.act(record, "office", "send_back")
    cast.act(record, "clerk", "submit")
    assert Record.objects.awaiting(cast.reviewer).count() == 1
    assert Record.objects.decided_by(cast.reviewer).count() == 1
    assert Record.objects.submitted_by(cast.clerk).count() == 1
    assert PlanUpdate.objects.count() == 0
