"""An extract of a ledger as .xlsx, written row by row: memory does not grow with the rows."""

from datetime import date
from decimal import Decimal
from tempfile import TemporaryDirectory

from xlsxwriter import Workbook

from reform.excel import EDGE_COLOUR, FONT, LONGEST_TEXT, clean
from workflow.formats import plain

from .base import DATE, NUMBER, PERCENT, TEXT

CHUNK = 2000
HEAD_ROW = 3
LINE, HIGHEST = 14, 409  # points; no row can be higher
A3 = 8
BOXED = {"border": 1, "border_color": EDGE_COLOUR}
MIDDLE = {"valign": "vcenter", "text_wrap": True}
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
        _write_text(sheet, (0, 0), extract.ledger.label, formats.of(font_size=16, bold=True))
        line = "　".join([extract.as_of_line, *extract.conditions])
        _write_text(sheet, (1, 0), line, formats.of(font_color="5B6270"))
        for place, column in enumerate(extract.columns):
            _write_text(sheet, (HEAD_ROW - 1, place), column.label, formats.of(**HEAD))
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


def _write_text(sheet, cell, text, look):
    """Text stays text, also when a spreadsheet would take it for a formula, a number or a link."""
    sheet.write_string(*cell, clean(text)[:LONGEST_TEXT], look)


def _write(sheet, cell, column, value, formats):
    if isinstance(value, Decimal):
        value = Decimal(plain(value))  # as it was typed: no zeros to fill the database's places
    look = formats.of_column(column, _number_format(column, value))
    if value is None:
        sheet.write_blank(*cell, None, look)
    elif isinstance(value, str):
        _write_text(sheet, cell, value, look)
    elif isinstance(value, date):
        sheet.write_datetime(*cell, value, look)
    else:
        sheet.write_number(*cell, value, look)


class _Formats:
    """Every look of the book, made once."""

    def __init__(self, book):
        self.book = book
        self.known = {}

    def of(self, **look):
        return self._get(tuple(look.items()), look)

    def of_column(self, column, number_format):
        key = column.type, number_format
        if key in self.known:  # of nearly every cell
            return self.known[key]
        side = {TEXT: "left", DATE: "center"}.get(column.type, "right")
        indent = {} if side == "center" else {"indent": 1}
        return self._get(key, {"align": side, "num_format": number_format} | indent | BOXED | MIDDLE)

    def _get(self, key, look):
        if key not in self.known:
            self.known[key] = self.book.add_format({"font_name": FONT, "font_size": 10} | look)
        return self.known[key]


def _number_format(column, value):
    if column.type == PERCENT:
        return "0.0%"
    if column.type == DATE:
        return "yyyy-mm-dd"
    if column.type == NUMBER and isinstance(value, Decimal) and (places := -value.as_tuple().exponent) > 0:
        return "0." + "0" * places
    return "0" if column.type == NUMBER else "@"


def row_height(values):
    """Room for the longest text of these (value, width): not every program makes it by itself."""
    lines = max((_lines(value, width) for value, width in values if isinstance(value, str)), default=1)
    return min(LINE * lines + 4, HIGHEST)


def _lines(text, width):
    # In GBK a Chinese letter takes two bytes, and two places on paper.
    if 2 * len(text) < width and "\n" not in text:
        return 1
    return sum(-(-len(line.encode("gbk", "replace")) // (width - 1)) or 1 for line in text.split("\n"))
