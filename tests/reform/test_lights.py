"""Lights: facts → colour, word, reason."""

from datetime import date
from decimal import Decimal

import pytest
from django.urls import reverse

from reform.calendar import Term
from reform.indicators import Progress
from reform.lights import IndicatorFacts, MapFacts, indicator_light, months_over, plan_light, project_light
from reform.models import (
    LightRule,
    PlanStatus,
)

pytestmark = pytest.mark.sql

RULE = LightRule()  # 80 % and 95 %
JULY = Term(date(2026, 7, 27), date(2026, 7, 31))
MAY = Term(date(2026, 5, 25), date(2026, 5, 29))


@pytest.mark.parametrize(
    ("status", "month", "term", "day", "lit"),
    [
        (PlanStatus.DONE, 7, JULY, date(2026, 9, 1), ("green", "已完成")),
        (PlanStatus.DONE, 7, JULY, date(2026, 3, 1), ("green", "已完成")),
        (PlanStatus.NOT_STARTED, 7, JULY, date(2026, 6, 30), ("grey", "未到期")),
        (PlanStatus.IN_PROGRESS, 7, JULY, date(2026, 6, 30), ("blue", "推进中")),
        (PlanStatus.NOT_STARTED, 7, JULY, date(2026, 7, 1), ("amber", "本月到期")),
        (PlanStatus.IN_PROGRESS, 7, JULY, date(2026, 7, 31), ("amber", "本月到期")),
        (PlanStatus.IN_PROGRESS, 7, JULY, date(2026, 8, 1), ("red", "逾期 1 天")),
        (PlanStatus.NOT_STARTED, 5, MAY, date(2026, 5, 29), ("amber", "本月到期")),
        (PlanStatus.NOT_STARTED, 5, MAY, date(2026, 5, 30), ("red", "逾期 1 天")),
        (PlanStatus.NOT_STARTED, 5, MAY, date(2026, 6, 28), ("red", "逾期 30 天")),
        (PlanStatus.NOT_STARTED, 5, MAY, date(2026, 6, 29), ("red", "逾期 1 个月")),
        (PlanStatus.NOT_STARTED, 5, MAY, date(2027, 1, 15), ("red", "逾期 7 个月")),
        # The map was issued in July: May's plan is due with July.
        (PlanStatus.NOT_STARTED, 5, JULY, date(2026, 7, 20), ("amber", "本月到期")),
        (PlanStatus.NOT_STARTED, 5, JULY, date(2026, 6, 30), ("amber", "即将到期")),
    ],
)
def test_a_plan(status, month, term, day, lit):
    light = plan_light(status, 2026, month, term, day)
    assert (light.colour, light.word) == lit


def test_a_plan_says_why_and_what_would_turn_it_green():
    light = plan_light(PlanStatus.IN_PROGRESS, 2026, 7, JULY, date(2026, 8, 12))
    assert light.reason == "应于2026年7月31日前完成，现为“推进中”。"
    assert light.remedy == "完成后填报状态更新，经市委改革办确认为“已完成”，转为绿灯。"


def so_far(value, target, annual="120"):
    return Progress(Decimal(value), Decimal(target), 6, Decimal(annual))


@pytest.mark.parametrize(
    ("value", "target", "annual", "colour"),
    [
        ("79.9999", "100", "120", "red"),
        ("80", "100", "120", "amber"),
        ("94.9999", "100", "120", "amber"),
        ("95", "100", "120", "green"),
        ("120", "100", "120", "green"),
        ("0", "0.0001", "120", "red"),
        ("0", "0", "120", "green"),
        ("5", "0", "120", "green"),
        ("-0.0001", "0", "120", "red"),
        ("0", "0", "0", "green"),
        ("-1", "0", "0", "red"),
        # Reductions: -100 until now, -120 in the year.
        ("-100", "-100", "-120", "green"),
        ("-130", "-100", "-120", "green"),
        ("-95", "-100", "-120", "green"),
        ("-94.9999", "-100", "-120", "amber"),
        ("-80", "-100", "-120", "amber"),
        ("-79.9999", "-100", "-120", "red"),
        ("0", "-100", "-120", "red"),
        ("10", "-100", "-120", "red"),
        ("0", "0", "-120", "green"),
        ("-5", "0", "-120", "green"),
        ("5", "0", "-120", "red"),
        # A year that grows, after months planned below zero.
        ("-10", "-15", "120", "green"),
        ("-16", "-15", "120", "red"),
    ],
)
def test_an_indicator(value, target, annual, colour):
    assert indicator_light(so_far(value, target, annual), RULE).colour == colour


@pytest.mark.parametrize(
    ("value", "target", "annual", "reason", "remedy"),
    [
        ("3", "0", "0", "截至6月累计进度 3，累计目标值 0，已达到累计目标。", ""),
        (
            "-3",
            "0",
            "0",
            "截至6月累计进度 -3，累计目标值 0，未达到累计目标。",
            "累计进度达到累计目标值 0，转为绿灯。",
        ),
        (
            "-30",
            "-60",
            "-120",
            "截至6月累计进度 -30，累计目标值 -60，完成累计目标 50%，低于 80%。",
            "累计进度达到 -57（累计目标值的 95%），转为绿灯。",
        ),
        ("-60", "-60", "-120", "截至6月累计进度 -60，累计目标值 -60，完成累计目标 100%，不低于 95%。", ""),
    ],
)
def test_a_target_of_zero_or_below_is_never_called_none(value, target, annual, reason, remedy):
    light = indicator_light(so_far(value, target, annual), RULE)
    assert (light.reason, light.remedy) == (reason, remedy)


def test_an_indicator_says_why_and_never_rounds_up_to_the_threshold():
    light = indicator_light(so_far("79.99", "100"), RULE)
    assert light.reason == "截至6月累计进度 79.99，累计目标值 100，完成累计目标 79.9%，低于 80%。"
    assert light.remedy == "累计进度达到 95（累计目标值的 95%），转为绿灯。"


def test_before_the_first_month_is_over_an_indicator_is_green():
    assert indicator_light(Progress(None, None, 0), RULE).colour == "green"


GOOD = IndicatorFacts("办件量", so_far("95", "100"))
SLOW = IndicatorFacts("交易额", so_far("80", "100"))
BAD = IndicatorFacts("企业数", so_far("79", "100"))


@pytest.mark.parametrize(
    ("facts", "colour", "word"),
    [
        (None, "grey", "未下发"),
        (MapFacts(), "green", "绿灯"),
        (MapFacts((GOOD,)), "green", "绿灯"),
        (MapFacts((GOOD, SLOW)), "amber", "黄灯"),
        (MapFacts((GOOD, BAD)), "red", "红灯"),
        (MapFacts((GOOD,), overdue_plans=1), "red", "红灯"),
        (MapFacts((GOOD,), silent_plans=1), "amber", "黄灯"),
        (MapFacts((GOOD,), silent_months=(6,)), "amber", "黄灯"),
    ],
)
def test_a_project(facts, colour, word):
    light = project_light(facts, RULE)
    assert (light.colour, light.word) == (colour, word)


def test_a_project_names_everything_that_counts_the_worst_first():
    light = project_light(MapFacts((SLOW, BAD), overdue_plans=2, silent_plans=1, silent_months=(5, 6)), RULE)
    assert light.reason == (
        "2 项月度计划逾期；“企业数”累计 79/100，完成累计目标 79%，低于 80%，滞后 17.5 个百分点；"
        "“交易额”累计 80/100，完成累计目标 80%，低于 95%，滞后 16.7 个百分点；"
        "5、6月进度值应报未报；1 项到期的月度计划未报状态更新。"
    )
    assert light.remedy == "逾期计划确认完成、各指标累计达到累计目标值的 95%、到期事项上报后，转为绿灯。"


def test_values_are_compared_up_to_the_last_month_that_is_over_or_confirmed():
    assert months_over(6, 2026, date(2026, 7, 15), None) == 6
    assert months_over(6, 2026, date(2026, 7, 15), 5) == 6
    assert months_over(6, 2026, date(2026, 7, 15), 7) == 7
    assert months_over(7, 2026, date(2026, 7, 29), 6) == 7
    assert months_over(12, 2027, date(2027, 1, 3), 12) == 12


def test_the_help_names_the_thresholds_in_force(client, cast):
    client.force_login(cast.clerk)
    page = client.get(reverse("reform:help")).content.decode()
    assert "累计进度不足累计目标值的 80% 的，须在备注中说明原因" in page
    assert "低于累计目标值的 80% 亮红灯，低于 95% 亮黄灯" in page
    LightRule.objects.create(pk=1, red_below=70, amber_below=90)
    page = client.get(reverse("reform:help")).content.decode()
    assert "累计进度不足累计目标值的 70% 的，须在备注中说明原因" in page
    assert "低于累计目标值的 70% 亮红灯，低于 90% 亮黄灯" in page
    for word in ("当月目标值", "年度目标值", "累计目标值", "累计进度", "作废", "删除草稿"):
        assert word in page
