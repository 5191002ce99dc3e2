"""The book that a clerk takes along: what may change is coloured and open, all else is locked."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from io import BytesIO

from xlsxwriter import Workbook
from xlsxwriter.utility import xl_col_to_name

from reform.excel import A3, BOXED, MIDDLE, Formats, row_height, write_string
from reform.imports.sheets import ERRORS, HINT

from .base import FillableSheet

FIRST_ROW = 2  # below headings and hints, counted from 0
LOOK = {"num_format": "@"} | BOXED | MIDDLE  # 0012 stays 0012, and =1+1 a text
OPEN = {"bg_color": "FFF7DB", "locked": False}
LOCKED = {"bg_color": "F5F6F8", "font_color": "3C4352"}
WRONG = {"bg_color": "FDE7E4"}
ERRORS_WIDTH = 50
ALLOWED = ("autofilter", "sort", "format_cells", "format_columns", "format_rows", "select_locked_cells")


@dataclass(frozen=True)
class Line:
    """The texts of a row, the places of those that may change, and of those that are wrong."""

    texts: Sequence[str]
    open: frozenset[int]
    problems: Sequence[str] = ()
    wrong: frozenset[int] = frozenset()


def write(sheet: FillableSheet, lines: Mapping[int, Line], note: str = "") -> bytes:
    """The book; {number of the row on the sheet: line}."""
    stream = BytesIO()
    columns = sheet.layout.columns
    changing = range(len(columns) - len(sheet.changing), len(columns))
    has_problems = any(line.problems for line in lines.values())
    with Workbook(stream, {"in_memory": True}) as book:
        page = book.add_worksheet(sheet.title)
        formats = Formats(book)
        looks = {name: formats.of(**LOOK | more) for name, more in _looks().items()}
        for place, column in enumerate(columns):
            page.set_column(place, place, column.width, None, {"hidden": place == 0})
            page.write_string(0, place, column.heading, looks["head_open" if place in changing else "head"])
            if place in changing:
                page.write_string(1, place, column.hint, looks["hint"])
        page.write_string(1, 0, f"{HINT}（本行不导入）", looks["hint"])
        page.write_string(1, 1, note, looks["note"])
        if has_problems:
            _write_problems(page, len(columns), lines, looks)
        for number, line in lines.items():
            _write_line(page, number - 1, line, columns, looks)
        last = max(lines, default=FIRST_ROW + 1) - 1
        _offer(page, sheet, changing, last)
        width = len(columns) + has_problems
        page.autofilter(1, 0, last, width - 1)
        page.freeze_panes(FIRST_ROW, next(at for at, column in enumerate(sheet.locked(), 2) if column.leads))
        page.ignore_errors({"number_stored_as_text": f"A1:{xl_col_to_name(width)}{last + 1}"})
        page.set_row(1, 40)
        page.repeat_rows(0)
        page.set_landscape()
        page.set_paper(A3)
        page.fit_to_pages(1, 0)
        page.protect("", dict.fromkeys(ALLOWED, True))
    return stream.getvalue()


def _looks():
    head = {"bold": True, "align": "center", "bg_color": "E6E8EC"}
    return {
        "head": head,
        "head_open": head | {"bg_color": "F4D36B"},
        "hint": {"italic": True, "font_color": "5B6270", "border": 0},
        "note": {"bold": True, "font_color": "7A5B00", "border": 0, "text_wrap": False},
        "open": OPEN,
        "locked": LOCKED,
        "wrong": OPEN | WRONG,
        "problem": {"font_color": "B42318"},
    }


def _write_line(page, at, line, columns, looks):
    shown = [(text, column.width) for text, column in zip(line.texts, columns, strict=True)][1:]
    page.set_row(at, row_height([*shown, ("\n".join(line.problems), ERRORS_WIDTH)]))
    for place, text in enumerate(line.texts):
        look = looks["wrong" if place in line.wrong else "open" if place in line.open else "locked"]
        if text:
            write_string(page, at, place, text, look)
        else:
            page.write_blank(at, place, None, look)


def _write_problems(page, place, lines, looks):
    page.set_column(place, place, ERRORS_WIDTH)
    page.write_string(0, place, ERRORS, looks["head"])
    page.write_string(1, place, "改正后可直接导入本表，本列不导入", looks["hint"])
    for number, line in lines.items():
        if line.problems:
            write_string(page, number - 1, place, "\n".join(line.problems), looks["problem"])


def _offer(page, sheet, changing, last):
    for place, column in zip(changing, sheet.changing, strict=True):
        if column.choices:
            offered = {
                "validate": "list",
                "source": [label for _, label in column.choices],
                "error_title": column.heading,
                "error_message": "请从列表中选择。",
            }
            page.data_validation(FIRST_ROW, place, last, place, offered)
