"""Excel for everybody: styles and safe text of what we write."""

import re

from openpyxl.styles import Border, Side

CONTENT_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")  # XML has no way to write these
LONGEST_TEXT = 32_767  # of a cell
EDGE_COLOUR = "CDD2DA"
EDGE = Side("thin", EDGE_COLOUR)
BOXED = Border(EDGE, EDGE, EDGE, EDGE)
FONT = "微软雅黑"


def clean(text):
    """Without what a workbook cannot hold."""
    return ILLEGAL.sub("", text)


def write_text(cell, text):
    """Text stays text, also when a spreadsheet would take it for a formula."""
    cell.value = clean(text)
    cell.data_type = "s"
