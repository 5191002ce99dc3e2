"""A review morning on the desk, by keyboard alone."""

import pytest
from django.db import transaction
from playwright.sync_api import expect

from reform.models import MonthlyPlan, TargetUpdate
from tests import factories
from tests.browser import log_in, on_a_phone, sign_in
from workflow.models import Record
from workflow.states import State

pytestmark = pytest.mark.full


@pytest.fixture
@transaction.atomic
def waiting(cast):
    """Four records before the reviewer, oldest first."""
    cast.issued_map()
    drafts = (factories.promotion, factories.brand, factories.promotion, factories.brand)
    return [cast.bring(draft(cast.project, cast.clerk), State.SUBMITTED) for draft in drafts]


def states(records):
    return [Record.objects.get(pk=record.pk).state for record in records]


def test_a_review_morning_by_keyboard_alone(page, cast, waiting):
    cast.reviewer.common_opinions.create(text="请补充佐证材料。")
    keyboard, loads = page.keyboard, []
    page.on("request", lambda request: loads.append(request.url) if request.resource_type == "document" else None)
    log_in(page, cast.reviewer.phone)
    page.goto("/inbox/desk/")
    expect(page.get_by_text("第 1 件，共 4 件")).to_be_visible()

    # Moving: no page is loaded, and the address is that of the record.
    loads.clear()
    keyboard.press("j")
    expect(page.get_by_text("第 2 件，共 4 件")).to_be_visible()
    keyboard.press("j")
    expect(page.get_by_text("第 3 件，共 4 件")).to_be_visible()
    keyboard.press("k")
    expect(page.get_by_text("第 2 件，共 4 件")).to_be_visible()
    assert page.url.endswith(f"/records/{waiting[1].pk}/")
    page.go_back()
    expect(page.get_by_text("第 3 件，共 4 件")).to_be_visible()
    keyboard.press("k")
    keyboard.press("k")
    expect(page.get_by_text("第 1 件，共 4 件")).to_be_visible()
    assert loads == []

    # Nothing is chosen beforehand.
    keyboard.press("Control+Enter")
    expect(page.get_by_text("请先选择意见：按数字键，或点击相应按钮。")).to_be_visible()
    keyboard.press("?")
    expect(page.get_by_text("打开、关闭本说明")).to_be_visible()

    # 驳回 with a common opinion; letters and figures are text while one types.
    keyboard.press("2")
    reason = page.get_by_label("驳回原因")
    expect(reason).to_be_focused()
    for _ in range(3):
        keyboard.press("ArrowDown")
    expect(reason).to_have_value("佐证材料不足")
    keyboard.press("Tab")
    keyboard.press("Enter")
    detail = page.get_by_label("详细描述")
    expect(detail).to_be_focused()
    keyboard.type(" j1 k2")
    expect(detail).to_have_value("请补充佐证材料。 j1 k2")
    keyboard.press("Control+Enter")
    expect(page.get_by_text("已驳回，责任单位可以看到驳回原因。")).to_be_visible()
    assert len(loads) == 2  # the answer leads to the next record

    # 通过 twice, and the last one by its button.
    for left in (3, 2):
        expect(page.get_by_text(f"共 {left} 件")).to_be_visible()
        keyboard.press("1")
        keyboard.press("Control+Enter")
        expect(page.get_by_text("已通过，转市委改革办审核。")).to_be_visible()
    expect(page.get_by_text("第 1 件，共 1 件")).to_be_visible()
    keyboard.press("1")
    expect(page.get_by_role("button", name="通过", exact=True)).to_be_focused()
    keyboard.press("Enter")
    expect(page.locator("h1 + .chip")).to_have_text("待改革办审核")
    assert states(waiting) == [State.REJECTED, *[State.DEPT_APPROVED] * 3]


def test_ticks_stay_with_their_record_until_it_is_decided(page, cast):
    cast.issued_map()
    first = cast.bring(cast.make(TargetUpdate), State.SUBMITTED)
    second = cast.bring(factories.brand(cast.project, cast.clerk), State.SUBMITTED)
    names = [value.indicator.name for value in first.specific.lines()[:2]]
    log_in(page, cast.reviewer.phone)
    page.goto(f"/records/{first.pk}/")
    page.get_by_label(f"退回{names[0]}", exact=True).check()
    page.get_by_label(f"对{names[0]}的要求").fill("应填当月新增值")
    page.get_by_label(f"退回{names[1]}", exact=True).check()
    page.locator("h1").click()
    page.keyboard.press("j")
    expect(page.get_by_text("第 2 件，共 2 件")).to_be_visible()
    expect(page.locator("[data-tick]:checked")).to_have_count(0)

    # A decision loads a new page: what is written about another record outlives it.
    page.keyboard.press("1")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_text("第 1 件，共 1 件")).to_be_visible()
    assert states([first, second]) == [State.SUBMITTED, State.DEPT_APPROVED]
    for name in names:
        expect(page.get_by_label(f"退回{name}", exact=True)).to_be_checked()
    expect(page.get_by_label(f"对{names[0]}的要求")).to_have_value("应填当月新增值")
    expect(page.locator("[data-item].is-ticked")).to_have_count(2)
    page.keyboard.press("2")
    expect(page.get_by_text("只退勾选的 2 项")).to_be_visible()
    page.get_by_label("驳回原因").select_option("数据有误")
    page.get_by_label("详细描述").fill("请核对。")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_text("只退勾选的 2 项。")).to_be_visible()
    assert [item["words"] for item in first.events.first().items] == ["应填当月新增值", ""]
    kept = page.evaluate("Object.keys(sessionStorage).filter((key) => key.startsWith('decision:'))")
    assert kept == []


def test_words_stay_with_their_record_and_opinions_are_kept_in_place(page, cast, waiting):
    log_in(page, cast.reviewer.phone)
    page.goto(f"/records/{waiting[0].pk}/")
    keyboard = page.keyboard
    keyboard.press("2")
    detail = page.get_by_label("详细描述")
    detail.fill("请核对口径后重报。")
    page.locator(".is-chosen").get_by_role("button", name="＋ 存为常用意见").click()
    expect(page.get_by_text("已存为常用意见。")).to_be_visible()
    detail.press("Escape")
    page.get_by_label("退回具体情况简介").check()
    page.get_by_label("对具体情况简介的要求").fill("写明时间。")
    page.get_by_label("对具体情况简介的要求").press("Escape")
    keyboard.press("j")
    expect(page.get_by_text("第 2 件，共 4 件")).to_be_visible()
    expect(page.get_by_label("详细描述")).to_be_hidden()
    keyboard.press("k")
    expect(page.get_by_label("详细描述")).to_have_value("请核对口径后重报。")
    expect(page.get_by_label("退回具体情况简介")).to_be_checked()
    expect(page.get_by_label("对具体情况简介的要求")).to_have_value("写明时间。")
    expect(page.get_by_text("只退勾选的 1 项").first).to_be_visible()
    assert [opinion.text for opinion in cast.reviewer.common_opinions.all()] == ["请核对口径后重报。"]
    page.get_by_role("button", name="删除常用意见：请核对口径后重报。").first.click()
    expect(page.get_by_text("已删除这条常用意见。").first).to_be_visible()
    assert not cast.reviewer.common_opinions.exists()


def test_twelve_months_of_a_map_are_seen_beside_the_list(page, cast):
    drawn = cast.bring(factories.battle_map(cast.project, cast.clerk), State.SUBMITTED)
    sign_in(page, cast.reviewer)
    page.goto(f"/records/{drawn.pk}/")
    expect(page.locator(".desk-list")).to_be_visible()
    table = page.get_by_role("region", name="核心指标各月目标值")
    assert table.evaluate("box => box.scrollWidth <= box.clientWidth")


@on_a_phone
def test_a_phone_keeps_the_lines_of_a_plan_and_the_figures_of_a_month(page, cast):
    drawn = factories.battle_map(cast.project, cast.clerk)
    MonthlyPlan.objects.filter(measure__battle_map=drawn).update(content="1. 印发方案；\n2. 组建专班。")
    cast.bring(drawn, State.SUBMITTED)
    sign_in(page, cast.reviewer)
    page.goto(f"/records/{drawn.pk}/")
    assert page.locator("td[data-label=计划内容]").first.inner_text().strip() == "1. 印发方案；\n2. 组建专班。"
    months = page.locator(".beside-plans thead th:not(:first-child)")
    lines = """all => all.map((one) => {
        const range = document.createRange();
        range.selectNodeContents(one);
        return range.getClientRects().length;
    })"""
    assert months.evaluate_all(lines) == [1] * 12
