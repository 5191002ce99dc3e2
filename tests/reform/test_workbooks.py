"""Workbooks as people see them, whichever program wrote them; and files that are meant to hurt."""

import io
import zipfile
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from openpyxl import Workbook

from workflow.workbooks import reader
from workflow.workbooks.reader import read_sheet, read_sheets
from workflow.workbooks.sheet import Unreadable, row_numbers
from workflow.workbooks.shown import CannotShow, number_shown, text_shown

BOOKS = Path(__file__).parent / "workbooks"


def upload(path):
    return SimpleUploadedFile(path.name, path.read_bytes())


def case(name):
    return read_sheet(upload(BOOKS / "cases" / name))


@pytest.mark.parametrize("extension", ["xlsx", "xls", "et", "ods"])
def test_what_libreoffice_wrote_reads_as_it_looks(extension):
    sheet = read_sheet(upload(BOOKS / f"libreoffice.{extension}"))
    assert sheet.title == "项目基础信息"
    rows = {row.number: row for row in sheet.rows}
    assert rows[2].cells[:3] == ["GG0012", "第一行\n第二行", "2026"]
    assert rows[2].cells[3:] == ["2026-03-01", "95.3%", "1,234,567.50", "可见"]
    assert rows[3].cells[4] == "(0.50)"
    assert (sheet.hidden_rows, sheet.hidden_columns) == ([3], ["G"])
    assert len(rows[4].problems) == 1
    assert rows[4].problems[0].startswith("F4 的数字超过 15 位")
    assert rows[6].cells[6] == "2"


def test_sheets_to_choose_from_are_those_that_show():
    sheets = read_sheets(upload(BOOKS / "libreoffice.xlsx"))
    assert [(sheet.title, sheet.is_active) for sheet in sheets] == [("说明", False), ("项目基础信息", True)]


def test_a_number_reads_as_its_cell_shows_it():
    assert case("08-number-format.xlsx").rows[1].cells[0] == "GG0012"


def test_digits_that_the_program_has_invented_are_refused():
    row = case("08-twenty-digits.xlsx").rows[1]
    assert row.cells[0] == ""
    assert row.problems == ["A2 的数字超过 15 位，表格软件已改变末尾的数字，请改为文本格式后重新填写。"]


def test_escapes_of_the_format_are_line_breaks():
    assert case("10-name.xlsx").rows[1].cells[1] == "数字政务\n一体化改革"
    assert case("10-partners.xlsx").rows[1].cells[7] == "市卫生健康委\n市商务委"


def test_half_a_character_is_shown_as_one_that_cannot_be_read():
    book, file = Workbook(), io.BytesIO()
    book.active.append(["甲_xD800_乙", "_xD83D__xDE00_", "丙_xDE00__xD83D_"])
    book.save(file)
    [row] = read_sheet(SimpleUploadedFile("book.xlsx", file.getvalue())).rows
    assert row.cells == ["甲\ufffd乙", "\U0001f600", "丙\ufffd\ufffd"]
    assert "".join(row.cells).encode()  # as it is stored


def test_filtered_rows_are_named():
    assert case("12-filtered.xlsx").hidden_rows == [3, 4]


@pytest.mark.parametrize("name", ["font-family", "strict", "stray-cell", "style-attribute"])
def test_what_office_programs_open_is_read(name):
    sheet = case(f"13-{name}.xlsx")
    assert [row.number for row in sheet.rows] == [1, 2]
    assert sheet.rows[1].cells[1].startswith("试验项目")


@pytest.mark.parametrize(
    ("value", "code", "shown"),
    [
        ("12", "General", "12"),
        ("0.30000000000000004", "General", "0.3"),
        ("13900000001", "General", "13900000001"),
        ("7", "0000", "0007"),
        ("1234.5", "#,##0.00", "1,234.50"),
        ("-1234.5", "#,##0.0;[Red](#,##0.0)", "(1,234.5)"),
        ("0", "0;-0;无", "无"),
        ("0.125", "0.0%", "12.5%"),
        ("2.5", "0", "3"),
        ("0.5", "#.##", ".5"),
        ("3", "0.0#", "3.0"),
        ("1234567", '0.0,"千"', "1234.6千"),
        ("9900001234", "000-0000-000", "990-0001-234"),
        ("12", '"第"0"项"', "第12项"),
        ("5", "[$¥-804]0.0", "¥5.0"),
        ("123456", "0.00E+00", "1.23E+5"),
        ("46082", "yyyy/m/d", "2026-03-01"),
        ("46082", 'm"月"d"日"', "2026-03-01"),
        ("46082", 'yyyy"年"m"月"', "2026年3月"),
        ("46082.5", "yyyy-m-d h:mm", "2026-03-01 12:00"),
        ("0.75", "h:mm", "18:00"),
    ],
)
def test_number_formats(value, code, shown):
    assert number_shown(value, code) == shown


def test_a_sheet_may_count_its_days_from_1904():
    assert number_shown("44620", "yyyy-m-d", since_1904=True) == "2026-03-01"


@pytest.mark.parametrize("code", ["# ?/?", "[<1]0;0.0", "[h]:mm"])
def test_a_format_that_is_not_understood_is_a_sentence(code):
    with pytest.raises(CannotShow, match="数字格式不能识别"):
        number_shown("1.5", code)


def test_a_text_under_a_format_of_its_own():
    assert text_shown("0012", '"GG"@') == "GG0012"
    assert text_shown("0012", "0.00") == "0012"


def test_row_numbers_are_said_in_spans():
    assert row_numbers([3, 5, 6, 7, 9]) == "3、5–7、9"


# --- Files that are meant to hurt -------------------------------------------------------------------


def book(change):
    made = Workbook()
    made.active["A1"] = "x"
    change(made.active)
    stream = io.BytesIO()
    made.save(stream)
    return stream.getvalue()


def with_sheet(replace):
    """A book of which the sheet has been rewritten."""
    good, stream = zipfile.ZipFile(io.BytesIO(book(lambda sheet: None))), io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for entry in good.namelist():
            text = good.read(entry)
            archive.writestr(entry, replace(text) if entry.startswith("xl/worksheets/") else text)
    return stream.getvalue()


def refusal(content, name="x.xlsx"):
    with pytest.raises(Unreadable) as refused:
        read_sheet(SimpleUploadedFile(name, content))
    return str(refused.value)


def test_a_cell_in_the_last_corner_is_refused_and_an_empty_one_is_not():
    def fill(sheet):
        sheet["XFD1048576"] = 1

    def colour(sheet):
        sheet["XFD1048576"].number_format = "0.00"

    assert "表格过大" in refusal(book(fill))
    assert len(read_sheet(SimpleUploadedFile("x.xlsx", book(colour))).rows) == 1


def test_a_merged_range_of_everything_is_named_and_not_walked():
    everything = b'</sheetData><mergeCells><mergeCell ref="A1:XFD1048576"/></mergeCells>'
    content = with_sheet(lambda text: text.replace(b"</sheetData>", everything))
    assert read_sheet(SimpleUploadedFile("x.xlsx", content)).merged == ["A1:XFD1048576"]


def test_the_process_that_parses_has_little_time_and_memory(monkeypatch):
    monkeypatch.setattr(reader, "WALL_SECONDS", 0.01)
    assert "不能在限定的时间内读取" in refusal(book(lambda sheet: None))


def test_elements_without_end_are_refused_by_the_limits_of_the_process(monkeypatch):
    monkeypatch.setattr(reader, "WALL_SECONDS", 1)
    """Deep nesting holds all it has read in memory; nothing of it is a cell."""
    deep = b"<sheetData>" + b"<a>" * 3_000_000 + bytes(range(97, 123)) * 4000
    noise = b"<!--" + b"".join(b"%d " % (number * 7919 % 99991) for number in range(40_000)) + b"-->"
    content = with_sheet(lambda text: text.replace(b"<sheetData>", noise + deep))
    assert refusal(content)


def test_entities_are_refused():
    entities = b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;">]>'
    assert "不能读取" in refusal(with_sheet(lambda text: entities + text))


@pytest.mark.parametrize("content", [b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"x" * 5000, b"PK\x03\x04" + b"x" * 500])
@pytest.mark.parametrize("name", ["x.xlsx", "x.xls", "x.et", "x.ods"])
def test_what_only_begins_like_a_workbook_is_refused(name, content):
    assert refusal(content, name)


def test_macros_and_passwords_in_opendocument_are_refused():
    good = zipfile.ZipFile(BOOKS / "libreoffice.ods")

    def changed(part, text):
        stream = io.BytesIO()
        with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
            for entry in good.namelist():
                archive.writestr(entry, good.read(entry) if entry != part else text)
            if part not in good.namelist():
                archive.writestr(part, text)
        return stream.getvalue()

    assert "宏" in refusal(changed("Basic/script-lc.xml", "<a/>"), "x.ods")
    assert "密码" in refusal(changed("META-INF/manifest.xml", "<m><f><encryption-data/></f></m>"), "x.ods")
