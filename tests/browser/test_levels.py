"""A percentage by the quarter, from the map to its green light."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from django.db import transaction
from django.utils import timezone
from playwright.sync_api import expect

from accounts import clock
from reform.models import BattleMap, TargetUpdate
from tests import factories
from tests.browser import sign_in
from tests.cast import Cast
from workflow.states import State

pytestmark = pytest.mark.full


@pytest.fixture
def drawn(transactional_db, settings, monkeypatch):
    """On 15 April 2026: two indicators as the manual has them, not submitted yet."""
    settings.CLOCK = datetime(2026, 4, 15, 9, tzinfo=ZoneInfo("Asia/Shanghai"))
    monkeypatch.setattr(clock, "STARTED", timezone.now())
    with transaction.atomic():
        cast = Cast.assemble()
        drawn = factories.battle_map(cast.project, cast.clerk)
        drawn.indicators.last().delete()
        BattleMap.objects.filter(pk=drawn.pk).update(single_indicator_reason="改革方案只定了这一项。")
    drawn.cast = cast
    return drawn


def test_a_quarterly_percentage_from_the_map_to_its_green_light(page, drawn):
    cast = drawn.cast
    sign_in(page, cast.clerk)
    page.goto(f"/records/{drawn.pk}/edit/#part-indicators")
    card = page.locator("[data-rows=indicators] > [data-row]").first
    card.get_by_label("核心指标名称").fill("群众满意率")
    card.get_by_label("计量单位").fill("%")
    card.get_by_text("指标类型、口径和填报周期").click()
    card.get_by_label("指标类型").select_option(label="期末达到")
    card.get_by_label("填报周期").select_option(label="季")
    card.get_by_label("数据滞后").select_option(label="1 个月")
    card.get_by_label("基期值").fill("60")
    expect(card.locator("[data-about]")).to_contain_text("末月等于年度目标值")
    page.get_by_role("link", name="目标值录入").click()
    group = page.locator("[data-groups=indicators] > [data-prefix]").first
    months = group.locator("[data-months] .month:visible input")
    expect(months).to_have_count(4)
    group.get_by_label("年度目标值").fill("80")
    for month in months.all():
        month.fill("")
    group.get_by_role("button", name="按直线推进").click()
    assert [month.input_value() for month in months.all()] == ["65", "70", "75", "80"]
    months.last.fill("79")
    expect(group.locator("[data-difference]")).to_have_text("12 月目标值 79，应与年度目标值 80 一致")
    months.last.fill("80")
    page.get_by_role("button", name="保存并上报").last.click()
    expect(page.get_by_text("已上报，等待")).to_be_visible()
    with transaction.atomic():
        cast.act(drawn, "reviewer", "approve")
        cast.act(drawn, "office", "confirm")
        cast.act(drawn, "office", "issue")

    page.goto("/kinds/targetupdate/")
    page.get_by_role("link", name="3月").first.click()
    expect(page.get_by_text("2月数据")).to_be_visible()
    value = page.get_by_label("当月进度值")
    value.fill("61")
    expect(page.locator("[data-lag]")).to_contain_text("自基期值 60 起的完成程度不足 80%")
    value.fill("66")
    expect(page.locator("[data-lag]")).to_have_text("")
    page.get_by_role("button", name="保存并上报").last.click()
    expect(page.get_by_text("已上报，等待")).to_be_visible()
    with transaction.atomic():
        cast.act(TargetUpdate.objects.get(), "reviewer", "approve")
        assert cast.act(TargetUpdate.objects.get(), "office", "confirm").state == State.CONFIRMED

    page.goto(f"/maps/{drawn.pk}/")
    goal = page.locator(".goal", has_text="群众满意率")
    expect(goal.locator(".light-green")).to_have_text("正常")
    expect(goal.locator(".line-actual")).to_have_count(1)
    expect(goal).to_contain_text("期末达到 · 按季填报 · 数据滞后 1 个月")
