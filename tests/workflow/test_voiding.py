"""作废: what nobody will send again is laid aside, with a reason, for good; its history stays and its place is free.

What holds for every kind is in the contract.
"""

import re

import pytest
from django.urls import reverse

from reform.models import BattleMap, DueItem, MeasureIteration, PlanUpdate, PromotionUpdate, TargetUpdate
from tests import factories
from tests.factories import YEAR
from tests.work import due_count, work_rows
from workflow.actions import perform
from workflow.models import Message, Record
from workflow.refusals import ActionRefused
from workflow.states import State

pytestmark = pytest.mark.usefixtures("due_agrees")


def void(cast, record, detail="不再推进。"):
    return cast.act(record, "clerk", "void", detail=detail).specific


def due(kind, person):
    return sum(item.due for item in work_rows(kind, person))


@pytest.mark.parametrize("detail", ["", " \n\t"])
def test_it_needs_a_reason_and_nothing_else(cast, detail):
    record = cast.bring(cast.make(PromotionUpdate), State.REJECTED)
    with pytest.raises(ActionRefused, match=r"^请填写作废理由。$"):
        perform(record.pk, "void", cast.clerk, record.version, detail=detail)
    assert void(cast, record).events.first().reason == ""


def test_a_draft_that_nobody_has_seen_is_thrown_away_instead(cast):
    record = cast.make(PromotionUpdate)
    with pytest.raises(ActionRefused):
        cast.act(record, "clerk", "void")


def test_a_withdrawn_draft_is_laid_aside_and_cannot_be_thrown_away(client, cast):
    record = cast.act(cast.bring(cast.make(PromotionUpdate), State.SUBMITTED), "clerk", "withdraw")
    client.force_login(cast.clerk)
    page = client.get(reverse("workflow:record", args=[record.pk])).content.decode()
    assert "删除草稿" not in page
    assert void(cast, record).state == State.VOIDED


# --- The two of the field -------------------------------------------------------------------------


def test_a_rejected_update_whose_plan_was_cancelled_can_be_laid_aside(cast):
    rejected = cast.bring(cast.make(PlanUpdate), State.REJECTED)
    rejected.specific.plan.measure.battle_map.measures.first()
    change = factories.iteration(rejected.specific.plan.measure, cast.clerk)
    change.changes.filter(plan=rejected.specific.plan).update(cancelled=True)
    cast.bring(change, State.CONFIRMED)
    assert due(PlanUpdate, cast.clerk) == due_count(PlanUpdate, cast.clerk)
    void(cast, rejected)
    assert list(Record.objects.in_hand(cast.clerk)) == []


def test_a_promotion_rejected_for_good_leaves_the_clerks_page(client, cast):
    rejected = cast.bring(cast.make(PromotionUpdate), State.REJECTED)
    client.force_login(cast.clerk)
    page = reverse("workflow:record", args=[rejected.pk])

    def came_back():
        return client.get(reverse("home")).content.decode().count(reverse("editing:edit", args=[rejected.pk]))

    assert came_back() > 0
    post = {"action": "void", "version": rejected.version, "detail": "活动取消。"}
    answer = client.post(reverse("workflow:act", args=[rejected.pk]), post, follow=True)
    assert "已作废，不再办理；流转记录中保留全部情况。" in answer.content.decode()
    assert came_back() == 0
    shown = client.get(page).content.decode()
    timeline = re.sub(r"<[^>]+>", " ", shown[shown.index('id="timeline"') :])
    assert [word for word in ("已作废", "活动取消。", "驳回", "上报") if word not in timeline] == []
    assert "已停留" not in timeline
    found = client.get(reverse("workflow:submitted"), {"state": "voided"})
    assert [record.pk for record in found.context["page_obj"]] == [rejected.pk]


def test_without_a_reason_the_sentence_stands_beside_the_field(client, cast):
    rejected = cast.bring(cast.make(PromotionUpdate), State.REJECTED)
    client.force_login(cast.clerk)
    post = {"action": "void", "version": rejected.version, "detail": "长" * 2001}
    answer = client.post(reverse("workflow:act", args=[rejected.pk]), post)
    assert answer.status_code == 422
    assert "不超过 2000 字，现有 2001 字。" in answer.content.decode()
    assert "长" * 2001 in answer.content.decode()
    post["detail"] = ""
    assert "请填写作废理由。" in client.post(reverse("workflow:act", args=[rejected.pk]), post).content.decode()
    assert Record.objects.get(pk=rejected.pk).state == State.REJECTED


def test_whoever_sent_it_back_is_told(cast):
    record = cast.bring(cast.make(PromotionUpdate), State.RETURNED)
    void(cast, record, "活动取消。")
    event = record.events.first()
    told = Message.objects.filter(key=f"event-{event.pk}")
    assert [(message.recipient, message.text.partition("：")[2]) for message in told] == [
        (cast.office, "市发展改革委录入甲已作废：活动取消。")
    ]


# --- Its place is free ------------------------------------------------------------------------------


def test_the_map_of_the_year_can_be_drawn_anew(client, cast):
    rejected = cast.bring(factories.battle_map(cast.project, cast.clerk), State.REJECTED)
    assert BattleMap.create(cast.project, YEAR, cast.clerk).pk == rejected.pk
    void(cast, rejected)
    assert (due(BattleMap, cast.clerk), due_count(BattleMap, cast.clerk)) == (1, 1)
    again = BattleMap.create(cast.project, YEAR, cast.clerk)
    assert again.pk != rejected.pk
    assert [item.record for item in work_rows(BattleMap, cast.clerk) if item.key.endswith(str(YEAR))] == [again]
    factories.add_indicator(again, "甲")
    client.force_login(cast.clerk)
    page = client.get(reverse("reform:project", args=[cast.project.pk]))
    assert [drawn.pk for drawn in page.context["maps"]] == [again.pk]


def test_the_ledger_shows_the_map_that_stands(client, cast):
    void(cast, cast.bring(factories.battle_map(cast.project, cast.clerk), State.REJECTED))
    client.force_login(cast.office)
    ledger = reverse("reform:ledger", args=["projects"])

    def state_of_map():
        page = client.get(ledger, {"year": YEAR}).content.decode()
        row = page[page.index("数字经济改革") :]
        return re.search("未上报|待部门审核|已作废", row[row.index("<td") :]).group()

    assert state_of_map() == "未上报"
    cast.bring(factories.battle_map(cast.project, cast.clerk), State.SUBMITTED)
    assert state_of_map() == "待部门审核"


def test_the_month_is_reported_anew_as_its_first_report(cast):
    drawn = cast.issued_map()
    first = cast.bring(factories.target_update(drawn, cast.clerk, month=7), State.REJECTED).specific
    void(cast, first)
    item = DueItem.objects.get(battle_map=drawn, plan=None, year=YEAR, month=7)
    assert (item.owed, item.record) == (True, None)
    again = TargetUpdate.create(drawn, 7, cast.clerk)
    assert again.pk != first.pk
    assert (again.title, again.revision, again.baseline()) == ("2026年7月进度值", 2, None)
    again.values.update(value=10, remark="按计划推进")
    confirmed = cast.bring(again, State.CONFIRMED)
    corrected = TargetUpdate.create(drawn, 7, cast.clerk)
    assert (corrected.title, corrected.revision) == ("2026年7月进度值（第2次更新）", 3)
    assert corrected.baseline().snapshot == confirmed.specific.snapshot()


def test_what_was_laid_aside_is_owed_again_and_no_longer_came_back(cast):
    drawn = cast.issued_map()
    first = cast.bring(factories.target_update(drawn, cast.clerk, month=7), State.REJECTED)
    item = DueItem.objects.filter(kind="reform.targetupdate", battle_map=drawn, month=7)
    assert item.values_list("owed", "came_back").get() == (True, True)
    void(cast, first)
    assert item.values_list("owed", "came_back").get() == (True, False)
    cast.act(factories.target_update(drawn, cast.clerk, month=7), "clerk", "submit")
    assert item.values_list("owed", "came_back").get() == (False, False)


def test_a_plan_is_updated_anew_from_what_was_confirmed_last(cast):
    plan = factories.open_plan(cast.issued_map())
    first = cast.bring(factories.plan_update(plan, cast.clerk), State.REJECTED)
    PlanUpdate.objects.filter(pk=first.pk).update(work_done="没有做过的事")
    void(cast, first)
    [item] = [item for item in work_rows(PlanUpdate, cast.clerk) if item.key == str(plan.pk)]
    assert item.record is None
    again = PlanUpdate.create(plan, cast.clerk)
    assert (again.pk != first.pk, again.work_done) == (True, "")


def test_a_measure_can_be_edited_anew(cast):
    drawn = cast.issued_map()
    first = cast.bring(factories.iteration(drawn.measures.first(), cast.clerk), State.RETURNED)
    void(cast, first)
    again = MeasureIteration.create(drawn, drawn.measures.first(), cast.clerk)
    assert (again.pk != first.pk, again.content) == (True, "第1条举措")
