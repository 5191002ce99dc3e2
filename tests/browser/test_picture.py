"""作战图 in a real Chromium: why a chip has its colour, and the sheet that is printed."""

from datetime import datetime
from io import BytesIO
from unicodedata import normalize
from zoneinfo import ZoneInfo

import pytest
from django.db import transaction
from playwright.sync_api import expect
from pypdf import PdfReader

from reform.maps.picture import LEGEND
from reform.models import MonthlyPlan, PlanType
from tests import factories
from tests.browser import on_a_phone, sign_in
from tests.cast import enter
from workflow.states import State

pytestmark = pytest.mark.full

SHANGHAI = ZoneInfo("Asia/Shanghai")
A3 = (1191, 842)  # points, on its side
TEXT = "先租后让、弹性年期，推行标准地加承诺制，分类分级确权，建设全市统一登记平台，推动公共数据授权运营。"


@pytest.fixture
def cast(transactional_db, settings):
    settings.CLOCK = datetime(2026, 2, 14, 9, tzinfo=SHANGHAI)
    return enter()


@transaction.atomic
def issued(cast, settings, indicators, measures, plans):
    """A map of that size, issued in February and reported until June; now it is July."""
    drawn = factories.battle_map(cast.project, cast.clerk)
    drawn.measures.all().delete()
    for number in range(2, indicators):
        factories.add_indicator(drawn, f"第{number + 1}项核心指标", position=number)
    types = [plan_type for plan_type in PlanType if plan_type != PlanType.OTHER]
    for number in range(measures):
        drawn.measures.create(position=number, content=f"第{number + 1}条改革举措。{TEXT}")
    rows = list(drawn.measures.all())
    for number in range(plans):
        month, plan_type = 2 + number * 5 % 11, types[number % len(types)]
        rows[number % measures].plans.create(month=month, type=plan_type, content="制定并印发方案")
    drawn = cast.bring(drawn, State.ISSUED)
    settings.CLOCK = datetime(2026, 7, 15, 9, tzinfo=SHANGHAI)
    for month in range(1, 7):
        update = factories.target_update(drawn, cast.clerk, month)
        update.values.update(value=9)
        cast.bring(update, State.CONFIRMED)
    MonthlyPlan.objects.filter(month__lte=5).update(status="done")
    return drawn


def printed(page):
    page.emulate_media(media="print")
    clipped = page.evaluate(
        """() => [...document.querySelectorAll(".map-table td, .map-table th, .plan-chip, .goal")]
            .filter((box) => box.scrollWidth > box.clientWidth + 1).map((box) => box.textContent.trim())"""
    )
    assert clipped == []

    return PdfReader(BytesIO(page.pdf(prefer_css_page_size=True)))


def one_character_lines(page):
    """Chips whose type or light ends in a line of one character."""
    return page.evaluate(
        """() => [...document.querySelectorAll(".plan-chip > span:first-child, .plan-word")].filter((box) => {
            const range = document.createRange();
            const text = box.firstChild;
            const top = (index) => { range.setStart(text, index); range.setEnd(text, index + 1);
                                     return range.getBoundingClientRect().top; };
            return text.length > 1 && top(text.length - 1) > top(text.length - 2) + 3;
        }).map((box) => box.textContent)"""
    )


def text_of(sheet):
    return plain(sheet.extract_text())


def plain(text):
    """Without spaces and line ends; fonts share glyphs between letters and radicals, and readers find the radical."""
    return "".join(normalize("NFKC", text).split())


def sizes(reader):
    return {(round(float(sheet.mediabox.width)), round(float(sheet.mediabox.height))) for sheet in reader.pages}


@pytest.mark.parametrize(
    "size", [(2, 3, 6), (3, 4, 22), (6, 8, 40), (2, 10, 50)], ids=["least", "small", "usual", "large"]
)
def test_the_map_prints_on_one_a3_sheet_with_nothing_cut_off(page, cast, settings, size):
    drawn = issued(cast, settings, *size)
    sign_in(page, cast.clerk)
    page.goto(f"/maps/{drawn.pk}/")
    page.set_viewport_size({"width": 1512, "height": 1050})
    reader = printed(page)
    assert page.locator(".map-notes").bounding_box()["y"] + page.locator(".map-notes").bounding_box()["height"] > 980
    assert one_character_lines(page) == []
    assert sizes(reader) == {A3}
    [sheet] = reader.pages
    text = text_of(sheet)
    wanted = [
        "数字经济改革 · 项目作战图",
        "责任单位 市发展改革委",
        "截至 2026-07-15 ",  # the clock runs on meanwhile
        *(f"{month}月" for month in range(2, 13)),
        *(word for _, word in LEGEND),
        *(indicator.name for indicator in drawn.indicators.all()),
        *(f"第{number + 1}条改革举措{TEXT}" for number in range(drawn.measures.count())),
        # The reasons of red and amber lights, which hang on hover elsewhere.
        "应于2026年6月30日前完成，现为“未启动”。",
        "应于2026年7月31日前完成，现为“未启动”。",
        "完成累计目标 90%，低于 95%。",
    ]
    assert [words for words in wanted if plain(words) not in text] == []
    chips = [plan.get_type_display() for plan in MonthlyPlan.objects.all()]
    assert [label for label in set(chips) if text.count(label) < chips.count(label)] == []


def test_a_very_large_map_flows_to_a_second_sheet_with_its_head(page, cast, settings):
    drawn = issued(cast, settings, 8, 24, 100)
    sign_in(page, cast.clerk)
    page.goto(f"/maps/{drawn.pk}/")
    reader = printed(page)
    assert sizes(reader) == {A3}
    assert len(reader.pages) > 1
    assert all("具体举措2月3月" in text_of(sheet) for sheet in reader.pages[:2])


def test_a_project_on_upright_a4_names_each_plan_under_its_month(page, cast, settings):
    drawn = issued(cast, settings, 2, 3, 9)
    sign_in(page, cast.clerk)
    page.goto(f"/projects/{drawn.dossier_id}/")
    page.set_viewport_size({"width": 718, "height": 1047})  # what A4 holds between its margins
    page.emulate_media(media="print")
    assert one_character_lines(page) == []
    plans = {f"/plans/{plan.pk}/": f"{plan.month}月" for plan in MonthlyPlan.objects.all()}
    # Each under its month, which takes a line of its own.
    labels = page.evaluate(
        """() => Object.fromEntries([...document.querySelectorAll(".plan-chip")]
            .filter((chip) => chip.getBoundingClientRect().top - chip.closest("td").getBoundingClientRect().top > 12)
            .map((chip) => [chip.getAttribute("href"), chip.closest("td").dataset.label]))"""
    )
    assert labels == plans


def test_a_chip_says_why_on_hover_and_on_focus_and_leads_to_its_plan(page, cast, settings):
    drawn = issued(cast, settings, 2, 3, 9)
    plan = MonthlyPlan.objects.filter(month=7).first() or MonthlyPlan.objects.get(month=12)
    sign_in(page, cast.clerk)
    page.goto(f"/maps/{drawn.pk}/")
    chip, why = page.locator(f'a[href="/plans/{plan.pk}/"]'), page.locator(f"#why-{plan.pk}")
    expect(why).to_be_hidden()
    chip.hover()
    expect(why).to_be_visible()
    page.mouse.move(0, 0)
    expect(why).to_be_hidden()
    chip.focus()
    expect(why).to_be_visible()
    expect(why).to_contain_text("2026年")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/plans/{plan.pk}/")


def test_without_scripts_the_picture_is_all_there(new_context, cast, settings):
    drawn = issued(cast, settings, 2, 3, 9)
    page = new_context(java_script_enabled=False).new_page()
    sign_in(page, cast.clerk)
    page.goto(f"/maps/{drawn.pk}/")
    expect(page.locator(".plan-chip")).to_have_count(9)
    expect(page.locator("svg.bars")).to_have_count(2)
    expect(page.get_by_text("打印：请用浏览器菜单中的“打印”")).to_be_visible()
    expect(page.get_by_role("button", name="打印作战图")).to_be_hidden()


def test_the_button_prints(page, cast, settings):
    drawn = issued(cast, settings, 2, 3, 9)
    sign_in(page, cast.clerk)
    page.goto(f"/maps/{drawn.pk}/")
    page.evaluate("window.print = () => document.body.classList.add('was-printed')")
    page.get_by_role("button", name="打印作战图").click()
    expect(page.locator("body")).to_have_class("was-printed")


def test_a_draft_is_previewed_from_its_form(page, cast):
    with transaction.atomic():
        drawn = factories.battle_map(cast.project, cast.clerk)
    sign_in(page, cast.clerk)
    page.goto(f"/records/{drawn.pk}/edit/")
    page.get_by_role("button", name="预览作战图").click()
    page.wait_for_url(f"**/maps/{drawn.pk}/")
    expect(page.get_by_text("这是作战图的预览，现在是“草稿”，下发后亮灯。")).to_be_visible()
    expect(page.locator(".plan-chip")).to_have_count(3)


@on_a_phone
def test_on_a_phone_only_the_table_scrolls_sideways(page, cast, settings):
    drawn = issued(cast, settings, 3, 4, 22)
    sign_in(page, cast.clerk)
    page.goto(f"/maps/{drawn.pk}/")
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    expect(page.get_by_text("亮灯说明")).to_be_visible()


@pytest.mark.parametrize(("first", "lines"), [(7, 1), (2, 2)])
def test_a_type_of_six_characters_takes_two_lines_where_columns_are_narrow_alone(page, cast, settings, first, lines):
    settings.CLOCK = datetime(2026, 7, 15, 9, tzinfo=SHANGHAI)
    drawn = factories.battle_map(cast.project, cast.clerk)
    MonthlyPlan.objects.filter(measure__battle_map=drawn).update(month=first, type=PlanType.PILOT)
    sign_in(page, cast.clerk)
    page.goto(f"/maps/{drawn.pk}/")
    heights = page.locator(".plan-type").evaluate_all("all => all.map((one) => one.offsetHeight / 17.4)")
    assert {round(height) for height in heights} == {lines}
