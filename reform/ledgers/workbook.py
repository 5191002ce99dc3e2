"""An extract of a ledger as .xlsx, written row by row: memory does not grow with the rows."""

from datetime import date
from decimal import Decimal
from tempfile import TemporaryDirectory

from xlsxwriter import Workbook

from reform.excel import A3, BOXED, MIDDLE, Formats, row_height, write_string
from workflow.formats import plain

from .base import DATE, NUMBER, PERCENT, TEXT

CHUNK = 2000
HEAD_ROW = 3
HEAD = {"bold": True, "align": "center", "bg_color": "F0F1F4"} | BOXED | MIDDLE


def write(extract, file):
    """Write the workbook into `file`; yields, from time to time, how many rows are done."""
    done = 0
    with (
        TemporaryDirectory() as folder,  # rows wait there; nothing stays when the reader has gone away
        Workbook(file, {"constant_memory": True, "tmpdir": folder}) as book,
    ):
        sheet = book.add_worksheet(extract.ledger.label)
        _set_up(sheet, extract)
        formats = _Formats(book)
        write_string(sheet, 0, 0, extract.ledger.label, formats.of(font_size=16, bold=True))
        line = "　".join([extract.as_of_line, *extract.conditions])
        write_string(sheet, 1, 0, line, formats.of(font_color="5B6270"))
        for place, column in enumerate(extract.columns):
            write_string(sheet, HEAD_ROW - 1, place, column.label, formats.of(**HEAD))
        for row in extract.numbered(extract.rows.iterator(chunk_size=CHUNK)):
            values = [(column, column.of(row)) for column in extract.columns]
            at = HEAD_ROW + done
            sheet.set_row(at, row_height([(value, column.width) for column, value in values]))
            for place, (column, value) in enumerate(values):
                _write(sheet, (at, place), column, value, formats)
            done += 1
            if done % CHUNK == 0:
                yield done
        sheet.autofilter(HEAD_ROW - 1, 0, HEAD_ROW - 1 + done, len(extract.columns) - 1)
    yield done


def _set_up(sheet, extract):
    for place, column in enumerate(extract.columns):
        sheet.set_column(place, place, column.width)
    sheet.freeze_panes(HEAD_ROW, 0)
    sheet.repeat_rows(HEAD_ROW - 1)
    sheet.set_paper(A3)
    sheet.set_landscape()
    sheet.fit_to_pages(1, 0)
    sheet.set_margins(left=0.4, right=0.4, top=0.5, bottom=0.6)
    sheet.set_footer(f"&L{extract.ledger.label}&R第 &P 页，共 &N 页", {"margin": 0.25})


def _write(sheet, cell, column, value, formats):
    if isinstance(value, Decimal):
        value = Decimal(plain(value))  # as it was typed: no zeros to fill the database's places
    look = formats.of_column(column, _number_format(column, value))
    if value is None:
        sheet.write_blank(*cell, None, look)
    elif isinstance(value, str):
        write_string(sheet, *cell, value, look)
    elif isinstance(value, date):
        sheet.write_datetime(*cell, value, look)
    else:
        sheet.write_number(*cell, value, look)


class _Formats(Formats):
    def of_column(self, column, number_format):
        key = column.type, number_format
        if key in self.known:  # of nearly every cell
            return self.known[key]
        side = {TEXT: "left", DATE: "center"}.get(column.type, "right")
        indent = {} if side == "center" else {"indent": 1}
        return self._get(key, {"align": side, "num_format": number_format} | indent | BOXED | MIDDLE)


def _number_format(column, value):
    if column.type == PERCENT:
        return "0.0%"
    if column.type == DATE:
        return "yyyy-mm-dd"
    if column.type == NUMBER and isinstance(value, Decimal) and (places := -value.as_tuple().exponent) > 0:
        return "0." + "0" * places
    return "0" if column.type == NUMBER else "@"
