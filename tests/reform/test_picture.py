"""作战图 as a page and as .xlsx: what is drawn, for whom, and with which lights."""

from decimal import Decimal
from io import BytesIO

import pytest
import time_machine
from django.urls import reverse
from openpyxl import load_workbook

from reform.maps.bars import Axis, Bar
from reform.maps.picture import Picture, Row
from reform.maps.workbook import write
from reform.models import BattleMap, LedgerExport, MonthlyPlan, PlanStatus
from reform.models.due_schedule import write_map
from tests import factories
from tests.cast import stage
from tests.factories import ClassifiedNoticeFactory
from workflow.states import State


@pytest.fixture
def drawn(cast):
    """Issued in January; plans in February (done), July and November; January to June reported: 9 of 10 each."""
    with time_machine.travel("2026-01-10T09:00+08:00"):
        stage("January's map", cast.issued_map)
        drawn = cast.issued_map()
    for month in range(1, 7):
        update = factories.target_update(drawn, cast.clerk, month)
        update.values.update(value=9)
        cast.bring(update, State.CONFIRMED)
    update = factories.plan_update(factories.open_plan(drawn), cast.clerk, PlanStatus.DONE)
    ClassifiedNoticeFactory(record=update)
    cast.bring(update, State.CONFIRMED)
    return drawn


def add_plan(drawn, month, **content):
    plan = drawn.measures.first().plans.create(**{"month": month, "type": "pilot", "content": "开展试点"} | content)
    write_map(drawn)
    return plan


def words(picture):
    return [(chip.plan.month, chip.light.word) for _, chip in picture.chips]


def test_every_plan_stands_in_its_month_with_its_light(drawn):
    add_plan(drawn, 5)
    add_plan(drawn, 9, status=PlanStatus.IN_PROGRESS)
    picture = Picture(drawn)
    assert words(picture) == [(2, "已完成"), (5, "逾期 1 个月"), (9, "推进中"), (7, "本月到期"), (11, "未到期")]
    assert list(picture.months) == list(range(2, 13))
    assert picture.this_month == 7
    assert picture.counted == "3 条举措 · 5 项计划 · 已完成 1 项"
    assert [what for what, _ in picture.warnings] == [
        "① 5月 开展试点示范",
        "新增试点企业",
        "办件量",
        "② 7月 制定改革方案",
    ]


def test_an_indicator_shows_what_has_added_up(drawn):
    card = Picture(drawn).cards[0]
    assert (card.done_text, card.annual_text) == ("54", "120")
    assert card.measures == [("完成年度目标", "45%"), ("序时进度", "50%"), ("完成累计目标", "90%")]
    assert (card.light.word, card.light.colour) == ("落后", "amber")
    assert [bar.colour for bar in card.bars][:6] == ["amber"] * 6
    assert card.bars[5].words == "6月：目标值 10，进度值 9"
    assert card.bars[6].words == "7月：目标值 10，进度值未确认"
    assert card.bars[6].actual_box is None
    assert dict(card.lines)["累计进度"][:7] == ["9", "18", "27", "36", "45", "54", ""]


@pytest.mark.parametrize(
    ("values", "zero", "boxes"),
    [
        # 44 units tall: the largest value stands on 46 and reaches up to 2.
        (["10", "5", "0", None], 46, [("2.0", "44.0"), ("24.0", "22.0"), ("45.0", "1.0"), None]),
        (["0", "0"], 46, [("45.0", "1.0"), ("45.0", "1.0")]),
        (["-10", "-5", "0"], 2, [("2.0", "44.0"), ("2.0", "22.0"), ("1.0", "1.0")]),
        (["30", "-10"], 35, [("2.0", "33.0"), ("35.0", "11.0")]),
        (["10000", "1"], 46, [("2.0", "44.0"), ("45.0", "1.0")]),
    ],
)
def test_bars_stand_on_zero_and_hang_from_it(values, zero, boxes):
    values = [value and Decimal(value) for value in values]
    axis = Axis.of(values)
    assert axis.zero == pytest.approx(zero)
    assert axis.has_negatives == any(value and value < 0 for value in values)
    bars = [Bar(month, value, value, Decimal(1), axis) for month, value in enumerate(values, 1)]
    assert [bar.target_box for bar in bars] == [bar.actual_box for bar in bars] == boxes


def test_a_reduction_is_drawn_below_its_line(client, cast, drawn):
    drawn.indicators.first().targets.filter(month__gt=6).update(target=-5)
    page = look(client, cast.clerk, drawn).content.decode()
    assert page.count('class="bar-zero"') == 1


def test_the_lights_of_the_picture_are_those_of_the_project(client, cast, drawn):
    add_plan(drawn, 5)
    client.force_login(cast.office)
    [listed] = client.get(reverse("reform:projects")).context["page_obj"]
    assert listed.light == Picture(drawn).light
    assert listed.light.word == "红灯"


def test_before_the_map_is_issued_nothing_is_lit(cast):
    drawn = factories.battle_map(cast.project, cast.clerk)
    picture = Picture(drawn)
    assert {word for _, word in words(picture)} == {"未下发"}
    assert picture.light.word == "未下发"
    assert picture.warnings == []


def test_an_empty_draft_can_be_looked_at(client, cast):
    drawn = BattleMap.create(cast.project, 2026, cast.clerk)
    drawn.indicators.create(position=0)
    measure = drawn.measures.create(position=0)
    measure.plans.create()
    client.force_login(cast.clerk)
    page = client.get(reverse("reform:map", args=[drawn.pk])).content.decode()
    assert "（未填写名称）" in page
    assert "（未填写举措内容）" in page
    assert "未选月度：未选类型" in page


@pytest.mark.parametrize(
    ("content", "title", "text"),
    [
        ("建立登记制度。分类分级确权。", "建立登记制度", "分类分级确权。"),
        ("深化改革：先租后让", "深化改革", "先租后让"),
        ("一句话没有停顿", "", "一句话没有停顿"),
        ("这一句实在是太长了所以无论如何不能当作标题来写因为写不下。第二句", "", None),
        ("", "", ""),
    ],
)
def test_a_short_first_sentence_is_the_title_of_a_measure(content, title, text):
    row = Row(1, factories.MonthlyPlan.measure.field.related_model(content=content), [], [])
    assert (row.title, row.text) == (title, content if text is None else text)


# --- The page ---------------------------------------------------------------------------------


def look(client, person, drawn, name="map"):
    client.force_login(person)
    return client.get(reverse(f"reform:{name}", args=[drawn.pk]))


@pytest.mark.parametrize("name", ["map", "map_excel"])
def test_a_map_is_shown_to_those_who_may_see_it(client, cast, drawn, name):
    answers = {who: look(client, person, drawn, name).status_code for who, person in cast.people.items()}
    strangers = {"stranger", "strange_reviewer", "admin", "auditor", "display"}
    assert {who for who, status in answers.items() if status == 404} == strangers
    assert {status for who, status in answers.items() if who not in strangers} == {200}


def test_a_partner_cannot_look_at_a_draft(client, cast):
    drawn = factories.battle_map(cast.project, cast.clerk)
    assert look(client, cast.partner, drawn).status_code == 404
    assert look(client, cast.clerk, drawn).status_code == 200


def test_every_chip_leads_to_its_plan_and_says_why(client, cast, drawn):
    page = look(client, cast.clerk, drawn).content.decode()
    for plan in MonthlyPlan.objects.all():
        assert f'href="/plans/{plan.pk}/" aria-describedby="why-{plan.pk}"' in page
    assert "应于2026年7月31日前完成，现为“未启动”。" in page
    assert "截至 2026-07-15 09:00，进度只统计市委改革办已确认的数据。" in page
    assert "措施迭代申请</a>" in page


def test_the_plans_page_says_the_same(client, cast, drawn):
    plan = MonthlyPlan.objects.get(month=7)
    assert look(client, cast.clerk, plan, "plan").context["light"].word == "本月到期"
    plan.cancelled_at = plan.measure.battle_map.issued_at
    plan.save()
    assert look(client, cast.clerk, plan, "plan").context["light"] is None


def test_how_often_a_measure_was_iterated(client, cast, drawn):
    cast.bring(factories.iteration(drawn.measures.first(), cast.clerk), State.CONFIRMED)
    assert "已迭代 1 次" in look(client, cast.clerk, drawn).content.decode()


def test_the_page_asks_the_same_few_questions_of_a_small_and_of_a_large_map(
    client, cast, drawn, django_assert_max_num_queries
):
    look(client, cast.clerk, drawn)
    with django_assert_max_num_queries(60) as small:
        look(client, cast.clerk, drawn)
    for month in range(1, 13):
        drawn.measures.create(position=month, content="又一条").plans.create(month=month, type="pilot", content="试点")
        factories.add_indicator(drawn, f"指标{month}")
        add_plan(drawn, month)
    with django_assert_max_num_queries(60) as large:
        look(client, cast.clerk, drawn)
    assert len(large) == len(small)


# --- Excel ------------------------------------------------------------------------------------


def book(answer):
    return load_workbook(BytesIO(b"".join(answer.streaming_content))).active


def cells(sheet):
    return {cell.value: cell for row in sheet.iter_rows() for cell in row if cell.value is not None}


def test_the_workbook_is_the_same_picture(client, cast, drawn):
    drawn.measures.create(position=8, content="=1+1").plans.create(month=5, type="other", type_name="+2", content="x")
    write_map(drawn)
    answer = look(client, cast.clerk, drawn, "map_excel")
    assert "%E4%BD%9C%E6%88%98%E5%9B%BE" in answer["Content-Disposition"]
    sheet = book(answer)
    assert (sheet.page_setup.orientation, sheet.page_setup.paperSize) == ("landscape", 8)
    assert sheet.sheet_properties.pageSetUpPr.fitToPage
    assert (sheet.page_setup.fitToWidth or 1) == 1  # which the format takes for granted
    found = cells(sheet)
    assert found["④ =1+1"].data_type == "s"
    assert found["+2\n逾期 1 个月"].data_type == "s"
    assert found["+2\n逾期 1 个月"].fill.start_color.rgb == "FFFBEEEE"
    assert found["制定改革方案\n本月到期"].fill.start_color.rgb == "FFFDF3E1"
    assert [found[value].data_type for value in (120, 54, 0.45, 0.9)] == ["n", "n", "n", "n"]
    assert found[0.45].number_format == found[0.9].number_format == "0.0%"
    assert [found["完成年度目标"].column, found["完成累计目标"].column] == [found[0.45].column, found[0.9].column]


@pytest.mark.parametrize(("more", "sheets"), [(0, 1), (5, 1), (15, 2)], ids=["small", "usual", "very large"])
def test_the_workbook_fills_its_paper_and_flows_only_when_it_must(cast, drawn, more, sheets):
    for number in range(more):
        measure = drawn.measures.create(position=8 + number, content=f"又一条举措{number}")
        for name in ("甲", "乙"):
            measure.plans.create(month=8, type="other", type_name=name, content="试点")
    write_map(drawn)
    file = BytesIO()
    write(Picture(drawn), file)
    sheet = load_workbook(file).active
    assert sheet.sheet_properties.pageSetUpPr.fitToPage
    assert (sheet.page_setup.fitToWidth or 1, sheet.page_setup.fitToHeight) == (1, 0)
    assert sheet.print_title_rows is not None
    assert "&P" in sheet.oddFooter.right.text
    columns = sheet.column_dimensions.values()
    width = sum(column.width * (column.max - column.min + 1) for column in columns) * 5.25
    height = sum(sheet.row_dimensions[row].height or 15 for row in range(1, sheet.max_row + 1))
    part = height / (width * 277 / 400)  # of one sheet, drawn as wide as the paper
    assert (0.9 < part <= 1) if sheets == 1 else (1 < part < sheets)


def test_rows_of_the_workbook_are_as_high_as_their_texts(cast, drawn):
    factories.add_indicator(drawn, "建立健全" * 14)  # five lines of the column, and its lag two
    file = BytesIO()
    write(Picture(drawn), file)
    sheet = load_workbook(file).active
    first, *_, long = (row for row in range(1, sheet.max_row) if sheet.cell(row, 8).value == "目标值")
    heights = [sum(sheet.row_dimensions[row + more].height for more in (0, 1)) for row in (first, long)]
    assert heights[0] < 50
    assert 7 * 14 <= heights[1] < 8 * 14


def test_a_workbook_that_leaves_is_registered(client, cast, drawn):
    look(client, cast.partner, drawn, "map_excel")
    entry = LedgerExport.objects.get()
    assert (entry.actor, entry.ledger, entry.rows, entry.address) == (cast.partner, "项目作战图", 3, "127.0.0.1")
    assert entry.conditions == f"{cast.project.number} 数字经济改革，2026年度"


def test_plans_of_one_month_stand_below_each_other(client, cast, drawn):
    for name in ("甲", "乙", "丙"):
        add_plan(drawn, 8, type="other", type_name=name)
    found = cells(book(look(client, cast.clerk, drawn, "map_excel")))
    places = [found[f"{name}\n未到期"] for name in ("甲", "乙", "丙")]
    assert len({cell.column for cell in places}) == 1
    assert [cell.row - places[0].row for cell in places] == [0, 1, 2]
