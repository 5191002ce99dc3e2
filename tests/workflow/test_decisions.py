"""What can be done on the page of a record, and what happens then: in time, too late, twice, forged."""

import re

import pytest
from django.urls import reverse

from reform.models import BattleMap, PlanUpdate
from tests import factories
from tests.workflow.record_pages import address, now, said
from workflow.models import ReasonCategory, Record
from workflow.states import State

# --- What can be done -------------------------------------------------------------------------------

OFFERED = {
    ("clerk", State.DRAFT): {"edit", "discard"},
    ("clerk2", State.DRAFT): {"edit", "discard"},
    ("clerk", State.SUBMITTED): {"withdraw"},
    ("clerk", State.REJECTED): {"edit", "void"},
    ("clerk2", State.RETURNED): {"edit", "void"},
    ("clerk", State.VOIDED): set(),
    ("clerk", State.DEPT_APPROVED): set(),
    ("reviewer", State.SUBMITTED): {"approve", "reject"},
    ("reviewer", State.DEPT_APPROVED): {"take_back"},
    ("reviewer", State.CONFIRMED): set(),
    ("office", State.SUBMITTED): set(),
    ("office", State.DEPT_APPROVED): {"confirm", "send_back", "reject"},
    ("office_elsewhere", State.DEPT_APPROVED): set(),
    ("office", State.CONFIRMED): set(),
}


@pytest.mark.parametrize("situation", OFFERED)
def test_the_page_offers_what_can_be_done_and_nothing_else(look, cast, written, situation):
    who, state = situation
    record = cast.bring(written, state)
    page = look(who, record)
    offered = set(re.findall(r'name="action" value="(\w+)"', page))
    offered |= {"discard"} if address(record, "discard") in page else set()
    offered |= {"edit"} if reverse("editing:edit", args=[record.pk]) in page else set()
    assert offered == OFFERED[situation]


BUTTONS = {
    ("reviewer", State.SUBMITTED): ["通过", "驳回", "驳回"],  # 驳回 opens its reason and detail, and then is done
    ("office", State.DEPT_APPROVED): ["确认", "退回完善", "退回完善", "驳回", "驳回"],
}


@pytest.mark.parametrize("situation", BUTTONS)
def test_a_decision_is_never_preselected_and_its_button_carries_its_word(look, cast, written, situation):
    who, state = situation
    record = cast.bring(written, state)

    def buttons():
        card = re.search(r'id="decision">.*?</section>', look(who, record), re.DOTALL).group()
        assert "checked" not in card
        return re.findall(r"<(?:button|summary) class=\"btn[^>]*>([^<]+)<", card)

    assert buttons() == BUTTONS[situation]
    cast.bring(factories.promotion(cast.project, cast.clerk), state)
    with_next = [word for word in buttons() if word.endswith("并看下一件")]
    assert with_next == [f"{word}并看下一件" for word in dict.fromkeys(BUTTONS[situation])]


WHY_NOTHING = {
    ("clerk", State.DEPT_APPROVED): "部门审核已通过，等待市委改革办审核，现在不能撤回。",
    ("office", State.SUBMITTED): "等待部门审核人员审核，通过后转市委改革办。",
    ("office_elsewhere", State.DEPT_APPROVED): "市发展改革委的填报内容由市委改革办其他同志审核。",
    ("reviewer", State.REJECTED): "等待市发展改革委录入人员修改后上报。",
    ("reviewer", State.CONFIRMED): "已确认，内容不再更改。",
    ("clerk", State.VOIDED): "已作废，内容不再更改。",
}


@pytest.mark.parametrize("situation", WHY_NOTHING)
def test_where_nothing_can_be_done_the_page_says_why(look, cast, written, situation):
    who, state = situation
    assert WHY_NOTHING[situation] in look(who, cast.bring(written, state))


def test_nobody_is_offered_to_decide_on_what_they_submitted(look, cast, submitted):
    cast.clerk.role = "dept_reviewer"
    cast.clerk.save()
    page = look("clerk", submitted)
    assert "本人上报的内容不能由本人审核。" in page
    assert 'name="action"' not in page


def test_a_draft_is_thrown_away_by_its_author_after_a_second_click(client, look, cast, written):
    assert "确认删除" in look("clerk", written)
    answer = client.post(address(written, "discard"), {"version": written.version})
    assert answer.url == reverse("home")
    assert said(answer) == [f"已删除草稿：月度计划推进更新 · {written.title}。"]
    assert not Record.objects.filter(pk=written.pk).exists()


@pytest.mark.parametrize(("who", "version"), [("clerk", 5), ("clerk2", "x")])
def test_a_draft_changed_since_stays(client, cast, written, who, version):
    client.force_login(getattr(cast, who))
    assert client.post(address(written, "discard"), {"version": version}).status_code == 409
    assert Record.objects.filter(pk=written.pk).exists()


# --- Deciding ---------------------------------------------------------------------------------------


def test_a_pass_goes_on_to_the_office_with_the_opinion(decide, submitted):
    answer = decide("reviewer", submitted, "approve", detail="  情况属实。\r\n同意。 ")
    assert answer.url == address(submitted)
    assert said(answer) == [f"月度计划推进更新 · {submitted.title}：已通过，转市委改革办审核。"]
    event = now(submitted).events.first()
    assert (event.action, event.to_state, event.detail) == ("approve", "dept_approved", "情况属实。\n同意。")
    assert (event.reason, event.address) == ("", "127.0.0.1")


@pytest.mark.parametrize(
    ("typed", "errors"),
    [
        ({}, {"reason": "请选择驳回原因。", "detail": "请填写详细描述。"}),
        ({"reason": "数据有误"}, {"detail": "请填写详细描述。"}),
        ({"reason": "数据有误", "detail": " \n "}, {"detail": "请填写详细描述。"}),
        ({"detail": "第二条没有日期"}, {"reason": "请选择驳回原因。"}),
        ({"reason": "编造的原因", "detail": "第二条没有日期"}, {"reason": "请从列表中选择驳回原因。"}),
        ({"reason": "数据有误", "detail": "长" * 2001}, {"detail": "不超过 2000 字，现有 2001 字。"}),
    ],
)
def test_a_rejection_needs_a_reason_and_a_detail_and_keeps_what_was_typed(decide, submitted, typed, errors):
    answer = decide("reviewer", submitted, "reject", **typed)
    page = answer.content.decode()
    assert answer.status_code == 422
    [form] = [form for form in answer.context["decisions"] if form.is_open]
    assert form.action.name == "reject"
    assert {name: list(texts) for name, texts in form.errors.items()} == {name: [text] for name, text in errors.items()}
    assert all(text in page for text in errors.values())
    assert typed.get("detail", "").strip() in page
    assert '<details class="decision-other" open>' in page
    if typed.get("reason") == "数据有误":
        assert '<option value="数据有误" selected>' in page
    assert now(submitted).state == State.SUBMITTED


def test_a_rejection_carries_its_reason_to_the_clerk(decide, look, submitted):
    decide("reviewer", submitted, "reject", reason="佐证材料不足", detail="请补会议纪要。")
    page = look("clerk", now(submitted))
    assert "佐证材料不足" in page
    assert "请补会议纪要。" in page


def test_reasons_that_the_office_has_retired_are_not_offered(look, decide, submitted):
    ReasonCategory.objects.filter(name="其他").update(is_active=False)
    assert '<option value="其他">' not in look("reviewer", submitted)
    assert decide("reviewer", submitted, "reject", reason="其他", detail="不行").status_code == 422


def test_an_opinion_on_a_pass_is_not_a_reason(decide, submitted):
    decide("reviewer", submitted, "approve", reason="数据有误", detail="同意")
    assert now(submitted).events.first().reason == ""


def test_control_characters_do_not_reach_the_history(decide, submitted):
    decide("reviewer", submitted, "reject", reason="其他", detail="请\x07修改\u202e此处")
    assert now(submitted).events.first().detail == "请修改此处"


def test_a_confirmed_map_is_issued_from_its_page_as_well(decide, look, cast):
    drawn = cast.bring(factories.battle_map(cast.project, cast.clerk), State.CONFIRMED)
    assert re.findall(r'name="action" value="(\w+)"', look("office", drawn)) == ["issue"]
    assert "已确认，等待市委改革办下发。" in look("reviewer", drawn)
    assert said(decide("office", drawn, "issue")) == ["2026年度项目作战图：已下发。"]
    assert BattleMap.objects.get(pk=drawn.pk).is_open


# --- Too late, twice, forged --------------------------------------------------------------------------


def test_a_decision_on_a_page_that_is_old_changes_nothing_and_keeps_the_words(decide, cast, submitted):
    """S7: withdrawn, changed and submitted again while the reviewer was reading."""
    seen = now(submitted)
    cast.act(submitted, "clerk", "withdraw")
    cast.act(submitted, "clerk", "submit")
    answer = decide("reviewer2", seen, "reject", reason="数据有误", detail="写了很久的意见")
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "录入甲已先一步办理，这条记录现在是“待部门审核”，请核对后再操作。" in page
    assert "写了很久的意见" in page
    assert f'name="version" value="{now(submitted).version}"' in page
    assert now(submitted).state == State.SUBMITTED

    again = decide("reviewer2", now(submitted), "reject", reason="数据有误", detail="写了很久的意见")
    assert again.status_code == 302
    assert now(submitted).state == State.REJECTED


def test_the_slower_of_two_reviewers_is_told_and_keeps_the_words(decide, cast, submitted):
    seen = now(submitted)
    cast.act(submitted, "reviewer", "approve")
    answer = decide("reviewer2", seen, "reject", reason="数据有误", detail="写了很久的意见")
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "审核甲已先一步办理，这条记录现在是“待改革办审核”" in page
    assert "您填写的意见" in page
    assert "写了很久的意见" in page
    assert now(submitted).state == State.DEPT_APPROVED


def test_who_decided_on_another_page_is_told_so(decide, submitted):
    seen = now(submitted)
    decide("reviewer", seen, "reject", reason="数据有误", detail="请核对")
    answer = decide("reviewer", seen, "approve")
    assert answer.status_code == 409
    assert "您已办理过，这条记录现在是“已驳回”，请核对后再操作。" in answer.content.decode()


def test_a_second_click_does_nothing_more_and_says_so(decide, submitted):
    seen = now(submitted)
    first, second = (decide("reviewer", seen, "approve", detail="同意") for _ in range(2))
    assert (first.status_code, second.status_code) == (302, 302)
    assert "这项操作刚才已经完成，没有重复办理。" in said(second)[-1]
    assert now(submitted).events.filter(action="approve").count() == 1


REJECTION = {"reason": "数据有误", "detail": "请核对", "item": ["work_done"], "words-work_done": "只写了标题"}


def test_a_rejection_sent_twice_is_one(decide, submitted):
    seen = now(submitted)
    decide("reviewer", seen, "reject", **REJECTION)
    assert "没有重复办理" in said(decide("reviewer", seen, "reject", **REJECTION))[-1]
    assert now(submitted).events.filter(action="reject").count() == 1


@pytest.mark.parametrize(
    "changed",
    [
        {"detail": "另一页上写了很久的意见"},
        {"words-work_done": "另一页上写了很久的意见"},
        {"item": ["next_steps"], "words-next_steps": "另一页上写了很久的意见"},
    ],
)
def test_other_words_from_a_second_page_are_not_taken_for_a_second_click(decide, submitted, changed):
    seen = now(submitted)
    decide("reviewer", seen, "reject", **REJECTION)
    answer = decide("reviewer", seen, "reject", **REJECTION | changed)
    assert answer.status_code == 409
    assert "您填写的意见" in answer.content.decode()
    assert "另一页上写了很久的意见" in answer.content.decode()
    assert now(submitted).events.filter(action="reject").count() == 1


def test_words_on_items_are_kept_too_when_somebody_was_quicker(decide, cast, submitted):
    seen = now(submitted)
    cast.act(submitted, "reviewer", "approve")
    page = decide("reviewer2", seen, "reject", **REJECTION).content.decode()
    assert re.search(r"<textarea[^>]*readonly[^>]*>\s*请核对\n已开展工作：只写了标题</textarea>", page)


@pytest.mark.parametrize("action", ["confirm", "issue", "withdraw", "__class__", "save", "\x00", "审核" * 500])
def test_an_action_that_is_not_offered_is_refused_in_words(decide, submitted, action):
    answer = decide("reviewer", submitted, action)
    assert answer.status_code == 409
    assert "您不能进行这项操作。" in answer.content.decode()
    assert now(submitted).version == submitted.version


def test_no_decision_at_all_is_none_and_keeps_the_words(decide, submitted):
    answer = decide("reviewer", submitted, "", detail="写了意见")
    assert answer.status_code == 409
    assert "写了意见" in answer.content.decode()
    assert now(submitted).state == State.SUBMITTED


@pytest.mark.parametrize("version", ["", "x", "-1", "１", "1e3", "9" * 40])
def test_a_forged_version_is_an_old_page(decide, submitted, version):
    answer = decide("reviewer", submitted, "approve", version=version)
    assert answer.status_code == 409
    assert now(submitted).state == State.SUBMITTED


def test_forged_fields_change_nothing_else(decide, submitted, cast):
    """Z4: whatever else is posted, only the decision happens."""
    before = now(submitted)
    forged = {"state": "confirmed", "submitter": cast.stranger.pk, "dossier": 999, "creator": 1, "title": "改名"}
    decide("reviewer", submitted, "approve", **forged)
    after = now(submitted)
    same = ("title", "dossier_id", "creator_id", "submitter_id", "submitted_at")
    assert [getattr(after, name) for name in same] == [getattr(before, name) for name in same]
    assert after.state == State.DEPT_APPROVED


def test_nothing_is_ever_done_by_a_link(client, cast, submitted):
    client.force_login(cast.reviewer)
    for name in ("act", "discard", "upload", "classified"):
        assert client.get(address(submitted, name), {"action": "approve"}).status_code == 405
    assert now(submitted).state == State.SUBMITTED


def test_submitting_from_outside_the_form_lists_what_is_missing(decide, written):
    PlanUpdate.objects.filter(pk=written.pk).update(work_done="", next_steps="")
    answer = decide("clerk", written, "submit")
    assert answer.status_code == 422
    assert "请填写已开展工作。" in answer.content.decode()
    assert now(written).state == State.DRAFT
