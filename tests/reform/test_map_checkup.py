"""作战图体检 and 驳回变清单: advice before 上报."""

from decimal import Decimal

import pytest
from django.urls import reverse

from reform.indicators import IndicatorType
from reform.models import BattleMap, MonthlyPlan, PlanUpdate, TargetUpdate
from reform.quality.checklist import came_back_for
from reform.quality.map_checkup import Step, Target, advice_on, checkup
from tests.editing import autosave, fields_of
from tests.factories import battle_map, open_plan, plan_update, target_update
from workflow.states import State

EVEN = Step(
    "形成制度", [(2, "scheme", "制定"), (5, "pilot", "试点"), (8, "policy", "出台"), (11, "experience", "总结")]
)


def target(*months, annual, kind=IndicatorType.CUMULATIVE, last=None):
    planned = {month: Decimal(value) for month, value in enumerate(months, 1)}
    before = {12: Decimal(last)} if last is not None else {}
    return Target("新增企业", kind, planned, Decimal(annual), last_year=before)


TENS = [10] * 12


def test_an_even_plan_needs_no_advice():
    assert checkup([target(*TENS, annual=120, last=110)], [EVEN]) == []


@pytest.mark.parametrize(
    ("found", "sentence"),
    [
        (target(*[5] * 9, 25, 25, 25, annual=120), "“新增企业”的目标有 62.5% 安排在第四季度，请核对月度安排是否均衡。"),
        (target(20, 20, 20, 0, 0, 0, 10, 10, 10, 10, 10, 10, annual=120), "“新增企业”第二季度没有安排目标。"),
        (target(*TENS, annual=120, last=130), "“新增企业”的年度目标值 120 低于上年实际 130，请核对。"),
        (
            target(*[30] * 12, annual=30, kind=IndicatorType.LEVEL_CAP, last=25),
            "“新增企业”的年度目标值 30 高于上年实际 25，请核对。",
        ),
    ],
)
def test_what_is_said_of_targets(found, sentence):
    assert checkup([found], [EVEN]) == [sentence]


@pytest.mark.parametrize(
    ("plans", "sentence"),
    [
        ([(1, "scheme", ""), (5, "pilot", ""), (11, "policy", "")], "第三季度没有安排月度推进计划。"),
        ([(month, "policy", "") for month in (1, 4, 7, 10)], "4 项月度推进计划都是“出台配套政策”，请核对计划类型。"),
        (
            [(1, "scheme", ""), (4, "experience", ""), (8, "pilot", ""), (12, "policy", "")],
            "“总结推广经验”（4月）安排在“开展试点示范”（8月）之前，请核对先后次序。",
        ),
    ],
)
def test_what_is_said_of_plans(plans, sentence):
    assert checkup([], [Step("形成制度", plans)]) == [sentence]


def test_a_measure_without_results_and_one_of_last_year():
    old = Step("推进县域医共体建设，完善牵头医院派驻工作机制。", EVEN.plans)
    assert checkup([], [EVEN, Step("加强统筹协调"), old], [old]) == [
        "举措2没有写明要形成的成果，建议写明数量、时间或形成的制度、平台等。",
        "举措3的文字与上年作战图基本相同，请按本年任务修改。",
    ]


def test_it_stands_in_its_place_on_the_page_and_follows_each_save(client, cast):
    drawn = battle_map(cast.project, cast.clerk)
    client.force_login(cast.clerk)
    page = client.get(reverse("editing:edit", args=[drawn.pk])).content.decode()
    assert 'data-advice="checkup"' in page
    answer = autosave(client, drawn, fields_of(drawn, single_indicator_reason="说明")).json()
    assert "第二季度没有安排月度推进计划" in answer["advice"]["checkup"]


def test_last_year_s_map_is_read_with_it(cast):
    issued = cast.issued_map()
    issued.indicators.first().targets.update(actual=11)
    following = battle_map(cast.project, cast.clerk, 2027)
    assert "“新增试点企业”的年度目标值 120 低于上年实际 132，请核对。" in advice_on(
        BattleMap.objects.get(pk=following.pk)
    )


LACKING = "目标值和月度推进计划填写后，在这里给出建议。"


def test_nothing_is_called_in_order_before_there_are_targets_and_plans(client, cast):
    drawn = battle_map(cast.project, cast.clerk)
    client.force_login(cast.clerk)
    MonthlyPlan.objects.filter(measure__battle_map=drawn).delete()
    changed = fields_of(drawn, single_indicator_reason="说明")
    assert LACKING in autosave(client, drawn, changed).json()["advice"]["checkup"]
    assert LACKING in client.get(reverse("editing:edit", args=[drawn.pk])).content.decode()
    for month, kind in ((2, "scheme"), (5, "pilot"), (8, "policy"), (11, "experience")):
        drawn.measures.first().plans.create(month=month, type=kind, content="形成制度")
    drawn.measures.update(content="形成制度")
    assert "没有需要提醒的。" in client.get(reverse("editing:edit", args=[drawn.pk])).content.decode()


@pytest.mark.parametrize("number", [1, 3])
def test_any_number_of_rows_costs_the_same(cast, django_assert_num_queries, number):
    drawn = battle_map(cast.project, cast.clerk)
    drawn.measures.filter(position__gte=number).delete()
    with django_assert_num_queries(7):
        advice_on(BattleMap.objects.get(pk=drawn.pk))


def test_reasons_of_the_last_twelve_months_are_counted_by_kind_and_department(client, cast):
    update = target_update(cast.issued_map(), cast.clerk)
    cast.bring(update, State.REJECTED)
    cast.act(update, "clerk", "submit")
    cast.act(update, "reviewer", "reject", reason="佐证材料不足")
    cast.bring(plan_update(open_plan(cast.issued_map()), cast.clerk), State.REJECTED)
    assert came_back_for(TargetUpdate.objects.get()) == [("佐证材料不足", 1), ("数据有误", 1)]
    assert came_back_for(PlanUpdate.objects.get()) == [("数据有误", 1)]
    client.force_login(cast.clerk)
    page = client.get(reverse("editing:edit", args=[update.pk])).content.decode()
    assert "佐证材料不足（1 次）" in page
