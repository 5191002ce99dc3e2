"""The State Council's notice of a year's holidays: imported, previewed, refused in words."""

import io
from datetime import date

import pytest
import time_machine
from django.contrib.admin.models import LogEntry
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from openpyxl import Workbook, load_workbook

from reform.calendar import Calendar, holiday_import, unknown_years
from reform.models import CalendarDay, DueItem
from tests.reform.calendar.browsers import at_work

pytestmark = pytest.mark.usefixtures("due_agrees")


def book(*rows, headings=holiday_import.HEADINGS):
    """An uploaded notice."""
    filled = Workbook()
    for row in (headings, *rows):
        filled.active.append(row)
    stream = io.BytesIO()
    filled.save(stream)
    return SimpleUploadedFile("放假安排.xlsx", stream.getvalue())


NATIONAL_DAY = (date(2027, 10, 1), date(2027, 10, 7), "休息", "国庆节")
IN_ITS_STEAD = ("2027年10月9日", None, "上班", "国庆节调休上班")


def sent(office, file, year=2027):
    return office.post(reverse("reform:calendar_import"), {"year": year, "file": file}, follow=True)


def test_a_years_notice_is_imported(office):
    page = sent(office, book(NATIONAL_DAY, ("", "", "", ""), IN_ITS_STEAD)).content.decode()
    assert "已导入：新增 8 天，修改 0 天，0 天没有变化。" in page
    assert [str(row) for row in CalendarDay.objects.filter(day__year=2027)] == [
        *(f"2027-10-0{number} 国庆节" for number in range(1, 8)),
        "2027-10-09 国庆节调休上班",
    ]
    assert Calendar().works(date(2027, 10, 9))
    assert LogEntry.objects.filter(change_message="导入放假安排").count() == 8


def test_an_imported_notice_makes_its_year_known_and_no_other(client, cast):
    with time_machine.travel("2027-12-01T09:00+08:00"):
        office = at_work(client, cast)
        assert unknown_years() == [2027, 2028]
        turn_of_the_year = (date(2028, 1, 1), None, "休息", "元旦")
        sent(office, book(NATIONAL_DAY, IN_ITS_STEAD, turn_of_the_year))
        assert unknown_years() == [2028]


def test_the_notice_is_of_the_year_that_is_named(office):
    """A day of its turn may lie in the year before or after; any other is a wrong year, or a wrong table."""
    for year, sentence in (
        (2026, "不属于 2026 年的放假安排"),
        (2028, "不属于 2028 年的放假安排"),
        ("", "请选择年度。"),
    ):
        answer = sent(office, book(NATIONAL_DAY, IN_ITS_STEAD), year=year)
        assert answer.status_code == 422
        assert sentence in answer.content.decode()
    assert not CalendarDay.objects.filter(day__year=2027).exists()


def test_the_second_time_only_what_changed_is_written(office):
    sent(office, book(NATIONAL_DAY, IN_ITS_STEAD))
    page = sent(office, book((date(2027, 10, 1), None, "休息", "国庆、中秋"), IN_ITS_STEAD)).content.decode()
    assert "已导入：新增 0 天，修改 1 天，1 天没有变化。" in page


def test_a_notice_says_first_how_many_matters_it_moves(office, cast):
    """The file is read once; the second form brings what it said, signed."""
    cast.issued_map()
    july = DueItem.objects.standing().filter(due_on=date(2026, 7, 31))
    notice = book((date(2026, 7, 31), None, "休息", "临时放假"))
    asked = sent(office, notice, year=2026)
    assert asked.status_code == 422
    assert "9 项尚未上报的应报事项，截止日期将随之变动。" in asked.content.decode()
    assert july.count() == 9
    kept = asked.context["form"]["kept"].value()
    forged = office.post(reverse("reform:calendar_import"), {"year": 2026, "kept": f"x{kept}", "accepted": "on"})
    assert "请选择文件。" in forged.content.decode()
    done = office.post(reverse("reform:calendar_import"), {"year": 2026, "kept": kept, "accepted": "on"}, follow=True)
    assert "9 项尚未上报的应报事项，截止日期已随之变动。" in done.content.decode()
    assert str(CalendarDay.objects.get(day=date(2026, 7, 31))) == "2026-07-31 临时放假"
    assert not july.exists()


def test_the_template_is_a_notice_to_fill_in(office):
    answer = office.get(reverse("reform:calendar_template"))
    book = load_workbook(io.BytesIO(answer.content))
    sheet = book.worksheets[0]
    assert tuple(cell.value for cell in sheet[1]) == holiday_import.HEADINGS
    assert "filename*=utf-8''" in answer["Content-Disposition"]
    sheet["A2"], sheet["C2"], sheet["D2"] = date(2027, 1, 1), "休息", "元旦"
    stream = io.BytesIO()
    book.save(stream)
    assert "新增 1 天" in sent(office, SimpleUploadedFile("表.xlsx", stream.getvalue())).content.decode()


def test_all_mistakes_are_named_and_nothing_is_kept(office):
    before = CalendarDay.objects.count()
    answer = sent(
        office,
        book(
            NATIONAL_DAY,
            ("明天", None, "休息", "元旦"),
            (date(2027, 1, 1), None, "放假", "元旦"),
            (date(2027, 2, 9), date(2027, 2, 5), "休息", "春节"),
            (date(2027, 2, 1), date(2027, 3, 1), "休息", "春节"),
            (date(2027, 5, 1), None, "休息", None),
            (date(2027, 10, 3), None, "上班", "国庆节"),
            (date(1927, 10, 3), None, "上班", "国庆节"),
            (date(2027, 6, 1), None, "休息", "=1+1"),
            (date(2027, 6, 1), None, "休息", "长" * 51),
            (None, None, "休息", "端午节"),
        ),
    )
    assert answer.status_code == 422
    page = answer.content.decode()
    for sentence in (
        "没有导入任何内容，请改正后重新选择文件。",
        "第 3 行：“日期”应为日期，例如 2027-10-01，现为“明天”。",
        "第 4 行：“上班/休息”应填“上班”或“休息”，现为“放假”。",
        "第 5 行：2027-02-05 早于 2027-02-09，起止日期有误。",
        "第 6 行：2027-02-01 至 2027-03-01 超过 15 天，请核对。",
        "第 7 行：请填写说明，例如：国庆节。",
        "第 8 行：2027-10-03 与第 2 行重复。",
        "第 9 行：1927-10-03 的年份有误。",
        "第 10 行：D10 是公式，没有计算结果，请改为文字或数字。",
        "第 11 行：说明不超过 50 字，现有 51 字。",
        "第 12 行：“日期”应为日期，例如 2027-10-01，现为“”。",
    ):
        assert sentence in page
    assert CalendarDay.objects.count() == before


def merged():
    filled = load_workbook(book(NATIONAL_DAY))
    filled.active.merge_cells("D2:D3")
    stream = io.BytesIO()
    filled.save(stream)
    return SimpleUploadedFile("表.xlsx", stream.getvalue())


@pytest.mark.parametrize(
    ("file", "sentence"),
    [
        (lambda: None, "请选择文件。"),
        (lambda: SimpleUploadedFile("表.xlsx", b""), "文件是空的"),
        (lambda: SimpleUploadedFile("表.xlsx", b"not a book"), "文件内容不是 xlsx 格式"),  # and all else of test_import
        (lambda: SimpleUploadedFile("表.docx", b"PK"), "请选择 .xlsx、.xls、.et 或 .ods 文件"),
        (merged, "表中有合并单元格（D2:D3）"),
        (book, "表中没有日期"),
        (lambda: book(NATIONAL_DAY, headings=("日期", "上班/休息", "说明")), "表头应依次为"),
        (lambda: book(NATIONAL_DAY, headings=(*holiday_import.HEADINGS, "备注")), "表头应依次为"),
        (lambda: book(*[(None, None, None, None)] * 200, NATIONAL_DAY), "不超过 200 行"),
    ],
)
def test_what_is_no_notice_is_refused_in_words(office, file, sentence):
    before = CalendarDay.objects.count()
    sentences = sent(office, file() or "").content.decode()
    assert sentence in sentences
    assert CalendarDay.objects.count() == before
