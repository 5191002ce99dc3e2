"""A reviewer decides and a clerk brings evidence, with and without scripts."""

import pytest
from django.db import transaction
from playwright.sync_api import expect

from tests import documents, factories
from tests.browser import on_a_phone, sign_in
from workflow.models import Record
from workflow.states import State


@pytest.fixture
@transaction.atomic
def waiting(cast):
    """Two promotions before the reviewer, oldest first."""
    cast.issued_map()
    return [cast.bring(factories.promotion(cast.project, cast.clerk), State.SUBMITTED) for _ in range(2)]


def decide_both(page):
    """Rejects the first, passes the second, by the buttons of the page."""
    page.goto("/inbox/")
    page.get_by_role("link", name="数字经济改革").first.click()
    page.locator("summary", has_text="驳回").click()
    page.get_by_role("button", name="驳回并看下一件").click()
    expect(page.get_by_text("请选择驳回原因。")).to_be_visible()
    expect(page.get_by_text("请填写详细描述。")).to_be_visible()
    page.get_by_label("驳回原因").select_option("佐证材料不足")
    page.get_by_label("详细描述").fill("请补充会议纪要。")
    page.get_by_role("button", name="驳回并看下一件").click()
    expect(page.get_by_text("已驳回，责任单位可以看到驳回原因。")).to_be_visible()
    expect(page.get_by_text("第 1 件，共 1 件")).to_be_visible()
    page.get_by_role("button", name="通过", exact=True).click()
    expect(page.get_by_text("已通过，转市委改革办审核。")).to_be_visible()


def states(records):
    return [Record.objects.get(pk=record.pk).state for record in records]


def test_a_reason_is_asked_for_only_where_it_is_needed(page, cast, waiting):
    sign_in(page, cast.reviewer)
    page.goto(f"/records/{waiting[0].pk}/")
    reason = page.get_by_label("驳回原因")
    expect(reason).to_be_hidden()
    page.locator("summary", has_text="驳回").click()
    expect(reason).to_be_visible()
    expect(page.get_by_label("详细描述")).to_be_visible()


def test_a_reviewer_works_through_the_inbox(page, cast, waiting):
    sign_in(page, cast.reviewer)
    decide_both(page)
    assert states(waiting) == [State.REJECTED, State.DEPT_APPROVED]


@on_a_phone
def test_a_reviewer_works_through_the_inbox_on_a_phone(page, cast, waiting):
    sign_in(page, cast.reviewer)
    decide_both(page)
    assert states(waiting) == [State.REJECTED, State.DEPT_APPROVED]


def test_a_reviewer_works_through_the_inbox_without_scripts(new_context, cast, waiting):
    page = new_context(java_script_enabled=False).new_page()
    sign_in(page, cast.reviewer)
    decide_both(page)
    assert states(waiting) == [State.REJECTED, State.DEPT_APPROVED]


@pytest.fixture
def evidence(tmp_path):
    """Paths of a good file and of one that is not what it says."""
    good, bad = tmp_path / "会议纪要（第三次）.docx", tmp_path / "假的.pdf"
    good.write_bytes(documents.open_xml("docx"))
    bad.write_bytes(documents.EXE)
    return [good, bad]


@pytest.fixture
@transaction.atomic
def draft(cast):
    cast.issued_map()
    return factories.promotion(cast.project, cast.clerk)


def names(draft):
    return [file.name for file in draft.attachments.current()]


def test_evidence_is_sent_as_soon_as_it_is_chosen_and_ticked(page, cast, draft, evidence):
    sign_in(page, cast.clerk)
    page.goto(f"/records/{draft.pk}/edit/")
    box = page.locator("#files")
    box.get_by_label("选择文件").set_input_files(evidence)
    expect(box.get_by_text("请勾选“本材料不涉密”，勾选后自动上传。")).to_be_visible()
    assert names(draft) == []

    box.get_by_label("本材料不涉密").check()
    expect(box.get_by_role("link", name="会议纪要（第三次）.docx")).to_be_visible()
    expect(box.get_by_text("“假的.pdf”：文件内容不是 pdf 格式")).to_be_visible()
    expect(box.get_by_label("本材料不涉密")).not_to_be_checked()
    assert names(draft) == ["会议纪要（第三次）.docx"]

    with page.expect_download() as download:
        box.get_by_role("link", name="会议纪要（第三次）.docx").click()
    assert download.value.suggested_filename == "会议纪要（第三次）.docx"

    box.locator("[data-list]").get_by_role("button", name="移除").click()
    expect(box.get_by_role("link", name="会议纪要（第三次）.docx")).to_have_count(0)
    assert names(draft) == []


def test_files_chosen_while_others_are_on_their_way_are_not_dropped(page, cast, draft, evidence):
    """They need a tick of their own."""
    good, bad = evidence
    sign_in(page, cast.clerk)
    page.goto(f"/records/{draft.pk}/edit/")
    box = page.locator("#files")
    held = []

    def hold(route):
        held.append(route)

    page.route("**/files/", hold, times=1)
    box.get_by_label("选择文件").set_input_files(good)
    box.get_by_label("本材料不涉密").check()
    expect(box.get_by_text("正在上传 1 个文件……")).to_be_visible()
    box.get_by_label("选择文件").set_input_files(bad)
    held[0].continue_()
    expect(box.get_by_text("已上传 1 个文件。")).to_be_visible()
    expect(box.get_by_text("请勾选“本材料不涉密”，勾选后自动上传。")).to_be_visible()

    box.get_by_label("本材料不涉密").check()
    expect(box.get_by_text("“假的.pdf”：文件内容不是 pdf 格式")).to_be_visible()
    box.locator("[data-list]").get_by_role("button", name="移除").click()
    expect(box.get_by_text("已移除 1 个文件。")).to_be_visible()


def test_classified_evidence_is_registered_in_place(page, cast, draft):
    sign_in(page, cast.clerk)
    page.goto(f"/records/{draft.pk}/edit/")
    box = page.locator("#files")
    box.get_by_label("材料标题").fill("某专项报告")
    box.get_by_role("button", name="登记").click()
    expect(box.get_by_text("请填写涉密材料的报送日期。")).to_be_visible()
    box.get_by_label("报送日期").fill("2026-07-01")
    box.get_by_role("button", name="登记").click()
    expect(box.get_by_text("某专项报告")).to_be_visible()
    assert [notice.title for notice in draft.classified_notices.all()] == ["关于改革进展的报告", "某专项报告"]


def test_without_scripts_evidence_goes_with_the_text(new_context, cast, draft, evidence):
    page = new_context(java_script_enabled=False).new_page()
    sign_in(page, cast.clerk)
    page.goto(f"/records/{draft.pk}/edit/")
    page.get_by_label("具体情况简介").fill("召开了发布会，新写的。")
    page.get_by_label("选择文件").set_input_files(evidence)
    page.get_by_label("本材料不涉密").check()
    page.locator(".action-bar").get_by_role("button", name="保存为草稿").click()
    expect(page.get_by_text("“假的.pdf”：文件内容不是 pdf 格式").first).to_be_visible()
    expect(page.get_by_label("具体情况简介")).to_have_value("召开了发布会，新写的。")
    assert names(draft) == ["会议纪要（第三次）.docx"]
