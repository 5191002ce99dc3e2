"""A table of a battle map, pasted or out of a workbook: what it says, cell by cell.

Nothing is guessed: what is not understood keeps its text and has a sentence, what has no place is named as not taken.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from reform.indicators import INCREMENTS, IndicatorType
from reform.models.indicator import Period, months_of
from workflow.formats import plain
from workflow.texts import normal_form, number_text

from . import values
from .cells import Cell, Ignored, Read, Row
from .headings import BY_MONTH, BY_POSITION, INDICATOR, MEASURE, PLAN, bare_month, field_of, is_heading, quarter_of

_REMARK = re.compile(r"(?:注|备注|说明|填表说明|填写说明|填报单位|填表人|填报人|联系人|制表|审核人)\s*[（(：:\d]")
_TOTAL = re.compile(r"合计|总计|小计")
_ORDINAL = re.compile(r"[（(]?(?:\d{1,3}|[一二三四五六七八九十]{1,3})[）)]?[.、．]?")
_REFERENCE = re.compile(r"(?:举措|措施|第)?(\d{1,3})(?:条|条举措|条措施)?")
_UNIT_IN_NAME = re.compile(r"(.+?)\s*[（(]([^（()）\d]{1,6}|[^（()）]{0,3}[%％])[）)]")
TITLE = "标题"
_TITLE = re.compile(r"[一二三四五六七八九十]{1,2}、.{1,20}")
FEW_NUMBERS = 4  # from so many numbers on, a row without headings is an indicator's


class Indicator(Read):
    @property
    def type(self) -> str:
        return self["indicator_type"].value or IndicatorType.CUMULATIVE

    @property
    def _period_cells(self) -> list[Cell]:
        """The months that end a period."""
        period = self["period"]
        months = months_of(int(period.value) if period.value and not period.problem else Period.MONTH)
        return [self[f"m{month}"] for month in months]

    @property
    def total(self) -> str:
        """The sum of the months that can be read, where there are any and they add up."""
        numbers = [number_text(cell.value) for cell in self._period_cells if cell.value and not cell.problem]
        if not numbers or self.type not in INCREMENTS:
            return ""
        return plain(sum((Decimal(number) for number in numbers if number), Decimal(0)))

    @property
    def is_even(self) -> bool:
        """Whether the months make the year, or the last one is it."""
        annual = number_text(self["annual_target"].value)
        is_full = all(cell.value and not cell.problem for cell in self._period_cells)
        made = self.total if self.type in INCREMENTS else number_text(self._period_cells[-1].value)
        return bool(is_full and annual and made) and Decimal(made or 0) == Decimal(annual or 0)


class Plan(Read):
    pass


@dataclass
class Measure(Read):
    plans: list[Plan] = field(default_factory=list)

    @property
    def pieces(self) -> list[str]:
        """What it may be split into."""
        return values.pieces(self["measure"].text)


@dataclass
class MapTable:
    indicators: list[Indicator] = field(default_factory=list)
    measures: list[Measure] = field(default_factory=list)
    ignored: list[Ignored] = field(default_factory=list)

    @property
    def plans(self) -> list[Plan]:
        return [plan for measure in self.measures for plan in measure.plans]

    @property
    def problems(self) -> list[Cell]:
        found: list[Read] = [*self.indicators]
        for measure in self.measures:
            found += [measure, *measure.plans]
        return [cell for read in found for cell in read.problems]

    @property
    def is_empty(self) -> bool:
        return not self.indicators and not self.measures


def understand(rows: Iterable[Row], *, year: int, departments: Sequence[str]) -> MapTable:
    """`departments`: names of those of the project, the responsible one first."""
    reader = _Reader(year, departments)
    by_sheet: dict[str, list[Row]] = {}
    for row in rows:
        by_sheet.setdefault(row.sheet, []).append(row)
    for sheet in by_sheet.values():
        reader.take(sheet)
    return reader.table


def understand_sheets(
    sheets: Iterable[tuple[Sequence[str], Iterable[Row]]], *, year: int, departments: Sequence[str]
) -> MapTable:
    """The same of sheets whose columns are known: (names of the fields in their order, rows)."""
    reader = _Reader(year, departments)
    for names, rows in sheets:
        reader.take_under(_Columns(dict(enumerate(names))), rows)
    return reader.table


@dataclass
class _Columns:
    """What stands in which column of a block."""

    fields: dict[int, str]
    by_quarter: bool = False
    strange: dict[int, str] = field(default_factory=dict)  # headings that belong to no map
    skipped: set[int] = field(default_factory=set)

    def has(self, names: Iterable[str]) -> bool:
        return bool({*names} & {*self.fields.values()})


class _Reader:
    def __init__(self, year: int, departments: Sequence[str]):
        self.table = MapTable()
        self.year = year
        self.departments = departments
        self.measure: Measure | None = None

    def take(self, rows: list[Row]) -> None:
        """All rows of one sheet: what stands under headings by them, what has none by position."""
        filled = [row for row in rows if row.filled]
        headings = [at for at, row in enumerate(filled) if is_heading(row.cells)]
        self._take_headless(filled[: headings[0]] if headings else filled, is_title=bool(headings))
        for number, at in enumerate(headings):
            end = headings[number + 1] if number + 1 < len(headings) else len(filled)
            columns, start = self._columns(filled, at)
            body = filled[start:end]
            title = body.pop() if end < len(filled) and body and _is_title(body[-1], columns) else None
            self.take_under(columns, body)
            if title:
                self._ignore_row(title, TITLE)

    def take_under(self, columns: _Columns, rows: Iterable[Row]) -> None:
        self.measure = None
        for row in rows:
            self._take_row(row, columns)

    # --- Under headings -----------------------------------------------------------------------------

    def _columns(self, rows: list[Row], at: int) -> tuple[_Columns, int]:
        """The columns that the heading in `at` names, and where their rows start."""
        columns = _Columns({})
        row = rows[at]
        for place in row.filled:
            name = field_of(row.text(place))
            if name is None:
                columns.strange[place] = row.text(place)
            elif not name or name in columns.fields.values():
                columns.skipped.add(place)
            else:
                columns.fields[place] = name
        # 单位 of a measure is its department.
        if not columns.has(["name", *INDICATOR[2:]]) and not columns.has(["lead"]):
            columns.fields = {place: "lead" if name == "unit" else name for place, name in columns.fields.items()}
        below = rows[at + 1] if at + 1 < len(rows) else None
        months = {place: bare_month(below.text(place)) for place in below.filled} if below else {}
        free = {place: name for place, name in months.items() if place not in columns.fields}
        if len(free) == len(months) >= 3 and all(free.values()) and columns.has(INDICATOR):
            columns.fields |= {place: name for place, name in free.items() if name}
            columns.strange = {place: words for place, words in columns.strange.items() if place not in free}
            columns.skipped -= {*free}
            at += 1
        if not columns.has(["period"]):  # then the headings say it
            columns.by_quarter = any(quarter_of(rows[at].text(place)) for place in columns.fields)
        for words in columns.strange.values():
            self.table.ignored.append(Ignored("", words, "这一列不属于作战图，没有采用"))
        return columns, at + 1

    def _take_row(self, row: Row, columns: _Columns) -> None:
        first = row.text(row.filled[0])
        if len(row.filled) == 1 and _REMARK.match(first):
            return self._ignore_row(row, "说明文字")
        if _TOTAL.fullmatch(normal_form(first)):
            return self._ignore_row(row, "合计由系统计算")
        self._take_cells(row, columns)
        for place in row.filled:
            if place not in columns.fields and place not in columns.strange and place not in columns.skipped:
                self._ignore(row, place, "所在的列没有表头")
        return None

    def _take_cells(self, row: Row, columns: _Columns) -> None:
        typed = {
            name: Cell(text=row.text(place), place=row.place(place))
            for place, name in columns.fields.items()
            if row.text(place)
        }
        if {*typed} & {*INDICATOR}:
            self._take_indicator(typed, columns)
        if {*typed} & {*MEASURE, *PLAN}:
            self._take_measure(typed)

    def _take_indicator(self, typed: dict[str, Cell], columns: _Columns) -> None:
        found = Indicator({name: typed[name] for name in INDICATOR if name in typed})
        name = found.cells.get("name")
        if name and not columns.has(["unit"]) and (match := _UNIT_IN_NAME.fullmatch(name.text)):
            found.cells["unit"] = Cell(text=match[2], place=name.place)
            name.text = match[1]
        if columns.by_quarter:
            found.cells["period"] = Cell(text=str(Period.QUARTER.label))
        kind = self._read("indicator_type", found.cells["indicator_type"]) if "indicator_type" in found.cells else None
        for field_name, cell in found.cells.items():
            if kind and kind.value == IndicatorType.QUALITATIVE and field_name in ("annual_target", *BY_MONTH):
                self._read("words", cell)
            else:
                self._read(field_name, cell, found["unit"].text)
        self.table.indicators.append(found)

    def _take_measure(self, typed: dict[str, Cell]) -> None:
        own = {name: typed[name] for name in MEASURE if name in typed}
        planned = {name: typed[name] for name in PLAN if name in typed}
        if "measure" in own:
            self.measure = self._known(own["measure"].text) or self._new(own)
        elif self.measure is None:
            self.measure = self._new({"measure": Cell(place=next(iter(typed.values())).place)})
            self.measure["measure"].problem = "这项计划上方没有举措内容。"
        for name in MEASURE[1:]:
            if name in own and name not in self.measure.cells:
                self.measure.cells[name] = self._read(name, own[name])
        if planned:
            self.measure.plans.append(self._plan(planned))

    def _known(self, text: str) -> Measure | None:
        """The measure of that text, or of that number, which stands in the table already."""
        if self.measure and self.measure["measure"].text == text:
            return self.measure
        if match := _REFERENCE.fullmatch(text):
            number = int(match[1])
            return self.table.measures[number - 1] if 0 < number <= len(self.table.measures) else None
        found = (measure for measure in self.table.measures if measure["measure"].text == text)
        return next(found, None)

    def _new(self, own: dict[str, Cell]) -> Measure:
        measure = Measure(
            {name: self._read(name, cell) for name, cell in own.items() if cell.text or name == "measure"}
        )
        self.table.measures.append(measure)
        return measure

    def _plan(self, typed: dict[str, Cell]) -> Plan:
        plan = Plan({name: self._read(name, cell) for name, cell in typed.items() if name != "type"})
        if "type" in typed:
            cell = plan.cells["type"] = typed["type"]
            cell.value, own_name, cell.problem = values.plan_type(cell.text)
            if own_name and "type_name" not in plan.cells:
                plan.cells["type_name"] = self._read("type_name", Cell(text=own_name, place=cell.place))
        return plan

    def _read(self, name: str, cell: Cell, unit: str = "") -> Cell:
        return values.read(name, cell, unit=unit, year=self.year, departments=self.departments)

    # --- Without headings ---------------------------------------------------------------------------

    def _take_headless(self, rows: list[Row], *, is_title: bool) -> None:
        """`is_title`: headings follow, so that a single cell is what stands above them."""
        for row in rows if is_title else []:
            if len(row.filled) == 1:
                self._ignore_row(row, TITLE)
        for block in _blocks([row for row in rows if not is_title or len(row.filled) > 1]):
            self.measure = None
            columns = _by_position(block)
            for row in block:
                if columns is None:
                    self._ignore_row(row, "没有表头，也看不出是指标、举措还是计划")
                else:
                    self._take_row(row, columns)

    def _ignore_row(self, row: Row, reason: str) -> None:
        for place in row.filled:
            self._ignore(row, place, reason)

    def _ignore(self, row: Row, place: int, reason: str) -> None:
        self.table.ignored.append(Ignored(row.place(place), row.text(place), reason))


def _is_title(row: Row, columns: _Columns) -> bool:
    """Whether the last row before a heading is what that part is called."""
    [place] = row.filled[:1]
    is_named = columns.fields.get(place) in ("name", "measure")
    return len(row.filled) == 1 and (not is_named or bool(_TITLE.fullmatch(row.text(place))))


def _numbers(row: Row) -> int:
    return sum(bool(number_text(row.text(place))) for place in row.filled)


def _blocks(rows: list[Row]) -> Iterator[list[Row]]:
    """Neighbours of the same kind: rows of numbers, and others."""
    block: list[Row] = []
    for row in rows:
        if block and (_numbers(row) >= FEW_NUMBERS) != (_numbers(block[-1]) >= FEW_NUMBERS):
            yield block
            block = []
        block.append(row)
    if block:
        yield block


def _by_position(rows: list[Row]) -> _Columns | None:
    """The columns of rows without headings, in the order in which the form asks; None where it does not fit."""
    width = max(len(row.cells) for row in rows)
    first = [row.text(0) for row in rows if row.text(0)]
    start = int(width > 1 and bool(first) and all(_ORDINAL.fullmatch(text) for text in first))
    skipped = set(range(start))
    if _numbers(rows[0]) >= FEW_NUMBERS:
        has_unit = not any(number_text(row.text(start + 1)) for row in rows)
        names = BY_POSITION if has_unit else ("name", *BY_POSITION[2:])
        return _Columns({start + at: name for at, name in enumerate(names)}, skipped=skipped)
    if width - start == 1:
        return _Columns({start: "measure"}, skipped=skipped)
    places = range(start, width)
    kind = _most(rows, places, lambda text: not values.plan_type(text)[2])
    month = _most(rows, [place for place in places if place != kind], values.is_month)
    if kind is None and month is None:
        return None
    left = [place for place in places if place not in (kind, month)]
    edge = max(place for place in (kind, month) if place is not None)
    before, after = [place for place in left if place < edge], [place for place in left if place > edge]
    fields = {place: name for place, name in ((kind, "type"), (month, "month")) if place is not None}
    fields |= {before[0]: "measure"} if before else {}
    fields |= {after[0]: "plan"} if after else {}
    return _Columns(fields, skipped=skipped)


def _most(rows: list[Row], places: Iterable[int], is_one: Callable[[str], bool]) -> int | None:
    """The column in which most cells are of a sort."""
    counts = {place: sum(bool(row.text(place)) and is_one(row.text(place)) for row in rows) for place in places}
    best = max(counts, key=lambda place: counts[place], default=None)
    return best if best is not None and counts[best] else None
