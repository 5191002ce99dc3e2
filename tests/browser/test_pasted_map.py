"""A realistic map from the table that people have anyway: by hand it is 29 clicks and 70 fields."""

import pytest
from django.db import transaction
from playwright.sync_api import expect

from reform.models import BattleMap
from tests.browser import on_a_phone, paste, sign_in
from tests.cast import enter
from workflow.states import State

pytestmark = pytest.mark.full

MONTHS = range(1, 13)
INDICATORS = [
    ("新增数字化转型企业", "家", [10] * 12),
    ("开放公共数据集", "个", [0, 0, 20, 0, 0, 20, 0, 0, 20, 0, 0, 40]),
    ("“一网通办”事项", "项", ["", *[5] * 11]),
]
MEASURES = {
    "建立数据要素统筹推进机制": [(1, "组建工作专班"), (2, "开展调查研究"), (3, "制定改革方案"), (6, "开展督导指导")],
    "推进公共数据授权运营": [
        (2, "向上争取支持"),
        (4, "出台配套政策"),
        (5, "开展试点示范"),
        (8, "开展试点示范"),
        (10, "开展成效评估"),
    ],
    "建设城市数字底座": [
        (3, "搭建重要平台"),
        (5, "搭建重要平台"),
        (7, "上线重大应用"),
        (9, "上线重大应用"),
        (11, "开展成效评估"),
    ],
    "总结推广改革经验": [
        (4, "开展调查研究"),
        (6, "开展督导指导"),
        (9, "总结推广经验"),
        (11, "总结推广经验"),
        (12, "其他（立法）"),
    ],
}


def table():
    """As WPS copies it: titles, merged cells, and a cell with a line break."""
    lines = ["一、核心指标", "\t".join(["序号", "核心指标", "单位", "年度目标", *(f"{month}月" for month in MONTHS)])]
    for number, (name, unit, months) in enumerate(INDICATORS, 1):
        cells = [number, name, unit, sum(month or 0 for month in months), *months]
        lines.append("\t".join(map(str, cells)))
    lines += ["", "二、具体举措和月度推进计划", "序号\t具体举措\t完成时限\t计划类型\t计划内容"]
    for number, (content, plans) in enumerate(MEASURES.items(), 1):
        for place, (month, kind) in enumerate(plans):
            own = ["", ""] if place else [str(number), content]
            lines.append("\t".join([*own, f"{month}月底前", kind, f'"{kind}\n由专班负责"']))
    return "\r\n".join(lines) + "\r\n"


@pytest.fixture
def cast(transactional_db, july):
    with transaction.atomic():
        return enter()


class Hand:
    """Counts what somebody does on a page."""

    def __init__(self, page):
        self.page = page
        self.clicks = self.fields = 0

    def click(self, role, name):
        self.clicks += 1
        self.page.get_by_role(role, name=name).last.click()

    def paste(self, label, text):
        self.fields += 1
        paste(self.page.get_by_label(label), text)


def test_a_map_is_drawn_from_a_pasted_table(page, cast):
    hand = Hand(page)
    sign_in(page, cast.clerk)
    page.goto("/")
    hand.click("link", "绘制项目作战图")
    hand.click("link", "更新 数字经济改革")
    hand.click("link", "粘贴表格")
    hand.paste("表格内容", table())
    hand.click("button", "识别")
    expect(page.get_by_role("status").first).to_contain_text("认出 3 个核心指标、4 条具体举措、19 项月度计划")
    # A month that nobody planned for is asked for before 上报.
    hand.click("button", "采用")
    assert not BattleMap.objects.exists()
    page.locator(".parts").get_by_role("link", name="目标值录入").click()
    hand.clicks += 1
    hand.fields += 1
    page.locator("[data-groups=indicators] > *").nth(2).locator("[name$='-m1']").fill("0")
    hand.click("button", "保存并上报")
    page.wait_for_url("**/records/*/")
    drawn = BattleMap.objects.get()
    assert drawn.state == State.SUBMITTED
    assert [(one.name, one.annual_target, one.targets.count()) for one in drawn.indicators.all()] == [
        (name, sum(month or 0 for month in months), 12) for name, _, months in INDICATORS
    ]
    assert {
        measure.content: [(plan.month, plan.type_label, plan.content) for plan in measure.plans.all()]
        for measure in drawn.measures.all()
    } == {
        content: [(month, kind.replace("其他（立法）", "立法"), f"{kind}\n由专班负责") for month, kind in plans]
        for content, plans in MEASURES.items()
    }
    print(f"a map of 3 indicators, 4 measures, 19 plans: {hand.clicks} clicks, {hand.fields} typed fields")  # noqa: T201 - the goal, for who runs it
    assert (hand.clicks, hand.fields) == (7, 2)


@pytest.mark.browser_context_args(java_script_enabled=False)
def test_it_works_without_scripts(page, cast):
    sign_in(page, cast.clerk)
    page.goto(f"/projects/{cast.project.pk}/table/2026/")
    page.get_by_label("表格内容").fill("具体举措\n建立机制\n搭建平台\n总结推广\n")
    page.get_by_role("button", name="识别").last.click()
    page.get_by_role("button", name="采用").click()
    page.get_by_role("button", name="保存为草稿").last.click()
    assert [measure.content for measure in BattleMap.objects.get().measures.all()] == [
        "建立机制",
        "搭建平台",
        "总结推广",
    ]


@on_a_phone
def test_the_preview_scrolls_its_tables_alone(page, cast):
    sign_in(page, cast.clerk)
    page.goto(f"/projects/{cast.project.pk}/table/2026/")
    page.get_by_label("表格内容").fill(table())
    page.get_by_role("button", name="识别").last.click()
    expect(page.get_by_role("button", name="采用")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
