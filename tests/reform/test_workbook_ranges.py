"""Books in which little text stands for much, or where a reader would not look: read as they look, or refused, by the
process of their own and its limits.
"""

import io
import tracemalloc
import zipfile

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from openpyxl import Workbook

from workflow.workbooks import reader, xlsx
from workflow.workbooks.reader import read_sheet
from workflow.workbooks.sheet import Unreadable

EVERYTHING = "A1:XFD1048576"
TOO_COMPLEX = ("不能在限定的时间内读取", "展开后过大", "表格过大", "压缩内容异常", "不能读取这个文件")


def book(**changed):
    """A book that says 姓名 in A1; `changed` are parts by path, "/" written as "__", rewritten, or left out by None."""
    made, stream, out = Workbook(), io.BytesIO(), io.BytesIO()
    made.active["A1"] = "姓名"
    made.save(stream)
    parts = {entry.filename: None for entry in zipfile.ZipFile(stream).infolist()}
    with zipfile.ZipFile(stream) as source, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in parts:
            name, content = path, source.read(path)
            for wanted, change in changed.items():
                if wanted == "sheet" and path == "xl/worksheets/sheet1.xml":
                    content = change(content)
                elif wanted == "move":
                    name = change if path == "xl/worksheets/sheet1.xml" else name
                    content = content.replace(b"/xl/worksheets/sheet1.xml", f"/{change}".encode())
            archive.writestr(name, content)
    return out.getvalue()


def after_the_rows(xml):
    return book(sheet=lambda text: text.replace(b"</sheetData>", b"</sheetData>" + xml))


def read(content):
    return read_sheet(SimpleUploadedFile("x.xlsx", content))


def shown(content):
    return [row.cells for row in read(content).rows]


@pytest.mark.parametrize(
    "xml",
    [
        f'<hyperlinks><hyperlink ref="{EVERYTHING}" location="A1"/></hyperlinks>',
        f'<conditionalFormatting sqref="{EVERYTHING}"><cfRule type="expression" priority="1"/></conditionalFormatting>',
        (
            f'<dataValidations><dataValidation type="list" sqref="{EVERYTHING}"><formula1>1</formula1></dataValidation>'
            "</dataValidations>"
        ),
        f'<autoFilter ref="{EVERYTHING}"/>',
        f'<protectedRanges><protectedRange sqref="{EVERYTHING}" name="x"/></protectedRanges>',
        '<hyperlinks><hyperlink ref="no address" location="A1"/></hyperlinks>',
    ],
)
def test_what_lies_over_every_cell_is_not_walked(xml):
    assert shown(after_the_rows(xml.encode())) == [["姓名"]]


def test_a_style_of_every_column_and_row_is_not_walked():
    columns = b'<cols><col min="1" max="16384" width="9" style="1"/></cols><sheetData>'
    rows = b"".join(b'<row r="%d" s="1" customFormat="1"/>' % number for number in range(2, 100_000))
    content = book(
        sheet=lambda text: text.replace(b"<sheetData>", columns).replace(b"</sheetData>", rows + b"</sheetData>")
    )
    assert shown(content) == [["姓名"]]


def test_many_merged_ranges_are_named_in_part():
    ranges = b"".join(b'<mergeCell ref="A%d:B%d"/>' % (number, number) for number in range(2, 40_000))
    sheet = read(after_the_rows(b"<mergeCells>" + ranges + b"</mergeCells>"))
    assert (len(sheet.merged), sheet.merged[0]) == (20, "A2:B2")


def test_formatted_cells_without_end_are_refused():
    cells = b"".join(b'<c r="A%d" s="0"/>' % number for number in range(2, 200_000))
    content = book(sheet=lambda text: text.replace(b"</sheetData>", b"<row>" + cells + b"</row></sheetData>"))
    with pytest.raises(Unreadable, match="表格过大"):
        read(content)


@pytest.mark.parametrize("path", ["xl/tables/any.xml", "sheet.xml", "xl/worksheets/deep/er/sheet1.xml", "数据/表.xml"])
def test_a_sheet_is_found_wherever_the_book_keeps_it(path):
    assert shown(book(move=path)) == [["姓名"]]


@pytest.mark.parametrize("path", ["xl/media/image1.png", "sheet.bin"])
def test_the_limits_hold_for_a_sheet_elsewhere(path):
    """Many empty elements: what is not looked at has to be read past all the same."""

    def fill(text):
        return text.replace(b"</sheetData>", b"<x/>" * 8_000_000 + b"</sheetData>")

    content = book(sheet=fill, move=path)
    with pytest.raises(Unreadable) as refused:
        read(content)
    assert any(words in str(refused.value) for words in TOO_COMPLEX)


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be"])
def test_a_sheet_in_utf_16_is_read_or_refused_in_words(encoding):
    def recode(text):
        plain = text.decode().partition("?>")[2] if text.startswith(b"<?xml") else text.decode()
        return f'<?xml version="1.0" encoding="UTF-16"?>{plain}'.encode(encoding)

    try:
        assert shown(book(sheet=recode)) == [["姓名"]]
    except Unreadable as refused:
        assert "请用 WPS/Excel 另存为 .xlsx 后再导入。" in str(refused)  # noqa: PT017  # either is right


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_entities_are_refused_in_every_encoding(encoding):
    def with_entities(text):
        plain = text.decode().partition("?>")[2] if text.startswith(b"<?xml") else text.decode()
        kind = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]>'
        return f'<?xml version="1.0" encoding="{encoding}"?>{kind}{plain}'.encode(encoding)

    with pytest.raises(Unreadable, match="不能读取"):
        read(book(sheet=with_entities))


def test_what_is_not_read_takes_no_memory():
    links = b"".join(b'<hyperlink ref="A%d" location="A1"/>' % number for number in range(50_000))
    content = after_the_rows(b"<hyperlinks>" + links + b"</hyperlinks>")
    tracemalloc.start()
    try:
        xlsx.read(content)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 3_000_000  # the links alone would take ten times as much


def test_all_of_it_is_read_in_a_process_of_its_own(monkeypatch):
    """Control: what the tests above show is shown by the child, not by this process."""
    monkeypatch.setattr(reader.confined, "run", lambda *args, **kwargs: {"problems": ["另一个进程"]})
    with pytest.raises(Unreadable, match="另一个进程"):
        read(book())
