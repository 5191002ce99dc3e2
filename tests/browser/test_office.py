"""The office at its own data: an import that is read before it is confirmed, and a day of the calendar."""

import pytest
from playwright.sync_api import expect

from reform.models import Project
from tests.browser import on_a_phone, sign_in
from tests.browser.test_accessibility import faults
from tests.reform.import_pages import book, only

pytestmark = pytest.mark.full


def live_through(page, cast):
    project = cast.project
    sign_in(page, cast.office)
    page.goto("/office/projects/")
    page.get_by_role("link", name="导入", exact=True).click()
    changed = only(project.number, 领衔市领导="李市长", 责任单位="市教委", 配合单位="清空")
    file = {"name": "项目.xlsx", "mimeType": "application/octet-stream", "buffer": book(changed, {})}
    page.get_by_label("表格文件（.xlsx、.xls、.et、.ods）").set_input_files([file])
    page.get_by_role("button", name="上传并预览").click()

    expect(page.get_by_role("heading", name="导入预览")).to_be_visible()
    expect(page.get_by_role("row").filter(has_text="领衔市领导").filter(has_text="王市长")).to_contain_text("李市长")
    expect(page.get_by_role("row").filter(has_text="配合单位").filter(has_text="市科技局")).to_contain_text("（空）")
    expect(page.get_by_role("row").filter(has_text="GG2026001")).to_contain_text("要素市场化配置改革")
    page.get_by_role("button", name="确认导入").click()
    expect(page.get_by_text("请核对要变更责任单位的项目，确认无误后勾选。")).to_be_visible()
    assert Project.objects.get(pk=project.pk).lead_leader == "王市长"

    page.get_by_label("确认变更责任单位").check()
    page.get_by_role("button", name="确认导入").click()
    expect(page.get_by_text("已导入：新增 1 个项目，修改 1 个，0 个没有变化。")).to_be_visible()
    page.get_by_role("link", name=project.name).click()
    expect(page.locator("#log")).to_contain_text("领衔市领导：王市长 → 李市长")
    expect(page.locator("#log")).to_contain_text("责任单位：市发展改革委 → 市教委")
    expect(page.locator("#log")).to_contain_text("改革办甲")


def test_an_import(page, cast):
    live_through(page, cast)


@on_a_phone
def test_an_import_on_a_phone(page, cast):
    live_through(page, cast)


def test_an_import_without_scripts(new_context, cast):
    live_through(new_context(java_script_enabled=False).new_page(), cast)


def test_the_preview_is_accessible(new_context, cast):
    """No link leads to it, so the walk of all pages does not come by."""
    page = new_context(bypass_csp=True).new_page()
    sign_in(page, cast.office)
    page.goto("/office/projects/import/")
    moved = book(only(cast.project.number, 责任单位="市教委"), {})
    page.get_by_label("表格文件（.xlsx、.xls、.et、.ods）").set_input_files(
        [{"name": "项目.xlsx", "mimeType": "application/octet-stream", "buffer": moved}]
    )
    page.get_by_role("button", name="上传并预览").click()
    expect(page.get_by_role("heading", name="导入预览")).to_be_visible()
    assert faults(page) == []


def test_after_a_refusal_one_goes_on_in_the_first_field_that_is_wrong(page, cast):
    sign_in(page, cast.office)
    page.goto("/office/projects/add/")
    page.get_by_label("项目编号").fill("2026-099")
    page.get_by_role("button", name="保存").click()
    expect(page.get_by_text("请填写项目名称。")).to_be_visible()
    expect(page.get_by_label("项目名称")).to_be_focused()
    expect(page.get_by_label("项目编号")).to_have_value("2026-099")
