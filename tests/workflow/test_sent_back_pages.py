"""逐项退回 on the pages: ticking, what a resubmission shows, and what the pages ask of the database."""

import re

import pytest

from reform.models import BattleMap, PlanUpdate, TargetUpdate
from tests.editing import fields_of, reloaded, send
from tests.workflow.sent_back import LEVELS, first_value, sent_back
from workflow.states import State

# --- The review page ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("level", LEVELS, ids=["department", "office"])
def test_the_page_sends_the_ticks_with_the_decision(client, cast, look, level):
    record = cast.make(TargetUpdate)
    place = first_value(record)
    record = cast.bring(record, level[0])
    page = look(level[1], record)
    assert f'value="{place}" form="decide-{level[2]}"' in page
    client.force_login(getattr(cast, level[1]))
    words = {"reason": "数据有误", "detail": "请核对", "item": place, f"words-{place}": "应填新增值"}
    decision = {"action": level[2], "version": record.version} | words
    answer = client.post(f"/records/{record.pk}/act/", decision, follow=True)
    assert "只退勾选的 1 项。" in answer.content.decode()
    assert [(item.address, item.words) for item in reloaded(record.specific).opened.items] == [(place, "应填新增值")]


def test_what_was_ticked_stays_ticked_when_the_decision_is_not_complete(client, cast):
    record = cast.make(TargetUpdate)
    place = first_value(record)
    record = cast.bring(record, State.SUBMITTED)
    client.force_login(cast.reviewer)
    words = {"item": place, f"words-{place}": "应填新增值"}
    answer = client.post(f"/records/{record.pk}/act/", {"action": "reject", "version": record.version} | words)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert f'value="{place}" form="decide-reject" data-tick checked' in page
    assert "应填新增值" in page


@pytest.mark.parametrize("who", ["clerk", "reviewer", "office_elsewhere"])
def test_who_does_not_decide_has_nothing_to_tick(cast, look, who):
    record = cast.bring(cast.make(TargetUpdate), State.DEPT_APPROVED)
    assert "data-tick" not in look(who, record)


def test_a_resubmission_shows_what_was_ticked_and_leads_to_the_whole(cast, look):
    record = sent_back(cast, cast.make(PlanUpdate), {"work_done": "请写具体"})
    record.work_done = "写具体了"
    record.save()
    cast.act(record, "clerk", "submit")
    page = look("reviewer", record)
    assert "只显示退回的内容" in page
    assert "请写具体" in page
    assert "写具体了" in page
    assert "<dt>下一步工作计划" not in page.replace("\n", "")


def test_a_resubmission_of_what_was_ticked_without_a_change_is_called_so(cast, look):
    record = sent_back(cast, cast.make(PlanUpdate), {"work_done": "请写具体"})
    cast.act(record, "clerk", "submit")
    page = look("reviewer", record)
    assert "只显示退回的内容" in page
    assert "相比没有变化" in page
    assert "变化已标出" not in page


def test_a_map_that_came_back_names_what_came_back_and_leaves_no_room_for_the_rest(client, cast, look):
    record = cast.make(BattleMap)
    indicator, measure = record.indicators.first(), record.measures.first()
    items = {
        f"indicators.{indicator.pk}.months.8": "应为季度数",
        "measures": "请补充一条",
        f"measures.{measure.pk}.plans": "请补充下半年",
    }
    page = look("clerk", sent_back(cast, record, items))
    assert "8月 <b>退</b>：应为季度数" in client.get(f"/records/{record.pk}/edit/").content.decode()
    assert page.count('class="item-row"') == 1
    assert re.findall(r"<b>8月</b>\s*<p[^>]*><b>退</b>：应为季度数", page)
    assert re.findall(r"<b>全部具体举措</b>\s*<p[^>]*><b>退</b>：请补充一条", page)
    assert re.findall(r"<b>全部月度计划</b>\s*<p[^>]*><b>退</b>：请补充下半年", page)
    assert page.count("全部月度计划") == 1


def test_the_office_sees_all_of_what_only_the_department_sent_back(cast, look):
    record = sent_back(cast, cast.make(PlanUpdate), {"work_done": ""})
    cast.act(record, "clerk", "submit")
    assert "只显示退回的内容" in look("reviewer", record)
    cast.act(record, "reviewer", "approve")
    assert "只显示退回的内容" not in look("office", record)


def test_partners_see_nothing_of_it(cast, look):
    record = sent_back(cast, cast.make(PlanUpdate), {"work_done": "写得太空"})
    for who, action in (("clerk", "submit"), ("reviewer", "approve"), ("office", "confirm")):
        cast.act(record, who, action)
    page = look("partner", record)
    assert "写得太空" not in page
    assert "退回" not in page


# --- What the pages ask ---------------------------------------------------------------------------------------------


@pytest.fixture(params=[1, 3])
def map_sent_back(cast, request):
    record = cast.make(BattleMap)
    places = [place for place in record.items() if ".plans." in place][: request.param]
    assert len(places) == request.param
    return sent_back(cast, record, dict.fromkeys(places, "请改"))


def test_the_edit_page_asks_the_same_however_much_was_ticked(client, cast, map_sent_back, django_assert_num_queries):
    client.force_login(cast.clerk)
    client.get("/")
    with django_assert_num_queries(21):
        client.get(f"/records/{map_sent_back.pk}/edit/")


def test_a_save_asks_the_same_however_much_was_ticked(client, cast, map_sent_back, django_assert_num_queries):
    client.force_login(cast.clerk)
    sent = fields_of(map_sent_back)
    with django_assert_num_queries(42):
        send(client, map_sent_back, sent)


@pytest.mark.parametrize("query", ["", "?whole=1"])
def test_the_review_page_asks_the_same_however_much_was_ticked(
    client, cast, map_sent_back, django_assert_num_queries, query
):
    cast.act(map_sent_back, "clerk", "submit")
    client.force_login(cast.reviewer)
    client.get("/")
    with django_assert_num_queries(33):
        client.get(f"/records/{map_sent_back.pk}/{query}")
