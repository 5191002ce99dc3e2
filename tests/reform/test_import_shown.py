"""An import reads what people see, asks about what they may not have seen, and gives back its errors in the file."""

import io
from datetime import timedelta
from pathlib import Path

import pytest
from django.contrib.admin.models import LogEntry
from django.utils import timezone
from openpyxl import load_workbook

from reform.models import PendingImport, Project, Stage
from tests.factories import DepartmentFactory, ProjectFactory
from tests.reform.import_pages import PAGE, PREVIEW, book, changes, complaints, confirm, import_book, only, said, upload

pytestmark = pytest.mark.sql
CASES = Path(__file__).parent / "workbooks" / "cases"
ERRORS, HIDDEN = f"{PAGE}errors/", f"{PAGE}hidden/"


def case(client, name):
    return upload(client, (CASES / name).read_bytes(), name)


# --- What people see --------------------------------------------------------------------------------


def test_a_number_is_what_its_cell_shows(client, office):
    confirm(client, case(client, "08-number-format.xlsx"))
    assert Project.objects.filter(number="GG0012").exists()


def test_digits_that_excel_invented_are_refused(client, office):
    assert "第 2 行：A2 的数字超过 15 位" in complaints(case(client, "08-twenty-digits.xlsx"))


@pytest.mark.parametrize("name", [f"09-lookalike-{number}.xlsx" for number in range(5)])
def test_numbers_that_look_alike_are_one_project(client, office, name):
    ProjectFactory(number="GG2025010", department=office.education, stage=Stage.ANALYSIS, recognised_on=None)
    shown = case(client, name)
    assert [(row.key, row.is_new) for row in shown.context["preview"].rows] == [("GG2025010", False)]


def test_two_that_look_alike_in_one_sheet_are_named(client, office):
    assert "第 3 行：项目编号 与第 2 行的项目编号“GG9”重复" in complaints(
        upload(client, book({"项目编号": "GG9"}, {"项目编号": "ｇｇ 9"}))
    )


def test_a_number_typed_by_hand_takes_the_same_form(office):
    ProjectFactory(number=" ｇｇ-77\u200d", department=office.education)
    assert Project.objects.get(number="GG-77").number == "GG-77"


def test_a_document_number_typed_otherwise_is_no_change(client, office):
    import_book(client, book({"文号": "市委改发（2026）1号"}))
    shown = upload(client, book(only("GG2026001", 文号="市委改发(２０２６) 1号")))
    assert shown.context["preview"].same_count == 1


def test_a_heading_with_something_invisible_is_found(client, office):
    assert [row.key for row in case(client, "09-heading.xlsx").context["preview"].added] == ["H-1"]


def test_line_breaks_typed_on_windows(client, office):
    for name in ("市卫生健康委", "市商务委"):
        DepartmentFactory(name=name)
    shown = case(client, "10-name.xlsx")
    assert [row.name for row in shown.context["preview"].added] == ["数字政务 一体化改革"]
    confirm(client, case(client, "10-partners.xlsx"))
    assert Project.objects.get(number="CR-2").partners.count() == 2


@pytest.mark.parametrize("name", ["font-family", "strict", "stray-cell", "style-attribute"])
def test_what_office_programs_open_is_imported(client, office, name):
    assert len(case(client, f"13-{name}.xlsx").context["preview"].added) == 1


# --- What is hidden ---------------------------------------------------------------------------------


def test_filtered_rows_are_named_and_asked_about_before_anything_is_compared(client, office):
    asked = case(client, "12-filtered.xlsx")
    assert "第 3–4 行（共 2 行）在表中被隐藏或筛选掉" in asked.content.decode()
    assert "preview" not in asked.context
    assert "表中有隐藏的内容" in client.post(PREVIEW, {"token": ""}).content.decode()
    assert not Project.objects.filter(number="F-1").exists()


@pytest.mark.parametrize(("choice", "numbers"), [("take", ["F-1", "F-2", "F-3"]), ("leave", ["F-1"])])
def test_hidden_rows_count_as_the_person_says(client, office, choice, numbers):
    case(client, "12-filtered.xlsx")
    shown = client.post(HIDDEN, {"choice": choice}, follow=True)
    assert [row.key for row in shown.context["preview"].added] == numbers
    confirm(client, shown)
    assert sorted(Project.objects.exclude(pk=office.project.pk).values_list("number", flat=True)) == numbers


def test_hidden_columns_are_asked_about_too(client, office):
    import_book(client, book({}))

    def hide(sheet):
        sheet.column_dimensions["F"].hidden = True

    asked = upload(client, book(only("GG2026001", 领衔市领导="李市长", 项目名称="新名"), change=hide))
    assert "F（领衔市领导） 列在表中被隐藏" in asked.content.decode()
    shown = client.post(HIDDEN, {"choice": "leave"}, follow=True)
    assert changes(shown) == {"GG2026001": [("项目名称", "要素市场化配置改革", "新名")]}


# --- Its own file, with its errors --------------------------------------------------------------------


def test_the_errors_stand_in_the_file_and_the_corrected_file_is_imported(client, office):
    answer = upload(client, book({"责任单位": "甲局"}, {"项目编号": "0012", "起始年度": "去年"}, {"项目编号": "GG3"}))
    assert "下载带错误说明的表" in answer.content.decode()
    returned = client.get(ERRORS)
    assert "filename" in returned["Content-Disposition"]
    corrected = load_workbook(io.BytesIO(returned.content))
    sheet = corrected.active
    assert sheet["Q1"].value == "错误说明"
    assert sheet["Q2"].value.startswith("责任单位 没有“甲局”这个单位")
    assert sheet["Q3"].value.startswith("起始年度 “去年”不是年度")
    assert sheet["Q4"].value is None
    assert sheet["A3"].value == "0012"
    sheet["J2"], sheet["C3"] = "市教委", "2026"
    sheet["K2"] = "市科技局"  # it cannot be its own partner
    stream = io.BytesIO()
    corrected.save(stream)
    confirm(client, upload(client, stream.getvalue()))
    assert set(Project.objects.exclude(pk=office.project.pk).values_list("number", flat=True)) == {
        "GG2026001",
        "0012",
        "GG3",
    }


def test_without_an_upload_there_is_no_file_with_errors(client, office):
    assert "没有等待确认的导入" in said(client.get(ERRORS, follow=True))


# --- An upload waits for a day -----------------------------------------------------------------------


def test_an_upload_expires_after_a_day(client, office):
    shown = upload(client, book({}))
    PendingImport.objects.update(uploaded_at=timezone.now() - timedelta(hours=24, minutes=1))
    assert "没有等待确认的导入" in said(client.get(PREVIEW, follow=True))
    assert "没有等待确认的导入" in said(confirm(client, shown))


def test_what_has_expired_goes_with_the_next_upload(client, office):
    upload(client, book({}))
    PendingImport.objects.update(uploaded_at=timezone.now() - timedelta(days=2))
    client.force_login(office.office2)
    upload(client, book({}))
    assert list(PendingImport.objects.values_list("user", flat=True)) == [office.office2.pk]


def test_a_repeated_import_leaves_no_trace(client, office):
    import_book(client, book({}, {"项目编号": "GG2"}))
    before = LogEntry.objects.count()
    shown = import_book(client, book({}, {"项目编号": "GG2"}))
    assert "没有变化" in said(shown) or "0 个项目" in said(shown)
    assert LogEntry.objects.count() == before
