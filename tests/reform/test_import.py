"""Base info by Excel: every change is shown first, and then every row is taken or none."""

import io

import pytest
from django.contrib.admin.models import LogEntry
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from openpyxl import load_workbook

from reform.imports.base_info import LAYOUT, ProjectResource
from reform.imports.preview import ResourceImport
from reform.imports.sheets import dataset_of
from reform.models import PendingImport, Project, Stage
from tests import factories
from tests.factories import DepartmentFactory, ProjectFactory
from tests.reform.import_pages import (
    GIVE_UP,
    HEADINGS,
    PAGE,
    PREVIEW,
    ROW,
    TEMPLATE,
    book,
    changes,
    complaints,
    confirm,
    history_of,
    import_book,
    only,
    said,
    upload,
)
from workflow.models import Dossier
from workflow.workbooks.reader import read_sheet

pytestmark = pytest.mark.sql


# --- The way it is meant ----------------------------------------------------------------------------


def test_the_template_filled_in_becomes_projects(client, office):
    answer = client.get(TEMPLATE)
    assert answer.headers["Content-Disposition"].startswith("attachment")
    filled = load_workbook(io.BytesIO(answer.content))
    sheet = filled.active
    assert [cell.value.rstrip("*") for cell in sheet[1]] == HEADINGS
    assert "市科技局" in [cell.value for cell in filled["可选内容"]["J"]]
    assert len(sheet.data_validations.dataValidation) == 5
    for column, heading in enumerate(HEADINGS, 1):
        sheet.cell(3, column, ROW[heading])
    stream = io.BytesIO()
    filled.save(stream)

    shown = upload(client, stream.getvalue())

    assert [row.key for row in shown.context["preview"].added] == ["GG2026001"]
    assert not Project.objects.filter(number="GG2026001").exists()  # nothing is saved before it is confirmed
    assert said(confirm(client, shown)) == "已导入：新增 1 个项目，修改 0 个，0 个没有变化。"
    made = Project.objects.get(number="GG2026001")
    assert (made.department, made.domain.name) == (office.planning, "经济体制")
    assert {partner.name for partner in made.partners.all()} == {"市科技局", "市教委"}
    assert (made.start_year, made.end_year, made.stage) == (2026, 2028, Stage.ACCELERATED)
    assert (str(made.adopted_on), str(made.recognised_on)) == ("2026-03-01", "2026-05-06")
    assert history_of(made) == ["新增（Excel 导入）"]
    assert LogEntry.objects.get(object_id=made.pk).user == office.office


def test_the_same_book_again_changes_nothing_and_a_changed_row_only_itself(client, office):
    rows = [{"项目编号": f"GG{number}"} for number in range(3)]
    import_book(client, book(*rows))
    again = upload(client, book(*rows))
    assert "没有变化：表中 3 个项目与现有内容一致，不需要导入。" in again.content.decode()
    assert "确认导入" not in again.content.decode()
    rows[1] |= {"项目名称": "改了名字", "配合单位": "清空"}
    assert "修改 1 个，2 个没有变化" in said(import_book(client, book(*rows)))
    changed = Project.objects.get(number="GG1")
    assert (changed.name, changed.partners.count()) == ("改了名字", 0)
    assert Project.objects.filter(number__in=["GG0", "GG2"], name="要素市场化配置改革").count() == 2


# --- Before anything is saved -----------------------------------------------------------------------


def test_one_leader_changes_and_empty_cells_keep_what_is_there(client, office):
    import_book(client, book({}))
    shown = upload(client, book(only("GG2026001", 领衔市领导="李市长")))
    assert changes(shown) == {"GG2026001": [("领衔市领导", "王市长", "李市长")]}
    page = shown.content.decode()
    assert page.index("王市长") < page.index("李市长")
    project = Project.objects.get(number="GG2026001")
    assert project.lead_leader == "王市长"
    confirm(client, shown)
    project.refresh_from_db()
    assert project.lead_leader == "李市长"
    assert (project.plan_number, str(project.adopted_on)) == ("市委改发〔2026〕1号", "2026-03-01")
    assert {partner.name for partner in project.partners.all()} == {"市科技局", "市教委"}
    assert history_of(project)[0] == "领衔市领导：王市长 → 李市长（Excel 导入）"
    page = client.get(f"/office/projects/{project.pk}/").content.decode()
    assert "领衔市领导：王市长 → 李市长（Excel 导入）" in page


def test_the_word_empties_what_may_be_empty(client, office):
    import_book(client, book({}))
    emptied = {"配合单位": "清空", "改革方案名称": "清空", "文号": "清空", "方案印发日期": "清空"}
    shown = upload(client, book(only("GG2026001", **emptied)))
    assert changes(shown)["GG2026001"] == [
        ("改革方案名称", "改革实施方案", ""),
        ("文号", "市委改发〔2026〕1号", ""),
        ("方案印发日期", "2026-03-01", ""),
        ("配合单位", "市科技局、市教委", ""),
    ]
    confirm(client, shown)
    project = Project.objects.get(number="GG2026001")
    assert (project.plan_title, project.plan_number, project.adopted_on) == ("", "", None)
    assert not project.partners.exists()
    assert "文号：市委改发〔2026〕1号 → （空）" in history_of(project)[0]


@pytest.mark.parametrize(
    "heading", ["项目编号", "项目名称", "起始年度", "预计完成年度", "改革领域", "领衔市领导", "责任单位", "所处阶段"]
)
def test_what_is_required_cannot_be_emptied(client, office, heading):
    assert f"第 2 行：{heading} 必填，不能清空。" in complaints(upload(client, book({heading: "清空"})))


def test_moving_a_project_is_warned_of_and_needs_its_tick(client, office):
    office.issued_map()
    shown = upload(client, book(only(office.project.number, 责任单位="市教委")))
    page = shown.content.decode()
    assert f"{office.project.number} 数字经济改革：市发展改革委 → 市教委，1 条填报记录随项目移交" in page
    assert "确认变更责任单位" in page
    refused = confirm(client, shown)
    assert refused.status_code == 422
    assert "请核对要变更责任单位的项目，确认无误后勾选。" in refused.content.decode()
    office.project.refresh_from_db()
    assert office.project.department == office.planning
    assert said(confirm(client, refused, moves="on")) == "已导入：新增 0 个项目，修改 1 个，0 个没有变化。"
    office.project.refresh_from_db()
    assert office.project.department == office.education
    assert history_of(office.project) == ["责任单位：市发展改革委 → 市教委（Excel 导入）"]


def test_a_change_after_the_preview_shows_it_again(client, office):
    number = office.project.number
    shown = upload(client, book(only(number, 领衔市领导="李市长")))
    Project.objects.filter(pk=office.project.pk).update(lead_leader="张市长")
    again = confirm(client, shown)
    assert again.status_code == 409
    assert "没有导入：预览之后内容又有变化。" in said(again)
    assert changes(again) == {number: [("领衔市领导", "张市长", "李市长")]}
    assert Project.objects.get(pk=office.project.pk).lead_leader == "张市长"
    confirm(client, again)
    assert Project.objects.get(pk=office.project.pk).lead_leader == "李市长"


@pytest.mark.race
def test_the_projects_are_locked_before_they_are_compared(client, office):
    shown = upload(client, book(only(office.project.number, 领衔市领导="李市长")))
    with CaptureQueriesContext(connection) as captured:
        confirm(client, shown)
    queries = [query["sql"] for query in captured]
    locks = [number for number, sql in enumerate(queries) if "FOR UPDATE" in sql and 'FROM "workflow_dossier"' in sql]
    reads = [number for number, sql in enumerate(queries) if '"reform_project"."lead_leader"' in sql]
    assert locks[0] < reads[0]


def test_a_new_upload_takes_the_place_of_the_last_and_old_pages_confirm_nothing(client, office):
    number = office.project.number
    first = upload(client, book(only(number, 领衔市领导="李市长")))
    upload(client, book(only(number, 领衔市领导="张市长")))
    again = confirm(client, first)
    assert again.status_code == 409
    assert changes(again) == {number: [("领衔市领导", "王市长", "张市长")]}


def test_an_upload_is_its_persons_own_and_confirmed_once(client, office):
    shown = upload(client, book({}))
    client.force_login(office.office2)
    assert "没有等待确认的导入" in said(client.get(PREVIEW, follow=True))
    assert "没有等待确认的导入" in said(confirm(client, shown))
    client.force_login(office.office)
    confirm(client, shown)
    assert "没有等待确认的导入" in said(confirm(client, shown))
    assert Project.objects.filter(number="GG2026001").count() == 1


def test_an_import_given_up_is_gone(client, office):
    upload(client, book({}))
    assert "“项目.xlsx”还没有确认导入" in client.get(PAGE).content.decode()
    client.post(GIVE_UP)
    assert not PendingImport.objects.exists()
    assert "没有等待确认的导入" in said(client.get(PREVIEW, follow=True))
    assert Project.objects.count() == 1


def test_what_became_wrong_after_the_preview_is_said_and_nothing_imported(client, office):
    shown = upload(client, book({}, {"项目编号": "GG2", "责任单位": "市教委", "配合单位": None}))
    office.education.is_active = False
    office.education.save()
    assert "第 3 行：责任单位 市教委已停用，请选择承接工作的单位。" in complaints(confirm(client, shown))
    assert Project.objects.count() == 1


# --- As people write --------------------------------------------------------------------------------


def test_columns_may_be_moved_and_cells_written_as_people_write_them(client, office):
    row = {"起始年度": "２０２６年", "预计完成年度": 2028.0, "方案印发日期": "2026.3.1", "配合单位": "市科技局，市教委"}
    import_book(client, book(row | {"项目编号": 2026001, "项目名称": " 要素\u200b改革 "}, headings=HEADINGS[::-1]))
    made = Project.objects.get(number="2026001")
    assert (made.name, made.start_year, made.end_year, str(made.adopted_on)) == ("要素改革", 2026, 2028, "2026-03-01")
    assert made.partners.count() == 2


def test_empty_rows_between_do_not_shift_the_numbers_in_messages(client, office):
    def change(sheet):
        sheet.insert_rows(2, 3)

    answer = upload(client, book({"起始年度": "x"}, change=change))
    assert "第 5 行：起始年度 “x”不是年度" in complaints(answer)


# --- Rows that are wrong ----------------------------------------------------------------------------

WRONG_ROWS = [
    ({"项目编号": None}, "项目编号 请填写"),
    ({"项目编号": "x" * 21}, "项目编号 不超过 20 字，现有 21 字"),
    ({"项目名称": None}, "项目名称 请填写"),
    ({"项目名称": "长" * 101}, "项目名称 不超过 100 字，现有 101 字"),
    ({"起始年度": "二〇二六"}, "起始年度 “二〇二六”不是年度"),
    ({"起始年度": None}, "起始年度 请填写"),
    ({"起始年度": 20266}, "起始年度 “20266”不是年度"),
    ({"预计完成年度": 2025}, "预计完成年度 预计完成年度不能早于起始年度"),
    ({"改革领域": "经济"}, "没有“经济”这个改革领域，是否为“经济体制”？"),
    ({"责任单位": "市发改委"}, "没有“市发改委”这个单位，是否为“市发展改革委”？"),
    ({"责任单位": None}, "责任单位 请填写"),
    ({"配合单位": "市科技局、火星局"}, "配合单位 没有“火星局”这个单位"),
    ({"配合单位": "市发展改革委"}, "配合单位 市发展改革委是责任单位，不能同时是配合单位"),
    ({"方案印发日期": "三月一日"}, "方案印发日期 “三月一日”不是日期"),
    ({"方案印发日期": "2026-02-30"}, "不是日期"),
    ({"方案印发日期": "2026-07-16"}, "方案印发日期 方案印发日期不能晚于今天"),
    ({"所处阶段": "加快"}, "所处阶段 “加快”不是所处阶段，应为：需求分析、生成重大项目、加快实施"),
    ({"所处阶段": None}, "所处阶段 请填写"),
    ({"认定“加快实施”日期": None}, "须填写市委深改委认定日期"),
    ({"所处阶段": "需求分析"}, "请不要填写认定日期"),
]


@pytest.mark.parametrize(("row", "sentence"), WRONG_ROWS)
def test_a_wrong_row_says_where_and_nothing_at_all_is_imported(client, office, row, sentence):
    answer = upload(client, book({"项目编号": "GG1"}, {"项目编号": "GG2"} | row, {"项目编号": "GG3"}))
    assert f"第 3 行：{sentence}" in complaints(answer) or sentence in complaints(answer)
    assert "第 2 行" not in complaints(answer)
    assert list(Dossier.objects.all()) == [office.project.dossier_ptr]
    assert not LogEntry.objects.exists()


def test_all_problems_of_all_rows_are_said_at_once(client, office):
    answer = upload(client, book({"责任单位": "甲局", "项目名称": None}, {"项目编号": "GG2", "起始年度": "去年"}))
    for sentence in ("第 2 行：责任单位", "第 2 行：项目名称", "第 3 行：起始年度"):
        assert sentence in complaints(answer)


def test_a_number_twice_in_the_sheet(client, office):
    assert "第 3 行：项目编号 与第 2 行的项目编号“GG2026001”重复。" in complaints(upload(client, book({}, {})))


def test_an_import_obeys_what_the_form_obeys(client, office):
    """A department that is no more, a project whose map has been drawn: the same rules on every way."""
    DepartmentFactory(name="原市某局", is_active=False)
    for heading in ("责任单位", "配合单位"):
        assert f"第 2 行：{heading} 原市某局已停用" in complaints(upload(client, book({heading: "原市某局"})))
    factories.battle_map(office.project, office.clerk)
    row = {"项目编号": office.project.number, "所处阶段": "需求分析", "认定“加快实施”日期": "清空"}
    assert "不能从“加快实施”退回" in complaints(upload(client, book(row | {"起始年度": 2025})))
    assert "不能晚于 2026" in complaints(upload(client, book({"项目编号": office.project.number, "起始年度": 2027})))


def test_only_who_may_enter_and_change_may_import(client, cast):
    for name, person in cast.people.items():
        client.force_login(person)
        answer = upload(client, book({"项目编号": f"GG-{name}"}))
        assert (answer.status_code == 404) != name.startswith("office"), name
        assert (client.get(TEMPLATE).status_code == 404) != name.startswith("office"), name
        if answer.status_code == 404:
            assert client.post(PREVIEW).status_code == client.post(GIVE_UP).status_code == 404, name
        else:
            confirm(client, answer)
    assert set(Project.objects.exclude(pk=cast.project.pk).values_list("number", flat=True)) == {
        "GG-OFFICE",
        "GG-OFFICE2",
        "GG-OFFICE_ELSEWHERE",
    }


def test_what_came_in_looks_like_text_wherever_it_is_shown(client, office):
    shown = upload(client, book({"项目名称": "<script>alert(1)</script>", "领衔市领导": "'=1+1"}))
    confirm(client, shown)
    for page in (shown, client.get("/admin/reform/project/"), client.get("/office/projects/")):
        assert "<script>alert(1)" not in page.content.decode()
        assert "&lt;script&gt;alert(1)" in page.content.decode()


def test_an_unchanged_row_costs_no_query(client, office):
    for rows in (2, 6):
        content = book(*({"项目编号": f"GG{number}"} for number in range(rows)))
        import_book(client, content)
        dataset = dataset_of(read_sheet(SimpleUploadedFile("x.xlsx", content)), LAYOUT)
        with CaptureQueriesContext(connection) as captured:
            assert ResourceImport("base_info", ProjectResource).preview(office.office, dataset).same_count == rows
        assert len([query for query in captured if "SAVEPOINT" not in query["sql"]]) == 5


def test_a_lost_race_for_a_number_is_a_sentence(client, office, monkeypatch):
    """Between the check and the write somebody else has used the number."""
    shown = upload(client, book({}))
    monkeypatch.setattr(Project, "full_clean", lambda *args, **kwargs: ProjectFactory(number="GG2026001"))
    assert "第 2 行：没有保存成功" in complaints(confirm(client, shown))


def test_a_changed_row_costs_no_query(client, office):
    """Nor does one that moves: revisions, partners, history and what is due are written for all rows at once."""
    DepartmentFactory(name="市财政局")
    for rows in (2, 6):
        names = [f"GG{rows}{number}" for number in range(rows)]
        import_book(client, book(*({"项目编号": name} for name in names)))
        changed = ({"项目编号": name, "领衔市领导": "李市长", "责任单位": "市财政局"} for name in names)
        shown = upload(client, book(*changed))
        with CaptureQueriesContext(connection) as captured:
            answer = confirm(client, shown, moves="on")
        assert said(answer) == f"已导入：新增 0 个项目，修改 {rows} 个，0 个没有变化。"
        assert len([query for query in captured if query["sql"].startswith(("UPDATE", "INSERT"))]) == 10
        found = Project.objects.filter(number__in=names)
        assert {(str(one.department), one.lead_leader) for one in found} == {("市财政局", "李市长")}
        assert {str(one.revisions.current().get().department) for one in found} == {"市财政局"}
