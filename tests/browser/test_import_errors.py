"""An import corrected from its own error file."""

import io

import pytest
from openpyxl import load_workbook
from playwright.sync_api import expect

from reform.models import Project
from tests.browser import sign_in
from tests.reform.import_pages import book

pytestmark = [pytest.mark.full, pytest.mark.browser]
FILE = "表格文件（.xlsx、.xls、.et、.ods）"


def test_an_import_is_corrected_from_its_own_error_file(page, cast):
    sign_in(page, cast.office)
    page.goto("/office/projects/import/")
    content = book({"责任单位": "市教育委"}, {"项目编号": "GG2", "起始年度": "去年"})
    choose(page, "项目.xlsx", content)
    expect(page.get_by_role("alert")).to_contain_text("第 2 行：责任单位 没有“市教育委”这个单位")

    with page.expect_download() as download:
        page.get_by_role("link", name="下载带错误说明的表").click()
    corrected = load_workbook(io.BytesIO(download.value.path().read_bytes()))
    sheet = corrected.active
    assert sheet["Q3"].value.startswith("起始年度 “去年”不是年度")
    sheet["J2"], sheet["K2"], sheet["C3"] = "市教委", "市科技局", "2026"
    stream = io.BytesIO()
    corrected.save(stream)

    choose(page, download.value.suggested_filename, stream.getvalue())
    expect(page.get_by_role("heading", name="导入预览")).to_be_visible()
    page.get_by_role("button", name="确认导入").click()
    expect(page.get_by_text("已导入：新增 2 个项目")).to_be_visible()
    assert Project.objects.filter(number__in=["GG2026001", "GG2"]).count() == 2


def choose(page, name, content):
    file = {"name": name, "mimeType": "application/octet-stream", "buffer": content}
    page.get_by_label(FILE).set_input_files([file])
    page.get_by_role("button", name="上传并预览").click()
