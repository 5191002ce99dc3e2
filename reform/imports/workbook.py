"""The Excel of project base info: its template, and what an uploaded one says."""

import re
from datetime import date, datetime
from io import BytesIO

import tablib
from openpyxl import Workbook
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation

from accounts.models import Department
from reform.excel import MOST_ROWS, Unreadable, open_sheet
from reform.models import Domain
from reform.models.project import OPEN_STAGES
from workflow.texts import clean_text

SHEET, CHOICES = "项目基础信息", "可选内容"
CLEAR = "清空"  # in a cell: what is there goes
ROW = "行"  # of the dataset: where on the sheet it stands
# Heading, width, whether it must be filled, and the hint under it.
COLUMNS = (
    ("项目编号", 14, True, "不可重复；已有的编号即修改该项目，空着的单元格不改动，填“清空”即清除"),
    ("项目名称", 30, True, "不超过100字"),
    ("起始年度", 10, True, "例如 2026"),
    ("预计完成年度", 14, True, "不早于起始年度"),
    ("改革领域", 16, True, "从列表选择"),
    ("领衔市领导", 20, True, "职务和姓名"),
    ("责任单位", 18, True, "从列表选择"),
    ("配合单位", 30, False, "多个单位用顿号分隔"),
    ("改革方案名称", 34, False, ""),
    ("文号", 22, False, ""),
    ("方案印发日期", 16, False, "例如 2026-03-01"),
    ("所处阶段", 14, True, "从列表选择"),
    ("认定“加快实施”日期", 20, False, "所处阶段为“加快实施”的必填"),
)
HINT = "填写说明"  # a row that begins so is not read

MOST_SHOWN = 50  # problems of one kind


def template():
    """The bytes of an empty book with headings, hints, and lists to choose from."""
    book = Workbook()
    sheet, choices = book.active, book.create_sheet(CHOICES)
    sheet.title, sheet.freeze_panes = SHEET, "B3"
    sheet.append([heading + ("*" if required else "") for heading, _, required, _ in COLUMNS])
    hints = [hint for *_, hint in COLUMNS]
    sheet.append([f"{HINT}（本行不导入）：{hints[0]}", *hints[1:]])
    for column, (heading, width, _, _) in enumerate(COLUMNS, 1):
        sheet.column_dimensions[get_column_letter(column)].width = width
        sheet.cell(1, column).font = Font(bold=True)
        sheet.cell(1, column).fill = PatternFill("solid", fgColor="E6E8EC")
        sheet.cell(2, column).font = Font(color="5B6270", italic=True)
        sheet.cell(2, column).alignment = Alignment(wrap_text=True, vertical="top")
        if heading == "项目编号":
            for row in range(3, 203):
                sheet.cell(row, column).number_format = "@"  # 0012 stays 0012
    lists = {
        "改革领域": Domain.objects.values_list("name", flat=True),
        "责任单位": Department.objects.filter(is_active=True).values_list("name", flat=True),
        "所处阶段": [label for _, label in OPEN_STAGES],
    }
    headings = [heading for heading, *_ in COLUMNS]
    for column, (heading, offered) in enumerate(lists.items(), 1):
        letter, names = get_column_letter(column), list(offered)
        choices.column_dimensions[letter].width = 24
        for row, name in enumerate([heading, *names], 1):
            choices.cell(row, column, name)
        choice = DataValidation("list", formula1=f"{CHOICES}!${letter}$2:${letter}${len(names) + 1}", allow_blank=True)
        choice.error, choice.errorTitle = "请从列表中选择。", heading
        sheet.add_data_validation(choice)
        target = get_column_letter(headings.index(heading) + 1)
        choice.add(f"{target}3:{target}{MOST_ROWS + 2}")
    stream = BytesIO()
    book.save(stream)
    return stream.getvalue()


def read(file):
    """A tablib.Dataset of texts under the headings of COLUMNS, each row knowing its ROW; raises Unreadable."""
    sheet = open_sheet(file, SHEET)
    rows = sheet.iter_rows()
    places = _places(next(rows, ()))
    problems, dataset = [], tablib.Dataset(headers=[ROW, *places])
    for number, row in enumerate(rows, 2):
        if not any(cell.value is not None and str(cell.value).strip() for cell in row):
            continue
        if str(row[places["项目编号"]].value or "").startswith(HINT):
            continue
        problems += [f"第 {number} 行：{problem}" for problem in _row_problems(row, places)]
        dataset.append([number, *(_text(row[place].value) for place in places.values())])
    if problems:
        raise Unreadable(*problems[:MOST_SHOWN])
    if not len(dataset):
        raise Unreadable("表中没有项目，请填写后再导入。")
    if len(dataset) > MOST_ROWS:
        raise Unreadable(f"一次最多导入 {MOST_ROWS} 个项目，请分批导入。")
    return dataset


def _row_problems(row, places):
    for cell in row:
        if cell.data_type == "f":
            yield f"{cell.coordinate} 是公式，请改为文字或数字。"
        elif cell.data_type == "e":
            yield f"{cell.coordinate} 是错误值 {cell.value}，请改正。"
        elif cell.value is not None and cell.column - 1 not in places.values():
            yield f"{cell.coordinate} 所在的列没有表头，请移到对应的列。"


def _places(cells):
    """{heading: place}: in any order, but all of them, each once, and no others."""
    expected = [heading for heading, *_ in COLUMNS]
    found = {cell.column - 1: re.sub(r"[*＊\s]", "", str(cell.value)) for cell in cells if cell.value is not None}
    headings = list(found.values())
    problems = []
    if missing := [heading for heading in expected if heading not in headings]:
        problems.append(f"缺少列：{'、'.join(missing)}。")
    if strange := [heading for heading in headings if heading not in expected]:
        problems.append(f"不认识的列：{'、'.join(heading[:20] for heading in strange)}。")
    if twice := [heading for heading in expected if headings.count(heading) > 1]:
        problems.append(f"重复的列：{'、'.join(twice)}。")
    if problems:
        raise Unreadable(*problems, "表头应在第一行，请下载模板，在模板中填写。")
    return {heading: place for place, heading in found.items()}


def _text(value):
    """What a person reads in the cell."""
    if isinstance(value, datetime):
        value = value.date()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return clean_text("" if value is None else str(value))
