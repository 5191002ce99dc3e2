"""The five indicator types from the map to the lights: what is asked for, what is kept, what is said."""

from decimal import Decimal

import pytest
from django.urls import reverse

from accounts import clock
from reform.ledgers import LEDGERS
from reform.lights import lights_for
from reform.models import DueItem, Indicator, MonthlyTarget, Project, TargetAdjustment, TargetUpdate
from reform.models.due_schedule import differences
from tests import factories
from tests.editing import fields_of, send
from tests.reform.test_ledgers_as_of import table
from workflow.models import Record
from workflow.refusals import ActionRefused
from workflow.states import State

pytestmark = pytest.mark.sql
INDICATORS = LEDGERS[1]
QUARTERS = (3, 6, 9, 12)


def set_up(indicator, kind, months, **said):
    """Another type in place of the default one, with these targets: {month: target or words}."""
    indicator.targets.all().delete()
    Indicator.objects.filter(pk=indicator.pk).update(type=kind, **said)
    for month, target in months.items():
        value = {"words": target} if isinstance(target, str) else {"target": Decimal(target)}
        MonthlyTarget.objects.create(indicator=indicator, month=month, **value)


def all_quarterly(drawn):
    """Both indicators by the quarter: a rate from 60 to 80 and a ceiling of 40 a year."""
    rate, cap = drawn.indicators.all()
    levels = {3: 65, 6: 70, 9: 75, 12: 80}
    set_up(rate, "level", levels, annual_target=80, baseline=60, period=3, unit="%", delay=1)
    set_up(cap, "cumulative_cap", dict.fromkeys(QUARTERS, 10), annual_target=40, period=3)
    return rate, cap


@pytest.fixture
def drawn(cast):
    return factories.battle_map(cast.project, cast.clerk)


def problems(record):
    return {problem.field: problem.text for problem in type(record).objects.get(pk=record.pk).problems()}


def report(cast, drawn, month, values, to=State.CONFIRMED):
    """One value for each indicator that is asked for: a number or a state, with words."""
    update = TargetUpdate.create(drawn, month, cast.clerk)
    for line, value in zip(update.values.order_by("indicator__position"), values, strict=True):
        line.state, line.value = (value, None) if value in ("achieved", "on_schedule", "behind") else ("", value)
        line.remark = "情况见附件"
        line.save()
    return cast.bring(update, to)


# --- The map -----------------------------------------------------------------------------------------


def test_types_are_typed_into_the_map(client, cast, drawn):
    client.force_login(cast.clerk)
    typed = {"indicators-0-type": "level", "indicators-0-period": "3", "indicators-0-delay": "1"}
    typed |= {"indicators-0-baseline": "60", "indicators-0-annual_target": "80"}
    typed |= {"indicators-0-scope": "按在册企业计算", "indicators-0-source": "市统计局"}
    typed |= {f"indicators-0-m{month}": value for month, value in zip(QUARTERS, ("65", "70", "75", "80"), strict=True)}
    send(client, drawn, fields_of(drawn) | typed, "submit")
    assert Record.objects.get(pk=drawn.pk).state == State.SUBMITTED
    rate = drawn.indicators.first()
    assert (rate.type, rate.period, rate.delay, rate.baseline) == ("level", 3, 1, 60)
    assert [(row.month, row.target) for row in rate.targets.all()] == [(3, 65), (6, 70), (9, 75), (12, 80)]
    page = client.get(reverse("workflow:record", args=[drawn.pk])).content.decode()
    assert "期末达到 · 按季填报 · 数据滞后 1 个月" in page
    assert "按在册企业计算" in page


def test_what_a_type_does_not_have_is_not_kept_with_it(client, cast, drawn):
    client.force_login(cast.clerk)
    typed = {"indicators-0-type": "qualitative", "indicators-0-annual_words": "出台条例", "indicators-0-w6": "报送审议"}
    send(client, drawn, fields_of(drawn) | typed, "submit")
    assert Record.objects.get(pk=drawn.pk).state == State.SUBMITTED
    goal = drawn.indicators.first()
    assert (goal.annual_target, goal.annual_words) == (None, "出台条例")
    assert {row.month: row.words for row in goal.targets.all() if row.words} == {6: "报送审议"}
    assert not goal.targets.exclude(target=None).exists()


def test_a_page_as_the_manual_has_it_says_no_word_of_types(client, cast, drawn):
    client.force_login(cast.clerk)
    send(client, drawn, fields_of(drawn), "submit")
    assert {indicator.kind_words for indicator in drawn.indicators.all()} == {""}
    assert all(indicator.targets.count() == 12 for indicator in drawn.indicators.all())


@pytest.mark.parametrize(
    ("kind", "months", "said", "found"),
    [
        (
            "level",
            {3: 65, 6: 70, 9: 75, 12: 79},
            {"annual_target": 80, "period": 3},
            {"indicators-0-m12": "指标1 新增试点企业：12月目标值 79，应与年度目标值 80 一致。"},
        ),
        (
            "level_cap",
            {6: 9},
            {"annual_target": 5, "period": 6},
            {"indicators-0-m12": "指标1：请填写 12 月目标值，填写到月末要达到的数值。"},
        ),
        (
            "cumulative_cap",
            {6: 20, 12: 19},
            {"annual_target": 40, "period": 6},
            {"indicators-0-m12": "指标1 新增试点企业：各月目标值合计 39，与年度目标值 40 相差 1。"},
        ),
        (
            "qualitative",
            {},
            {"period": 6, "annual_target": None, "unit": ""},
            {
                "indicators-0-annual_words": "指标1：请填写年度目标，写明年底要达到的状态。",
                "indicators-0-w6": "指标1：请至少在一个月份写明到时要达到的目标。",
            },
        ),
        ("level", {12: 0}, {"annual_target": 0, "period": 12, "baseline": 5}, {}),
        ("level", {6: -3, 12: -5}, {"annual_target": -5, "period": 6}, {}),
        ("qualitative", {12: "建成"}, {"annual_words": "建成", "period": 12, "annual_target": None, "unit": ""}, {}),
    ],
)
def test_each_type_has_its_own_rules(drawn, kind, months, said, found):
    set_up(drawn.indicators.first(), kind, months, **said)
    assert problems(drawn) == found


# --- What is due -------------------------------------------------------------------------------------


def test_only_months_that_end_a_period_are_due_and_open(cast, drawn):
    all_quarterly(drawn)
    drawn = cast.bring(drawn, State.ISSUED)
    assert set(DueItem.objects.filter(battle_map=drawn, plan=None).values_list("month", flat=True)) == set(QUARTERS)
    with pytest.raises(ActionRefused, match="5月没有需要填报的核心指标"):
        TargetUpdate.create(drawn, 5, cast.clerk)
    report(cast, drawn, 3, [66, 10])
    assert differences() == []


def test_a_month_asks_for_the_indicators_whose_period_it_ends(cast, drawn):
    set_up(drawn.indicators.first(), "level", {6: 9, 12: 10}, annual_target=10, period=6)
    drawn = cast.bring(drawn, State.ISSUED)
    asked = {month: TargetUpdate.draft(drawn, month, cast.clerk).lines() for month in (5, 6)}
    assert {month: [line.indicator.name for line in lines] for month, lines in asked.items()} == {
        5: ["办件量"],
        6: ["新增试点企业", "办件量"],
    }


# --- The update --------------------------------------------------------------------------------------


def test_the_page_says_of_which_month_the_figure_is(client, cast, drawn):
    all_quarterly(drawn)
    drawn = cast.bring(drawn, State.ISSUED)
    client.force_login(cast.clerk)
    update = TargetUpdate.create(drawn, 3, cast.clerk)
    page = client.get(reverse("editing:edit", args=[update.pk])).content.decode()
    assert "期末达到 · 按季填报 · 数据滞后 1 个月，2月数据" in page
    assert "未达当月目标值 65，自基期值 60 起的完成程度不足 80%" in page
    assert Indicator(delay=2).data_month(1) == "上年11月数据"


# Of a level from 60 to 65 in March, 80 % of the way is 64; of a ceiling of 10, 10 ÷ 80 % is 12.5.
@pytest.mark.parametrize(
    ("values", "found"),
    [
        ((64, "12.5"), set()),
        (("63.9999", 10), {"values-0-remark"}),
        ((65, "12.5001"), {"values-1-remark"}),
        ((None, None), {"values-0-value", "values-1-value"}),
        ((0, 0), {"values-0-remark"}),
    ],
)
def test_a_remark_is_due_where_a_value_lags(cast, drawn, values, found):
    all_quarterly(drawn)
    update = TargetUpdate.create(cast.bring(drawn, State.ISSUED), 3, cast.clerk)
    for line, value in zip(update.values.order_by("indicator__position"), values, strict=True):
        line.value = None if value is None else Decimal(value)
        line.save()
    assert set(problems(update)) == found


def test_a_state_is_reported_with_words(client, cast, drawn):
    set_up(drawn.indicators.first(), "qualitative", {6: "报送审议"}, annual_words="出台条例", annual_target=None)
    drawn = cast.bring(drawn, State.ISSUED)
    update = TargetUpdate.create(drawn, 1, cast.clerk)
    client.force_login(cast.clerk)
    answer = send(client, update, fields_of(update, values__1__value="10"), "submit")
    assert {problem.field: problem.text for problem in answer.context["problems"]} == {
        "values-0-state": "新增试点企业：请选择进展状态（已达成、按计划或滞后）。",
        "values-0-remark": "新增试点企业：请在备注中写明进展情况。",
    }
    fields = fields_of(update, values__0__state="behind", values__0__remark="部门意见未统一", values__1__value="10")
    send(client, update, fields, "submit")
    cast.act(update, "reviewer", "approve")
    cast.act(update, "office", "confirm")
    assert drawn.indicators.first().targets.get(month=1).state == "behind"
    assert "“新增试点企业”进展为“滞后”" in light(cast).reason
    page = client.get(reverse("reform:map", args=[drawn.pk])).content.decode()
    assert "出台条例" in page


# --- What is confirmed -------------------------------------------------------------------------------


def light(cast):
    return lights_for(Project.objects.filter(pk=cast.project.pk), clock.today())[cast.project.pk]


def test_lights_ledger_and_picture_agree_on_a_level_and_a_ceiling(client, cast, drawn):
    """In March 61 on the way from 60 to 65: a fifth of it. Of the year's way, 25 % was planned and 5 % is done."""
    all_quarterly(drawn)
    drawn = cast.bring(drawn, State.ISSUED)
    report(cast, drawn, 3, [61, 12])
    assert "“新增试点企业”最新值 61/65，完成程度 20%，低于 80%，滞后 20 个百分点" in light(cast).reason
    client.force_login(cast.office)
    page = client.get(reverse("reform:map", args=[drawn.pk])).content.decode()
    assert "line-target" in page
    assert "滞后 20 个百分点" in page
    rows = {row["核心指标"]: row for row in table_of(cast)}
    assert {name: rows["新增试点企业"][name] for name in SHOWN} == {
        "指标类型": "期末达到",
        "基期值": "60",
        "填报周期": "季",
        "3月": "61",
        "累计目标值": "65",
        "累计进度": "61",
        "完成累计目标": "20.0%",
        "完成年度目标": "5.0%",
        "计划进度": "25.0%",
        "序时进度": "25.0%",
        "滞后百分点": "20",
        "约滞后月数": "2.4",
    }
    assert rows["办件量"]["指标类型"] == "累计控制"
    assert rows["办件量"]["完成累计目标"] == "83.3%"


SHOWN = ("指标类型", "基期值", "填报周期", "3月", "累计目标值", "累计进度", "完成累计目标", "完成年度目标")
SHOWN += ("计划进度", "序时进度", "滞后百分点", "约滞后月数")


def table_of(cast):
    heads = [column.label for column in INDICATORS.columns]
    return [dict(zip(heads, row, strict=True)) for row in table(INDICATORS, cast.office, {})]


def test_a_past_day_shows_what_stood_then(cast, drawn):
    rate, _ = all_quarterly(drawn)
    drawn = cast.bring(drawn, State.ISSUED)
    report(cast, drawn, 3, [66, 9])
    revision = rate.revisions.get(valid_until=None)
    assert (revision.type, revision.baseline, revision.period, revision.delay) == ("level", 60, 3, 1)
    assert [row.actual for row in rate.targets.get(month=3).revisions.order_by("valid_from")] == [None, 66]


def test_a_target_of_a_quarter_is_adjusted(client, cast, drawn):
    rate, _ = all_quarterly(drawn)
    drawn = cast.bring(drawn, State.ISSUED)
    asked = TargetAdjustment.create(rate, cast.clerk)
    assert [line.month for line in asked.lines() if line.is_open] == list(QUARTERS)
    client.force_login(cast.clerk)
    page = client.get(reverse("editing:edit", args=[asked.pk])).content.decode()
    assert 'name="m12"' in page
    assert 'name="m1"' not in page
    assert "合计" not in page
    answer = send(client, asked, fields_of(asked, annual_target="85", basis="年中调度"), "submit")
    found = {problem.field: problem.text for problem in answer.context["problems"]}
    assert found["m12"] == "目标值 新增试点企业：12月目标值 80，应与年度目标值 85 一致。"


def test_words_are_adjusted_for_months_without_a_state(client, cast, drawn):
    goal = drawn.indicators.first()
    steps = {1: "完成调研", 6: "报送审议", 12: "出台条例"}
    set_up(goal, "qualitative", steps, annual_words="出台条例", annual_target=None, unit="")
    drawn = cast.bring(drawn, State.ISSUED)
    report(cast, drawn, 1, ["on_schedule", 10])
    asked = TargetAdjustment.create(Indicator.objects.get(pk=goal.pk), cast.clerk)
    assert not next(line for line in asked.lines() if line.month == 1).is_open
    client.force_login(cast.clerk)
    typed = {"annual_words": "", "w1": "不再调研", "w6": "", "w12": ""}
    answer = send(client, asked, fields_of(asked) | typed, "submit")
    assert {problem.field for problem in answer.context["problems"]} == {"annual_words", "basis", "files"}
    asked = TargetAdjustment.objects.get(pk=asked.pk)
    typed = {"annual_words": "条例草案提请审议", "w6": "", "w9": "完成草案", "w12": "提请审议", "basis": "立法计划调整"}
    send(client, asked, fields_of(asked) | typed, "save")
    factories.ClassifiedNoticeFactory(record=asked)
    cast.bring(TargetAdjustment.objects.get(pk=asked.pk), State.CONFIRMED)
    goal = Indicator.objects.get(pk=goal.pk)
    assert goal.annual_words == "条例草案提请审议"
    assert {month: row.words for month, row in goal.by_month().items() if row.words} == {
        1: "完成调研",
        9: "完成草案",
        12: "提请审议",
    }
    assert (goal.original_annual, goal.original_target(12), goal.original_target(1)) == ("出台条例", "出台条例", None)
    assert [said.annual_words for said in goal.revisions.order_by("valid_from")] == ["出台条例", "条例草案提请审议"]
    page = client.get(reverse("reform:map", args=[drawn.pk])).content.decode()
    assert "原目标 出台条例" in page
    row = next(row for row in table_of(cast) if row["核心指标"] == "新增试点企业")
    assert (row["年度目标值"], row["原目标"], row["调整次数"]) == ("条例草案提请审议", "出台条例", "1")
    page = client.get(reverse("workflow:record", args=[asked.pk])).content.decode()
    assert "完成草案" in page
