"""A month end on the settable clock: the first reminder, 催办, and a report that comes late."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from django.core.management import call_command
from django.utils import timezone
from playwright.sync_api import expect

from reform.models import TargetUpdate
from tests.browser import sign_in
from tests.cast import Cast
from workflow import clock


@pytest.fixture
def at(settings, monkeypatch):
    """`at(month, day)`: it is nine in the morning of that day of 2026, for everybody."""

    def turn(month, day):
        settings.CLOCK = datetime(2026, month, day, 9, 0, tzinfo=ZoneInfo("Asia/Shanghai"))
        monkeypatch.setattr(clock, "STARTED", timezone.now())

    return turn


@pytest.fixture
def cast(transactional_db, at):
    """The people, and a map issued in the middle of November."""
    at(11, 12)
    cast = Cast.assemble()
    cast.issued_map()
    return cast


def test_from_the_first_reminder_to_a_late_report(page, new_context, cast, at):
    at(11, 23)  # five working days before the 30th
    call_command("remind")
    sign_in(page, cast.clerk)
    expect(page.get_by_text("演练时间")).to_be_visible()
    page.get_by_role("link", name="消息").click()
    reminder = page.locator(".message-text", has_text="11月30日").first
    expect(reminder).to_be_visible()
    reminder.click()
    expect(page.get_by_text("本月应报，截止11月30日").first).to_be_visible()

    at(12, 1)
    desk = new_context().new_page()
    sign_in(desk, cast.office)
    desk.goto("/unreported/?month=2026-11")
    desk.get_by_role("button", name="催办 市发展改革委 量化目标").click()
    expect(desk.get_by_text("今天已催办").first).to_be_visible()

    page.goto("/kinds/targetupdate/")
    page.get_by_role("button", name="更新 数字经济改革 2026年11月").click()
    for number in range(2):
        page.locator(f"#id_values-{number}-value").fill("120")
    page.get_by_role("button", name="保存并上报").last.click()
    expect(page.get_by_text("已上报，等待")).to_be_visible()
    expect(page.locator(".page-title").get_by_text("迟报")).to_be_visible()
    assert TargetUpdate.objects.get(month=11).late
