"""The workbook of battle maps: what its two sheets hold, its template, what an uploaded one says, and its errors."""

from collections.abc import Iterable, Mapping

import tablib

from reform.calendar import MONTHS
from reform.excel import write_text
from reform.indicators import IndicatorType
from reform.models import PlanType, Project
from reform.models.battle_map import LEAST_MEASURES, drawing_years
from reform.models.indicator import LONGEST_DELAY, Period
from reform.models.measure import MEASURE_LENGTH
from reform.tables.headings import field_of
from workflow.workbooks.sheet import Sheet, Unreadable, letters

from .sheets import (
    BOLD,
    CLEAR,
    ERRORS,
    FACTS,
    ROW,
    WRAPPED,
    Column,
    Layout,
    dataset_of,
    error_books,
    heading_key,
    template,
)

NUMBER, YEAR, MEASURE = "项目编号", "年度", "举措内容"
GUIDE = "填写说明"
DELAYS = ["无", *(f"{months} 个月" for months in range(1, LONGEST_DELAY + 1))]
MOST_ROWS = 2000  # of a sheet

_WHERE = (
    Column(NUMBER, 14, True, "已有的项目；同一张作战图的以下各行可以空着"),
    Column(YEAR, 8, True, "例如 2026；可以空着，同上"),
)
INDICATORS = Layout(
    title="核心指标",
    noun="核心指标",
    most_rows=MOST_ROWS,
    columns=(
        *_WHERE,
        Column("核心指标名称", 30, hint="一行一个指标"),
        Column("计量单位", 10),
        Column("年度目标值", 12, hint="数字"),
        *(Column(f"{month}月", 8, hint="没有安排的填 0" if month == 1 else "") for month in MONTHS),
        Column("指标类型", 12, hint="空着为“累计完成”", choices=lambda: IndicatorType.labels),
        Column("填报周期", 10, hint="空着为“月”；按季的只填3、6、9、12月", choices=lambda: Period.labels),
        Column("数据滞后", 10, hint="空着为无", choices=lambda: DELAYS),
        Column("基期值", 10, hint="期末达到、期末控制的上年末数值"),
        Column("口径", 30),
        Column("数据来源", 20),
    ),
)
PLANS = Layout(
    title="举措和计划",
    noun="举措或计划",
    most_rows=MOST_ROWS,
    columns=(
        *_WHERE,
        Column(MEASURE, 40, hint=f"不超过{MEASURE_LENGTH}字；同一条举措的多项计划，举措内容只写在第一行"),
        Column("牵头单位", 18, hint="责任单位或配合单位，空着为责任单位"),
        Column("配合单位", 24, hint="责任单位或配合单位，多个用顿号分隔"),
        Column("计划月度", 10, hint="从列表选择", choices=lambda: [f"{month}月" for month in MONTHS]),
        Column("计划类型", 16, hint="从列表选择", choices=lambda: PlanType.labels),
        Column("类型名称", 14, hint="计划类型为“其他”的填写"),
        Column("计划内容", 50, hint="一行一项计划"),
    ),
)
SHEETS = (INDICATORS, PLANS)
# Of both sheets together.
LAYOUT = Layout(
    title="项目作战图",
    noun="作战图",
    most_rows=MOST_ROWS,
    columns=tuple(dict.fromkeys(column for layout in SHEETS for column in layout.columns)),
)


def fields(layout: Layout) -> list[str]:
    """What the columns after those that say which map it is are called in the table of a map."""
    return [field_of(heading) or "" for heading in layout.headings[len(_WHERE) :]]


def row_key(sheet: str, number: int) -> str:
    """The name of a row among those of both sheets."""
    return f"{sheet}!{number}"


def place_of(key: str) -> tuple[str, int]:
    sheet, _, number = key.rpartition("!")
    return sheet, int(number)


# --- What is written ----------------------------------------------------------------------------------


def map_template(projects: Iterable[Project]) -> bytes:
    """With what these projects and the years that are drawn now put in the drop-downs."""
    known = list(projects)
    offers = {NUMBER: [project.number for project in known], YEAR: [str(year) for year in drawing_years()]}
    return template(*(_offering(layout, offers) for layout in SHEETS), guide=lambda book: _write_guide(book, known))


def _offering(layout, offers):
    columns = tuple(
        Column(column.heading, column.width, column.required, column.hint, lambda names=names: names)
        if (names := offers.get(column.heading))
        else column
        for column in layout.columns
    )
    return Layout(layout.title, layout.noun, columns, layout.most_rows)


def _write_guide(book, projects):
    sheet = book.create_sheet(GUIDE, 0)
    sheet.column_dimensions["A"].width, sheet.column_dimensions["B"].width = 18, 100
    lines = [
        ("怎样填写", ""),
        ("一张或多张图", "一个项目一个年度是一张作战图；可以只填一张，也可以在同一张表里填多张。"),
        (INDICATORS.title, f"一行一个指标：名称、计量单位、年度目标值和{MONTHS[0]}月至{MONTHS[-1]}月的目标值。"),
        (PLANS.title, f"一行一项月度计划；举措至少 {LEAST_MEASURES} 条，每条不超过 {MEASURE_LENGTH} 字。"),
        ("项目编号、年度", "每张图的第一行填写，以下各行空着的同上一行。"),
        ("已有草稿的", f"按指标名称和举措内容识别；空着的单元格不改动已有内容，填“{CLEAR}”即清除。"),
        ("", "草稿中有、表中没有的指标、举措和计划，先逐条列出，勾选确认后才从草稿中删去。"),
        ("已上报的", "已上报、已确认和已下发的作战图不能导入。"),
        ("计划类型", "、".join(PlanType.labels)),
        ("计划月度", "1月至12月"),
        ("", ""),
        ("可以绘制的项目", ""),
        *((project.number, f"{project.name}（{project.start_year}—{project.end_year}年）") for project in projects),
    ]
    for number, texts in enumerate(lines, 1):
        for at, text in enumerate(texts, 1):
            cell = sheet.cell(number, at)
            write_text(cell, text)
            cell.alignment = WRAPPED
        sheet.cell(number, 1).font = BOLD


def map_error_book(dataset: tablib.Dataset, problems: Mapping[str, list[str]]) -> bytes:
    """What was uploaded, with what is wrong in its rows: {key of the row: sentences}."""
    parts = []
    for layout in SHEETS:
        rows = tablib.Dataset(headers=dataset.headers)
        for row in dataset[:]:
            sheet, number = place_of(row[0])
            if sheet == layout.title:
                rows.append([number, *row[1:]])
        own = {place_of(key): sentences for key, sentences in problems.items()}
        parts.append((layout, rows, {number: texts for (sheet, number), texts in own.items() if sheet == layout.title}))
    return error_books(parts)


# --- What is read -------------------------------------------------------------------------------------


def maps_dataset(sheets: list[Sheet]) -> tablib.Dataset:
    """The rows of both sheets under the headings of both, each with the map and the measure that it belongs to.

    Those are filled in before hidden rows are left out: what they stand for must not become another's. Raises
    Unreadable.
    """
    known = {heading_key(layout.title): layout for layout in SHEETS}
    found = [(sheet, known[key]) for sheet in sheets if (key := heading_key(sheet.title)) in known]
    strange = [sheet.title for sheet in sheets if sheet.rows and heading_key(sheet.title) not in {*known, GUIDE}]
    if strange:
        raise Unreadable(f"不认识的工作表：{'、'.join(strange)}。请删去，或把内容移到模板的工作表中。")
    if not found:
        names = "、".join(f"“{layout.title}”" for layout in SHEETS)
        raise Unreadable(f"没有找到工作表{names}，请下载模板，在模板中填写。")
    dataset = tablib.Dataset(headers=[*FACTS, *LAYOUT.headings])
    for sheet, layout in found:
        _take(sheet, layout, dataset)
    if not len(dataset):
        raise Unreadable("表中没有核心指标、举措和计划，请填写后再导入。")
    return dataset


def hidden_columns(sheets: list[Sheet]) -> list[list[str]]:
    """[sheet and letters, heading] of what is hidden; raises Unreadable where that says whose the rows are."""
    found = []
    for sheet in sheets:
        headings = sheet.rows[0].cells if sheet.rows else []
        for place, heading in enumerate(headings, 1):
            if letters(place) in sheet.hidden_columns and heading_key(heading) != ERRORS:
                found.append(
                    [
                        f"“{sheet.title}”{letters(place)}",
                        next(
                            (known for known in LAYOUT.headings if heading_key(known) == heading_key(heading)), heading
                        ),
                    ]
                )
    if keys := [f"{place}（{heading}）" for place, heading in found if heading in (NUMBER, YEAR, MEASURE)]:
        raise Unreadable(f"{'、'.join(keys)} 列被隐藏，请取消隐藏后再导入。")
    return found


def _take(sheet, layout, dataset):
    above = dict.fromkeys((NUMBER, YEAR, MEASURE), "")
    if not sheet.rows:
        return
    for row in dataset_of(sheet, layout, may_be_empty=True).dict:
        if row[NUMBER] and row[NUMBER] != above[NUMBER]:
            above = {NUMBER: row[NUMBER], YEAR: row[YEAR], MEASURE: ""}
        if row[YEAR] and row[YEAR] != above[YEAR]:
            above |= {YEAR: row[YEAR], MEASURE: ""}
        if row.get(MEASURE):
            above[MEASURE] = row[MEASURE]
        row |= {heading: text for heading, text in above.items() if heading in layout.headings}
        row[ROW] = row_key(layout.title, row[ROW])
        dataset.append([row.get(heading, "") for heading in dataset.headers])
