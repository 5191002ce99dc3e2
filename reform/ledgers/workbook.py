"""An extract of a ledger as .xlsx, written row by row: memory does not grow with the rows."""

from decimal import Decimal

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from reform.excel import BOXED, FONT, write_text
from workflow.formats import plain

from .base import DATE, NUMBER, PERCENT, TEXT

CHUNK = 2000
HEAD_ROW = 3
LINE, HIGHEST = 14, 409  # points; no row can be higher


def write(extract, file):
    """Write the workbook into `file`; yields, from time to time, how many rows are done."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet(extract.ledger.label)
    _set_up(sheet, extract)
    sheet.append([_cell(sheet, extract.ledger.label, Font(FONT, 16, bold=True))])
    line = "　".join([extract.as_of_line, *extract.conditions])
    sheet.append([_cell(sheet, line, Font(FONT, 10, color="5B6270"))])
    sheet.append([_head(sheet, column.label) for column in extract.columns])
    cells = _Cells(sheet)
    done = 0
    for row in extract.numbered(extract.rows.iterator(chunk_size=CHUNK)):
        values = [(column, column.of(row)) for column in extract.columns]
        done += 1
        sheet.row_dimensions[HEAD_ROW + done].height = _height(values)
        sheet.append([cells.fill(column, value) for column, value in values])
        del sheet.row_dimensions[HEAD_ROW + done]
        if done % CHUNK == 0:
            yield done
    sheet.auto_filter.ref = f"A{HEAD_ROW}:{get_column_letter(len(extract.columns))}{HEAD_ROW + done}"
    book.save(file)
    yield done


def _set_up(sheet, extract):
    """Everything that stands before the first row: a write-only sheet takes it only then."""
    for number, column in enumerate(extract.columns, 1):
        sheet.column_dimensions[get_column_letter(number)].width = column.width
    sheet.freeze_panes = f"A{HEAD_ROW + 1}"
    sheet.print_title_rows = f"{HEAD_ROW}:{HEAD_ROW}"
    sheet.page_setup.paperSize = Worksheet.PAPERSIZE_A3
    sheet.page_setup.orientation = Worksheet.ORIENTATION_LANDSCAPE
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    sheet.page_margins.left = sheet.page_margins.right = 0.4
    sheet.page_margins.top, sheet.page_margins.bottom = 0.5, 0.6
    sheet.page_margins.footer = 0.25
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


class _Cells:
    """A styled cell for each column and number format, filled anew for each row: a sheet writes each row at once."""

    def __init__(self, sheet):
        self.sheet = sheet
        self.known = {}

    def fill(self, column, value):
        if isinstance(value, Decimal):
            value = Decimal(plain(value))  # as it was typed: no zeros to fill the database's places
        number_format = _number_format(column, value)
        cell = self.known.get((column.label, number_format))
        if cell is None:
            cell = self.known[column.label, number_format] = self._styled(column, number_format)
        if isinstance(value, str):
            write_text(cell, value)
        else:
            cell.value = value
        return cell

    def _styled(self, column, number_format):
        cell = WriteOnlyCell(self.sheet)
        cell.font = Font(FONT, 10)
        cell.border = BOXED
        side = {TEXT: "left", DATE: "center"}.get(column.type, "right")
        cell.alignment = Alignment(side, "center", wrap_text=True, indent=side != "center")
        cell.number_format = number_format
        return cell


def _number_format(column, value):
    if column.type == PERCENT:
        return "0.0%"
    if column.type == DATE:
        return "yyyy-mm-dd"
    if column.type == NUMBER and isinstance(value, Decimal) and (places := -value.as_tuple().exponent) > 0:
        return "0." + "0" * places
    return "0" if column.type == NUMBER else "@"


def _height(values):
    """Room for the longest text: not every program makes it by itself."""
    lines = max(
        (_lines(value, column.width) for column, value in values if isinstance(value, str)),
        default=1,
    )
    return min(LINE * lines + 4, HIGHEST)


def _lines(text, width):
    # In GBK a Chinese letter takes two bytes, and two places on paper.
    return sum(-(-len(line.encode("gbk", "replace")) // (width - 1)) or 1 for line in text.split("\n"))
