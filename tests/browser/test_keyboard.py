"""By the keyboard alone: where one goes on after a refusal, and ways past the navigation."""

import pytest
from django.db import transaction
from playwright.sync_api import expect

from tests import factories
from tests.browser import sign_in
from workflow.states import State

pytestmark = pytest.mark.full


@pytest.fixture
def cast(cast):
    with transaction.atomic():
        cast.issued_map()
    return cast


def test_after_a_refused_submission_one_goes_on_at_its_reasons(page, cast):
    sign_in(page, cast.clerk)
    page.goto(f"/kinds/promotionupdate/new/{cast.project.pk}/")
    page.get_by_role("button", name="保存并上报").press("Enter")
    expect(page.locator("#problems")).to_be_focused()
    page.keyboard.press("Tab")
    first = page.locator("#problems a").first
    expect(first).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator(first.get_attribute("href"))).to_be_focused()


def test_who_only_looks_at_a_draft_is_taken_nowhere(page, cast):
    sign_in(page, cast.clerk)
    page.goto(f"/records/{factories.new_measure(cast.issued_map(), cast.clerk).pk}/edit/")
    expect(page.locator("body")).to_be_focused()


def test_after_a_conflict_one_goes_on_at_what_it_says(page, cast, context):
    drawn = cast.bring(factories.promotion(cast.project, cast.clerk), State.DRAFT)
    sign_in(page, cast.clerk)
    page.goto(f"/records/{drawn.pk}/edit/")
    other = context.new_page()
    other.goto(f"/records/{drawn.pk}/edit/")
    other.locator("textarea").first.fill("另一页先写的内容")
    other.get_by_role("button", name="保存为草稿").last.click()
    expect(other.get_by_text("草稿已保存。")).to_be_visible()
    page.get_by_role("button", name="保存为草稿").last.press("Enter")
    expect(page.locator(".notice[role=alert]")).to_be_focused()


def test_the_way_past_the_navigation_is_seen_in_the_admin_too(page, cast):
    sign_in(page, cast.auditor)
    page.goto("/admin/workflow/event/")
    page.keyboard.press("Tab")
    link = page.get_by_role("link", name="跳到主要内容")
    expect(link).to_be_focused()
    link.click(trial=True, timeout=5_000)  # the band does not lie over it
