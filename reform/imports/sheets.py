"""The sheets that the office fills in: their templates, what an uploaded one says, and the same one with its errors."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from io import BytesIO

import tablib
from openpyxl import Workbook
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation

from reform.excel import write_text
from reform.tables.cells import CLEAR
from workflow.texts import normal_form
from workflow.workbooks.sheet import Sheet, Unreadable

CHOICES = "可选内容"  # the hidden sheet of a template, with what its drop-downs offer
HINT = "填写说明"  # a row that begins so is not read
ERRORS = "错误说明"  # the column that an error file has more; it is not read
# Of a dataset: where a row stands, whether it is hidden, cells not readable.
ROW, HIDDEN, PROBLEMS = "行", "隐藏", "问题"
FACTS = (ROW, HIDDEN, PROBLEMS)
BOLD, WRAPPED = Font(bold=True), Alignment(wrap_text=True, vertical="top")  # made once, for thousands of cells


@dataclass(frozen=True)
class Column:
    heading: str
    width: int
    required: bool = False
    hint: str = ""
    choices: Callable[[], Iterable[str]] | None = None
    may_be_left_out: bool = False  # a sheet made before there was this column is read as if its cells were empty


@dataclass(frozen=True)
class Layout:
    """Of a sheet with one `noun` a row, found by its first column."""

    title: str
    noun: str
    columns: tuple[Column, ...]
    most_rows: int
    asks_about_columns: bool = True  # False: a hidden column counts like any other
    remedy: str = "请下载模板，在模板中填写。"  # where the columns are not these

    @property
    def headings(self) -> list[str]:
        return [column.heading for column in self.columns]


def heading_key(text: str) -> str:
    """Under which a heading is found, however it was typed."""
    return re.sub("[*\"'“”‘’「」]", "", normal_form(text))


# --- What is written ----------------------------------------------------------------------------------


def template(*layouts: Layout, guide: Callable[[Workbook], None] | None = None) -> bytes:
    """An empty book with headings, hints, and lists to choose from; `guide` adds a sheet of its own."""
    return _book([(layout, {}, {}) for layout in layouts], guide)


def filled(layout: Layout, rows: Iterable[Mapping[str, str]]) -> bytes:
    """The template with what is there, {heading: text} a row: imported again, it changes nothing."""
    cells = {number: [row[heading] for heading in layout.headings] for number, row in enumerate(rows, 3)}
    return _book([(layout, cells, {})])


def error_book(layout: Layout, dataset: tablib.Dataset, problems: Mapping[int, list[str]]) -> bytes:
    """The uploaded rows where they stood, with a column of what is wrong in them: {row: sentences}."""
    return error_books([(layout, dataset, problems)])


def error_books(sheets: Iterable[tuple[Layout, tablib.Dataset, Mapping[int, list[str]]]]) -> bytes:
    """The same of several sheets."""
    return _book(
        [
            (layout, {row[ROW]: [row[heading] for heading in layout.headings] for row in dataset.dict}, problems)
            for layout, dataset, problems in sheets
        ]
    )


def _book(parts, guide=None):
    book = Workbook()
    choices = book.active
    choices.title = CHOICES
    first = 1  # of the lists of each sheet, side by side
    for layout, rows, problems in parts:
        sheet = book.create_sheet(layout.title)
        _write(sheet, layout, rows, problems)
        _offer_all(sheet, choices, layout, first)
        first += len(layout.columns)
    if guide:
        guide(book)
    book.move_sheet(choices, len(book.sheetnames))
    choices.sheet_state, book.active = "hidden", 0
    stream = BytesIO()
    book.save(stream)
    return stream.getvalue()


def _write(sheet, layout, rows, problems):
    sheet.freeze_panes = "B3"
    for at, column in enumerate(layout.columns, 1):
        letter = get_column_letter(at)
        sheet.column_dimensions[letter].width = column.width
        sheet.column_dimensions[letter].number_format = "@"  # 0012 stays 0012
        hint = f"{HINT}（本行不导入）：{column.hint}" if at == 1 else column.hint
        hint = "" if 2 in rows else hint  # where somebody had something of their own
        _head(sheet, at, column.heading + ("*" if column.required else ""), hint)
    for number, cells in rows.items():
        for at, text in enumerate(cells, 1):
            if text:
                write_text(sheet.cell(number, at), text)
                sheet.cell(number, at).number_format = "@"
    if problems:
        _write_problems(sheet, len(layout.columns) + 1, problems)


def _head(sheet, at, heading, hint):
    sheet.cell(1, at, heading).font = BOLD
    sheet.cell(1, at).fill = PatternFill("solid", fgColor="E6E8EC")
    sheet.cell(2, at, hint).font = Font(color="5B6270", italic=True)
    sheet.cell(2, at).alignment = WRAPPED


def _offer_all(sheet, choices, layout, first):
    """The lists of a sheet's columns, from the column `first` of the hidden sheet on."""
    for at, column in enumerate(layout.columns):
        if column.choices is None:
            continue
        names, place, letter = list(column.choices()), get_column_letter(first + at), get_column_letter(1 + at)
        for row, name in enumerate([column.heading, *names], 1):
            write_text(choices[f"{place}{row}"], name)
        offered = f"{CHOICES}!${place}$2:${place}${len(names) + 1}"
        choice = DataValidation("list", formula1=offered, allow_blank=True)
        choice.error, choice.errorTitle = f"请从列表中选择，或填“{CLEAR}”。", column.heading
        choice.errorStyle = "warning"  # 清空 is none of the list
        sheet.add_data_validation(choice)
        choice.add(f"{letter}3:{letter}{layout.most_rows + 2}")


def _write_problems(sheet, at, problems):
    _head(sheet, at, ERRORS, "改正后可直接导入本表，本列不导入")
    sheet.column_dimensions[get_column_letter(at)].width = 60
    for number, sentences in problems.items():
        cell = sheet.cell(number, at)
        write_text(cell, "\n".join(sentences))
        cell.font, cell.alignment = Font(color="B42318"), WRAPPED
        sheet.cell(number, 1).fill = PatternFill("solid", fgColor="FDE7E4")


# --- What is read -------------------------------------------------------------------------------------


def dataset_of(sheet: Sheet, layout: Layout, *, may_be_empty: bool = False) -> tablib.Dataset:
    """The texts under the headings of the layout, each row with its FACTS; raises Unreadable."""
    sheet.refuse_merged()
    places, ignored = _places(sheet, layout)
    left_out = {heading: "" for heading in layout.headings if heading not in places}
    dataset = tablib.Dataset(headers=[*FACTS, *places, *left_out])
    at_key = places[layout.headings[0]]
    for row in sheet.rows[1:]:
        cells = row.cells + [""] * (len(places) + len(ignored) - len(row.cells))
        if len(cells) > at_key and cells[at_key].startswith(HINT):
            continue
        problems = row.problems + _unheaded(row, {*places.values(), *ignored})
        texts = [cells[place] if place < len(cells) else "" for place in places.values()]
        if any(texts) or problems:
            dataset.append([row.number, row.hidden, problems, *texts, *left_out.values()])
    if not (len(dataset) or may_be_empty):
        raise Unreadable(f"表中没有{layout.noun}，请填写后再导入。")
    if len(dataset) > layout.most_rows:
        raise Unreadable(f"一次最多导入 {layout.most_rows} 个{layout.noun}，请分批导入。")
    return dataset


def _unheaded(row, places):
    return [
        f"{get_column_letter(place + 1)}{row.number} 所在的列没有表头，请移到对应的列。"
        for place, text in enumerate(row.cells)
        if text and place not in places
    ]


def _places(sheet, layout):
    """{heading: place}: in any order, each once, no others, and none left out that must not be; and the places that
    are not read.
    """
    expected = {heading_key(heading): heading for heading in layout.headings}
    first = sheet.rows[0].cells if sheet.rows and sheet.rows[0].number == 1 else []
    typed = {place: text for place, text in enumerate(first) if text}
    ignored = {place for place, text in typed.items() if heading_key(text) == ERRORS}
    found = {place: expected.get(heading_key(text)) for place, text in typed.items() if place not in ignored}
    headings = list(found.values())
    problems = []
    needed = [column.heading for column in layout.columns if not column.may_be_left_out]
    if missing := [heading for heading in needed if heading not in headings]:
        problems.append(f"缺少列：{'、'.join(missing)}。")
    if strange := [typed[place][:20] for place, heading in found.items() if heading is None]:
        problems.append(f"不认识的列：{'、'.join(strange)}。")
    if twice := [heading for heading in layout.headings if headings.count(heading) > 1]:
        problems.append(f"重复的列：{'、'.join(twice)}。")
    if problems:
        where = f"读取的是保存时打开的工作表“{sheet.title}”，表头应在第一行，{layout.remedy}"
        raise Unreadable(*problems, where)
    return {heading: place for place, heading in found.items()}, ignored
