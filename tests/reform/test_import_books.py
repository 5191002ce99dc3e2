"""Books that cannot be read, or not safely: each gets its sentence, and nothing is imported."""

import io
import zipfile

import pytest

from reform.models import Project
from tests import documents
from tests.reform.import_pages import (
    HEADINGS,
    PAGE,
    book,
    complaints,
    upload,
)
from workflow.workbooks import reader

pytestmark = pytest.mark.sql


def merge(sheet):
    sheet.merge_cells("B2:C2")


def formula(sheet):
    sheet["B2"] = '=HYPERLINK("http://x","改革")'


def broken_formula(sheet):
    sheet["C2"] = "#REF!"


def stray(sheet):
    sheet["R2"] = "移到了右边"


def wide(sheet):
    sheet.cell(1, 60, "远处")


def long(sheet):
    for row in range(3, 2004):
        sheet.cell(row, 1, f"GG{row}")


def far_down(sheet):
    sheet.cell(1_000_000, 1, "GG9")


def title_above(sheet):
    sheet.insert_rows(1)
    sheet["A1"] = "项目清单"


WRONG_BOOKS = {
    "a column missing": (book({}, headings=HEADINGS[1:]), "缺少列：项目编号"),
    "a column more": (book({}, headings=[*HEADINGS, "备注"]), "不认识的列：备注"),
    "a column twice": (book({}, headings=[*HEADINGS, "文号"]), "重复的列：文号"),
    "a title above the headings": (book({}, change=title_above), "表头应在第一行"),
    "headings only": (book(), "表中没有项目"),
    "nothing": (book(headings=[]), "缺少列"),
    "merged cells": (book({}, change=merge), "有合并单元格（B2:C2）"),
    "a formula": (book({}, change=formula), "第 2 行：B2 是公式"),
    "an error value": (book({}, change=broken_formula), "第 2 行：C2 是错误值 #REF!"),
    "a cell under no heading": (book({}, change=stray), "第 2 行：R2 所在的列没有表头"),
    "too wide": (book({}, change=wide), "不认识的列：远处"),
    "too many rows": (book({}, change=long), "最多导入 2000 个项目"),
    "a cell a million rows down": (book({}, change=far_down), "第 1000000 行：项目名称 请填写"),
    "no workbook": (documents.PDF, "文件内容不是 xlsx 格式"),
    "an old workbook": (documents.XLS, "不能读取"),
    "an empty file": (b"", "文件是空的"),
    "macros": (documents.macro_enabled("xlsx"), "宏"),
    "another document": (documents.open_xml("docx"), "不是 xlsx 格式"),
    "parts missing": (documents.open_xml("xlsx"), "没有找到数据表"),
    "cut off": (book({})[:3000], "已损坏"),
    "a bomb": (documents.bomb(), "压缩内容异常"),
    "a crowd": (documents.crowd(), "压缩内容异常"),
    "password": (documents.protected_zip(), "密码"),
}


@pytest.mark.parametrize("name", WRONG_BOOKS)
def test_a_wrong_book_gets_its_sentence_and_nothing_is_imported(client, office, name):
    content, sentence = WRONG_BOOKS[name]
    assert sentence in complaints(upload(client, content))
    assert Project.objects.count() == 1


def doctored(part, replace):
    """A good book of which one part has been rewritten."""
    good, stream = zipfile.ZipFile(io.BytesIO(book({}))), io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for entry in good.namelist():
            archive.writestr(entry, replace(good.read(entry)) if entry == part else good.read(entry))
    return stream.getvalue()


SHEET = "xl/worksheets/sheet1.xml"
ENTITIES = b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (doctored(SHEET, lambda text: ENTITIES + text), "不能读取"),
        (doctored("xl/workbook.xml", lambda text: ENTITIES + text), "不能读取"),
        (
            doctored(SHEET, lambda text: text.replace(b"</sheetData>", b"<row><c/></row>" * 160_000 + b"</sheetData>")),
            "过大",
        ),
        (doctored(SHEET, lambda text: text + b" " * 25_000_000), "压缩内容异常"),
        (doctored(SHEET, lambda text: b"<nonsense/>"), ""),
        (doctored("xl/workbook.xml", lambda text: text.replace(b"r:id", b"x")), "没有找到数据表"),
    ],
    ids=["entities in the sheet", "entities in the book", "a flood of cells", "padding", "no sheet", "no id"],
)
def test_a_doctored_book_is_refused(client, office, content, sentence):
    assert sentence in complaints(upload(client, content))
    assert Project.objects.count() == 1


def test_a_file_too_large_of_another_kind_or_none(client, office, monkeypatch):
    assert "请选择 .xlsx、.xls、.et 或 .ods 文件" in complaints(upload(client, book({}), name="项目.docx"))
    assert "请选择文件" in complaints(client.post(PAGE, {}))
    monkeypatch.setattr(reader, "MOST_BYTES", 1000)
    assert "文件超过" in complaints(upload(client, book({})))
