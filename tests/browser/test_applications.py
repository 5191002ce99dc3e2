"""What changes an issued map: another target, a later plan, a project that ends; and the next year carried over."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from django.db import transaction
from django.utils import timezone
from playwright.sync_api import expect

from accounts import clock
from reform.models import BattleMap, Extension, MonthlyPlan, Project, Stage, TargetAdjustment
from tests import documents, factories
from tests.browser import sign_in
from tests.cast import Cast
from workflow.states import State

pytestmark = pytest.mark.full


@pytest.fixture
def cast(transactional_db, settings, monkeypatch):
    """On 15 November 2026, with a second project whose map has been issued."""
    settings.CLOCK = datetime(2026, 11, 15, 9, tzinfo=ZoneInfo("Asia/Shanghai"))
    monkeypatch.setattr(clock, "STARTED", timezone.now())
    with transaction.atomic():
        cast = Cast.assemble()
        cast.issued_map()
        other = factories.ProjectFactory(name="即将终止的改革", department=cast.planning)
        cast.bring(factories.battle_map(other, cast.clerk), State.ISSUED)
    return cast


@pytest.fixture
def clerk(page, cast):
    sign_in(page, cast.clerk)
    page.goto("/")
    return page


def begin(page, kind, button):
    page.get_by_label("导航栏").get_by_role("link", name=kind).click()
    page.get_by_role("link", name=button).first.click()


def submit(page):
    page.get_by_role("button", name="保存并上报").last.click()
    expect(page.get_by_text("已上报，等待")).to_be_visible()


def attach(page):
    page.get_by_label("本材料不涉密").check()
    page.get_by_label("选择文件").set_input_files(
        {"name": "纪要.pdf", "mimeType": "application/pdf", "buffer": documents.PDF}
    )
    expect(page.locator("[data-files] [data-list]")).to_contain_text("纪要.pdf")


def confirm(cast, kind):
    """By both levels, elsewhere."""
    with transaction.atomic():
        cast.act(kind.objects.get(), "reviewer", "approve")
        return cast.act(kind.objects.get(), "office", "confirm")


def test_a_target_a_plan_and_a_project_change_and_the_next_year_begins(clerk, cast):
    # A wrong target.
    begin(clerk, "目标调整申请", "申请调整 数字经济改革 2026年度 新增试点企业")
    clerk.get_by_label("年度目标值").fill("130")
    expect(clerk.locator("[data-difference]")).to_have_text("还差 10，才与年度目标值一致")
    clerk.get_by_label("12月").fill("20")
    expect(clerk.locator("[data-sum]")).to_have_text("130 ✓")
    clerk.get_by_label("调整依据").fill("按市委深改委会议要求。")
    attach(clerk)
    submit(clerk)
    expect(clerk.locator("del", has_text="120")).to_be_visible()
    confirm(cast, TargetAdjustment)
    drawn = BattleMap.objects.get(dossier=cast.project)
    clerk.goto(f"/maps/{drawn.pk}/")
    expect(clerk.locator(".goal", has_text="新增试点企业")).to_contain_text("原目标 120")

    # A plan that takes longer.
    plan = MonthlyPlan.objects.get(measure__battle_map=drawn, month=11)
    clerk.goto(f"/plans/{plan.pk}/")
    clerk.get_by_role("link", name="申请延期").click()
    clerk.get_by_label("延期至").select_option(label="2026年12月")
    clerk.get_by_label("延期理由").fill("上级文件推迟印发。")
    clerk.get_by_label("已开展工作").fill("已完成方案起草。")
    submit(clerk)
    confirm(cast, Extension)
    clerk.goto(f"/maps/{drawn.pk}/")
    expect(clerk.locator(".plan", has_text="原定11月")).to_be_visible()

    # A project that ends.
    begin(clerk, "销号申请", "申请销号 即将终止的改革")
    clerk.get_by_label("完成情况").fill("部分完成。")
    clerk.get_by_label("成效").fill("形成制度成果1项。")
    clerk.get_by_label("后续安排").fill("纳入日常工作。")
    clerk.get_by_label("完成销号").check()
    attach(clerk)
    clerk.get_by_role("button", name="保存并上报").last.click()
    expect(clerk.locator("#all-problems")).to_contain_text("还有 3 项月度计划未完成")
    clerk.get_by_label("终止", exact=True).check()
    clerk.get_by_label("终止理由").fill("上位政策调整。")
    submit(clerk)
    with transaction.atomic():
        ended = Project.objects.get(name="即将终止的改革")
        closure = ended.records.get(kind="reform.closure")
        cast.act(closure, "reviewer", "approve")
        cast.act(closure, "office", "confirm")
    assert Project.objects.get(pk=ended.pk).stage == Stage.ENDED
    clerk.goto("/projects/")
    expect(clerk.get_by_role("table")).not_to_contain_text("即将终止的改革")

    # The next year begins with what is not finished.
    begin(clerk, "绘制项目作战图", "更新 数字经济改革 2027年度")
    clerk.get_by_role("link", name="从上年作战图复制").click()
    clerk.get_by_label("第2条举措").uncheck()
    clerk.get_by_label("7月 制定改革方案").uncheck()
    clerk.get_by_role("button", name="带入2027年度作战图").click()
    expect(clerk.get_by_text("还没有保存，请逐项核对")).to_be_visible()
    assert not BattleMap.objects.filter(year=2027).exists()
    clerk.get_by_role("button", name="保存为草稿").last.click()
    expect(clerk.get_by_text("草稿已保存。")).to_be_visible()
    carried = BattleMap.objects.get(year=2027)
    assert [measure.content for measure in carried.measures.all()] == ["第1条举措", "第3条举措"]
    assert [indicator.name for indicator in carried.indicators.all()] == ["新增试点企业", "办件量"]
