"""A month end on the settable clock: from the first reminder, over 催办, to a report marked 迟报."""

from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from django.core.management import call_command
from django.db import transaction
from django.utils import timezone
from playwright.sync_api import expect

from accounts import clock
from tests.browser import on_a_phone, sign_in
from tests.cast import enter
from tests.factories import ProjectFactory, battle_map
from workflow.models import Message, Record
from workflow.states import State


@pytest.fixture
def set_clock(settings, monkeypatch):
    """set_clock("2026-11-23T09:00"): from now on it is that time, and runs on."""

    def set_to(text):
        settings.CLOCK = datetime.fromisoformat(text).replace(tzinfo=ZoneInfo("Asia/Shanghai"))
        monkeypatch.setattr(clock, "STARTED", timezone.now())

    return set_to


@pytest.fixture
def cast(transactional_db, set_clock):
    """A map that was issued in January, of which nothing has been reported, and no messages."""
    set_clock("2026-01-05T09:00")
    with transaction.atomic():
        cast = enter()
        cast.issued_map()
        Message.objects.all().delete()
    return cast


def unread(page):
    return page.get_by_role("banner").get_by_role("link", name="消息")


def live_through(page, office, cast, set_clock):
    set_clock("2026-11-23T09:00")
    call_command("remind", verbosity=0)
    sign_in(page, cast.clerk)
    page.goto("/")
    expect(page.get_by_text("演练时间：2026年11月23日")).to_be_visible()
    expect(unread(page)).to_contain_text("2")
    unread(page).click()
    page.get_by_role("button", name="2026年11月量化目标推进更新还有 1 项未上报，截止11月30日，还剩5个工作日。").click()
    expect(page.get_by_role("heading", name="量化目标推进更新")).to_be_visible()
    expect(page.get_by_text("截止11月30日").first).to_be_visible()
    expect(unread(page)).to_contain_text("1")

    set_clock("2026-11-27T10:00")
    sign_in(office, cast.office)
    office.goto("/month-end/")
    expect(office.locator(".page-meta")).to_contain_text("截止11月30日")
    office.get_by_label("选中 市发展改革委").check()
    office.get_by_role("button", name="催办选中的").click()
    expect(office.get_by_text("已催办市发展改革委量化目标推进更新、月度计划推进更新，通知 4 人次。")).to_be_visible()
    expect(office.get_by_text("今天 10:0").first).to_be_visible()
    office.get_by_role("button", name="显示 录入甲 的手机号").click()
    expect(office.get_by_text(cast.clerk.phone)).to_be_visible()
    office.get_by_role("link", name="展开 市发展改革委").click()
    office.get_by_role("link", name="数字经济改革").first.click()
    expect(office.get_by_role("heading", name="数字经济改革").first).to_be_visible()
    office.go_back()
    expect(office.get_by_role("link", name="收起 市发展改革委")).to_be_visible()
    page.goto("/messages/?unread=yes")
    page.get_by_role("button", name="2026年11月量化目标推进更新还有 1 项未上报，截止11月30日，请抓紧填报。").click()
    expect(page.get_by_text("本月应报，截止11月30日")).to_be_visible()

    set_clock("2026-12-01T09:00")
    page.goto("/kinds/targetupdate/")
    expect(page.get_by_text("已逾期，截止11月30日")).to_be_visible()
    page.get_by_role("link", name="更新 数字经济改革 2026年11月").click()
    for number in (0, 1):
        page.locator(f"[name=values-{number}-value]").fill("10")
        page.locator(f"[name=values-{number}-remark]").fill("上级政策延后出台。")
    page.get_by_role("button", name="保存并上报").first.click()
    expect(page.get_by_text("已上报，等待市发展改革委审核人员审核。")).to_be_visible()
    expect(page.get_by_text("迟报", exact=True)).to_be_visible()
    assert Record.objects.get(kind="reform.targetupdate").late

    office.goto("/month-end/?period=2026-11")
    expect(office.locator(".page-meta")).to_contain_text("截止11月30日")
    expect(office.get_by_role("link", name="部门审核 1", exact=True)).to_be_visible()


def test_a_month_end(page, new_context, cast, set_clock):
    live_through(page, new_context().new_page(), cast, set_clock)


@pytest.mark.full
@on_a_phone
def test_a_month_end_on_a_phone(page, new_context, cast, set_clock):
    live_through(page, new_context().new_page(), cast, set_clock)


@pytest.mark.full
def test_a_month_end_without_scripts(new_context, cast, set_clock):
    people = [new_context(java_script_enabled=False).new_page() for _ in range(2)]
    live_through(*people, cast, set_clock)


def press(page, key):
    """The key, once the page and its scripts are there, and whether people see where they are then."""
    page.wait_for_load_state()
    page.keyboard.press(key)
    seen = "document.activeElement.matches(':focus-visible') && getComputedStyle(document.activeElement)"
    shown = page.evaluate(f"(() => {{ const look = {seen}; return look && [look.outlineStyle, look.boxShadow]; }})()")
    assert shown
    assert shown != ["none", "none"], key


@pytest.mark.full
def test_the_room_by_keyboard_alone(page, cast, set_clock):
    """Two departments ticked and urged, one of them opened, its first matter read."""
    set_clock("2026-11-27T10:00")
    theirs = replace(cast, clerk=cast.partner, reviewer=cast.partner_reviewer)
    with transaction.atomic():
        other = ProjectFactory(department=cast.science, name="科技评价改革")
        theirs.bring(battle_map(other, theirs.clerk), State.ISSUED)
    sign_in(page, cast.office)
    page.goto("/month-end/")
    assert page.locator("thead .room-tick").bounding_box()["width"] < 60  # room for the words, not for the boxes
    for _ in range(2):
        press(page, "ArrowDown")
        press(page, "Space")
    expect(page.locator("[data-select]:checked")).to_have_count(2)
    for _ in range(30):
        press(page, "Shift+Tab")
        if page.evaluate("document.activeElement.matches('[data-urge]')"):
            break
    page.keyboard.press("Enter")
    expect(page.get_by_text("已催办")).not_to_have_count(0)
    assert set(Message.objects.filter(text__contains="请抓紧填报").values_list("recipient__department", flat=True)) == {
        cast.planning.pk,
        cast.science.pk,
    }
    press(page, "ArrowDown")
    page.keyboard.press("Enter")
    expect(page.locator(".room-opened")).to_be_visible()
    press(page, "ArrowDown")
    project = page.evaluate("document.activeElement.textContent")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name=project).first).to_be_visible()
