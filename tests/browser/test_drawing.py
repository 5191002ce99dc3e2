"""Drawing a map in a real browser: what the page does while one types, and that it works without any of it."""

import pytest
from django.contrib.sessions.models import Session
from django.db import transaction
from playwright.sync_api import expect

from reform.models import BattleMap
from tests import factories
from tests.browser import log_in, on_a_phone, paste, sign_in
from tests.cast import enter
from tests.factories import PASSWORD, YEAR
from tests.numbers import NUMBERS
from workflow.models import Event
from workflow.states import State

pytestmark = pytest.mark.full


@pytest.fixture
def cast(transactional_db, july):
    return enter()


@pytest.fixture
@transaction.atomic
def drawn(cast):
    return factories.battle_map(cast.project, cast.clerk)


@pytest.fixture
def edit(page, cast, drawn):
    """The clerk's page of the map."""
    sign_in(page, cast.clerk)
    page.goto(f"/records/{drawn.pk}/edit/")
    return page


def part(page, name):
    page.locator(".parts").get_by_role("link", name=name).click()


def indicator(page, number):
    return page.locator("[data-rows=indicators] > [data-row]").nth(number)


def targets(page, number):
    return page.locator("[data-groups=indicators] > *").nth(number)


def months(row):
    return [field.input_value() for field in row.locator("[data-months] input").all()]


def test_the_browser_reads_numbers_as_the_server_does(page):
    page.goto("/login/")
    read = """async (texts) => {
      const { parse, write } = await import("/static/js/numbers.js");
      return texts.map(parse).map((value) => (typeof value === "bigint" ? write(value) : null));
    }"""
    texts, meanings = zip(*NUMBERS, strict=True)
    assert page.evaluate(read, texts) == list(meanings)


def saved(page):
    expect(page.locator("#saved")).to_contain_text("自动保存", timeout=10_000)


def test_the_sum_is_live_and_exact_and_helpers_fill_the_row(edit):
    part(edit, "目标值录入")
    row = targets(edit, 0)
    row.get_by_label("年度目标值").fill("１.2")
    paste(row.locator("[name$='-m1']"), "\t".join(["0.1"] * 11))
    row.locator("[name$='-m12']").fill("")
    expect(row.get_by_text("还差 0.1，才与年度目标值一致")).to_be_visible()
    row.get_by_role("button", name="余额补入 12 月").click()
    assert months(row) == ["0.1"] * 12
    expect(row.locator("[data-sum]")).to_have_text("1.2 ✓")

    edit.on("dialog", lambda dialog: dialog.accept())
    row.get_by_label("年度目标值").fill("400")
    row.get_by_role("button", name="按月平均分配").click()
    assert months(row) == ["33"] * 11 + ["37"]
    row.locator("[name$='-m5']").fill("五")
    expect(row.get_by_text("有的内容不是数字，或超过 11 位整数、4 位小数")).to_be_visible()


def test_a_pasted_row_keeps_its_empty_cells_in_place(edit):
    part(edit, "目标值录入")
    row = targets(edit, 0)
    row.get_by_label("年度目标值").fill("180")
    paste(row.locator("[name$='-m1']"), "\t\t\t20\t20\t20\t20\t20\t20\t20\t20\t20\r\n")
    assert months(row) == ["", "", "", *["20"] * 9]
    expect(row.get_by_text("还有 3 个月未填，没有安排的填 0")).to_be_visible()
    expect(row.locator("[data-sum]")).to_have_text("180")


def test_a_pasted_block_fills_what_a_spreadsheet_would(edit):
    part(edit, "目标值录入")
    first, second = targets(edit, 0), targets(edit, 1)
    for row in (first, second):
        paste(row.locator("[name$='-m1']"), "\t".join(["0"] * 12))
    paste(first.locator("[name$='-m11']"), "1,000\t２\n3\t\n")
    assert months(first)[9:] == ["0", "1,000", "２"]
    assert months(second)[9:] == ["0", "3", ""]


@pytest.mark.parametrize(
    ("cells", "sentence"),
    [
        ("1\t2\t3", "粘贴的内容有 3 列，从这一格起只有 2 列，没有填入"),
        ("1\n2\n3", "粘贴的内容有 3 行，从这一格起只有 2 行，没有填入"),
        ("1\t3，5", "“3，5”不是数字，粘贴的内容没有填入"),
    ],
)
def test_a_block_that_does_not_fit_is_refused_whole(edit, cells, sentence):
    part(edit, "目标值录入")
    row = targets(edit, 0)
    before = months(row)
    paste(row.locator("[name$='-m11']"), cells)
    expect(row.get_by_text(sentence)).to_be_visible()
    assert months(row) == before


def test_several_cells_do_not_go_into_a_field_that_stands_alone(edit):
    part(edit, "目标值录入")
    row = targets(edit, 0)
    paste(row.get_by_label("年度目标值"), "42\n15\n8\n")
    expect(row.get_by_label("年度目标值")).to_have_value("120")
    expect(row.get_by_text("这里只能填一个数，粘贴的多个单元格没有填入")).to_be_visible()
    row.get_by_label("年度目标值").fill("")
    paste(row.get_by_label("年度目标值"), "42\r\n")  # one cell, as spreadsheets copy it
    assert row.get_by_label("年度目标值").input_value().strip() == "42"


def test_measures_are_added_counted_moved_and_removed_with_their_plans(edit, drawn):
    part(edit, "具体举措")
    edit.get_by_role("button", name="添加具体举措").click()
    edit.keyboard.type("长" * 301)
    expect(edit.get_by_text("301/300，超出 1 字")).to_be_visible()
    edit.keyboard.press("Backspace")
    edit.get_by_role("button", name="上移这条举措").nth(3).press("Enter")
    part(edit, "月度推进计划")
    block = edit.locator("[data-groups=measures] > *").nth(2)
    expect(block).to_contain_text("长长长")
    block.get_by_role("button", name="添加月度计划").click()
    block.get_by_label("计划月度").select_option("2026年9月")
    expect(block.get_by_label("类型名称")).to_be_hidden()
    block.get_by_label("计划类型").select_option("其他")
    block.get_by_label("类型名称").fill("立法")
    block.get_by_label("计划内容").fill("起草条例草案")
    part(edit, "具体举措")
    edit.get_by_role("button", name="删除这条举措").first.click()
    edit.get_by_role("button", name="保存为草稿").last.click()
    expect(edit.get_by_text("草稿已保存。")).to_be_visible()
    measures = [(measure.content[:5], str(measure.plans.get())) for measure in drawn.measures.all()]
    assert measures == [
        ("第2条举措", "7月 制定改革方案"),
        ("长长长长长", "9月 立法"),
        ("第3条举措", "11月 制定改革方案"),
    ]


def test_what_was_removed_can_be_had_back_with_its_plans(edit, drawn):
    """As it was before a save; after one, as a new row with the same content."""
    contents = edit.locator("[data-rows=measures]").get_by_label("举措内容")
    first = drawn.measures.first()
    part(edit, "具体举措")
    edit.get_by_role("button", name="删除这条举措").first.click()
    expect(contents).to_have_count(2)
    edit.get_by_text("已删除第 1 项和它的月度推进计划。").get_by_role("button", name="恢复").click()
    expect(contents.nth(0)).to_have_value("第1条举措")
    expect(contents.nth(0)).to_be_focused()
    saved(edit)
    assert drawn.measures.first() == first

    edit.get_by_role("button", name="删除这条举措").first.click()
    with edit.expect_response(lambda response: response.request.method == "POST"):
        pass
    expect(edit.locator("#saved")).to_contain_text("自动保存")
    edit.get_by_role("button", name="恢复").click()
    edit.get_by_role("button", name="保存为草稿").last.click()
    expect(edit.get_by_text("草稿已保存。")).to_be_visible()
    assert [(measure.content, measure.plans.count()) for measure in drawn.measures.all()] == [
        ("第1条举措", 1),
        ("第2条举措", 1),
        ("第3条举措", 1),
    ]
    assert drawn.measures.first() != first


def drag(page, handle, target):
    """By the mouse, in steps as a hand makes them."""
    handle.hover()
    page.mouse.down()
    box = target.bounding_box()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + 5, steps=8)
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + 2, steps=4)
    page.mouse.up()


def test_a_measure_is_dragged_with_its_plans_and_a_plan_to_another_measure(edit, drawn):
    edit.set_viewport_size({"width": 1440, "height": 2400})  # all rows in sight
    part(edit, "具体举措")
    rows = edit.locator("[data-rows=measures] > [data-row]")
    drag(edit, rows.nth(2).locator("[data-handle]"), rows.nth(0))
    contents = [field.input_value() for field in rows.get_by_label("举措内容").all()]
    assert contents == ["第3条举措", "第1条举措", "第2条举措"]
    part(edit, "月度推进计划")
    blocks = edit.locator("[data-groups=measures] > *")
    expect(blocks.nth(0)).to_contain_text("第3条举措")
    drag(edit, blocks.nth(2).locator("[data-handle]"), blocks.nth(1).locator(".plan-rows"))
    expect(blocks.nth(2).locator("[data-row]")).to_have_count(0)
    blocks.nth(0).get_by_role("button", name="移到下一条举措").press("Enter")
    expect(blocks.nth(1).locator("[data-row]")).to_have_count(3)
    edit.get_by_role("button", name="保存为草稿").last.click()
    expect(edit.get_by_text("草稿已保存。")).to_be_visible()
    measures = [(measure.content, [plan.month for plan in measure.plans.all()]) for measure in drawn.measures.all()]
    assert measures == [("第3条举措", []), ("第1条举措", [2, 7, 11]), ("第2条举措", [])]


def test_a_draft_saves_itself_and_shows_how_far_it_is(edit, drawn):
    edit.get_by_role("button", name="添加核心指标").click()
    edit.keyboard.type("第三个指标")
    saved(edit)
    added = drawn.indicators.get(name="第三个指标")
    place = edit.locator(".parts").get_by_role("link", name="核心指标")
    expect(place).to_contain_text("填写中")  # nobody is told what is missing where they are still writing
    expect(edit.locator("#saved")).to_contain_text("上报前还需填写 3 处")
    indicator(edit, 2).get_by_label("计量单位").fill("家")
    expect(edit.locator("#saved")).to_contain_text("上报前还需填写 2 处", timeout=10_000)
    part(edit, "具体举措")
    expect(place).to_contain_text("✓ 3 个")
    expect(edit.locator(".parts").get_by_role("link", name="目标值录入")).to_contain_text("2 处待修改")
    added.refresh_from_db()
    assert added.unit == "家"
    assert drawn.indicators.count() == 3
    assert not Event.objects.exists()


def test_a_sentence_beside_a_field_goes_with_its_reason(edit, drawn):
    part(edit, "月度推进计划")
    edit.get_by_label("计划内容").nth(0).fill("")
    edit.get_by_label("计划内容").nth(1).fill("")
    edit.get_by_role("button", name="保存并上报").click()
    beside = edit.locator("#edit .errorlist li")
    expect(beside).to_have_text(["举措1计划1：请填写计划内容。", "举措2计划1：请填写计划内容。"])
    part(edit, "月度推进计划")
    edit.get_by_label("计划内容").nth(1).fill("印发方案")
    expect(beside.locator("visible=true")).to_have_text(["举措1计划1：请填写计划内容。"], timeout=10_000)
    expect(edit.get_by_label("计划内容").nth(1)).not_to_have_attribute("aria-invalid", "true")
    expect(edit.get_by_label("计划内容").nth(0)).to_have_attribute("aria-invalid", "true")


def test_a_link_to_a_problem_opens_its_part_and_its_field(edit, drawn):
    part(edit, "月度推进计划")
    edit.get_by_label("计划内容").nth(1).fill("")
    edit.get_by_role("button", name="保存并上报").click()
    edit.get_by_role("heading", name="上报前还需修改 1 处：").wait_for()
    part(edit, "基础信息")
    edit.get_by_role("link", name="举措2计划1：请填写计划内容。").click()
    expect(edit.locator("#id_measures-1-plans-0-content")).to_be_focused()


def test_two_tabs_keep_both_texts(edit, drawn, context):
    other = context.new_page()
    other.goto(f"/records/{drawn.pk}/edit/#part-measures")
    other.get_by_label("举措内容").first.fill("另一页先保存的")
    other.get_by_role("button", name="保存为草稿").last.click()
    expect(other.get_by_text("草稿已保存。")).to_be_visible()
    part(edit, "具体举措")
    edit.get_by_label("举措内容").first.fill("这一页后写的")
    expect(edit.get_by_text("自动保存已停止")).to_be_visible(timeout=10_000)
    edit.get_by_role("button", name="保存为草稿").last.click()
    expect(edit.get_by_role("alert").first).to_contain_text("核对后再次保存")
    expect(edit.get_by_label("举措内容").first).to_have_value("这一页后写的")
    expect(edit.locator("#current")).to_contain_text("另一页先保存的")
    assert drawn.measures.first().content == "另一页先保存的"


def test_a_double_click_submits_once(edit, drawn):
    edit.get_by_role("button", name="保存并上报").dblclick()
    edit.wait_for_url(f"**/records/{drawn.pk}/")
    assert Event.objects.count() == 1
    assert BattleMap.objects.get().state == State.SUBMITTED


def test_submitting_while_it_saves_itself_waits_its_turn(edit, drawn):
    held = []
    edit.route("**/edit/", lambda route: held.append(route) if not held else route.continue_())
    part(edit, "具体举措")
    with edit.expect_request("**/edit/"):
        edit.get_by_label("举措内容").first.fill("最后的修改")
    edit.get_by_role("button", name="保存并上报").click()
    edit.wait_for_timeout(500)
    assert BattleMap.objects.get().state == State.DRAFT
    held[0].continue_()
    edit.wait_for_url(f"**/records/{drawn.pk}/")
    assert BattleMap.objects.get().state == State.SUBMITTED
    assert drawn.measures.first().content == "最后的修改"


def test_the_session_ends_while_one_writes(page, cast, drawn):
    log_in(page, cast.clerk.phone)
    page.goto(f"/records/{drawn.pk}/edit/")
    part(page, "具体举措")
    Session.objects.all().delete()
    page.get_by_label("举措内容").first.fill("写了很久的话")
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("密码").fill(PASSWORD, timeout=10_000)
    dialog.get_by_role("button", name="登录并继续").click()
    saved(page)
    assert drawn.measures.first().content == "写了很久的话"


@pytest.mark.browser_context_args(java_script_enabled=False)
def test_a_map_is_drawn_without_scripts(page, cast):
    sign_in(page, cast.clerk)
    page.goto("/kinds/battlemap/")
    page.get_by_role("link", name="更新 数字经济改革").first.click()
    for number in range(2):
        row = indicator(page, number)
        row.get_by_label("核心指标名称").fill(f"指标{number}")
        row.get_by_label("计量单位").fill("家")
        row = targets(page, number)
        row.get_by_label("年度目标值").fill("12")
        for field in row.locator("[data-months] input").all():
            field.fill("1")
    for number in range(3):
        page.get_by_label("举措内容").nth(number).fill(f"举措{number}")
    for number in range(3):
        page.get_by_role("button", name="添加月度计划").nth(number).click()
        block = page.locator("[data-groups=measures] > *").nth(number)
        block.get_by_label("计划月度").select_option(f"{YEAR}年{number + 1}月")
        block.get_by_label("计划类型").select_option("开展调查研究")
        block.get_by_label("计划内容").fill("实地调研")
    page.get_by_role("button", name="保存并上报").click()
    expect(page.get_by_text("已上报，等待市发展改革委审核人员审核。")).to_be_visible()
    assert [plan.month for measure in BattleMap.objects.get().measures.all() for plan in measure.plans.all()] == [
        1,
        2,
        3,
    ]


@on_a_phone
def test_on_a_phone_nothing_is_wider_than_the_page(edit):
    for name in ("基础信息", "核心指标", "目标值录入", "具体举措", "月度推进计划"):
        part(edit, name)
        assert edit.evaluate("document.documentElement.scrollWidth") <= 390, name
