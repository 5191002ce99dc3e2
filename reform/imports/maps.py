"""Battle maps out of a workbook: drafts are made and filled in, all of them or none.

The clerk's file makes and changes drafts; the office's only makes them, and the clerks are told.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any, cast

import tablib

from accounts.models import Role, User
from reform.forms.battle_map import BattleMapForm
from reform.forms.map_facts import facts_of, things_of
from reform.forms.map_table import map_data
from reform.models import BattleMap
from reform.models.battle_map import why_not_drawn
from reform.tables.cells import Row as TableRow
from reform.tables.headings import LABELS
from reform.tables.map_table import MapTable, understand_sheets
from workflow import rules
from workflow.actions import create_record, lock_dossiers, lock_editable_at
from workflow.editing.rows import MOST_ROWS_IN_ALL, count_rows
from workflow.models import Dossier, Message
from workflow.states import EDITABLE
from workflow.texts import normal_form

from .map_sheets import LAYOUT, NUMBER, SHEETS, YEAR, fields, map_error_book, place_of, row_key
from .preview import Preview
from .resource import Problem, Row, Warned
from .sheets import PROBLEMS, ROW, Layout

MOST_MAPS = 50
SPLIT = "split-"  # how the ticks are called that let a measure become several
WARNINGS = {
    "drops": Warned(
        "从草稿中删去",
        "以下内容在已有的草稿中、不在表中，导入后从草稿中删去，请逐条核对：",
        "确认从草稿中删去",
        "请核对要从草稿中删去的内容，确认无误后勾选。",
    )
}


@dataclass(frozen=True)
class MapRow(Row):
    """One map: `table` is what the sheets say of it, `data` what its form would send."""

    table: MapTable = field(default_factory=MapTable)
    data: dict[str, str] = field(default_factory=dict)
    split: frozenset[int] = frozenset()  # the measures that become several

    def tick(self, number: int) -> str:
        """The name of the choice whether that measure becomes several."""
        return f"{SPLIT}{self.instance.dossier_id}-{self.instance.year}-{number}"


@dataclass(frozen=True)
class MapImport:
    """`ticks`: names of those that are set; None where nobody has chosen yet."""

    kind: str = "maps"
    ticks: frozenset[str] | None = None

    layout: Layout = LAYOUT
    summary = ("核心指标", "具体举措", "月度推进计划")

    def lock(self, user: User, dataset: tablib.Dataset) -> None:
        found = _dossiers(user, dataset).values()
        lock_dossiers([dossier.pk for dossier in found])

    def preview(self, user: User, dataset: tablib.Dataset) -> Preview:
        reader = _Reader(user, self.ticks)
        rows: list[Row] = [row for row in reader.rows(dataset) if row]
        places = {key: number for number, key in enumerate(dataset[ROW], 1)}
        problems = sorted(reader.problems, key=lambda problem: places.get(problem.row, 0))
        return Preview([] if problems else rows, problems, WARNINGS)

    def write(self, user: User, dataset: tablib.Dataset) -> Preview:
        now = self.preview(user, dataset)
        for row in cast(list[MapRow], now.added):
            record = create_record(BattleMap.draft, row.instance.project, row.instance.year, user)
            _fill(record, row)
            if user.is_office_reviewer:
                _notify_clerks(record)
        for row in cast(list[MapRow], now.changed):
            _fill(lock_editable_at(row.instance.pk, user, row.instance.version), row)
        return now

    def error_book(self, dataset: tablib.Dataset, problems: dict[Any, list[str]]) -> bytes:
        return map_error_book(dataset, problems)


def _fill(record, row):
    form = BattleMapForm(row.data, instance=record)
    assert form.is_valid()  # noqa: S101 - the preview has asked
    form.save()


def _notify_clerks(record):
    Message.objects.deliver(
        [
            Message(
                recipient=person,
                key=f"imported-{record.pk}",
                text=f"{record.dossier.name} · {record.heading}：市委改革办已导入草稿，请核对后上报。",
                record_id=record.pk,
            )
            for person in record.department.people_in_charge(Role.ENTRY)
        ]
    )


def _dossiers(user, dataset):
    """{project number: dossier} of those named for which this person may bring drafts."""
    numbers = {normal_form(number) for number in dataset[NUMBER] if number}
    found = Dossier.objects.filter(project__number__in=numbers, department__in=user.assigned_department_ids)
    found = found.select_related("project__department").prefetch_related("project__partners")
    return {dossier.project.number: dossier for dossier in found if rules.may_import(dossier, user)}


@dataclass(frozen=True)
class _PlacedRow(TableRow):
    """In a table with fixed columns: its problems name the heading, not the number of the column."""

    def place(self, column: int) -> str:
        return _place(row_key(self.sheet, self.number))


class _Reader:
    def __init__(self, user, ticks):
        self.user, self.ticks = user, ticks
        self.problems: list[Problem] = []
        self.reported: set[tuple[str, str, str]] = set()

    def rows(self, dataset) -> Iterator[MapRow | None]:
        """The maps in the order in which the sheets name them; `problems` are then known."""
        rows = [row for row in dataset.dict if self._is_placed(row)]
        dossiers = _dossiers(self.user, dataset)
        maps: dict[tuple[str, int], list[dict[str, Any]]] = {}
        for row in rows:
            maps.setdefault((normal_form(row[NUMBER]), int(row[YEAR].removesuffix("年"))), []).append(row)
        if len(maps) > MOST_MAPS:
            self._add_problem(None, f"一次最多导入 {MOST_MAPS} 张作战图，表中有 {len(maps)} 张，请分批导入。")
            return
        drawn = self._drawn(dossiers, {year for _, year in maps})
        for (number, year), own in maps.items():
            yield self._map(dossiers.get(number), year, own, drawn)

    def _is_placed(self, row) -> bool:
        """Whether it says whose it is, and can be read."""
        for problem in row[PROBLEMS]:
            self._add_problem(row[ROW], problem)
        year = normal_form(row[YEAR]).removesuffix("年")
        wrong = ""
        if not row[NUMBER]:
            wrong = f"请填写{NUMBER}。"
        elif not (year.isascii() and year.isdigit() and len(year) == 4):
            wrong = f"{f'“{row[YEAR][:20]}”不是年度' if row[YEAR] else '请填写年度'}，例如 2026。"
        if wrong:
            where = (place_of(row[ROW])[0], row[NUMBER], row[YEAR])
            if where not in self.reported:  # once, at the first of the rows that go on from it
                self._add_problem(row[ROW], wrong)
            self.reported.add(where)
        else:
            row[YEAR] = year
            return not row[PROBLEMS]
        return False

    def _drawn(self, dossiers, years):
        """{(dossier, year): map} of those that are there."""
        found = BattleMap.objects.standing().filter(
            dossier__in=[dossier.pk for dossier in dossiers.values()], year__in=years
        )
        found = found.select_related("dossier__project__department").prefetch_related(
            "dossier__project__partners",
            "indicators__targets",
            "measures__plans",
            "measures__partners",
            "measures__lead",
        )
        return {(record.dossier_id, record.year): record for record in found}

    def _map(self, dossier, year, rows, drawn) -> MapRow | None:
        place = rows[0][ROW]
        if dossier is None:
            self._add_problem(place, f"没有项目编号为“{rows[0][NUMBER][:20]}”的项目，或不由您负责。")
            return None
        project = dossier.project
        record = drawn.get((dossier.pk, year))
        if record is None:
            if refusal := why_not_drawn(project, year):
                self._add_problem(place, f"{project.number}：{refusal}")
                return None
            record = BattleMap.of(dossier, year, self.user)
        if not record.pk or rules.may_edit(record, self.user):
            return self._read(record, rows)
        row = self._read(record, rows) if self.user.is_office_reviewer else None
        if row and not row.changes:  # imported before
            return row
        whose = "，由责任单位修改" if self.user.is_office_reviewer and record.state in EDITABLE else ""
        state = record.get_state_display()
        self._add_problem(place, f"{project.number} 的 {year} 年度项目作战图现在是“{state}”{whose}，不能导入。")
        return None

    def _read(self, record, rows) -> MapRow | None:
        departments = record.project.departments()
        names = [department.name for department in departments]
        table = understand_sheets(_sheets(rows), year=record.year, departments=names)
        _refuse_same_names(table)
        form = BattleMapForm(instance=record)
        before, there = facts_of(form) if record.pk else {}, things_of(form)
        offered = {number for number, measure in enumerate(table.measures) if measure.pieces}
        proposed = frozenset(offered - _standing(form, table))  # one that was left whole before stays so
        row = MapRow(record, f"{record.year}年度", str(record.project), {}, {}, table=table)
        split = proposed if self.ticks is None else frozenset(n for n in offered if row.tick(n) in self.ticks)

        data = map_data(record, table, departments, form, replaces=True, split=proposed)
        filled = BattleMapForm(data, instance=record)
        if count_rows(data) > MOST_ROWS_IN_ALL:
            self._add_problem(rows[0][ROW], f"{record.project.number}：一张作战图最多 {MOST_ROWS_IN_ALL} 行。")
            return None
        if self._cell_problems(table, rows) or self._form_problems(filled, record, rows[0][ROW]):
            return None
        after = facts_of(filled)
        if record.pk:
            labels = dict.fromkeys([*before, *after])
            before = {label: before.get(label, "") for label in labels}
            after = {label: after.get(label, "") for label in labels}
        gone = [f"{record.project} {record.year}年度：{thing}" for thing in there if thing not in things_of(filled)]
        if split != proposed:
            data = map_data(record, table, departments, form, replaces=True, split=split)
        return replace(row, before=before, after=after, warnings={"drops": gone}, data=data, split=split)

    def _cell_problems(self, table, rows) -> bool:
        """Says which cells cannot stay as they are; a measure that may be split is asked about instead."""
        keys = {_place(row[ROW]): row[ROW] for row in rows}
        found = [
            (keys.get(cell.place), f"{LABELS[name]}：{cell.problem}")
            for read in [*table.indicators, *table.measures, *table.plans]
            for name, cell in read.cells.items()
            if cell.problem and not (name == "measure" and read.pieces)
        ]
        for key, sentence in found:
            self._add_problem(key, sentence)
        return bool(found)

    def _form_problems(self, form, record, place) -> bool:
        """The same of what its form would not take."""
        if form.is_valid():
            return False
        for problem in form.input_errors():
            self._add_problem(place, f"{record.project.number}：{problem.text}")
        return True

    def _add_problem(self, place, sentence) -> None:
        self.problems.append(Problem(place, sentence))


def _sheets(rows):
    """The rows of one map as the reader of tables takes them: sheet by sheet, in the order of the columns."""
    for layout in SHEETS:
        headings = layout.headings[len(layout.headings) - len(fields(layout)) :]
        own = [row for row in rows if place_of(row[ROW])[0] == layout.title]
        yield (
            fields(layout),
            [
                _PlacedRow(place_of(row[ROW])[1], tuple(row[heading] for heading in headings), layout.title)
                for row in own
            ],
        )


def _refuse_same_names(table):
    """Indicators are found by their names, so that two of one name could not be told apart."""
    first: dict[str, str] = {}
    for indicator in table.indicators:
        cell = indicator["name"]
        earlier = first.setdefault(normal_form(cell.value), cell.place) if cell.value else cell.place
        if earlier != cell.place:
            cell.problem = cell.problem or f"与{earlier}的名称相同，请改名或合为一行。"


def _place(key):
    return "“{}”第 {} 行".format(*place_of(key))


def _standing(form, table):
    """The measures of the table that the map has already, word for word."""
    known = {normal_form(row["content"].value() or "") for row in form.measures if row.instance.pk}
    return {number for number, measure in enumerate(table.measures) if normal_form(measure["measure"].text) in known}
