"""What is read of a workbook (a leaf)."""

from dataclasses import dataclass, field

# What one sheet may hold: cells that show something. Formatted empty ones count nowhere.
MOST_ROWS, MOST_COLUMNS, MOST_CELLS = 5000, 60, 120_000
MOST_SHEETS = 60
MOST_NAMED = 20  # merged ranges
NO_SHEET = "没有找到数据表，请下载模板，在模板中填写。"
TOO_MANY_SHEETS = f"工作表不能超过 {MOST_SHEETS} 个。"
TOO_LARGE = f"表格过大：最多 {MOST_ROWS} 行、{MOST_COLUMNS} 列、{MOST_CELLS // 10_000} 万个单元格。请删去多余的再导入。"


class Unreadable(Exception):
    """`problems`: all of them, in Chinese."""

    def __init__(self, *problems: str):
        super().__init__("；".join(problems))
        self.problems = problems


@dataclass
class Row:
    """A row in which something is shown. `cells` are texts, from column A on; `problems` name their cells."""

    number: int
    hidden: bool
    cells: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)


@dataclass
class Sheet:
    """A sheet that is not hidden. `rows` leaves out those that show nothing."""

    title: str
    rows: list[Row] = field(default_factory=list)
    hidden_columns: list[str] = field(default_factory=list)  # letters, of columns in which something is shown
    merged: list[str] = field(default_factory=list)  # ranges, MOST_NAMED of them at most
    is_active: bool = False

    def refuse_merged(self) -> None:
        """Raises Unreadable where a cell stands for several: whose is its text?"""
        if self.merged:
            raise Unreadable(f"表中有合并单元格（{'、'.join(self.merged[:5])}），请取消合并、逐格填写。")

    @property
    def hidden_rows(self) -> list[int]:
        return [row.number for row in self.rows if row.hidden]


def letters(column: int) -> str:
    """A for 1, AA for 27."""
    name = ""
    while column:
        column, rest = divmod(column - 1, 26)
        name = chr(65 + rest) + name
    return name


def row_numbers(numbers: list[int]) -> str:
    """3、5–8: neighbours together."""
    spans: list[list[int]] = []
    for number in numbers:
        if spans and number == spans[-1][1] + 1:
            spans[-1][1] = number
        else:
            spans.append([number, number])
    return "、".join(str(first) if first == last else f"{first}–{last}" for first, last in spans)


def range_name(top: int, left: int, bottom: int, right: int) -> str:
    return f"{letters(left)}{top}:{letters(right)}{bottom}"


class SheetBuilder:
    """Puts a sheet together, row after row, and refuses what is too large."""

    def __init__(self, title: str, *, is_active: bool):
        self.sheet = Sheet(title, is_active=is_active)
        self._rows: dict[int, Row] = {}
        self._cells = 0
        self._columns: set[int] = set()

    def put(self, number: int, column: int, text: str, *, hidden: bool) -> None:
        if text.strip():
            cells = self._row(number, column, hidden).cells
            cells.extend([""] * (column - len(cells)))
            cells[column - 1] = text

    def problem(self, number: int, column: int, words: str, *, hidden: bool) -> None:
        self._row(number, column, hidden).problems.append(f"{letters(column)}{number} {words}")

    def merge(self, top: int, left: int, bottom: int, right: int) -> None:
        if len(self.sheet.merged) < MOST_NAMED and (top, left) != (bottom, right):
            self.sheet.merged.append(range_name(top, left, bottom, right))

    def finish(self, hidden_columns: list[tuple[int, int]]) -> Sheet:
        """With the spans of the columns that are hidden."""
        self.sheet.rows = [self._rows[number] for number in sorted(self._rows)]
        shown = sorted(self._columns)
        self.sheet.hidden_columns = [
            letters(column) for column in shown if any(first <= column <= last for first, last in hidden_columns)
        ]
        return self.sheet

    def _row(self, number, column, hidden):
        self._cells += 1
        if number not in self._rows:
            self._rows[number] = Row(number, hidden)
        self._columns.add(column)
        if column > MOST_COLUMNS or self._cells > MOST_CELLS or len(self._rows) > MOST_ROWS:
            raise Unreadable(TOO_LARGE)
        return self._rows[number]
