"""The one page of every record: what it shows to whom, and what has changed."""

import datetime as dt
import re

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone

from reform.models import BattleMap, BrandUpdate, MeasureIteration, PlanUpdate, PromotionUpdate, TargetUpdate
from tests import factories
from tests.workflow.record_pages import address, now, words
from workflow.states import State

KINDS = [BattleMap, TargetUpdate, PlanUpdate, PromotionUpdate, BrandUpdate, MeasureIteration]


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
    assert '<dd class="prose">1. 召开启动会；\n2. 印发方案。<' in page
    assert "&lt;b&gt;缺少数据&lt;/b&gt;" in page


def test_files_and_classified_notices_stand_on_the_page(look, written, cast):
    file = factories.AttachmentFactory(record=written, name="会议纪要.pdf", size=2 * 1024 * 1024)
    factories.ClassifiedNoticeFactory(record=written, title="某专项报告")
    page = look("reviewer", cast.bring(written, State.SUBMITTED))
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


def test_what_comes_again_as_it_was_is_called_so(look, cast, submitted):
    rejected = cast.act(submitted, "reviewer", "reject")
    assert "与上一次上报（07-15）相比没有变化" in look("clerk", rejected)
    page = look("reviewer", cast.act(rejected, "clerk", "submit"))
    assert "与上一次上报（07-15）相比没有变化" in page
    assert "变化已标出" not in page


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


# --- The cost of the page -----------------------------------------------------------------------------------

QUERIES = {"clerk": 19, "reviewer": 26, "office": 28}


@pytest.mark.usefixtures("without_navigation")
@pytest.mark.parametrize("who", QUERIES)
def test_the_page_costs_the_same_however_much_waits(client, cast, written, django_assert_num_queries, who):
    to = State.DEPT_APPROVED if who == "office" else State.SUBMITTED
    record = cast.bring(written, to)
    client.force_login(getattr(cast, who))
    client.get("/session/")  # the first request notes when the session began
    for _ in range(2):
        with django_assert_num_queries(QUERIES[who]):
            page = client.get(address(record)).content.decode()
        assert "流转记录" in page
        for _ in range(3):
            cast.bring(factories.promotion(cast.project, cast.clerk), to)
