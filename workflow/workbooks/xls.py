"""Workbooks of before 2007 (.xls), which WPS also writes as .et."""

from io import StringIO

import xlrd

from .sheet import MOST_SHEETS, NO_SHEET, TOO_MANY_SHEETS, Sheet, SheetBuilder, Unreadable
from .shown import CannotShow, number_shown, text_shown


def read(data: bytes) -> list[Sheet]:
    book = xlrd.open_workbook(file_contents=data, formatting_info=True, ragged_rows=True, logfile=StringIO())
    visible = [sheet for sheet in book.sheets() if sheet.visibility == 0]
    if not visible:
        raise Unreadable(NO_SHEET)
    if len(visible) > MOST_SHEETS:
        raise Unreadable(TOO_MANY_SHEETS)
    return [_read(book, sheet) for sheet in visible]


def _read(book, sheet):
    builder = SheetBuilder(sheet.name, is_active=bool(sheet.sheet_visible))
    for row in range(sheet.nrows):
        info = sheet.rowinfo_map.get(row)
        hidden = info is not None and bool(info.hidden or info.height == 0)
        for column, cell in enumerate(sheet.row(row)):
            try:
                builder.put(row + 1, column + 1, _shown(book, cell), hidden=hidden)
            except CannotShow as error:
                builder.problem(row + 1, column + 1, str(error), hidden=hidden)
    for top, bottom, left, right in sheet.merged_cells:
        builder.merge(top + 1, left + 1, bottom, right)
    return builder.finish([(column + 1, column + 1) for column, info in sheet.colinfo_map.items() if info.hidden])


def _shown(book, cell):
    if cell.ctype in {xlrd.XL_CELL_EMPTY, xlrd.XL_CELL_BLANK}:
        return ""
    if cell.ctype == xlrd.XL_CELL_ERROR:
        raise CannotShow(f"是错误值 {xlrd.error_text_from_code.get(cell.value, '')}，请改正。")
    if cell.ctype == xlrd.XL_CELL_BOOLEAN:
        return "TRUE" if cell.value else "FALSE"
    code = _format(book, cell)
    if cell.ctype == xlrd.XL_CELL_TEXT:
        return text_shown(cell.value, code)
    return number_shown(repr(cell.value), code, since_1904=bool(book.datemode))


def _format(book, cell):
    found = book.format_map.get(book.xf_list[cell.xf_index].format_key)
    return found.format_str if found else "General"
