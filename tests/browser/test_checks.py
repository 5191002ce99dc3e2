"""督察核查 in the browser: a sample drawn, one finding written down, its mark on the plan."""

import pytest
from django.db import transaction
from playwright.sync_api import expect

from reform.calendar import today
from reform.models import PlanStatus
from tests import factories
from tests.browser import sign_in
from tests.cast import enter
from workflow.states import State

pytestmark = pytest.mark.full


@pytest.fixture
def cast(transactional_db):
    """Of the map, the earliest plan is reported 已完成, with its document."""
    with transaction.atomic():
        cast = enter()
        update = factories.plan_update(factories.open_plan(cast.issued_map()), cast.clerk, PlanStatus.DONE)
        factories.ClassifiedNoticeFactory(record=update)
        cast.bring(update, State.CONFIRMED)
    return cast


def test_a_sample_is_drawn_and_what_was_found_stands_on_the_plan(page, cast):
    sign_in(page, cast.office)
    page.goto("/checks/")
    page.get_by_role("link", name="抽取样本").first.click()
    page.get_by_label("计划月度").select_option(f"{cast.issued_map().year}-01-12")
    page.get_by_label("抽取数量").fill("1")
    page.get_by_role("button", name="抽取").click()
    expect(page.get_by_role("heading", name="抽到的计划")).to_be_visible()
    page.locator(".table a.row-link, .rows a.row-link").first.click()
    page.get_by_label("查阅资料").check()
    page.get_by_label("部分属实").check()
    page.get_by_label("核查日期").fill(today().isoformat())
    page.get_by_label("核查情况").fill("查阅了印发的方案，部分内容尚未落实。")
    page.get_by_role("button", name="记录结论").click()
    expect(page.get_by_text("核查结论已记录。")).to_be_visible()
    page.goto("/projects/")
    page.get_by_role("link", name="数字经济改革").first.click()
    page.locator(".plan-chip", has_text="核查部分属实").click()
    for mark in ("已报", "有佐证", "核查部分属实"):
        expect(page.locator(".page-meta .chip", has_text=mark)).to_be_visible()
