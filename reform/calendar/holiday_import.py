"""The State Council's yearly notice of holidays as a small Excel: read whole, or refused with all its errors."""

import io
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import transaction
from openpyxl import Workbook
from openpyxl.styles import Alignment, Font
from openpyxl.worksheet.datavalidation import DataValidation

from reform.calendar import notice_years
from workflow.texts import day_text, normal_form
from workflow.workbooks.reader import read_sheet
from workflow.workbooks.sheet import Unreadable, row_numbers

from .models import CalendarDay

SHEET = "放假安排"
HEADINGS = ("日期", "至（连续多天时填写）", "上班/休息", "说明")
WORDS = {"上班": True, "休息": False}
MAX_ROWS = 200
LONGEST = 15  # days in a row


@dataclass(frozen=True)
class Day:
    day: date
    is_working: bool
    note: str


def template():
    """The bytes of an empty notice with its headings and an explained example."""
    book = Workbook()
    sheet = book.active
    sheet.title = SHEET
    sheet.append(HEADINGS)
    for cell in sheet[1]:
        cell.font = Font(bold=True)
    for column, width in zip("ABCD", (14, 24, 12, 24), strict=True):
        sheet.column_dimensions[column].width = width
    sheet.freeze_panes = "A2"
    choice = DataValidation(type="list", formula1='"上班,休息"', allow_blank=True)
    sheet.add_data_validation(choice)
    choice.add(f"C2:C{MAX_ROWS}")
    for column in "AB":
        for row in range(2, MAX_ROWS + 1):
            sheet[f"{column}{row}"].number_format = "yyyy-mm-dd"
    help_sheet = book.create_sheet("填写说明")
    help_sheet.column_dimensions["A"].width = 90
    for line in (
        "按国务院办公厅每年的节假日安排通知填写，一行一个日期或一段连续的日期。",
        "“上班/休息”填“休息”（放假）或“上班”（调休上班的周末）；没有列出的日期按周一至周五上班。",
        "例：日期 2027-10-01，至 2027-10-07，休息，国庆节。",
        "例：日期 2027-10-09，至 不填，上班，国庆节调休上班。",
        "表中已有的日期以本次导入的为准。",
    ):
        help_sheet.append([line])
        help_sheet.cell(help_sheet.max_row, 1).alignment = Alignment(wrap_text=True)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def read(file):
    """The days of an uploaded notice; raises Unreadable."""
    sheet = read_sheet(file)
    _check(sheet)
    days, errors = {}, []
    for row in sheet.rows[1:]:
        if row.number > MAX_ROWS:
            raise Unreadable(f"不超过 {MAX_ROWS} 行。")
        if row.problems:
            errors += [f"第 {row.number} 行：{problem}" for problem in row.problems]
            continue
        try:
            found = _days(*[*row.cells, "", "", "", ""][:4])
        except ValueError as error:
            errors.append(f"第 {row.number} 行：{error}")
            continue
        for day in found:
            if day.day in days:
                errors.append(f"第 {row.number} 行：{day.day} 与第 {days[day.day][0]} 行重复。")
            else:
                days[day.day] = row.number, day
    if errors:
        raise Unreadable(*errors)
    if not days:
        raise Unreadable("表中没有日期，请填写后再导入。")
    return [day for _, day in days.values()]


def _check(sheet):
    headings = [normal_form(text) for text in (sheet.rows[0].cells if sheet.rows else [])]
    if headings != [normal_form(heading) for heading in HEADINGS]:
        raise Unreadable(f"表头应依次为：{'、'.join(HEADINGS)}。请下载模板，在模板中填写。")
    sheet.refuse_merged()
    if sheet.hidden_rows:
        raise Unreadable(f"第 {row_numbers(sheet.hidden_rows)} 行被隐藏或筛选掉了，请取消隐藏和筛选，核对后再导入。")


@transaction.atomic
def keep(days):
    """Writes them; returns the CalendarDays that were added and those that were changed."""
    known = {row.day: row for row in CalendarDay.objects.filter(day__in=[day.day for day in days])}
    added, changed = [], []
    for day in days:
        row = known.get(day.day)
        if row is None:
            added.append(CalendarDay(day=day.day, is_working=day.is_working, note=day.note))
        elif (row.is_working, row.note) != (day.is_working, day.note):
            row.is_working, row.note = day.is_working, day.note
            changed.append(row)
    CalendarDay.objects.bulk_create(added)
    CalendarDay.objects.bulk_update(changed, ["is_working", "note"])
    return added, changed


def _days(first, last, what, note):
    first = _date(first, "日期")
    last = _date(last, HEADINGS[1]) if last else first
    if what not in WORDS:
        raise ValueError(f"“上班/休息”应填“上班”或“休息”，现为“{what[:20]}”。")
    if last < first:
        raise ValueError(f"{last} 早于 {first}，起止日期有误。")
    if (last - first).days >= LONGEST:
        raise ValueError(f"{first} 至 {last} 超过 {LONGEST} 天，请核对。")
    if not note:
        raise ValueError("请填写说明，例如：国庆节。")
    if len(note) > 50:
        raise ValueError(f"说明不超过 50 字，现有 {len(note)} 字。")
    return [Day(first + timedelta(days=number), WORDS[what], note) for number in range((last - first).days + 1)]


def _date(text, label):
    try:
        value = datetime.strptime(day_text(text), "%Y-%m-%d").date()  # noqa: DTZ007 - a day has no zone
    except ValueError:
        raise ValueError(f"“{label}”应为日期，例如 2027-10-01，现为“{text[:20]}”。") from None
    if value.year not in notice_years():
        raise ValueError(f"{value} 的年份有误。")
    return value
