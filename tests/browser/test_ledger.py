"""A ledger is narrowed, sorted, taken to a past day, and exported; with scripts and without."""

import subprocess
from io import BytesIO
from pathlib import Path

import pytest
from django.db import transaction
from django.utils import timezone
from openpyxl import load_workbook
from playwright.sync_api import expect

from reform.models import LedgerExport
from tests import factories
from tests.browser import on_a_phone, sign_in
from workflow.states import State


@pytest.fixture
def cast(cast):
    """A city with one issued map, at the real time of the browser."""
    with transaction.atomic():
        cast.issued_map()
    return cast


def take(page):
    """The workbook that the button brings, and its name."""
    with page.expect_download() as download:
        page.get_by_role("button", name="导出 Excel").click()
    book = load_workbook(BytesIO(Path(download.value.path()).read_bytes()))
    return book.active, download.value.suggested_filename


def months(page):
    return page.locator("td[data-label=月度]")


@on_a_phone
def test_on_a_phone_rows_come_after_one_filter_and_the_others_on_demand(page, cast):
    sign_in(page, cast.office)
    page.goto("/ledgers/plans/")
    year = page.get_by_label("年度", exact=True)
    expect(page.get_by_label("项目、内容")).to_be_visible()
    expect(year).to_be_hidden()
    more = page.get_by_role("button", name="更多条件")
    more.click()
    year.select_option("2026年")
    expect(page.get_by_role("button", name="收起条件")).to_have_attribute("aria-expanded", "true")
    page.get_by_role("button", name="查询").click()
    page.wait_for_url("**year=2026**")
    expect(year).to_be_visible()  # what narrows the list stays in sight
    page.get_by_role("button", name="收起条件").click()
    expect(year).to_be_hidden()


def test_a_ledger_is_narrowed_sorted_and_exported(page, cast):
    sign_in(page, cast.office)
    page.goto("/")
    page.get_by_role("link", name="台账").click()
    page.get_by_role("link", name="月度计划台账").click()
    expect(months(page)).to_have_text(["2", "7", "11"])
    page.get_by_role("link", name="月度", exact=True).click()
    page.get_by_role("columnheader", name="月度").get_by_role("link").click()
    expect(months(page)).to_have_text(["11", "7", "2"])
    page.get_by_label("项目、内容").fill("制定方案 举措")
    page.get_by_label("年度", exact=True).select_option("2026年")
    page.get_by_label("推进状态").select_option("未启动")
    page.get_by_role("button", name="查询").click()
    expect(months(page)).to_have_text(["11", "7", "2"])
    page.get_by_label("计划月度").select_option("2026年7月")
    page.get_by_role("button", name="查询").click()
    expect(months(page)).to_have_text(["7"])
    sheet, name = take(page)
    assert name == f"月度计划台账_{timezone.localdate()}.xlsx"
    content = [cell.value for cell in sheet[3]].index("计划内容")
    assert [row[content] for row in sheet.iter_rows(min_row=4, values_only=True)] == ["7月制定方案"]
    expect(page.get_by_role("status").filter(has_text="已生成，文件已下载。")).to_be_visible()
    assert LedgerExport.objects.get().rows == 1


def test_a_day_before_everything_shows_nothing_and_tomorrow_is_refused(page, cast):
    sign_in(page, cast.office)
    page.goto("/ledgers/plans/")
    page.get_by_label("截至日期").fill("2020-01-01")
    page.get_by_role("button", name="查询").click()
    expect(page.get_by_text("数据截至 2020-01-01 24:00，按当日登记和流转记录列出")).to_be_visible()
    expect(page.get_by_text("没有符合条件的内容。")).to_be_visible()
    page.goto("/ledgers/plans/?as_of=2999-01-01")
    expect(page.get_by_text("截至日期不能晚于今天")).to_be_visible()
    expect(page.get_by_label("截至日期")).to_have_value("2999-01-01")
    expect(months(page)).to_have_text(["2", "7", "11"])


def test_an_export_that_breaks_off_says_so(page, cast):
    sign_in(page, cast.office)
    page.goto("/ledgers/plans/")
    page.route("**/export/*", lambda route: route.abort())
    page.get_by_role("button", name="导出 Excel").click()
    expect(page.get_by_text("没有导出成功，请检查网络后重试。")).to_be_visible()
    page.unroute("**/export/*")
    sheet, _ = take(page)
    assert sheet.max_row == 6


@pytest.mark.browser_context_args(java_script_enabled=False)
def test_without_scripts_it_is_a_plain_download(page, cast):
    sign_in(page, cast.clerk)
    page.goto("/ledgers/projects/")
    sheet, name = take(page)
    assert (name, sheet.max_row) == (f"项目总台账_{timezone.localdate()}.xlsx", 4)


@on_a_phone
def test_on_a_phone_each_row_is_a_card(page, cast):
    sign_in(page, cast.partner)
    for name in ("projects", "indicators", "plans", "iterations"):
        page.goto(f"/ledgers/{name}/")
        assert page.evaluate("document.documentElement.scrollWidth") == 390
    page.goto("/ledgers/plans/")
    expect(page.get_by_role("link", name="数字经济改革").first).to_be_visible()
    expect(months(page)).to_have_text(["2", "7", "11"])


@pytest.mark.browser_context_args(viewport={"width": 1366, "height": 768})
@pytest.mark.parametrize("is_training", [False, True])
def test_eight_rows_are_in_sight_and_only_the_table_scrolls(page, cast, settings, is_training):
    settings.CLOCK = timezone.now() if is_training else None
    for _ in range(3):
        project = factories.ProjectFactory(department=cast.project.department)
        with transaction.atomic():
            drawn = factories.battle_map(project, cast.clerk)
        cast.bring(drawn, State.ISSUED)
    sign_in(page, cast.office)
    page.goto("/ledgers/plans/")
    expect(page.get_by_text("演练时间")).to_have_count(int(is_training))
    page.mouse.move(600, 500)
    assert page.evaluate("document.documentElement.scrollHeight") <= 768
    edge = page.locator(".ledger-wrap").evaluate("wrap => wrap.getBoundingClientRect().bottom")
    bottoms = page.locator(".ledger tbody tr").evaluate_all(
        "rows => rows.map(row => row.getBoundingClientRect().bottom)"
    )
    assert sum(bottom <= edge for bottom in bottoms) >= 8
    shadow = "cell => getComputedStyle(cell).boxShadow"
    resting = page.locator("tbody .stays").first.evaluate(shadow)
    page.mouse.wheel(300, 0)
    expect(page.locator(".ledger-wrap.is-moved")).to_be_visible()
    assert page.locator("tbody .stays").first.evaluate(shadow) != resting
    assert page.locator("tbody .stays").first.bounding_box()["x"] < page.locator("tbody .day").first.bounding_box()["x"]


def test_the_screen_prints_on_a3_with_every_column(page, cast, tmp_path):
    sign_in(page, cast.office)
    page.goto("/ledgers/indicators/")
    page.pdf(path=tmp_path / "ledger.pdf", prefer_css_page_size=True)
    facts = subprocess.run(["pdfinfo", tmp_path / "ledger.pdf"], capture_output=True, text=True, check=True).stdout
    assert "(A3)" in facts
    assert "Pages:           1\n" in facts
    text = subprocess.run(["pdftotext", tmp_path / "ledger.pdf", "-"], capture_output=True, text=True, check=True)
    for label in ("序号", "核心指标", "12月", "完成年度目标"):
        assert label in text.stdout.replace("\n", "")
