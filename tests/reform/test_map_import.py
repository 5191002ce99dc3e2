"""导入作战图: one workbook, many drafts; every cell is shown first, and then all maps are taken or none."""

import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from openpyxl import Workbook, load_workbook

from reform.imports.map_sheets import INDICATORS, PLANS
from reform.models import BattleMap, PlanType
from tests import factories
from tests.factories import ProjectFactory
from workflow.states import State

PAGE = "/maps/import/"
LONG = "；".join(f"第{number}项行动{'要' * 100}" for number in "一二三四")


def indicator(number, name="新增试点企业", annual=120, monthly=10, **cells):
    months = {f"{month}月": monthly for month in range(1, 13)}
    own = {"项目编号": number, "年度": 2026, "核心指标名称": name, "计量单位": "家", "年度目标值": annual}
    return own | months | cells


def plan(number, measure="建立机制", month="3月", kind="制定改革方案", content="印发方案", **cells):
    own = {
        "项目编号": number,
        "年度": 2026,
        "举措内容": measure,
        "计划月度": month,
        "计划类型": kind,
        "计划内容": content,
    }
    return own | cells


def workbook(indicators=(), plans=(), change=None):
    book = Workbook()
    book.active.title = INDICATORS.title
    for sheet, layout, rows in (
        (book.active, INDICATORS, indicators),
        (book.create_sheet(PLANS.title), PLANS, plans),
    ):
        sheet.append(layout.headings)
        for row in rows:
            sheet.append([row.get(heading) for heading in layout.headings])
    if change:
        change(book)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


@pytest.fixture
def upload(client, cast):
    client.force_login(cast.clerk)

    def upload(content):
        return client.post(PAGE, {"file": SimpleUploadedFile("作战图.xlsx", content)}, follow=True)

    return upload


@pytest.fixture
def take(client, upload):
    """take(workbook, …): what comes of 确认导入."""

    def take(content, **more):
        shown = upload(content)
        return client.post(f"{PAGE}preview/", {"token": shown.context["preview"].token} | more, follow=True)

    return take


def complaints(answer):
    assert answer.status_code == 422
    return "\n".join([*answer.context["form"].errors.get("file", []), *answer.context["problems"]])


def content(drawn):
    """{indicator: (annual, December)} and {measure: [(month, type, content)]} of a map."""
    indicators = {
        row.name: (row.annual_target, row.targets.get(month=12).target)
        for row in drawn.indicators.prefetch_related("targets")
    }
    measures = {
        row.content: [(one.month, one.type, one.content) for one in row.plans.all()] for row in drawn.measures.all()
    }
    return indicators, measures


@pytest.fixture
def two(cast):
    """The numbers of two projects of the clerk."""
    return cast.project.number, ProjectFactory(department=cast.planning).number


# --- The way it is meant ----------------------------------------------------------------------------


def test_the_template_offers_what_may_be_filled_in(client, cast, upload):
    client.force_login(cast.clerk)
    book = load_workbook(io.BytesIO(client.get(f"{PAGE}template/").content))
    assert book.sheetnames == ["填写说明", "核心指标", "举措和计划", "可选内容"]
    offered = {cell.value for column in book["可选内容"].columns for cell in column}
    assert {cast.project.number, "12月", *PlanType.labels} <= offered
    assert len(book["举措和计划"].data_validations.dataValidation) == 4
    assert cast.project.name in str([[cell.value for cell in row] for row in book["填写说明"].rows])
    for layout, cells in ((INDICATORS, indicator(cast.project.number)), (PLANS, plan(cast.project.number))):
        for at, heading in enumerate(layout.headings, 1):
            book[layout.title].cell(3, at, cells.get(heading))
    stream = io.BytesIO()
    book.save(stream)
    assert [row.after["月度推进计划"] for row in upload(stream.getvalue()).context["preview"].added] == ["1 项"]


def test_many_maps_of_one_workbook_become_drafts(take, two):
    first, second = two
    answer = take(
        workbook(
            [indicator(first), indicator(None, "上线应用", 12, 1) | {"年度": None}, indicator(second)],
            [
                plan(first),
                plan(None, None, "9月", "开展试点示范", "选3个区") | {"年度": None},
                plan(second, "搭建平台", "十二月", "搭建重要平台", "平台上线"),
            ],
        )
    )
    assert "新建 2 张作战图草稿" in answer.content.decode()
    drawn = BattleMap.objects.get(dossier__project__number=first)
    assert (drawn.state, drawn.year, drawn.version) == (State.DRAFT, 2026, 1)
    assert content(drawn) == (
        {"新增试点企业": (120, 10), "上线应用": (12, 1)},
        {"建立机制": [(3, "scheme", "印发方案"), (9, "pilot", "选3个区")]},
    )
    assert content(BattleMap.objects.get(dossier__project__number=second))[1] == {
        "搭建平台": [(12, "platform", "平台上线")]
    }


def test_the_preview_shows_every_cell_and_saves_nothing(upload, two):
    shown = upload(workbook([indicator(two[0])], [plan(two[0])]))
    page = shown.content.decode()
    assert "120 ✓" in page
    assert "印发方案" in page
    assert not BattleMap.objects.exists()


def test_the_same_again_changes_nothing(take, upload, two):
    book = workbook([indicator(two[0])], [plan(two[0], LONG)])
    take(book, **dict.fromkeys(ticks(upload(book)), "on"))
    version = BattleMap.objects.get().version
    preview = upload(book).context["preview"]
    assert not preview.changes_anything
    assert preview.same_count == 1
    assert BattleMap.objects.get().version == version


def ticks(shown):
    return [row.tick(number) for row, _ in shown.context["maps"] for number in row.split]


# --- Drafts that are there --------------------------------------------------------------------------


def test_a_draft_changes_cell_by_cell_and_an_empty_cell_keeps(take, upload, two):
    take(workbook([indicator(two[0])], [plan(two[0])]))
    before = BattleMap.objects.get()
    kept = before.indicators.get().pk
    book = workbook([indicator(two[0], annual=125, 计量单位=None) | {"12月": 15}])
    [row] = upload(book).context["preview"].changed
    assert [(change.label, change.old, change.new) for change in row.changes] == [
        ("指标“新增试点企业”年度目标值", "120", "125"),
        ("指标“新增试点企业”12月", "10", "15"),
    ]
    take(book)
    after = BattleMap.objects.get().indicators.get()
    assert (after.pk, after.unit, after.annual_target) == (kept, "家", 125)
    assert content(before)[1] == {"建立机制": [(3, "scheme", "印发方案")]}


def test_what_the_word_says_is_emptied(take, two):
    take(workbook([indicator(two[0])]))
    take(workbook([indicator(two[0], 计量单位="清空")]))
    assert not BattleMap.objects.get().indicators.get().unit


def test_what_would_go_from_a_draft_needs_its_tick(take, two):
    take(workbook([indicator(two[0]), indicator(two[0], "上线应用")]))
    book = workbook([indicator(two[0])])
    refused = take(book)
    assert refused.status_code == 422
    assert "指标“上线应用”" in str(refused.context["preview"].warnings)
    assert BattleMap.objects.get().indicators.count() == 2
    take(book, drops="on")
    assert BattleMap.objects.get().indicators.count() == 1


def test_rows_of_a_draft_that_have_no_name_yet_are_called_so(take, upload, two):
    take(workbook([indicator(two[0])]))
    drawn = BattleMap.objects.get()
    drawn.indicators.create(position=1)
    drawn.measures.create(position=0)
    preview = upload(workbook([indicator(two[0])], [plan(two[0])])).context["preview"]
    [gone] = preview.warnings.values()
    assert [sentence.rpartition("：")[2] for sentence in gone] == ["未填名称的指标", "未填内容的举措"]


@pytest.mark.parametrize("state", [State.SUBMITTED, State.CONFIRMED])
def test_what_others_have_is_never_touched(upload, cast, state):
    drawn = cast.make(BattleMap)
    cast.bring(drawn, state)
    said = complaints(upload(workbook([indicator(cast.project.number)])))
    assert f"现在是“{state.label}”，不能导入" in said


def test_a_draft_changed_after_the_preview_is_not_overwritten(client, take, upload, two):
    take(workbook([indicator(two[0])]))
    token = upload(workbook([indicator(two[0], annual=130)])).context["preview"].token
    BattleMap.objects.get().indicators.update(annual_target=7)
    answer = client.post(f"{PAGE}preview/", {"token": token})
    assert answer.status_code == 409
    assert BattleMap.objects.get().indicators.get().annual_target == 7


def test_the_office_brings_first_drafts_and_the_clerks_are_told(client, cast, take, upload, two):
    client.force_login(cast.office)
    assert f'href="{PAGE}"' in client.get("/kinds/battlemap/").text
    book = workbook([indicator(two[0])], [plan(two[0])])
    assert "已通知责任单位核对、上报。" in take(book).text
    drawn = BattleMap.objects.get()
    assert (drawn.state, drawn.indicators.count()) == (State.DRAFT, 1)
    told = f"{cast.project.name} · 2026年度项目作战图：市委改革办已导入草稿，请核对后上报。"
    assert [message.text for message in cast.clerk.messages.all()] == [told]
    assert not upload(book).context["preview"].changes_anything  # again changes nothing

    said = complaints(upload(workbook([indicator(two[0], annual=130)])))
    assert "现在是“草稿”，由责任单位修改，不能导入" in said
    client.force_login(cast.clerk)
    assert upload(workbook([indicator(two[0], annual=130)])).context["preview"].changed


def test_the_office_brings_maps_only_for_those_it_is_in_charge_of(client, cast, upload, two):
    client.force_login(cast.office_elsewhere)
    assert "或不由您负责。" in complaints(upload(workbook([indicator(two[0])])))
    for other in (cast.reviewer, cast.admin, cast.auditor):
        client.force_login(other)
        assert client.get(PAGE).status_code == 404


def test_an_indicator_comes_with_its_type_and_its_quarters(take, upload, two):
    rate = {"指标类型": "期末达到", "填报周期": "季", "数据滞后": "1 个月", "基期值": 80, "口径": "按期办结的占比"}
    law = {"指标类型": "定性目标"}
    book = workbook([indicator(two[0], "办结率", 95, 95) | rate, indicator(two[0], "立法", "条例出台", "起草") | law])
    take(book)
    rate, law = BattleMap.objects.get().indicators.all()
    assert (rate.type, rate.period, rate.delay, rate.baseline, rate.scope) == ("level", 3, 1, 80, "按期办结的占比")
    assert [target.month for target in rate.targets.all()] == [3, 6, 9, 12]
    assert (law.annual_words, law.targets.get(month=6).words) == ("条例出台", "起草")
    assert not upload(book).context["preview"].changes_anything


# --- What cannot be taken ---------------------------------------------------------------------------


def test_one_bad_cell_and_nothing_is_taken(client, upload, two):
    first, second = two
    said = complaints(
        upload(
            workbook(
                [indicator(first), indicator(second) | {"3月": "若干"}],
                [plan(second, kind="立法", month="一季度"), plan("无此编号")],
            )
        )
    )
    assert "“核心指标”第 3 行：3月：请填写数字" in said
    assert f"“举措和计划”第 2 行：计划类型：“立法”不是规定的计划类型，应为：{'、'.join(PlanType.labels)}。" in said
    assert "“举措和计划”第 2 行：计划月度：“一季度”不是月份，请填写 1 月至 12 月中的一个。" in said
    assert "“举措和计划”第 3 行：没有项目编号为“无此编号”的项目，或不由您负责。" in said
    assert not BattleMap.objects.exists()

    corrected = load_workbook(io.BytesIO(client.get(f"{PAGE}errors/").content))
    sheet = corrected["举措和计划"]
    assert "计划类型：“立法”" in sheet.cell(2, len(PLANS.headings) + 1).value
    assert sheet.cell(2, PLANS.headings.index("计划内容") + 1).value == "印发方案"


def test_two_indicators_of_one_name_are_not_taken(upload, two):
    """They are found by their names: the preview would show the second in the place of the first."""
    first, second = two
    book = workbook([indicator(first), indicator(second), indicator(first, "新增 试点企业 ", 60, 5)])
    said = complaints(upload(book)).splitlines()
    assert said == ["“核心指标”第 4 行：核心指标名称：与“核心指标”第 2 行的名称相同，请改名或合为一行。"]


def test_problems_stand_in_the_order_of_the_sheets(upload, two):
    book = workbook([indicator(two[0], annual="若干"), indicator("无此编号"), indicator(two[0]) | {"年度": "明年"}])
    said = complaints(upload(book)).splitlines()
    assert [sentence.partition("：")[0] for sentence in said] == [f"“核心指标”第 {row} 行" for row in (2, 3, 4)]


@pytest.mark.parametrize(
    ("cells", "sentence"),
    [
        ({"项目编号": None}, "请填写项目编号。"),
        ({"年度": None}, "请填写年度，例如 2026。"),
        ({"年度": "明年"}, "“明年”不是年度，例如 2026。"),
        ({"年度": 1999}, "不能绘制 1999 年度作战图。"),
    ],
)
def test_each_row_says_whose_it_is(upload, two, cells, sentence):
    assert "“核心指标”第 2 行：" in complaints(answer := upload(workbook([indicator(two[0]) | cells])))
    assert sentence in complaints(answer)


def test_a_project_of_others_is_none(upload, cast):
    number = ProjectFactory(department=cast.education).number
    assert f"没有项目编号为“{number}”的项目，或不由您负责。" in complaints(upload(workbook([indicator(number)])))


def test_sheets_of_other_books_are_named(upload, two):
    said = complaints(
        upload(workbook([indicator(two[0])], change=lambda book: book.create_sheet("其他").append(["x"])))
    )
    assert "不认识的工作表：其他" in said


# --- Long measures, hidden rows ---------------------------------------------------------------------


def test_a_long_measure_of_several_actions_is_split_where_wanted(take, upload, two):
    book = workbook(plans=[plan(two[0], LONG)])
    [tick] = ticks(upload(book))
    take(book, **{tick: "on"})
    first, *others = BattleMap.objects.get().measures.all()
    assert len(others) == 3
    assert [one.content for one in first.plans.all()] == ["印发方案"]


def test_and_stays_one_where_not(take, upload, two):
    book = workbook(plans=[plan(two[0], LONG)])
    take(book)
    assert BattleMap.objects.get().measures.get().content == LONG
    assert not upload(book).context["preview"].changes_anything


def test_hidden_rows_are_asked_about_and_never_become_anothers(client, upload, two):
    first, second = two

    def hide(book):
        book["举措和计划"].row_dimensions[3].hidden = True

    book = workbook(
        plans=[plan(first), plan(second, "搭建平台"), plan(None, None, content="平台上线") | {"年度": None}],
        change=hide,
    )
    shown = upload(book)
    assert "“举措和计划”第 3 行" in shown.content.decode()
    shown = client.post(f"{PAGE}hidden/", {"choice": "leave"}, follow=True)
    plans = {row.instance.project.number: row.after["月度推进计划"] for row in shown.context["preview"].added}
    assert plans == {first: "1 项", second: "1 项"}


def test_a_hidden_key_is_refused(upload, two):
    def hide(book):
        book["核心指标"].column_dimensions["A"].hidden = True

    assert "A（项目编号） 列被隐藏" in complaints(upload(workbook([indicator(two[0])], change=hide)))


@pytest.mark.parametrize("maps", [1, 3])
def test_the_preview_asks_no_more_for_many_maps(client, cast, take, upload, maps):
    projects = [cast.project, *(ProjectFactory(department=cast.planning) for _ in range(2))][:maps]
    for project in projects:
        factories.battle_map(project, cast.clerk)
    upload(workbook([indicator(project.number) for project in projects], [plan(p.number) for p in projects]))
    with CaptureQueriesContext(
        connection,
    ) as asked:
        shown = client.get(f"{PAGE}preview/")
    assert len(shown.context["preview"].changed) == maps
    assert len(asked) == 14
