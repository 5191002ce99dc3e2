"""导出 Excel: what is in the file is what is on the screen, as what it is, on paper that loses no column."""

import re
import shutil
import subprocess
from datetime import date, datetime
from decimal import Decimal
from io import BytesIO

import pytest
import time_machine
from django.test import Client
from openpyxl import load_workbook

from reform.forms.ledger import LedgerForm
from reform.ledgers import LEDGERS, Extract
from reform.ledgers.base import TEXT
from reform.ledgers.workbook import write
from reform.models import LedgerExport, PlanStatus
from tests import factories
from workflow.states import State

pytestmark = pytest.mark.sql

NAMES = [ledger.name for ledger in LEDGERS]
NASTY = ["=1+1", "==1+1", "+86", "-3", "@SUM(A1)", "\t=1", '=HYPERLINK("http://x")', "'=1", "100%"]


@pytest.fixture
def full(cast):
    """Something in every ledger."""
    cast.bring(factories.target_update(cast.issued_map(), cast.clerk, 1), State.CONFIRMED)
    for record in (
        factories.plan_update(factories.open_plan(cast.issued_map()), cast.clerk),
        factories.promotion(cast.project, cast.clerk),
        factories.brand(cast.project, cast.clerk),
        factories.iteration(cast.issued_map().measures.last(), cast.clerk),
    ):
        cast.bring(record, State.CONFIRMED)
    cast.bring(factories.promotion(cast.project, cast.clerk), State.SUBMITTED)
    return cast


@pytest.fixture
def export(client, cast):
    """export("office", "plans", "year=2026"): that person's answer to the button."""

    def post(who, name, query="", **headers):
        client.force_login(getattr(cast, who))
        return client.post(f"/ledgers/{name}/export/?{query}", headers=headers)

    return post


def content(answer):
    return b"".join(answer.streaming_content)


def sheet(answer):
    return load_workbook(BytesIO(content(answer))).active


@pytest.mark.parametrize(
    "who", ["clerk", *(pytest.param(who, marks=pytest.mark.full) for who in ("office", "partner", "stranger"))]
)
@pytest.mark.parametrize("name", NAMES)
def test_screen_and_file_say_the_same(full, client, export, who, name):
    book = sheet(export(who, name))
    page = client.get(f"/ledgers/{name}/").context
    columns = page["extract"].columns
    assert [cell.value for cell in book[3]] == [column.label for column in columns]
    rows = [
        [column.text(cell.date() if isinstance(cell, datetime) else as_shown(cell)) for column, cell in cells]
        for cells in (zip(columns, row, strict=True) for row in book.iter_rows(min_row=4, values_only=True))
    ]
    assert rows == [[text for _, text in cells] for _, cells in page["lines"]]
    assert len(rows) == page["page_obj"].paginator.count == LedgerExport.objects.get().rows


def as_shown(value):
    return Decimal(str(value)) if isinstance(value, float) else value


def test_filters_and_order_hold_for_the_file_too(full, export):
    book = sheet(export("office", "plans", "q=第2条举措&sort=-2"))
    assert [row[9] for row in book.iter_rows(min_row=4, values_only=True)] == ["第2条举措"]
    assert book["A2"].value == "数据截至 2026-07-15 09:00，进度只统计改革办已确认的数据。　项目、内容：第2条举措"


def test_a_past_day_has_its_own_file(full, export):
    with time_machine.travel("2026-08-01T09:00+08:00"):
        book = sheet(export("office", "plans", "as_of=2026-07-14"))
        assert book["A2"].value.startswith("数据截至 2026-07-14 24:00，按当日登记和流转记录列出")
        assert book.max_row == 3
        assert sheet(export("office", "plans", "as_of=2026-07-15")).max_row == 3 + 4
        answer = export("office", "plans", "as_of=2026-07-15")
        assert answer.headers["Content-Disposition"].endswith("_2026-07-15.xlsx")
        content(answer)


@pytest.mark.parametrize("name", NAMES)
def test_the_sheet_is_set_up_for_reading_and_for_paper(full, export, name):
    book = sheet(export("office", name))
    label = next(ledger.label for ledger in LEDGERS if ledger.name == name)
    assert (book.title, book["A1"].value) == (label, label)
    assert book.freeze_panes == "A4"
    assert book.print_title_rows == "$3:$3"
    assert (book.page_setup.orientation, book.page_setup.paperSize) == ("landscape", 8)  # A3
    assert book.sheet_properties.pageSetUpPr.fitToPage
    assert (book.page_setup.fitToWidth or 1, book.page_setup.fitToHeight) == (1, 0)  # one page wide unless it says so
    assert "&P" in book.oddFooter.right.text
    assert all(cell.alignment.wrap_text for row in book.iter_rows(min_row=3) for cell in row)
    assert book.auto_filter.ref == f"A3:{book.cell(book.max_row, book.max_column).coordinate}"


@pytest.mark.parametrize("ledger", LEDGERS, ids=NAMES)
def test_every_header_fits_on_one_line(ledger):
    assert [column.label for column in ledger.columns if column.width < 2 * len(column.label) + 1] == []
    assert len({column.label for column in ledger.columns}) == len(ledger.columns)


def test_numbers_are_numbers_and_dates_are_dates(full, export):
    values = [("12.5", "0.0"), ("0.1234", "0.0000"), ("1000000", "0"), ("0", "0"), ("-3.50", "0.0")]
    indicator = full.issued_map().indicators.first()
    for month, (value, _) in enumerate(values, 2):
        update = factories.target_update(full.issued_map(), full.clerk, month)
        update.values.filter(indicator=indicator).update(value=Decimal(value))
        full.bring(update, State.CONFIRMED)
    book = sheet(export("office", "indicators"))
    heads = [cell.value for cell in book[3]]
    row = dict(zip(heads, book[4], strict=True))
    for month, (value, places) in enumerate(values, 2):
        cell = row[f"{month}月"]
        assert (cell.data_type, Decimal(str(cell.value)), cell.number_format) == ("n", Decimal(value), places)
    assert (row["完成年度目标"].data_type, row["完成年度目标"].number_format) == ("n", "0.0%")
    assert row["完成年度目标"].value == pytest.approx((10 + 12.5 + 0.1234 + 1000000 - 3.5) / 120)
    assert (row["7月"].value, row["年度"].value, row["累计至"].value) == (None, 2026, "6月")
    book = sheet(export("office", "promotions"))
    row = dict(zip([cell.value for cell in book[3]], book[4], strict=True))
    assert (row["推广日期"].is_date, row["推广日期"].value.date()) == (True, date(2026, 6, 30))
    assert row["推广日期"].number_format == "yyyy-mm-dd"


PLANS = next(ledger for ledger in LEDGERS if ledger.name == "plans")
CONTENT = [column.label for column in PLANS.columns].index("计划内容")


def test_text_stays_text(full, export):
    """What a spreadsheet would compute, and what XML cannot hold."""
    full.project.name = "=cmd|' /C calc'!A0"
    full.project.save()
    measure = full.issued_map().measures.first()
    for text in [*NASTY, "响\x07铃\x0b\x1f\ufffe", "第一行\n第二行", "<b>&amp;</b>", "长" * 5000]:
        measure.plans.create(month=7, type="pilot", content=text)
    book = sheet(export("office", "plans", "month=7&sort=2"))
    cells = [row[CONTENT] for row in book.iter_rows(min_row=4)]
    told = {cell.value for cell in cells}
    assert told == {*NASTY, "响铃", "第一行\n第二行", "<b>&amp;</b>", "长" * 5000, "7月制定方案"}
    typed = {cell.data_type for row in book.iter_rows(min_row=1) for cell in row if cell.value is not None}
    assert typed == {"s", "n"}
    for column, cell in zip(PLANS.columns, book[4], strict=True):
        if column.type == TEXT and cell.value is not None:
            assert cell.data_type == "s", column.label


def test_more_text_than_a_cell_holds_is_cut_and_the_row_stays(full, export):
    full.issued_map().measures.first().plans.create(month=7, type="pilot", content="长" * 40_000)
    book = sheet(export("office", "plans", "month=7&sort=2"))
    assert {len(row[CONTENT]) for row in book.iter_rows(min_row=4, values_only=True)} == {32_767, len("7月制定方案")}


def test_an_export_that_nobody_waits_for_leaves_nothing_behind(full, client, monkeypatch, tmp_path):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    monkeypatch.setattr("reform.ledgers.workbook.CHUNK", 2)
    ledger = next(ledger for ledger in LEDGERS if ledger.name == "plans")
    extract = Extract(ledger, full.office, LedgerForm({}, ledger=ledger, user=full.office))
    with BytesIO() as file:
        progress = write(extract, file)
        assert next(progress) == 2
        assert list(tmp_path.iterdir()) != []
        progress.close()
    assert [path for path in tmp_path.iterdir() if path.name != "uploads"] == []


def test_the_file_has_a_chinese_name(full, export):
    answer = export("office", "projects")
    assert answer.headers["Content-Disposition"] == (
        "attachment; filename*=utf-8''%E9%A1%B9%E7%9B%AE%E6%80%BB%E5%8F%B0%E8%B4%A6_2026-07-15.xlsx"
    )
    content(answer)


def test_every_export_is_written_down_for_good(full, export):
    sheet(export("clerk", "plans", f"year=2026&department={full.planning.pk}&state={PlanStatus.NOT_STARTED}"))
    [taken] = LedgerExport.objects.all()
    assert (taken.actor, taken.actor_name, taken.actor_department) == (full.clerk, "录入甲", "市发展改革委")
    assert (taken.ledger, taken.rows, taken.address) == ("月度计划台账", 3, "127.0.0.1")
    assert taken.conditions == "年度：2026年；责任单位：市发展改革委；推进状态：未启动"
    assert f"{taken.at:%F %H:%M}" == f"{taken.as_of:%F %H:%M}" == "2026-07-15 01:00"
    for meddle in (taken.save, taken.delete, LedgerExport.objects.all().delete, LedgerExport.objects.update):
        with pytest.raises(TypeError):
            meddle()


def test_looking_at_a_ledger_writes_nothing(full, client):
    client.force_login(full.office)
    assert client.get("/ledgers/plans/").status_code == 200
    assert client.get("/ledgers/plans/export/").status_code == 405
    assert not LedgerExport.objects.exists()


def test_another_page_cannot_make_somebody_export(full):
    client = Client(enforce_csrf_checks=True)
    client.force_login(full.office)
    assert client.post("/ledgers/plans/export/").status_code == 403
    assert not LedgerExport.objects.exists()


def test_too_much_at_once_is_refused_in_words(full, client, export, settings):
    settings.LEDGER_EXPORT_MAX_ROWS = 3
    sentence = "共 4 行，超过一次导出的上限 3 行，请按年度、单位等条件分次导出。"
    for accept in ("*/*", "application/x-progress"):
        answer = export("office", "plans", accept=accept)
        assert answer.status_code == 422
        assert answer.content.decode().count(sentence) == 1
        leading = re.findall(r'class="sort" href="([^"]+)"', answer.content.decode())
        assert leading
        assert all(address.startswith("/ledgers/plans/?") for address in leading)  # the page is at that of the export
    page = client.get("/ledgers/plans/").content.decode()
    assert sentence in page
    assert "导出 Excel" not in page
    assert not LedgerExport.objects.exists()
    answer = export("office", "plans", "month=7")
    assert answer.status_code == 200
    content(answer)


def test_the_page_hears_how_far_the_file_is(full, export, monkeypatch):
    monkeypatch.setattr("reform.ledgers.workbook.CHUNK", 2)
    answer = export("office", "plans", accept="application/x-progress")
    assert answer.headers["X-Accel-Buffering"] == "no"
    told, _, file = content(answer).partition(b"\n\n")
    assert told == b"2\n4\n4"
    assert load_workbook(BytesIO(file)).active.max_row == 3 + 4
    assert LedgerExport.objects.get().rows == 4


# --- On paper ----------------------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def office_home(tmp_path_factory):
    """LibreOffice sets up a profile once."""
    return tmp_path_factory.mktemp("libreoffice")


@pytest.fixture
def printed(tmp_path, office_home):
    """printed(file): the text of each page, as LibreOffice prints it."""
    if not (shutil.which("soffice") and shutil.which("pdftotext")):
        pytest.skip("no LibreOffice or no poppler on this machine")

    def pages(file):
        (tmp_path / "ledger.xlsx").write_bytes(file)
        home = f"-env:UserInstallation=file://{office_home}"
        convert = ["soffice", home, "--headless", "--convert-to", "pdf", "--outdir", tmp_path, tmp_path / "ledger.xlsx"]
        subprocess.run(convert, check=True, capture_output=True, timeout=120)
        text = subprocess.run(["pdftotext", "-layout", tmp_path / "ledger.pdf", "-"], check=True, capture_output=True)
        return text.stdout.decode().removesuffix("\f").split("\f")

    return pages


@pytest.mark.full
@pytest.mark.parametrize("ledger", LEDGERS, ids=NAMES)
def test_a_printed_page_loses_no_column(full, export, printed, ledger):
    [page] = printed(content(export("office", ledger.name)))
    lines = page.splitlines()
    assert lines[0].split() == [ledger.label]
    heads = next(line.split() for line in lines if "序号" in line)
    assert heads == [column.label for column in ledger.columns]
    assert "第 1 页，共 1 页" in page


def test_long_ledgers_repeat_the_header_on_every_page(full, export, printed):
    measure = full.issued_map().measures.first()
    for number in range(120):
        text = "在重点行业和区县分批开展试点，" * (number % 5)
        measure.plans.create(month=7, type="pilot", content=f"第{number}项：{text}")
    pages = printed(content(export("office", "plans")))
    assert len(pages) in range(3, 8)
    for number, page in enumerate(pages, 1):
        assert "已开展工作" in page
        assert f"第 {number} 页，共 {len(pages)} 页" in page
    assert all(f"第{number}项：" in "".join(pages) for number in range(120))
