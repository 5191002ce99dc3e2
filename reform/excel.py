"""Excel for everybody: looks and safe text of what we write."""

import re

CONTENT_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")  # XML has no way to write these
LONGEST_TEXT = 32_767  # of a cell
LINE, HIGHEST_ROW = 14, 409  # points; no row can be higher
A3 = 8
FONT = "微软雅黑"
BOXED = {"border": 1, "border_color": "CDD2DA"}
MIDDLE = {"valign": "vcenter", "text_wrap": True}


def clean(text):
    """Without what a workbook cannot hold."""
    return ILLEGAL.sub("", text)


def write_text(cell, text):
    """Text stays text in a cell of openpyxl, also when a spreadsheet would take it for a formula."""
    cell.value = clean(text)
    cell.data_type = "s"


def write_string(sheet, row, column, text, look):
    """The same on a sheet of XlsxWriter, which would take it for a number or a link, too."""
    sheet.write_string(row, column, clean(text)[:LONGEST_TEXT], look)


class Formats:
    """Every look of a book of XlsxWriter, made once."""

    def __init__(self, book):
        self.book = book
        self.known = {}

    def of(self, **look):
        return self._get(tuple(look.items()), look)

    def _get(self, key, look):
        if key not in self.known:
            self.known[key] = self.book.add_format({"font_name": FONT, "font_size": 10} | look)
        return self.known[key]


def row_height(values):
    """Room for the longest text of these (value, width): not every program makes it by itself."""
    lines = max((_lines(value, width) for value, width in values if isinstance(value, str)), default=1)
    return min(LINE * lines + 4, HIGHEST_ROW)


def _lines(text, width):
    # In GBK a Chinese letter takes two bytes, and two places on paper.
    if 2 * len(text) < width and "\n" not in text:
        return 1
    return sum(-(-len(line.encode("gbk", "replace")) // (width - 1)) or 1 for line in text.split("\n"))
