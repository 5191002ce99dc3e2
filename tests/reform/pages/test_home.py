"""工作台: what has come back, what is due, what waits, and what is there to read along."""

from datetime import UTC, datetime

import pytest
import time_machine

from reform.models import BattleMap, PlanUpdate, PromotionUpdate, Stage, TargetUpdate
from tests import factories
from tests.factories import ProjectFactory
from workflow.models import Record
from workflow.states import State

pytestmark = pytest.mark.sql


def tiles(answer):
    return {tile.label: tile.number for tile in answer.context["tiles"]}


def badge(answer):
    """The number in the navigation beside the page's own entry."""
    items = [item for section in answer.context["nav"] for item in section["items"]]
    return next(item["count"] for item in items if item["url"] == answer.wsgi_request.path)


def card(answer, title):
    return next(card for card in answer.context["cards"] if card.title == title)


def test_a_clerk_sees_what_came_back_and_why(cast, visit):
    record = cast.bring(cast.make(TargetUpdate), State.SUBMITTED)
    cast.act(record, "reviewer", "reject", reason="数据有误", detail="一月的进度值请核实。")
    answer = visit("clerk", "home")
    assert tiles(answer)["退回、驳回待修改"] == 1
    [row] = card(answer, "退回、驳回").rows
    assert row.url == f"/records/{record.pk}/edit/"
    assert row.url not in [due.url for due in card(answer, "待填报").rows]
    page = answer.content.decode()
    assert "数据有误。一月的进度值请核实。" in page
    assert "审核甲" in page


@pytest.mark.parametrize("to", [State.REJECTED, State.RETURNED])
def test_an_update_of_a_month_already_reported_that_comes_back_waits_like_any_other(cast, visit, to):
    drawn = cast.issued_map()
    cast.bring(factories.target_update(drawn, cast.clerk, 7), State.CONFIRMED)
    cast.bring(factories.target_update(drawn, cast.clerk, 7), to)
    answer = visit("clerk", "home")
    assert (answer.status_code, tiles(answer)["待更新进度值"]) == (200, 7)  # January to June, and what came back


@pytest.mark.parametrize(
    ("kind", "tile", "number"), [(TargetUpdate, "待更新进度值", 6), (PlanUpdate, "待更新月度计划", 1)]
)
def test_tile_badge_and_list_show_one_number(cast, visit, kind, tile, number):
    drawn = cast.issued_map()
    if kind is PlanUpdate:
        cast.bring(factories.plan_update(factories.open_plan(drawn), cast.clerk), State.REJECTED)
    else:
        cast.bring(factories.target_update(drawn, cast.clerk, 1), State.SUBMITTED)
        cast.bring(factories.target_update(drawn, cast.clerk, 7), State.REJECTED)
    assert tiles(visit("clerk", "home"))[tile] == number
    answer = visit("clerk", "kind", kind._meta.model_name)
    assert (badge(answer), answer.context["due"], sum(row.due for row in answer.context["work_items"])) == (number,) * 3


def test_the_maps_to_draw_are_one_number_everywhere(cast, visit):
    """What is to begin this year, and what is in hand of whatever year; not what may be begun for the next."""
    with time_machine.travel("2025-12-20T09:00+08:00"):
        cast.bring(factories.battle_map(cast.project, cast.clerk, 2025), State.REJECTED)
    factories.battle_map(ProjectFactory(department=cast.planning), cast.clerk)
    ProjectFactory(department=cast.planning)
    ProjectFactory(department=cast.planning, stage=Stage.GENERATED, recognised_on=None)
    with time_machine.travel("2026-11-10T09:00+08:00"):
        assert tiles(visit("clerk", "home"))["待绘制作战图"] == 4
        answer = visit("clerk", "kind", "battlemap")
        due = [(row.title, row.record is None) for row in answer.context["work_items"] if row.due]
        assert (badge(answer), answer.context["due"]) == (4, 4)
    assert due == [("2025年度", False), ("2026年度", True), ("2026年度", False), ("2026年度", True)]


def test_the_reason_shown_is_that_of_the_last_return(cast, visit):
    record = cast.bring(cast.make(TargetUpdate), State.SUBMITTED)
    for detail in ("第一次的意见", "第二次的意见"):
        cast.act(record, "reviewer", "reject", detail=detail)
        if detail == "第一次的意见":
            cast.act(record, "clerk", "submit")
    page = visit("clerk2", "home").content.decode()
    assert "第二次的意见" in page
    assert "第一次的意见" not in page


def test_a_clerk_sees_what_is_due_and_what_is_drafted(cast, visit):
    cast.issued_map()
    other = ProjectFactory(name="尚未绘制的改革", department=cast.planning)
    draft = cast.make(PromotionUpdate)
    answer = visit("clerk", "home")
    assert tiles(answer) == {
        "退回、驳回待修改": 0,
        "待绘制作战图": 1,
        "待更新进度值": 6,  # January to June; July is due in its last working days
        "待更新月度计划": 1,  # of February
        "草稿": 1,
        "审核中": 0,
    }
    due = [row.note for row in card(answer, "待填报").rows]
    assert due == [
        "量化目标推进更新 · 2026年1月",
        "量化目标推进更新 · 2026年2月",
        "量化目标推进更新 · 2026年3月",
        "月度计划推进更新 · 2026年2月 制定改革方案 · 第1条举措",
        "项目作战图 · 2026年度",
    ]
    assert card(answer, "待填报").rows[-1].url == f"/kinds/battlemap/new/{other.pk}-2026/"
    assert [row.url for row in card(answer, "草稿").rows] == [f"/records/{draft.pk}/edit/"]


def test_something_due_leads_to_its_form(cast, client, visit):
    drawn = cast.issued_map()
    row = card(visit("clerk", "home"), "待填报").rows[0]
    assert row.url == f"/kinds/targetupdate/new/{drawn.pk}-1/"
    assert client.get(row.url).status_code == 200
    assert not TargetUpdate.objects.exists()


def test_a_reviewer_sees_what_waits_by_kind_oldest_first(cast, visit):
    older = cast.bring(cast.make(TargetUpdate), State.SUBMITTED)
    newer = cast.bring(cast.make(PlanUpdate), State.SUBMITTED)
    answer = visit("reviewer", "home")
    assert tiles(answer) == {"待我审核": 2, "逾期未审": 0, "本月未上报": 7, "计划逾期的项目": 0, "今天已审核": 1}
    waiting = card(answer, "待我审核")
    assert [row.record.pk for row in waiting.rows] == [older.pk, newer.pk]
    assert sorted((tile.label, tile.number) for tile in waiting.tiles) == [
        ("月度计划推进更新", 1),
        ("量化目标推进更新", 1),
    ]
    assert tiles(visit("strange_reviewer", "home")) == {
        "待我审核": 0,
        "逾期未审": 0,
        "本月未上报": 0,
        "计划逾期的项目": 0,
        "今天已审核": 0,
    }


def test_the_office_also_sees_what_is_to_be_issued(cast, visit):
    record = cast.bring(cast.make(BattleMap), State.CONFIRMED)
    answer = visit("office", "home")
    assert tiles(answer) == {
        "待我审核": 0,
        "逾期未审": 0,
        "待下发": 1,
        "本月未上报": 0,
        "计划逾期的项目": 0,
        "今天已审核": 1,
    }
    assert [row.url for row in card(answer, "待下发").rows] == [f"/records/{record.pk}/"]
    assert tiles(visit("office_elsewhere", "home"))["待下发"] == 0


def test_a_clerk_finds_what_was_settled_last_of_all_the_departments_projects(cast, visit):
    """Of two at the same moment the later record comes first."""
    own = [ProjectFactory(department=cast.project.department) for _ in range(8)]
    other = ProjectFactory()
    days = {0: [3, 9], 1: [8, 8], 2: [7], 3: [8], 4: [1], 5: [], 6: [2], 7: [4]}
    made = [(own[number], day) for number, of in days.items() for day in of] + [(other, 9)]
    keys = {}
    for project, day in made:
        draft = BattleMap.of(project, 2026, cast.clerk)
        draft.slot = f"{day}-{len(keys)}"
        draft.save()
        Record.objects.filter(pk=draft.pk).update(state=State.CONFIRMED, updated_at=datetime(2026, 7, day, tzinfo=UTC))
        keys[draft.pk] = (project, day)
    shown = [row.record.pk for row in card(visit("clerk", "home"), "最近办结").rows]
    own_keys = [pk for pk, (project, _) in keys.items() if project != other]
    assert shown == sorted(own_keys, key=lambda pk: (keys[pk][1], pk), reverse=True)[:6]
    assert [keys[pk][1] for pk in shown] == [9, 8, 8, 8, 7, 4]


def test_a_partner_finds_the_projects_to_read_along(cast, visit):
    for who in ("partner", "partner_reviewer"):
        [row] = card(visit(who, "home"), "配合的项目").rows
        assert (row.title, row.url) == ("数字经济改革", f"/projects/{cast.project.pk}/")
    assert "配合的项目" not in visit("stranger", "home").content.decode()


@pytest.mark.parametrize("who", ["admin", "auditor"])
def test_those_who_administer_are_led_to_the_admin(cast, visit, who):
    answer = visit(who, "home")
    assert (answer.context["tiles"], answer.context["cards"]) == ([], [])
    assert 'href="/admin/"' in answer.content.decode()
