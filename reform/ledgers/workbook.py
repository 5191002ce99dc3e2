"""An extract of a ledger as .xlsx, written row by row: memory does not grow with the rows."""

import re
from decimal import Decimal

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter

from reform.formats import plain

from .base import DATE, NUMBER, PERCENT, TEXT

CHUNK = 2000
HEAD_ROW = 3
ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")  # XML has no way to write these
EDGE = Side("thin", "CDD2DA")
BOXED = Border(EDGE, EDGE, EDGE, EDGE)
FONT = "微软雅黑"


def write(extract, file):
    """Write the workbook into `file`; yields, from time to time, how many rows are done."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet(extract.ledger.label)
    _set_up(sheet, extract)
    sheet.append([_cell(sheet, extract.ledger.label, Font(FONT, 16, bold=True))])
    said = "　".join([extract.as_of, *extract.conditions])
    sheet.append([_cell(sheet, said, Font(FONT, 10, color="5B6270"))])
    sheet.append([_head(sheet, column.label) for column in extract.columns])
    cells = [_body(sheet, column) for column in extract.columns]  # one per column, filled anew for each row
    done = 0
    for row in extract.numbered(extract.rows.iterator(chunk_size=CHUNK)):
        for column, cell in zip(extract.columns, cells, strict=True):
            _fill(cell, column, column.of(row))
        sheet.append(cells)
        done += 1
        if done % CHUNK == 0:
            yield done
    sheet.auto_filter.ref = f"A{HEAD_ROW}:{get_column_letter(len(cells))}{HEAD_ROW + done}"
    book.save(file)
    yield done


def _set_up(sheet, extract):
    """Everything that stands before the first row: a write-only sheet takes it only then."""
    for number, column in enumerate(extract.columns, 1):
        sheet.column_dimensions[get_column_letter(number)].width = column.width
    sheet.freeze_panes = f"A{HEAD_ROW + 1}"
    sheet.print_title_rows = f"{HEAD_ROW}:{HEAD_ROW}"
    sheet.page_setup.paperSize = sheet.PAPERSIZE_A3
    sheet.page_setup.orientation = sheet.ORIENTATION_LANDSCAPE
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    sheet.page_margins.left = sheet.page_margins.right = 0.4
    sheet.page_margins.top, sheet.page_margins.bottom = 0.5, 0.6
    sheet.oddFooter.left.text = extract.ledger.label
    sheet.oddFooter.right.text = "第 &P 页，共 &N 页"


def _cell(sheet, text, font):
    cell = WriteOnlyCell(sheet)
    cell.font = font
    write_text(cell, text)
    return cell


def _head(sheet, label):
    cell = _cell(sheet, label, Font(FONT, 10, bold=True))
    cell.alignment = Alignment("center", "center", wrap_text=True)
    cell.fill = PatternFill("solid", "F0F1F4")
    cell.border = BOXED
    return cell


def _body(sheet, column):
    cell = WriteOnlyCell(sheet)
    cell.font = Font(FONT, 10)
    cell.border = BOXED
    cell.alignment = Alignment({TEXT: "left", DATE: "center"}.get(column.type, "right"), "center", wrap_text=True)
    if column.type == PERCENT:
        cell.number_format = "0.0%"
    elif column.type == DATE:
        cell.number_format = "yyyy-mm-dd"
    return cell


def _fill(cell, column, value):
    if isinstance(value, str):
        write_text(cell, value)
        return
    if isinstance(value, Decimal):
        value = Decimal(plain(value))  # as it was typed: no zeros to fill the database's places
        if column.type == NUMBER:
            cell.number_format = "0" if value == value.to_integral() else "0." + "0" * -value.as_tuple().exponent
    cell.value = value


def write_text(cell, text):
    """Text stays text, also when a spreadsheet would take it for a formula."""
    cell.value = ILLEGAL.sub("", text)
    cell.data_type = "s"
