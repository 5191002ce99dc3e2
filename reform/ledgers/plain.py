"""Rows with columns that are no ledger, as .xlsx."""

from types import SimpleNamespace
from typing import IO, Any, ClassVar

from .base import Column
from .workbook import write


class PlainExtract:
    """What `workbook.write` asks of an extract; subclasses have a `label` and `columns`."""

    label: ClassVar[str]
    columns: ClassVar[tuple[Column, ...]]

    def __init__(self, rows: Any, conditions: list[str], as_of_line: str):
        """`rows` are read by their `iterator`; `as_of_line` says for when they speak."""
        self.ledger = SimpleNamespace(label=self.label)
        self.rows, self.conditions, self.as_of_line = rows, conditions, as_of_line

    def numbered(self, rows):
        return rows

    def write(self, file: IO[bytes]) -> int:
        """Returns how many rows the workbook has."""
        *_, rows = write(self, file)
        return rows
