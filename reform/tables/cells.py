"""What is found in a table: cells with their places, and rows as spreadsheets copy them (a leaf)."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from workflow.texts import clean_text

CLEAR = "清空"  # in a cell: what is there goes; an empty cell keeps it
MOST_ROWS, MOST_COLUMNS, MOST_LETTERS = 1000, 60, 500_000

# A cell that holds a line break or a tab is copied in quotes, its own quotes doubled.
_CELL = re.compile(r'"((?:[^"]|"")*)"(?=\t|\n|\Z)|([^\t\n]*)')


@dataclass(frozen=True)
class Row:
    """A row of texts; `number` and `sheet` say where people find it."""

    number: int
    cells: tuple[str, ...]
    sheet: str = ""

    def text(self, column: int) -> str:
        return self.cells[column] if column < len(self.cells) else ""

    @property
    def filled(self) -> list[int]:
        """The columns that hold something."""
        return [column for column, text in enumerate(self.cells) if text]

    def place(self, column: int) -> str:
        where = f"第 {self.number} 行第 {column + 1} 列"
        return f"“{self.sheet}”{where}" if self.sheet else where


@dataclass
class Cell:
    """What was understood of one cell: `value` is what goes into the form, `problem` why it cannot stay so."""

    text: str = ""
    value: str = ""
    place: str = ""
    problem: str = ""


@dataclass
class Ignored:
    """What is not taken, and why."""

    place: str
    text: str
    reason: str


@dataclass
class Read:
    """Cells by the name of their field."""

    cells: dict[str, Cell] = field(default_factory=dict)

    def __getitem__(self, name: str) -> Cell:
        return self.cells.get(name) or Cell()

    @property
    def problems(self) -> list[Cell]:
        return [cell for cell in self.cells.values() if cell.problem]


class TooLarge(Exception):
    """A sentence for people."""


def rows_of(text: str) -> list[Row]:
    """The rows of a pasted block, empty cells in their places; raises TooLarge."""
    if len(text) > MOST_LETTERS:
        raise TooLarge(f"粘贴的内容超过 {MOST_LETTERS // 10_000} 万字，请分次粘贴。")
    lines = list(_lines(re.sub(r"\r\n?", "\n", text)))
    if len(lines) > MOST_ROWS or any(len(cells) > MOST_COLUMNS for cells in lines):
        raise TooLarge(f"表格最多 {MOST_ROWS} 行、{MOST_COLUMNS} 列，请分次粘贴。")
    return [Row(number, tuple(cells)) for number, cells in enumerate(lines, 1)]


def _lines(text: str) -> Iterator[list[str]]:
    cells: list[str] = []
    at = 0
    while at <= len(text):
        match = _CELL.match(text, at)
        assert match is not None  # noqa: S101 - the second half matches anything
        quoted, plain = match.groups()
        cells.append(clean_text(plain if quoted is None else quoted.replace('""', '"')))
        at = match.end() + 1
        if match.end() == len(text) or text[match.end()] == "\n":
            yield cells
            cells = []
