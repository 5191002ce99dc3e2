"""月度计划填报表: taken along, filled in, and brought back as drafts."""

import shutil
import subprocess
from io import BytesIO

import pytest
from django.contrib.admin.models import LogEntry
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from openpyxl import load_workbook

from reform.fillable.importing import FillableImport
from reform.fillable.plans import PlanSheet
from reform.imports.sheets import dataset_of
from reform.models import LedgerExport, PlanStatus, PlanUpdate
from tests import factories
from tests.reform.fillable_pages import (
    FIRST,
    bring,
    changes,
    column,
    complaints,
    confirm,
    fill,
    open_headings,
    said,
    saved,
    taken,
)
from workflow.states import State
from workflow.workbooks.reader import read_sheet

pytestmark = pytest.mark.sql

TAKE, PAGE = "/ledgers/plans/sheet/", "/ledgers/plans/import/"
PREVIEW = f"{PAGE}preview/"


@pytest.fixture
def clerk(cast, client):
    """The cast with its issued map and the clerk signed in; plans in February, July and November."""
    cast.issued_map()
    client.force_login(cast.clerk)
    return cast


def plan_of(cast, month):
    return next(plan for measure in cast.issued_map().measures.all() for plan in measure.plans.filter(month=month))


# --- What is taken along ----------------------------------------------------------------------------


def test_the_sheet_has_the_open_plans_with_what_may_change_open_and_all_else_locked(clerk, client):
    update = factories.plan_update(plan_of(clerk, 2), clerk.clerk, PlanStatus.DONE)
    factories.ClassifiedNoticeFactory(record=update)
    clerk.bring(update, State.CONFIRMED)
    clerk.bring(factories.plan_update(plan_of(clerk, 7), clerk.clerk), State.SUBMITTED)

    book = taken(client, "plans")

    page = book.active
    assert [page.cell(FIRST, column(page, "计划内容")).value, page.max_row] == ["11月制定方案", FIRST]
    assert page.protection.sheet
    assert page.column_dimensions["A"].hidden
    assert open_headings(page) == ["推进状态", "已开展工作", "存在问题", "下一步工作计划"]
    [choice] = page.data_validations.dataValidation
    assert choice.formula1 == '"未启动,推进中,已完成"'
    assert page["B2"].value == "只填写黄色的列，填好后在“月度计划台账”页面导入；另有 1 行现在不能填报"
    export = LedgerExport.objects.get()
    assert (export.ledger, export.rows, export.actor, export.conditions) == (
        "月度计划填报表",
        1,
        clerk.clerk,
        "年度：2026年",
    )


def test_the_ledger_as_it_is_narrowed_is_taken_along(clerk, client):
    page = taken(client, "plans", "year=2026&month=7").active
    assert [page.cell(FIRST, column(page, "月度")).value, page.max_row] == ["7", FIRST]


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ("year=2026&month=3", "没有可以填报的内容。"),
        ("as_of=2026-07-01", "填报表按现在的内容导出，请清除截至日期后再导出。"),
        ("month=13", "查询条件有误，请修改后再导出。"),
    ],
)
def test_nothing_to_fill_in_is_said(clerk, client, query, sentence):
    answer = client.post(f"{TAKE}?{query}")
    assert (answer.status_code, answer.context["refusal"]) == (422, sentence)
    assert not LedgerExport.objects.exists()


def test_a_ledger_without_rows_offers_nothing_to_take_along(clerk, client):
    page = client.get("/ledgers/plans/?year=2026&month=3").content.decode()
    assert "导出填报表" not in page
    assert "导入填报表" in page


def test_only_clerks_find_it_and_only_their_own_departments_rows_are_in_it(clerk, client):
    assert "导出填报表" in client.get("/ledgers/plans/").content.decode()
    for who in ("reviewer", "office", "admin", "auditor"):
        client.force_login(getattr(clerk, who))
        assert (client.post(TAKE).status_code, client.get(PAGE).status_code) == (404, 404)
        assert "填报表" not in client.get("/ledgers/plans/").content.decode()
    client.force_login(clerk.partner)  # reads the ledger's rows, and enters for none of them
    assert client.post(TAKE).status_code == 422


# --- What is brought back ---------------------------------------------------------------------------


def test_a_filled_in_sheet_becomes_drafts_after_every_change_was_shown(clerk, client):
    book = taken(client, "plans")
    fill(book, 推进状态="推进中", 已开展工作="=1+1\n+86\n@部署", 下一步工作计划="-印发")
    fill(book, FIRST + 2, 存在问题="没有资金")

    shown = bring(client, "plans", book)

    assert changes(shown) == [
        ("推进状态", "", "推进中"),
        ("已开展工作", "", "=1+1\n+86\n@部署"),
        ("下一步工作计划", "", "-印发"),
        ("存在问题", "", "没有资金"),
    ]
    assert not PlanUpdate.objects.exists()
    done = confirm(client, "plans", shown)
    assert said(done) == "已写入 2 份草稿，没有上报。请逐份核对后上报。"
    assert done.redirect_chain == [("/kinds/planupdate/?state=draft", 302)]
    first, last = PlanUpdate.objects.order_by("plan__month")
    assert (first.plan, first.state, first.creator) == (plan_of(clerk, 2), State.DRAFT, clerk.clerk)
    assert (first.status, first.work_done, first.difficulties, first.next_steps) == (
        "in_progress",
        "=1+1\n+86\n@部署",
        "",
        "-印发",
    )
    assert (last.plan, last.status, last.difficulties) == (plan_of(clerk, 11), "", "没有资金")
    entry = LogEntry.objects.get(object_id=last.pk)
    assert (entry.user, entry.get_change_message()) == (
        clerk.clerk,
        "数字经济改革 2026年11月 制定改革方案 存在问题：（空） → 没有资金（Excel 导入）",
    )


def test_the_same_sheet_again_changes_nothing(clerk, client):
    book = fill(taken(client, "plans"), 推进状态="推进中")
    confirm(client, "plans", bring(client, "plans", book))
    again = bring(client, "plans", book)
    assert "没有变化：表中 3 个月度计划与现有内容一致，不需要导入。" in again.content.decode()
    assert PlanUpdate.objects.count() == 1


def test_the_one_unfinished_update_is_edited_and_what_nobody_touched_stays(clerk, client):
    factories.plan_update(plan_of(clerk, 2), clerk.clerk)
    book = fill(taken(client, "plans"), 存在问题="没有资金", 下一步工作计划="")
    update = PlanUpdate.objects.get()
    update.work_done = "后来补充的工作。"
    update.save()

    shown = bring(client, "plans", book)

    assert changes(shown) == [("存在问题", "", "没有资金"), ("下一步工作计划", "印发方案。", "")]
    confirm(client, "plans", shown)
    update = PlanUpdate.objects.get()
    assert (update.work_done, update.difficulties, update.next_steps) == ("后来补充的工作。", "没有资金", "")
    assert update.version == 1


def test_what_came_back_is_edited_where_it_is(clerk, client):
    clerk.bring(factories.plan_update(plan_of(clerk, 2), clerk.clerk), State.RETURNED)
    done = confirm(client, "plans", bring(client, "plans", fill(taken(client, "plans"), 存在问题="没有资金")))
    assert PlanUpdate.objects.get().state == State.RETURNED
    assert done.redirect_chain == [("/kinds/planupdate/", 302)]


# --- What is refused, all of it at once ---------------------------------------------------------------


def test_cells_that_changed_meanwhile_are_refused_cell_by_cell(clerk, client):
    factories.plan_update(plan_of(clerk, 2), clerk.clerk)
    book = fill(taken(client, "plans"), 已开展工作="我的", 存在问题="我的")
    fill(book, FIRST + 1, 存在问题="别处")
    PlanUpdate.objects.update(work_done="别人后来写的")
    assert complaints(bring(client, "plans", book)) == (
        "第 3 行：已开展工作：导出后内容已有变化，现为“别人后来写的”，请重新导出填报表后填写。"
    )
    assert PlanUpdate.objects.get().difficulties == ""


def test_a_record_under_review_is_refused_in_plain_words(clerk, client):
    update = factories.plan_update(plan_of(clerk, 2), clerk.clerk)
    book = fill(taken(client, "plans"), 存在问题="没有资金")
    clerk.bring(update, State.SUBMITTED)
    assert complaints(bring(client, "plans", book)) == (
        "第 3 行：已经上报，现在是“待部门审核”，审核结束或撤回后才能修改。"
    )


def test_a_book_of_other_columns_is_to_be_taken_along_anew(clerk, client):
    """There is no template here."""
    book = taken(client, "plans")
    book.active.cell(1, column(book.active, "推进状态"), "状态")
    answer = bring(client, "plans", book)
    assert answer.status_code == 422
    [*_, remedy] = answer.context["form"].errors["file"]
    assert remedy.endswith("表头应在第一行，请重新导出填报表后填写。")


def test_what_is_wrong_is_said_cell_by_cell_and_stands_in_the_error_file(clerk, client):
    book = fill(taken(client, "plans"), 推进状态="做完了", 已开展工作="字" * 5001, 计划内容="改了")
    page = book.active
    fill(book, FIRST + 1, 行标识=page.cell(FIRST + 1, 1).value[:-1] + "x")
    fill(book, FIRST + 2, 行标识=page.cell(FIRST, 1).value)
    fill(book, FIRST + 3, 存在问题="新的一行")

    answer = bring(client, "plans", book)

    assert complaints(answer).split("\n") == [
        "第 3 行：“计划内容”不能通过填报表修改，请改回导出时的内容。",
        "第 3 行：推进状态：“做完了”不在可选内容中，应为：未启动、推进中、已完成。",
        "第 3 行：已开展工作：不超过 5000 字，现有 5001 字。",
        "第 4 行：行标识缺失或已被改动，请重新导出填报表后填写。",
        "第 5 行：与第 3 行是同一项月度计划，只能保留一行。",
        "第 6 行：这一行不是从系统导出的，填报表中不能增加行。",
    ]
    errors = load_workbook(BytesIO(client.get(f"{PAGE}errors/").content))
    page = errors.active
    assert page.cell(4, column(page, "错误说明")).value == "行标识缺失或已被改动，请重新导出填报表后填写。"
    red = [cell.value for cell in page[1] if page.cell(FIRST, cell.column).fill.fgColor.rgb == "FFFDE7E4"]
    assert red == ["计划内容", "推进状态", "已开展工作"]
    assert not page.cell(FIRST, column(page, "计划内容")).protection.locked  # to be mended there
    page.delete_rows(FIRST + 1, 3)
    page.protection.sheet = False
    fill(errors, 推进状态="推进中", 已开展工作="已部署。", 计划内容="2月制定方案")
    assert [change[0] for change in changes(bring(client, "plans", errors))] == ["推进状态", "已开展工作"]


def test_rows_of_others_are_unknown(clerk, client):
    book = fill(taken(client, "plans"), 存在问题="没有资金")
    client.force_login(clerk.stranger)
    assert complaints(bring(client, "plans", book)).split("\n")[0] == "第 3 行：没有找到这项月度计划。"
    client.force_login(clerk.clerk2)  # of the same department
    assert len(changes(bring(client, "plans", book))) == 1


def test_a_plan_done_and_a_project_closed_meanwhile_are_refused(clerk, client):
    book = fill(taken(client, "plans"), 存在问题="没有资金")
    plan = plan_of(clerk, 2)
    plan.status = PlanStatus.DONE
    plan.save()
    assert complaints(bring(client, "plans", book)) == "第 3 行：这项计划已完成，不再更新。"


def test_nothing_is_written_when_it_changed_after_the_preview(clerk, client):
    shown = bring(client, "plans", fill(taken(client, "plans"), 存在问题="没有资金"))
    factories.plan_update(plan_of(clerk, 2), clerk.clerk)
    answer = confirm(client, "plans", shown)
    assert answer.status_code == 409
    assert PlanUpdate.objects.get().difficulties == ""


def test_hidden_rows_are_asked_about_and_the_hidden_key_is_not(clerk, client):
    book = fill(taken(client, "plans"), 存在问题="没有资金")
    assert bring(client, "plans", book).redirect_chain[-1][0] == PREVIEW
    fill(book, FIRST + 1, 存在问题="看不见").active.row_dimensions[FIRST + 1].hidden = True
    asked = bring(client, "plans", book)
    assert "第 4 行（共 1 行）在表中被隐藏或筛选掉" in asked.content.decode()
    shown = client.post(f"{PAGE}hidden/", {"choice": "leave"}, follow=True)
    assert changes(shown) == [("存在问题", "", "没有资金")]


@pytest.mark.parametrize("rows", [1, 3])
def test_a_preview_asks_the_same_questions_however_many_rows(clerk, client, rows):
    book = taken(client, "plans")
    for row in range(FIRST, FIRST + rows):
        fill(book, row, 存在问题="没有资金")
    book.active.delete_rows(FIRST + rows, 3 - rows)
    sheet = PlanSheet()
    dataset = dataset_of(read_sheet(saved(book)), sheet.layout)
    with CaptureQueriesContext(connection) as asked:
        assert len(FillableImport(sheet).preview(clerk.clerk, dataset).changed) == rows
    assert len(asked) == 3


@pytest.mark.full
@pytest.mark.parametrize("kind", ["xlsx", "ods", "xls"])
def test_a_sheet_saved_by_libreoffice_comes_back(clerk, client, tmp_path, kind):
    if not shutil.which("soffice"):
        pytest.skip("no LibreOffice on this machine")
    factories.plan_update(plan_of(clerk, 7), clerk.clerk)
    fill(taken(client, "plans"), 推进状态="推进中", 已开展工作="=1+1\n第二行").save(tmp_path / "sheet.xlsx")
    home, folder = f"-env:UserInstallation=file://{tmp_path}/home", tmp_path / "out"
    convert = ["soffice", home, "--headless", "--convert-to", kind, "--outdir", folder, tmp_path / "sheet.xlsx"]
    subprocess.run(convert, check=True, capture_output=True, timeout=120)
    file = SimpleUploadedFile(f"sheet.{kind}", (folder / f"sheet.{kind}").read_bytes())

    shown = client.post(PAGE, {"file": file}, follow=True)

    assert changes(shown) == [("推进状态", "", "推进中"), ("已开展工作", "", "=1+1\n第二行")]
    assert shown.context["preview"].same_count == 2
