"""Columns of tables as wide as what stands in them asks for."""

import re
from typing import Any

from docx.enum.text import WD_ALIGN_PARAGRAPH

from .parts import W

LATIN = 0xFF  # letters up to here are half as wide as Chinese ones
LETTER, MARGINS = 96, 150  # of a half-width letter in small print, and of a cell, in twentieths of a point
SHORT, LONGEST = 14, 80  # letters of cells that stand in the middle; of a cell that counts for a column's width


def fit_columns(document: Any) -> None:
    """Give each column what cannot be broken, and share the rest by how much stands in it; short ones are centred."""
    for table in document.element.body.iter(f"{W}tbl"):
        columns = list(table.find(f"{W}tblGrid").iter(f"{W}gridCol"))
        total = sum(int(column.get(f"{W}w", 0)) for column in columns)
        rows = [row.findall(f"{W}tc") for row in table.findall(f"{W}tr")]
        if not total or any(len(row) != len(columns) for row in rows):
            continue  # with merged cells, as the template has it
        texts = [[_text(row[place]) for row in rows] for place in range(len(columns))]
        least = [max(map(_unbreakable, column)) * LETTER + MARGINS for column in texts]
        wanted = [min(max(map(_length, column)), LONGEST) ** 0.75 for column in texts]
        rest = max(total - sum(least), 0)
        for place, column in enumerate(columns):
            width = str(int(min(1, total / sum(least)) * least[place] + rest * wanted[place] / sum(wanted)))
            column.set(f"{W}w", width)
            is_short = max(map(_length, texts[place])) <= SHORT
            for row in rows:
                _set_cell(row[place], width, is_short=is_short)


def _set_cell(cell: Any, width: str, *, is_short: bool) -> None:
    for size in cell.iter(f"{W}tcW"):
        size.set(f"{W}w", width)
        size.set(f"{W}type", "dxa")
    if is_short:
        for paragraph in cell.iter(f"{W}p"):
            paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER


def _text(cell: Any) -> str:
    return "".join(part.text or "" for part in cell.iter(f"{W}t"))


def _length(text: str) -> int:
    return sum(2 if ord(letter) > LATIN else 1 for letter in text)


def _unbreakable(text: str) -> int:
    """Letters of the longest word; Chinese breaks anywhere, and a column has room for two of its letters."""
    return max([4, *(len(found) for found in re.findall(r"[!-~]+", text[:LONGEST]))])
