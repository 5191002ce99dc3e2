"""The one page of every record: what it shows to whom, and what happens when somebody decides on it."""

import datetime as dt
import re

import pytest
import time_machine
from django.contrib.messages import get_messages
from django.urls import reverse
from django.utils import timezone

from reform.models import BattleMap, BrandUpdate, MeasureIteration, PlanUpdate, PromotionUpdate, TargetUpdate
from tests import factories
from workflow.models import ReasonCategory, Record
from workflow.states import State

KINDS = [BattleMap, TargetUpdate, PlanUpdate, PromotionUpdate, BrandUpdate, MeasureIteration]


@pytest.fixture
def draft(cast):
    """An update of a plan with something to say in every field."""
    update = factories.plan_update(factories.open_plan(cast.issued_map()), cast.clerk)
    update.work_done = "1. 召开启动会；\n2. 印发方案。"
    update.difficulties = "<b>缺少数据</b>"
    update.save()
    return update


@pytest.fixture
def submitted(cast, draft):
    return cast.bring(draft, State.SUBMITTED)


def address(record, name="record", *args):
    return reverse(f"workflow:{name}", args=[record.pk, *args])


@pytest.fixture
def look(client, cast):
    """look("reviewer", record): the text of the page that this person sees."""

    def get(who, record):
        client.force_login(getattr(cast, who))
        return client.get(address(record)).content.decode()

    return get


@pytest.fixture
def decide(client, cast):
    """decide("reviewer", record, "approve", …): the answer to that person's POST."""

    def post(who, record, action, **fields):
        client.force_login(getattr(cast, who))
        return client.post(address(record, "act"), {"action": action, "version": record.version} | fields)

    return post


def now(record):
    return Record.objects.get(pk=record.pk)


def said(answer):
    return [str(message) for message in get_messages(answer.wsgi_request)]


def words(page):
    """The page without tags, on one line."""
    return " ".join(re.sub(r"<[^>]+>", " ", page).split())


# --- What it shows ----------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("who", ["clerk", "reviewer", "office"])
def test_every_kind_has_its_content_on_the_same_page(look, cast, kind, who):
    record = cast.bring(cast.make(kind), State.SUBMITTED)
    page = re.sub("</?ins>", "", look(who, record))
    assert f"<h1>{record.heading}</h1>" in page
    for text in ("待部门审核", "数字经济改革", "市发展改革委", "流转记录", "录入甲", *leaves(record.snapshot())):
        assert text in page


def leaves(value):
    """Every text of a snapshot that a person wrote or chose."""
    if isinstance(value, dict):
        return [leaf for key, child in value.items() if key != "id" for leaf in leaves(child)]
    if isinstance(value, list):
        return [leaf for child in value for leaf in leaves(child)]
    return [str(value)] if value else []


def test_what_people_typed_is_text_with_its_lines_kept(look, submitted):
    page = look("reviewer", submitted)
    assert '<dd class="prose">1. 召开启动会；\n2. 印发方案。</dd>' in page
    assert "&lt;b&gt;缺少数据&lt;/b&gt;" in page


def test_files_and_classified_notices_stand_on_the_page(look, draft, cast):
    file = factories.AttachmentFactory(record=draft, name="会议纪要.pdf", size=2 * 1024 * 1024)
    factories.ClassifiedNoticeFactory(record=draft, title="某专项报告")
    page = look("reviewer", cast.bring(draft, State.SUBMITTED))
    assert f'href="{reverse("workflow:download", args=[file.pk])}">会议纪要.pdf</a>' in page
    assert "2.0\xa0MB" in page
    assert "某专项报告（2026-07-01 报送）" in page


def test_the_timeline_tells_who_did_what_and_how_long_it_has_waited(look, cast, submitted):
    cast.act(submitted, "reviewer", "reject", reason="数据有误", detail="第二条\n没有日期")
    record = cast.act(submitted, "clerk", "submit")
    with time_machine.travel(timezone.now() + dt.timedelta(days=1, hours=4, minutes=5)):
        page = look("reviewer", record)
    timeline = words(page[page.index('class="timeline"') :])
    steps = [
        "待部门审核 已停留 1 天 4 小时",
        "上报 录入甲",
        "驳回 审核甲",
        "市发展改革委 · 07-15",
        "数据有误 第二条 没有日期",
    ]
    assert [step for step in steps if step not in timeline] == []
    assert timeline.index("已停留") < timeline.index("驳回 审核甲") < timeline.index("创建草稿 录入甲")


@pytest.mark.parametrize("who", ["stranger", "strange_reviewer", "partner", "admin", "auditor"])
def test_a_stranger_finds_nothing_here(client, cast, submitted, who):
    client.force_login(getattr(cast, who))
    event = submitted.events.get()
    answers = [
        client.get(address(submitted)),
        client.get(address(submitted, "snapshot", event.pk)),
        client.post(address(submitted, "act"), {"action": "approve", "version": submitted.version}),
        client.post(address(submitted, "discard"), {"version": submitted.version}),
        client.get(reverse("workflow:record", args=[987654])),
    ]
    assert [answer.status_code for answer in answers] == [404] * 5
    assert now(submitted).state == State.SUBMITTED


def test_a_partner_reads_what_is_settled_and_is_told_why_no_more(look, cast, submitted):
    record = cast.bring(cast.act(submitted, "reviewer", "approve"), State.DRAFT)
    cast.act(record, "office", "confirm")
    page = look("partner", record)
    assert "召开启动会" in page
    assert "您所在单位是配合单位，可以查看，不办理。" in page
    assert 'name="action"' not in page


# --- What changed -----------------------------------------------------------------------------------


def test_a_first_submission_is_compared_with_nothing(look, submitted):
    page = look("reviewer", submitted)
    assert "相比的变化已标出" not in page
    assert "<ins>" not in page
    assert "<del>" not in page


def test_what_changed_since_the_last_submission_is_marked_in_place(look, cast, submitted):
    rejected = cast.act(submitted, "reviewer", "reject")
    PlanUpdate.objects.filter(pk=rejected.pk).update(difficulties="", next_steps="八月底前印发方案。")
    factories.AttachmentFactory(record=rejected, name="会议纪要.pdf")
    page = look("reviewer", cast.act(rejected, "clerk", "submit"))
    assert "与上一次上报（07-15）相比的变化已标出" in page
    assert "<del>&lt;b&gt;缺少数据&lt;/b&gt;</del>" in page
    assert "<ins>八月底前</ins>印发方案。" in page
    assert "<ins>会议纪要.pdf</ins>" in page
    assert "<ins>1. 召开启动会" not in page


def test_a_new_update_is_compared_with_the_confirmed_one_before_it(look, cast, submitted):
    first = cast.act(cast.act(submitted, "reviewer", "approve"), "office", "confirm")
    second = PlanUpdate.create(first.plan, cast.clerk)
    PlanUpdate.objects.filter(pk=second.pk).update(status="done", next_steps="")
    factories.AttachmentFactory(record=second)
    page = look("reviewer", cast.bring(PlanUpdate.objects.get(pk=second.pk), State.SUBMITTED))
    assert "与上一次上报（07-15）相比的变化已标出" in page
    assert "<del>推进中</del><ins>已完成</ins>" in page
    assert "月度计划历史状态更新" in page


def test_an_edited_measure_is_compared_with_the_map(look, cast):
    record = cast.bring(cast.make(MeasureIteration), State.SUBMITTED)
    page = look("reviewer", record)
    assert "与项目作战图相比的变化已标出" in page
    assert "第1条举措<ins>（已优化）</ins>" in page


def test_earlier_submissions_can_be_read_as_they_were(client, look, cast, submitted):
    rejected = cast.act(submitted, "reviewer", "reject")
    PlanUpdate.objects.filter(pk=rejected.pk).update(work_done="重写了一遍。")
    record = cast.act(rejected, "clerk", "submit")
    newest, oldest = record.events.filter(action="submit")
    page = look("reviewer", record)
    addresses = [address(record, "snapshot", event.pk) for event in (newest, oldest)]
    assert [page.count(f'href="{link}"') for link in addresses] == [1, 1]

    then, later = (client.get(link).content.decode() for link in reversed(addresses))
    assert "1. 召开启动会；\n2. 印发方案。" in then
    assert "重写了一遍" not in then
    assert "重写了一遍" in later
    assert "与上一次上报（07-15）相比的变化已标出" in later


def test_only_submissions_of_this_record_have_a_snapshot(client, cast, submitted):
    other = cast.bring(factories.promotion(cast.project, cast.clerk), State.SUBMITTED)
    approval = cast.act(other, "reviewer", "approve").events.get(action="approve")
    client.force_login(cast.reviewer)
    for record, event in ((submitted, other.events.get(action="submit")), (other, approval)):
        assert client.get(address(record, "snapshot", event.pk)).status_code == 404


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
def test_the_page_offers_what_can_be_done_and_nothing_else(look, cast, draft, situation):
    who, state = situation
    record = cast.bring(draft, state)
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
def test_a_decision_is_never_preselected_and_its_button_carries_its_word(look, cast, draft, situation):
    who, state = situation
    record = cast.bring(draft, state)

    def buttons():
        card = re.search(r'id="decision">.*?</section>', look(who, record), re.DOTALL).group()
        assert "checked" not in card
        return re.findall(r"<(?:button|summary)[^>]*>([^<]+)<", card)

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
def test_where_nothing_can_be_done_the_page_says_why(look, cast, draft, situation):
    who, state = situation
    assert WHY_NOTHING[situation] in look(who, cast.bring(draft, state))


def test_nobody_is_offered_to_decide_on_what_they_submitted(look, cast, submitted):
    cast.clerk.role = "dept_reviewer"
    cast.clerk.save()
    page = look("clerk", submitted)
    assert "本人上报的内容不能由本人审核。" in page
    assert 'name="action"' not in page


def test_a_draft_is_thrown_away_by_its_author_after_a_second_click(client, look, cast, draft):
    assert "确认删除" in look("clerk", draft)
    answer = client.post(address(draft, "discard"), {"version": draft.version})
    assert answer.url == reverse("home")
    assert said(answer) == [f"已删除草稿：月度计划推进更新 · {draft.title}。"]
    assert not Record.objects.filter(pk=draft.pk).exists()


@pytest.mark.parametrize(("who", "version"), [("clerk", 5), ("clerk2", "x")])
def test_a_draft_changed_since_stays(client, cast, draft, who, version):
    client.force_login(getattr(cast, who))
    assert client.post(address(draft, "discard"), {"version": version}).status_code == 409
    assert Record.objects.filter(pk=draft.pk).exists()


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


def test_a_second_click_does_nothing_more_and_says_so(decide, submitted):
    seen = now(submitted)
    first, second = (decide("reviewer", seen, "approve", detail="同意") for _ in range(2))
    assert (first.status_code, second.status_code) == (302, 302)
    assert "这项操作刚才已经完成，没有重复办理。" in said(second)[-1]
    assert now(submitted).events.filter(action="approve").count() == 1


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


def test_submitting_from_outside_the_form_lists_what_is_missing(decide, draft):
    PlanUpdate.objects.filter(pk=draft.pk).update(work_done="", next_steps="")
    answer = decide("clerk", draft, "submit")
    assert answer.status_code == 422
    assert "请填写已开展工作。" in answer.content.decode()
    assert now(draft).state == State.DRAFT


# --- Through the inbox ----------------------------------------------------------------------------------


@pytest.fixture
def five(cast):
    """Five promotions before the reviewer, two of them of the same moment."""
    cast.issued_map()
    made = []
    for hours in (5, 4, 3, 2, 1):
        with time_machine.travel(timezone.now() - dt.timedelta(hours=hours)):
            made.append(cast.bring(factories.promotion(cast.project, cast.clerk), State.SUBMITTED))
    Record.objects.filter(pk=made[2].pk).update(submitted_at=made[1].submitted_at)
    return [now(record) for record in made]


def steps(page):
    """(第 n 件，共 m 件, address of 上一件, of 下一件)."""
    found = dict(re.findall(r'rel="(prev|next)" href="([^"]+)"', page))
    return re.search(r"第 \d+ 件，共 \d+ 件", page).group(), found.get("prev"), found.get("next")


def test_previous_and_next_walk_the_inbox_in_its_order(look, five):
    links = [None, *map(address, five), None]
    for number, record in enumerate(five, 1):
        expected = (f"第 {number} 件，共 5 件", links[number - 1], links[number + 1])
        assert steps(look("reviewer", record)) == expected


def test_submit_and_next_leads_on_and_from_the_last_to_what_is_left(decide, cast, five):
    def after(record):
        return decide("reviewer", record, "", action_next="approve").url

    assert after(five[1]) == address(five[2])
    assert after(five[4]) == address(five[0])
    assert after(five[0]) == address(five[2])
    assert after(five[2]) == address(five[3])
    assert after(five[3]) == reverse("workflow:inbox")


def test_the_only_one_has_no_next(look, submitted):
    page = look("reviewer", submitted)
    assert steps(page) == ("第 1 件，共 1 件", None, None)
    assert "看下一件" not in page


def test_no_prev_next_without_pending_decisions(look, five):
    assert "件，共" not in look("clerk", five[0])


# --- Through a narrowed inbox ---------------------------------------------------------------------------


@pytest.fixture
def mixed(cast):
    """Before the reviewer, oldest first: a promotion, a brand update, a promotion, a brand update, a promotion."""
    cast.issued_map()
    made = []
    for hours, draft in zip(range(5, 0, -1), [factories.promotion, factories.brand] * 3, strict=False):
        with time_machine.travel(timezone.now() - dt.timedelta(hours=hours)):
            made.append(cast.bring(draft(cast.project, cast.clerk), State.SUBMITTED))
    return [now(record) for record in made]


PROMOTIONS = "?kind=reform.promotionupdate"


def test_a_narrowed_inbox_stays_narrowed_from_the_list_to_the_last_record(client, cast, mixed):
    first, _, second, _, third = mixed
    client.force_login(cast.reviewer)
    links = [address(record) + PROMOTIONS for record in (first, second, third)]
    rows = client.get(reverse("workflow:inbox") + PROMOTIONS).content.decode()
    assert re.findall(r'class="row-link" href="([^"]+)"', rows) == links
    assert [steps(client.get(link).content.decode()) for link in links] == [
        ("第 1 件，共 3 件", None, links[1]),
        ("第 2 件，共 3 件", links[0], links[2]),
        ("第 3 件，共 3 件", links[1], None),
    ]
    page = client.get(links[0]).content.decode()
    assert f'<a href="{reverse("workflow:inbox")}{PROMOTIONS}">待我审核</a>' in page
    assert page.count(f'action="{address(first, "act")}{PROMOTIONS}"') == 2  # 通过, 驳回


def test_deciding_and_going_on_stays_within_the_narrowed_inbox(client, cast, mixed):
    first, brand, second, _, third = mixed
    client.force_login(cast.reviewer)

    def after(record, button):
        form = {button: "approve", "version": record.version}
        return client.post(address(record, "act") + PROMOTIONS, form).url

    assert after(second, "action_next") == address(third) + PROMOTIONS
    assert after(third, "action_next") == address(first) + PROMOTIONS
    assert after(first, "action") == address(first) + PROMOTIONS
    assert steps(client.get(address(brand)).content.decode())[0] == "第 1 件，共 2 件"


def test_the_last_of_a_narrowed_inbox_leads_back_to_it(client, cast, mixed):
    client.force_login(cast.reviewer)
    form = {"action_next": "approve", "version": mixed[1].version}
    answer = client.post(address(mixed[1], "act") + "?q=没有这样的", form)
    assert answer.url == reverse("workflow:inbox") + "?q=%E6%B2%A1%E6%9C%89%E8%BF%99%E6%A0%B7%E7%9A%84"


def test_words_stay_while_a_decision_is_mended(client, cast, mixed):
    client.force_login(cast.reviewer)
    form = {"action_next": "reject", "version": mixed[2].version}
    answer = client.post(address(mixed[2], "act") + PROMOTIONS, form)
    assert answer.status_code == 422
    assert steps(answer.content.decode())[0] == "第 2 件，共 3 件"


@pytest.mark.parametrize(
    "query",
    [
        {"kind": "reform.secret"},
        {"department": "x"},
        {"next": "https://example.org/"},
        {"q": "没有这样的"},
        {"kind": "reform.battlemap"},
    ],
)
def test_a_query_that_means_nothing_here_does_not_travel(client, cast, mixed, query):
    client.force_login(cast.reviewer)
    page = client.get(address(mixed[0]), query).content.decode()
    assert steps(page) == ("第 1 件，共 5 件", None, address(mixed[1]))
    assert "example.org" not in page


def test_odd_words_travel_as_they_are(client, cast, mixed):
    client.force_login(cast.reviewer)
    rows = client.get(reverse("workflow:inbox"), {"q": "数字 经济&x=1#"}).content.decode()
    assert "row-link" not in rows
    answer = client.get(reverse("workflow:inbox"), {"q": " 数字 改革 ", "page": "1", "next": "//example.org"})
    [link, *_] = re.findall(r'class="row-link" href="([^"]+)"', answer.content.decode())
    assert link == address(mixed[0]) + "?q=+%E6%95%B0%E5%AD%97+%E6%94%B9%E9%9D%A9+"
    assert steps(client.get(link).content.decode())[0] == "第 1 件，共 5 件"


# --- The cost of the page -----------------------------------------------------------------------------------

QUERIES = {"clerk": 21, "reviewer": 25, "office": 27}


@pytest.mark.usefixtures("without_navigation")
@pytest.mark.parametrize("who", QUERIES)
def test_the_page_costs_the_same_however_much_waits(client, cast, draft, django_assert_num_queries, who):
    to = State.DEPT_APPROVED if who == "office" else State.SUBMITTED
    record = cast.bring(draft, to)
    client.force_login(getattr(cast, who))
    for _ in range(2):
        with django_assert_num_queries(QUERIES[who]):
            page = client.get(address(record)).content.decode()
        assert "流转记录" in page
        for _ in range(3):
            cast.bring(factories.promotion(cast.project, cast.clerk), to)
