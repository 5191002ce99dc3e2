"""核心指标填报表: the values of one month, of every type of indicator."""

from decimal import Decimal

import pytest
import time_machine
from django.contrib.admin.models import LogEntry
from django.db import connection
from django.test.utils import CaptureQueriesContext

from reform.fillable.importing import FillableImport
from reform.fillable.targets import TargetSheet
from reform.imports.sheets import dataset_of
from reform.models import LedgerExport, TargetUpdate
from tests import factories
from tests.reform import fillable_pages as pages
from tests.reform.fillable_pages import FIRST, changes, column, complaints, fill, open_headings, said
from tests.reform.test_indicator_types import set_up
from workflow.states import State
from workflow.workbooks.reader import read_sheet

pytestmark = pytest.mark.sql
JUNE, JULY = "year=2026&month=6", "year=2026"


@pytest.fixture
def clerk(cast, client):
    """The cast with its issued map, two increments of 10 a month, and the clerk signed in."""
    cast.issued_map()
    client.force_login(cast.clerk)
    return cast


@pytest.fixture
def mixed(clerk):
    """A rate in per cent by the quarter, with its figures a month late, and a 定性目标 of each month."""
    rate, words = clerk.issued_map().indicators.all()
    set_up(rate, "level", {3: 65, 6: 70, 9: 75, 12: 80}, annual_target=80, baseline=60, period=3, unit="%", delay=1)
    set_up(words, "qualitative", dict.fromkeys(range(1, 13), "建成机制"), annual_words="建成机制", unit="")
    return clerk


def taken(client, query=JULY):
    return pages.taken(client, "indicators", query)


def bring(client, book):
    return pages.bring(client, "indicators", book)


def confirm(client, shown):
    return pages.confirm(client, "indicators", shown)


def text(book, row, heading):
    return book.active.cell(row, column(book.active, heading)).value


def values(update):
    return [
        (value.indicator.name, value.value, value.state, value.remark)
        for value in update.values.order_by("indicator__position")
    ]


def test_the_month_asked_for_is_taken_along_or_this_one(clerk, client):
    clerk.bring(factories.target_update(clerk.issued_map(), clerk.clerk, 6), State.CONFIRMED)
    assert "导出填报表（7月）" in client.get("/ledgers/indicators/").content.decode()
    july, june = taken(client), taken(client, JUNE)
    assert [text(july, FIRST, name) for name in ("填报月份", "当月目标值", "填报内容")] == [
        "2026年7月",
        "10",
        "当月新增",
    ]
    assert (text(june, FIRST, "填报月份"), text(june, FIRST, "当月进度值")) == ("2026年6月", "10")
    assert (open_headings(july.active), july.active.max_row) == (["当月进度值", "备注"], FIRST + 1)
    assert [export.conditions for export in LedgerExport.objects.order_by("pk")] == [
        "年度：2026年；填报月份：7月",
        "年度：2026年；累计至：6月；填报月份：6月",
    ]


def test_of_a_year_that_is_over_december_is_taken_along(clerk, client):
    with time_machine.travel("2027-01-04T09:00+08:00"):
        client.force_login(clerk.clerk)
        assert "导出填报表（12月）" in client.get("/ledgers/indicators/?year=2026").text
        assert text(taken(client), FIRST, "填报月份") == "2026年12月"


def test_a_month_that_has_not_begun_is_not_taken_along(clerk, client):
    answer = client.post("/ledgers/indicators/sheet/?year=2026&month=8")
    assert (answer.status_code, answer.context["refusal"]) == (
        422,
        "没有可以填报的内容。只能更新当月及以前月份的进度值。",
    )


def test_values_of_one_map_become_one_draft(clerk, client):
    book = fill(taken(client), 当月进度值="1,012.5", 备注="-增长")
    fill(book, FIRST + 1, 当月进度值=0)

    shown = bring(client, book)

    assert changes(shown) == [("当月进度值", "", "1012.5"), ("备注", "", "-增长"), ("当月进度值", "", "0")]
    done = confirm(client, shown)
    assert said(done) == "已写入 1 份草稿，没有上报。请逐份核对后上报。"
    assert done.redirect_chain == [("/kinds/targetupdate/?state=draft", 302)]
    update = TargetUpdate.objects.get()
    assert (update.month, update.state, update.version) == (7, State.DRAFT, 1)
    assert values(update) == [("新增试点企业", Decimal("1012.5"), "", "-增长"), ("办件量", Decimal(0), "", "")]
    assert LogEntry.objects.get().get_change_message() == (
        "数字经济改革 新增试点企业 2026年7月 当月进度值：（空） → 1012.5；数字经济改革 新增试点企业 2026年7月 "
        "备注：（空） → -增长；数字经济改革 办件量 2026年7月 当月进度值：（空） → 0（Excel 导入）"
    )
    assert "没有变化：表中 2 个核心指标与现有内容一致" in bring(client, book).content.decode()


def test_a_confirmed_month_is_updated_again_from_its_values(clerk, client):
    clerk.bring(factories.target_update(clerk.issued_map(), clerk.clerk, 6), State.CONFIRMED)
    confirm(client, bring(client, fill(taken(client, JUNE), 当月进度值="12")))
    update = TargetUpdate.objects.get(state=State.DRAFT)
    assert (update.month, update.revision) == (6, 2)
    assert [value for _, value, _, _ in values(update)] == [12, 10]


def test_what_is_no_number_what_changed_and_what_is_under_review_is_refused(clerk, client):
    update = factories.target_update(clerk.issued_map(), clerk.clerk, 7)
    book = fill(taken(client), 当月进度值="十二", 备注="我的")
    fill(book, FIRST + 1, 当月进度值="95%")
    update.values.filter(indicator__name="新增试点企业").update(remark="别人后来写的")
    assert complaints(bring(client, book)).split("\n") == [
        "第 3 行：当月进度值：请填写数字，例如 3.5。",
        "第 3 行：备注：导出后内容已有变化，现为“别人后来写的”，请重新导出填报表后填写。",
        "第 4 行：当月进度值：请填写数字，例如 3.5。",
    ]
    clerk.bring(update, State.SUBMITTED)
    fill(book, 当月进度值="10", 备注="别人后来写的")
    fill(book, FIRST + 1, 当月进度值="12")
    assert complaints(bring(client, book)) == ("第 4 行：已经上报，现在是“待部门审核”，审核结束或撤回后才能修改。")


def test_only_the_months_that_end_a_period_are_asked_for(mixed, client):
    june, july = taken(client, JUNE), taken(client)
    assert [text(june, row, "核心指标") for row in (FIRST, FIRST + 1)] == ["新增试点企业", "办件量"]
    assert (text(july, FIRST, "核心指标"), july.active.max_row) == ("办件量", FIRST)
    assert [text(june, row, "填报内容") for row in (FIRST, FIRST + 1)] == ["月末数值（5月数据）", "进展状态和情况"]
    assert [text(june, row, "当月目标值") for row in (FIRST, FIRST + 1)] == ["70", "建成机制"]
    assert open_headings(june.active, FIRST) == ["当月进度值", "备注"]
    assert open_headings(june.active, FIRST + 1) == ["进展状态", "备注"]


def test_a_level_in_per_cent_and_a_state_with_words_become_a_draft(mixed, client):
    book = fill(taken(client, JUNE), 当月进度值="68.5%")
    fill(book, FIRST + 1, 进展状态="按计划", 备注="机制已试运行")
    shown = bring(client, book)
    assert changes(shown) == [("当月进度值", "", "68.5"), ("进展状态", "", "按计划"), ("备注", "", "机制已试运行")]
    confirm(client, shown)
    assert values(TargetUpdate.objects.get()) == [
        ("新增试点企业", Decimal("68.5"), "", ""),
        ("办件量", None, "on_schedule", "机制已试运行"),
    ]


def test_a_cell_that_the_type_does_not_have_and_an_unknown_state_are_refused(mixed, client):
    book = fill(taken(client, JUNE), 进展状态="按计划")
    fill(book, FIRST + 1, 当月进度值="5", 进展状态="良好")
    assert complaints(bring(client, book)).split("\n") == [
        "第 3 行：进展状态：这一行没有这一栏，请清空。",
        "第 4 行：当月进度值：这一行没有这一栏，请清空。",
        "第 4 行：进展状态：“良好”不在可选内容中，应为：已达成、按计划、滞后。",
    ]


def test_the_key_of_another_sheet_or_another_department_opens_nothing(clerk, client):
    book = fill(taken(client), 当月进度值="5")
    client.force_login(clerk.stranger)
    assert complaints(bring(client, book)).startswith("第 3 行：没有找到这项核心指标。")
    client.force_login(clerk.clerk)
    plans = pages.taken(client, "plans")
    fill(book, 行标识=plans.active.cell(FIRST, 1).value)
    assert complaints(bring(client, book)).startswith("第 3 行：行标识缺失或已被改动")


@pytest.mark.parametrize("rows", [1, 3])
def test_a_preview_asks_the_same_questions_however_many_rows(clerk, client, rows):
    factories.add_indicator(clerk.issued_map(), "第三个指标")
    book = taken(client)
    for row in range(FIRST, FIRST + rows):
        fill(book, row, 当月进度值="5")
    book.active.delete_rows(FIRST + rows, 3 - rows)
    sheet = TargetSheet()
    dataset = dataset_of(read_sheet(pages.saved(book)), sheet.layout)
    with CaptureQueriesContext(connection) as asked:
        assert len(FillableImport(sheet).preview(clerk.clerk, dataset).changed) == rows
    assert len(asked) == 4
