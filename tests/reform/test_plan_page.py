"""The page of one monthly plan: the manual's three parts, and 状态更新 for those whose plan it is."""

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from reform.models import PlanStatus, PlanUpdate
from tests import factories
from tests.factories import open_plan, plan_update
from workflow.states import State


@pytest.fixture
def plan(cast):
    return open_plan(cast.issued_map())


@pytest.fixture
def visit(client, cast, plan):
    def get(who):
        client.force_login(getattr(cast, who))
        return client.get(f"/plans/{plan.pk}/")

    return get


def button(answer):
    """状态更新 as it stands on the page: None, "off" or "on"."""
    lines = [line for line in answer.content.decode().splitlines() if ">状态更新</" in line.replace("</svg>", ">")]
    return ("off" if "disabled" in lines[0] else "on") if lines else None


def updated(cast, plan, state, **changes):
    update = plan_update(plan, cast.clerk)
    for name, value in changes.items():
        setattr(update, name, value)
    update.save()
    return cast.bring(update, state)


def test_from_the_list_to_the_form_as_the_manual_says(client, cast, plan, visit):
    client.force_login(cast.clerk)
    listed = client.get("/kinds/planupdate/").content.decode()
    assert f'href="/plans/{plan.pk}/"' in listed
    assert ">月度计划本次状态更新</a>" in listed
    page = visit("clerk")
    for part in ["重大改革项目基础信息", "月度计划历史状态更新", "月度计划本次更新详情"]:
        assert f"<h2>{part}</h2>" in page.content.decode()
    assert button(page) == "on"
    assert f'href="/kinds/planupdate/new/{plan.pk}/"' in page.content.decode()
    assert client.get(f"/kinds/planupdate/new/{plan.pk}/").status_code == 200
    assert not PlanUpdate.objects.exists()


def test_it_says_what_was_planned_and_by_whom(cast, plan, visit):
    page = visit("clerk").content.decode()
    for words in [cast.project.name, cast.project.number, "市发展改革委", "市科技局", "王市长", "第1条举措"]:
        assert words in page
    for words in ["2026年2月", "制定改革方案", "2月制定方案", "未启动"]:
        assert words in page


def test_a_new_update_starts_from_the_last(client, cast, plan, visit):
    updated(cast, plan, State.CONFIRMED, work_done="已召开启动会。", difficulties="缺少上位法。")
    page = visit("clerk").content.decode()
    assert "从上一次更新的内容开始填写。" in page
    assert all(words in page for words in ["已召开启动会。", "缺少上位法。", "印发方案。", "推进中"])
    answer = client.get(f"/kinds/planupdate/new/{plan.pk}/")
    form = answer.context["form"]
    assert form["work_done"].value() == "已召开启动会。"
    assert "已召开启动会。" in answer.content.decode().split('id="part-details"')[0]  # the history


def test_the_history_keeps_what_was_listed_item_by_item(cast, plan, visit):
    updated(cast, plan, State.CONFIRMED, work_done="1. 召开启动会；\n2. 印发方案。")
    history = visit("clerk").content.decode().split('id="part-details"')[0]
    assert '<td class="prose" data-label="已开展工作">1. 召开启动会；\n2. 印发方案。</td>' in history


@pytest.mark.parametrize("who", ["reviewer", "reviewer2", "office", "office_elsewhere", "partner", "partner_reviewer"])
def test_others_read_without_the_button(visit, who):
    answer = visit(who)
    assert "月度计划本次更新详情" in answer.content.decode()
    assert button(answer) is None


@pytest.mark.parametrize("who", ["stranger", "strange_reviewer", "admin", "auditor"])
def test_for_strangers_it_is_not_there(visit, client, who):
    assert visit(who).status_code == 404
    assert client.get("/plans/999999/").status_code == 404


def test_partners_read_what_is_settled_and_no_more(cast, plan, visit):
    updated(cast, plan, State.CONFIRMED, work_done="已确认的工作。")
    updated(cast, plan, State.SUBMITTED, work_done="还在审核的工作。")
    for who in ["partner", "partner_reviewer"]:
        page = visit(who).content.decode()
        assert "已确认的工作。" in page
        assert "还在审核的工作。" not in page
        assert "待部门审核" not in page
    assert "待部门审核" in visit("reviewer").content.decode()


def test_partners_read_nothing_of_a_map_that_is_not_issued(client, cast):
    other = factories.ProjectFactory(department=cast.planning, partners=[cast.science])
    drawn = factories.battle_map(other, cast.clerk)
    address = f"/plans/{drawn.measures.first().plans.get().pk}/"
    client.force_login(cast.partner)
    assert client.get(address).status_code == 404
    client.force_login(cast.clerk)
    answer = client.get(address)
    assert button(answer) == "off"
    assert "项目作战图下发后，才能更新月度计划。" in answer.content.decode()


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        (State.DRAFT, ("on", "有一次更新尚未上报，点击后继续填写。")),
        (State.REJECTED, ("on", "有一次更新尚未上报，点击后继续填写。")),
        (State.SUBMITTED, ("off", "本次更新已上报，审核结束后才能再次更新。")),
        (State.DEPT_APPROVED, ("off", "本次更新已上报，审核结束后才能再次更新。")),
        (State.CONFIRMED, ("on", "从上一次更新的内容开始填写。")),
    ],
)
def test_whether_an_update_can_be_begun_and_why_not(cast, plan, visit, state, expected):
    updated(cast, plan, state)
    answer = visit("clerk2")
    shown, words = expected
    assert button(answer) == shown
    assert words in answer.content.decode()


def test_what_is_done_is_not_updated_again(cast, plan, visit):
    factories.AttachmentFactory(record=plan_update(plan, cast.clerk))
    updated(cast, plan, State.CONFIRMED, status=PlanStatus.DONE)
    answer = visit("clerk")
    assert button(answer) == "off"
    assert "这项计划已完成，不再更新。" in answer.content.decode()


def test_what_was_cancelled_says_since_when(cast, plan, visit):
    plan.measure.plans.create(month=8, type="pilot", content="保留的一项")
    changed = factories.iteration(plan.measure, cast.clerk)
    changed.changes.filter(plan=plan).update(cancelled=True)
    cast.bring(changed, State.CONFIRMED)
    answer = visit("clerk")
    assert button(answer) == "off"
    assert "2026-07-15 由措施迭代取消" in answer.content.decode()


def test_the_history_of_an_update_ends_before_it(cast, plan):
    first = updated(cast, plan, State.CONFIRMED)
    with time_machine.travel("2026-08-03T09:00+08:00"):
        second = updated(cast, plan, State.CONFIRMED)
        third = updated(cast, plan, State.SUBMITTED)
    assert list(third.history()) == [second, first]
    assert list(second.history()) == [first]


def test_queries_do_not_grow_with_the_history(cast, plan, visit):
    counts = []
    for _ in range(3):
        updated(cast, plan, State.CONFIRMED)
        visit("clerk")
        with CaptureQueriesContext(connection) as captured:
            assert len(visit("clerk").context["history"]) == len(counts) + 1
        counts.append(len(captured))
    assert counts[0] == counts[2]
