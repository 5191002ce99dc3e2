"""A list of what a meeting decided, as pasted: matters with their departments and deadlines, cell by cell.

As with the table of a map nothing is guessed: what is not understood keeps its text and has a sentence.
"""

import re
import unicodedata
from calendar import monthrange
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from accounts.models import Department
from workflow.texts import normal_form

from .cells import Cell, Ignored, Read, Row
from .values import SEPARATOR, SEPARATORS, quoted

LABELS = {"text": "督办内容", "department": "牵头单位", "partners": "配合单位", "due_on": "办理时限"}
BY_POSITION = tuple(LABELS)
_SKIPPED = "序号 编号"
_WORDS = {
    "text": "督办内容 督办事项 议定事项 事项 事项内容 议定内容 内容 工作内容 任务 工作任务 重点任务",
    "department": "牵头单位 牵头部门 责任单位 责任部门 主办单位 承办单位",
    "partners": "配合单位 配合部门 协办单位 协助单位 参与单位",
    "due_on": "办理时限 完成时限 办结时限 时限 完成时间 办理期限 时间要求 截止时间 截止日期",
}
_FIELDS = {normal_form(word): name for name, words in _WORDS.items() for word in words.split()}
_FIELDS |= dict.fromkeys(_SKIPPED.split(), "")
_ORDINAL = re.compile(r"[（(]?(?:\d{1,3}|[一二三四五六七八九十]{1,3})[）)]?[.、．]?")
_DAY = re.compile(r"(\d{4})\s*[年/.-]\s*(\d{1,2})\s*[月/.-]\s*(\d{1,2})\s*日?(?:之?以?前)?")
_MONTH_END = re.compile(r"(\d{4})\s*年\s*(\d{1,2})\s*月(?:底|末)(?:之?以?前)?")
_NONE = {"", "无", "—", "-", "/"}


class MatterRow(Read):
    """A matter; `text`, `department`, `partners` and `due_on` are set as far as they were understood."""

    number = 0
    text = ""
    department: Department | None = None
    partners: Sequence[Department] = ()
    due_on: date | None = None

    @property
    def own(self) -> list[tuple[str, Cell]]:
        return [(LABELS[name], self[name]) for name in LABELS]

    @property
    def sentences(self) -> list[tuple[str, Cell]]:
        return [(label, cell) for label, cell in self.own if cell.problem]


@dataclass
class MatterTable:
    rows: list[MatterRow] = field(default_factory=list)
    ignored: list[Ignored] = field(default_factory=list)

    @property
    def problems(self) -> list[Cell]:
        return [cell for row in self.rows for cell in row.problems]


def understand(
    rows: Iterable[Row], *, departments: Iterable[Department], longest: int, days: tuple[date, date]
) -> MatterTable:
    """`departments`: those that may lead or assist; `longest`: letters of a text; `days`: first and last deadline."""
    table = MatterTable()
    known = {normal_form(department.name): department for department in departments}
    filled = [row for row in rows if row.filled]
    at = next((number for number, row in enumerate(filled) if _is_heading(row)), None)
    if at is None:
        columns, body = _by_position(filled), filled
    else:
        columns, body = _columns(filled[at], table), filled[at + 1 :]
        for row in filled[:at]:
            _ignore(table, row, "表头以上的内容")
    for row in body:
        if at is not None and _is_heading(row):  # a page of the list begins with its headings again
            continue
        if not any(row.text(place) for place, name in columns.items() if name):
            _ignore(table, row, "这一行没有督办事项的内容")
            continue
        cells = {name: Cell(row.text(place), place=row.place(place)) for place, name in columns.items() if name}
        for name in LABELS:
            cells.setdefault(name, Cell(place=f"第 {row.number} 行"))
        found = MatterRow(cells)
        found.number = row.number
        _read(found, known, longest, days)
        table.rows.append(found)
        _ignore(table, row, "所在的列没有表头", [place for place in row.filled if place not in columns])
    _mark_repeated(table)
    return table


def day_of(typed: str) -> date | None:
    """The day of 2026-12-31, 2026/12/31, 2026年12月31日前 and 2026年12月底; None of a text that names no single day."""
    shown = unicodedata.normalize("NFKC", typed).strip()
    if match := _DAY.fullmatch(shown):
        year, month, day = map(int, match.groups())
    elif (match := _MONTH_END.fullmatch(shown)) and 1 <= int(match[2]) <= 12 and int(match[1]):
        year, month = map(int, match.groups())
        day = monthrange(year, month)[1]
    else:
        return None
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _field_of(text: str) -> str | None:
    return _FIELDS.get(re.sub(r"[*:\"“”]", "", normal_form(text)))


def _is_heading(row: Row) -> bool:
    named = [name for name in map(_field_of, (row.text(place) for place in row.filled)) if name is not None]
    return len(named) >= 2 and bool({*named} - {""})


def _columns(row: Row, table: MatterTable) -> dict[int, str]:
    """{place: field} of a heading, "" of what is not read."""
    columns: dict[int, str] = {}
    for place in row.filled:
        name = _field_of(row.text(place))
        if name is None:
            reason = "这一列不属于督办事项，没有采用"
        elif name and name in columns.values():
            reason = f"“{LABELS[name]}”有两列，采用前面一列"
        else:
            columns[place] = name
            continue
        table.ignored.append(Ignored(row.place(place), row.text(place), reason))
        columns[place] = ""
    return columns


def _by_position(rows: Sequence[Row]) -> dict[int, str]:
    """The columns in the order in which the page asks; numbers may stand before them, 配合单位 may be left out."""
    first = [row.text(0) for row in rows if row.text(0)]
    start = int(bool(first) and all(_ORDINAL.fullmatch(text) for text in first))
    names = BY_POSITION
    if any(day_of(row.text(start + 2)) for row in rows):
        names = tuple(name for name in BY_POSITION if name != "partners")
    return dict.fromkeys(range(start), "") | {start + place: name for place, name in enumerate(names)}


def _ignore(table: MatterTable, row: Row, reason: str, places: Sequence[int] | None = None) -> None:
    for place in row.filled if places is None else places:
        table.ignored.append(Ignored(row.place(place), row.text(place), reason))


def _read(row: MatterRow, known: Mapping[str, Department], longest: int, days: tuple[date, date]) -> None:
    cells = row.cells
    row.text = cells["text"].text
    if not row.text:
        cells["text"].problem = "请填写督办内容；合并的单元格请拆分后逐行填写。"
    elif len(row.text) > longest:
        cells["text"].problem = f"督办内容不超过 {longest} 字，现有 {len(row.text)} 字。"

    leads, strange = _departments(cells["department"].text, known)
    row.department = leads[0] if len(leads) == 1 and not strange else None
    if strange:
        cells["department"].problem = _strange(strange)
    elif len(leads) != 1:
        cells["department"].problem = "牵头单位只能有一个。" if leads else "请填写牵头单位。"

    row.partners, strange = _departments(cells["partners"].text, known)
    if strange:
        cells["partners"].problem = _strange(strange)
    elif row.department in row.partners:
        cells["partners"].problem = "牵头单位不能同时是配合单位。"

    typed = cells["due_on"].text
    row.due_on = day_of(typed)
    if row.due_on is None:
        wrong = f"{quoted(typed)}不是日期，请写明年月日，例如 2026-07-01。"
        cells["due_on"].problem = wrong if typed else "请填写办理时限。"
    elif row.due_on < days[0]:
        cells["due_on"].problem = "办理时限不能早于今天。"
    elif row.due_on > days[1]:
        cells["due_on"].problem = "办理时限不能晚于三年以后，请核对年份。"


def _departments(typed: str, known: Mapping[str, Department]) -> tuple[list[Department], list[str]]:
    """Those that are named, each once, and the names that are nobody's."""
    names = [name.strip() for name in SEPARATORS.split(typed) if name.strip() not in _NONE]
    found = [known[normal_form(name)] for name in names if normal_form(name) in known]
    return list(dict.fromkeys(found)), [name for name in names if normal_form(name) not in known]


def _strange(names: Sequence[str]) -> str:
    return f"{quoted(SEPARATOR.join(names))}不是系统中的单位，或者已停用，请核对名称。"


def _mark_repeated(table: MatterTable) -> None:
    """A row that says what another said already cannot be a matter of its own."""
    seen: dict[tuple[str, Department], MatterRow] = {}
    for row in table.rows:
        if not row.text or row.department is None:
            continue
        first = seen.setdefault((normal_form(row.text), row.department), row)
        if first is not row and not row["text"].problem:
            row["text"].problem = f"与第 {first.number} 行的督办内容、牵头单位相同，请删去一行。"
