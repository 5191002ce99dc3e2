"""What routine work costs: clicks, pages loaded and fields typed, counted and printed as a table (pytest -s)."""

import sys
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from django.core.management import call_command
from django.db import transaction
from django.utils import timezone
from playwright.sync_api import expect

from accounts import clock
from reform.models import MonthlyPlan
from tests import factories
from tests.browser import paste
from tests.cast import enter
from tests.factories import PASSWORD
from workflow.models import Record
from workflow.states import State

pytestmark = pytest.mark.full

INDICATORS = (3, 3, 2)  # of the three projects
PLANS = 2  # in progress, of each
CELLS = 8  # of an indicator in the manual's table: unit, four targets and values, cumulative, value, remark
PLAN_FIELDS = 4  # 推进状态 and three texts


class Hand:
    """Somebody at a page, counted."""

    def __init__(self, page):
        self.page, self.clicks, self.loads, self.typed = page, 0, 0, 0
        page.on("load", self._loaded)

    def _loaded(self, _page):
        self.loads += 1

    def click(self, locator):
        self.clicks += 1
        locator.click()

    def type(self, field, text):
        self.typed += 1
        field.fill(text)

    def log_in(self, person):
        """The account and the password are typed too, and counted nowhere."""
        self.page.goto("/login/")
        self.page.get_by_label("账号").fill(person.phone)
        self.page.get_by_label("密码").fill(PASSWORD)
        self.click(self.page.get_by_role("button", name="登录"))
        self.page.wait_for_url(lambda url: "/login/" not in url)

    def log_out(self):
        self.page.context.clear_cookies()
        self.take()

    def take(self):
        """(clicks, loads, typed) since the last time."""
        found = self.clicks, self.loads, self.typed
        self.clicks = self.loads = self.typed = 0
        return found


@pytest.fixture
def set_clock(settings, monkeypatch):
    def set_to(text):
        settings.CLOCK = datetime.fromisoformat(text).replace(tzinfo=ZoneInfo("Asia/Shanghai"))
        monkeypatch.setattr(clock, "STARTED", timezone.now())

    return set_to


def first_month(cast, project, number):
    """A map of `number` indicators with two plans of January, both reported as in progress, and January confirmed."""
    drawn = factories.battle_map(project, cast.clerk)
    for position in range(2, number):
        factories.add_indicator(drawn, f"指标{position + 1}", position=position)
    MonthlyPlan.objects.filter(measure__battle_map=drawn, month__lt=11).update(month=1)
    drawn = cast.bring(drawn, State.ISSUED)
    cast.bring(factories.target_update(drawn, cast.clerk), State.CONFIRMED)
    for plan in MonthlyPlan.objects.filter(measure__battle_map=drawn, month=1):
        cast.bring(factories.plan_update(plan, cast.clerk), State.CONFIRMED)


@pytest.fixture
def cast(transactional_db, set_clock):
    """Three projects whose January is confirmed, at the end of February."""
    set_clock("2026-01-28T09:00")
    with transaction.atomic():
        cast = enter()
        projects = [cast.project, *(factories.ProjectFactory(department=cast.planning) for _ in range(2))]
        for project, number in zip(projects, INDICATORS, strict=True):
            first_month(cast, project, number)
    set_clock("2026-02-26T09:00")
    call_command("remind", verbosity=0)
    return cast


def report_all(hand, cast):
    """The month on one page: a column of values from a spreadsheet, and what changed in two of six plans."""
    page = hand.page
    hand.log_in(cast.clerk)
    hand.click(in_navigation(page, "本月一页报完"))
    values = page.get_by_label("当月进度值")
    expect(values).to_have_count(sum(INDICATORS))
    paste(values.first, "\n".join(["10"] * sum(INDICATORS)))
    hand.typed += sum(INDICATORS)
    work = page.get_by_label("已开展工作")
    expect(work).to_have_count(PLANS * len(INDICATORS))
    for number in range(2):
        expect(work.nth(number)).to_have_value("已召开启动会。")
        hand.type(work.nth(number), "已召开启动会，已形成初稿。")
    expect(page.locator("[data-saved-note]", has_text="自动保存")).to_have_count(5, timeout=15_000)
    hand.click(page.get_by_role("button", name="一并上报"))
    expect(page.get_by_text("已上报 3 个项目共 9 件")).to_be_visible()


def test_routine_work_is_counted(page, new_context, cast, set_clock):
    clerk, table = Hand(page), []
    report_all(clerk, cast)
    assert Record.objects.filter(state=State.SUBMITTED).count() == len(INDICATORS) * (1 + PLANS)
    clicks, loads, typed = clerk.take()
    fields = CELLS * sum(INDICATORS) + PLAN_FIELDS * PLANS * len(INDICATORS)
    prefilled = 1 - typed / fields
    table.append(("a month of 3 projects on one page", clicks, loads, f"{typed} of {fields}"))

    reviewer = Hand(new_context().new_page())
    decide(reviewer, cast, table)
    pass_all(cast)
    set_clock("2026-03-27T09:00")
    call_command("remind", verbosity=0)
    single(Hand(new_context().new_page()), cast, table)

    rows = [("from login", "clicks", "page loads", "fields typed"), ("---",) * 4, *table]
    sys.stdout.write("\n" + "".join(f"| {' | '.join(map(str, row))} |\n" for row in rows))
    assert clicks <= 12
    assert loads <= 6
    assert prefilled >= 0.8


def in_navigation(page, name):
    return page.get_by_role("navigation", name="导航栏").get_by_role("link", name=name)


@transaction.atomic
def pass_all(cast):
    """What is still under review is confirmed."""
    for record in Record.objects.filter(state=State.SUBMITTED):
        cast.act(record, "reviewer", "approve")
    for record in Record.objects.filter(state=State.DEPT_APPROVED):
        cast.act(record, "office", "confirm")


def decide(hand, cast, table):
    """通过 of one, of the next, and of all that remain."""
    page = hand.page
    passed = page.get_by_text("已通过，转市委改革办审核。")
    hand.log_in(cast.reviewer)
    hand.click(in_navigation(page, "待我审核"))
    hand.click(page.locator("main tbody a").first)
    hand.click(page.get_by_role("button", name="通过并看下一件"))
    expect(passed).to_be_visible()
    expect(page.get_by_text("第 1 件，共 8 件")).to_be_visible()
    table.append(("a review decision", *hand.take()))
    hand.click(page.get_by_role("button", name="通过并看下一件"))
    expect(page.get_by_text("第 1 件，共 7 件")).to_be_visible()
    table.append(("each further decision", *hand.take()))
    hand.take()
    hand.click(in_navigation(page, "待我审核"))
    hand.click(page.get_by_role("button", name="勾选本页没有疑点的"))
    number = page.locator("main tbody input[name=record]:checked").count()
    hand.click(page.get_by_role("button", name="通过所选"))
    expect(page.locator("main tbody input[name=record]")).to_have_count(7 - number)
    table.append((f"passing {number} more at once", *hand.take()))


def single(hand, cast, table):
    """One target update and one plan update on the pages of their kinds, and what is due next from there."""
    page = hand.page
    submitted = page.get_by_text("已上报，等待市发展改革委审核人员审核。")
    hand.log_in(cast.clerk)
    hand.click(in_navigation(page, "量化目标推进更新"))
    hand.click(page.get_by_role("link", name="更新 数字经济改革 2026年3月"))
    values = page.get_by_label("当月进度值")
    for number in range(INDICATORS[0]):
        hand.type(values.nth(number), "10")
    hand.click(page.get_by_role("button", name="保存并上报"))
    expect(submitted).to_be_visible()
    table.append(("a target update", *hand.take()))
    hand.click(page.get_by_role("region", name="下一件").get_by_role("link"))
    hand.type(page.get_by_label("已开展工作"), "已召开启动会，已印发方案。")
    hand.click(page.get_by_role("button", name="保存并上报"))
    expect(submitted).to_be_visible()
    table.append(("a plan update, by 下一件", *hand.take()))
    hand.log_out()
    hand.log_in(cast.clerk)
    hand.click(in_navigation(page, "月度计划推进更新"))
    hand.click(page.get_by_role("link", name="月度计划本次状态更新").nth(1))
    hand.click(page.get_by_role("link", name="状态更新", exact=True))
    hand.type(page.get_by_label("已开展工作"), "已召开启动会，已印发方案。")
    hand.click(page.get_by_role("button", name="保存并上报"))
    expect(submitted).to_be_visible()
    table.append(("a plan update", *hand.take()))
