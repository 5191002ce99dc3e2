"""Columns of tables as wide as what stands in them asks for."""

import re
from typing import Any

from .parts import W

LETTER, MARGINS = 96, 150  # of a half-width letter in small print, and of a cell, in twentieths of a point
SHORT, LONGEST = 14, 80  # letters of cells that stand in the middle; of a cell that counts for a column's width

SIZE, PARAGRAPH = f"{W}tcW", f"{W}p"

# What the standard puts after the alignment among the properties of a paragraph.
_AFTER = "textDirection textAlignment textboxTightWrap outlineLvl divId cnfStyle rPr sectPr pPrChange"
AFTER_ALIGNMENT = {f"{W}{name}" for name in _AFTER.split()}


def fit_columns(body: Any) -> None:
    """Give each column what cannot be broken, and share the rest by how much stands in it; short ones are centred."""
    for table in body.iter(f"{W}tbl"):
        columns = list(table.find(f"{W}tblGrid").iter(f"{W}gridCol"))
        total = sum(int(column.get(f"{W}w", 0)) for column in columns)
        rows = [row.findall(f"{W}tc") for row in table.findall(f"{W}tr")]
        if not total or any(len(row) != len(columns) for row in rows):
            continue  # with merged cells, as the template has it
        texts = [{_text(row[place]) for row in rows} for place in range(len(columns))]
        least = [max(map(_unbreakable, column)) * LETTER + MARGINS for column in texts]
        longest = [max(map(_length, column)) for column in texts]
        wanted = [min(length, LONGEST) ** 0.75 for length in longest]
        rest = max(total - sum(least), 0)
        for place, column in enumerate(columns):
            width = str(int(min(1, total / sum(least)) * least[place] + rest * wanted[place] / sum(wanted)))
            column.set(f"{W}w", width)
            for row in rows:
                _set_cell(row[place], width, is_short=longest[place] <= SHORT)


def _set_cell(cell: Any, width: str, *, is_short: bool) -> None:
    for part in cell.iter(SIZE, PARAGRAPH):
        if part.tag == SIZE:
            part.set(f"{W}w", width)
            part.set(f"{W}type", "dxa")
        elif is_short:
            _centre(part)


def _centre(paragraph: Any) -> None:
    """As `alignment` of python-docx, which takes longer than all else that is done to a cell."""
    properties = paragraph.find(f"{W}pPr")
    if properties is None:
        properties = paragraph.makeelement(f"{W}pPr")
        paragraph.insert(0, properties)
    alignment = properties.find(f"{W}jc")
    if alignment is None:
        alignment = properties.makeelement(f"{W}jc")
        place = next((n for n, child in enumerate(properties) if child.tag in AFTER_ALIGNMENT), len(properties))
        properties.insert(place, alignment)
    alignment.set(f"{W}val", "center")


def _text(cell: Any) -> str:
    return "".join(cell.itertext(f"{W}t"))


def _length(text: str) -> int:
    """Letters of Latin 1 are half as wide as Chinese ones."""
    return 2 * len(text) - len(text.encode("latin-1", "ignore"))


def _unbreakable(text: str) -> int:
    """Letters of the longest word; Chinese breaks anywhere, and a column has room for two of its letters."""
    return max([4, *(len(found) for found in re.findall(r"[!-~]+", text[:LONGEST]))])
