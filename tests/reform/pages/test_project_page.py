"""The page of one project: what it ties together, and what of it a partner sees."""

import pytest

from reform.models import BattleMap, BrandUpdate, TargetUpdate
from tests import factories
from workflow.models import Record
from workflow.states import State

pytestmark = pytest.mark.sql


def test_the_page_ties_a_project_together(cast, visit):
    drawn = cast.issued_map()
    cast.bring(factories.target_update(drawn, cast.clerk, 1), State.CONFIRMED)
    done = factories.plan_update(factories.open_plan(drawn), cast.clerk)
    cast.bring(done, State.CONFIRMED)
    cast.bring(factories.iteration(drawn.measures.first(), cast.clerk), State.CONFIRMED)
    answer = visit("clerk", "project", cast.project.pk)
    page = answer.content.decode()
    assert page.count("已迭代 1 次") == 1
    assert f'href="/plans/{done.plan_id}/"' in page
    assert "领衔市领导" in page
    assert {record.kind_label for record in answer.context["page_obj"]} == {
        "项目作战图",
        "量化目标推进更新",
        "月度计划推进更新",
        "措施迭代申请",
    }


def test_its_records_are_narrowed_by_kind_and_state(cast, visit):
    cast.bring(cast.make(TargetUpdate), State.SUBMITTED)
    kind = {"kind": "reform.targetupdate"}
    assert len(visit("clerk", "project", cast.project.pk, **kind).context["page_obj"]) == 1
    assert len(visit("clerk", "project", cast.project.pk, state="confirmed", **kind).context["page_obj"]) == 0


def test_another_years_map_is_one_click_away(cast, visit):
    cast.issued_map()
    earlier = factories.battle_map(cast.project, cast.clerk, 2025)
    answer = visit("clerk", "project", cast.project.pk)
    assert answer.context["map"].year == 2026
    assert 'href="?year=2025#map"' in answer.content.decode()
    assert visit("clerk", "project", cast.project.pk, year=2025).context["map"] == earlier
    assert visit("clerk", "project", cast.project.pk, year="x").context["map"].year == 2026


@pytest.mark.parametrize("where", [State.DRAFT, State.SUBMITTED, State.DEPT_APPROVED, State.REJECTED, State.RETURNED])
def test_a_partner_sees_nothing_unsettled(cast, visit, where):
    record = cast.bring(cast.make(BattleMap), where)
    answer = visit("partner", "project", cast.project.pk)
    assert answer.context["map"] is None
    assert list(answer.context["page_obj"]) == []
    page = answer.content.decode()
    assert "第1条举措" not in page
    assert f"/records/{record.pk}/" not in page
    assert "第1条举措" in visit("clerk", "project", cast.project.pk).content.decode()


def test_a_partner_reads_the_settled_part(cast, visit):
    cast.bring(cast.make(TargetUpdate), State.SUBMITTED)
    cast.bring(cast.make(BrandUpdate), State.CONFIRMED)
    answer = visit("partner", "project", cast.project.pk)
    assert "第1条举措" in answer.content.decode()
    assert {record.kind for record in answer.context["page_obj"]} == {"reform.battlemap", "reform.brandupdate"}
    assert set(answer.context["page_obj"]) == set(Record.objects.visible_to(cast.partner))


@pytest.mark.parametrize("who", ["stranger", "strange_reviewer", "admin", "auditor"])
def test_for_strangers_a_project_is_like_one_that_does_not_exist(cast, visit, who):
    answers = [visit(who, "project", number) for number in (cast.project.pk, 999_999)]
    assert [answer.status_code for answer in answers] == [404, 404]
    assert cast.project.name not in answers[0].content.decode()
