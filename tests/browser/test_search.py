"""Ctrl+K on any page: a word, what it finds, and back."""

import pytest
from django.db import transaction
from playwright.sync_api import expect

from tests.browser import sign_in
from tests.cast import enter

pytestmark = pytest.mark.full


@pytest.fixture
def cast(transactional_db):
    """The people, at the real time of the browser, and their map."""
    cast = enter()
    with transaction.atomic():
        cast.issued_map().measures.update(content="建设数字孪生底座")
    return cast


def test_ctrl_k_finds_two_characters_and_leads_there_and_back(page, cast):
    sign_in(page, cast.clerk)
    page.goto("/help/")
    page.keyboard.press("Control+k")
    expect(page.get_by_role("dialog")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_be_hidden()
    page.get_by_role("link", name="检索").click()
    page.keyboard.type("孪生")
    page.keyboard.press("Enter")
    expect(page.locator("mark").first).to_have_text("孪生")
    page.get_by_role("region", name="具体举措").get_by_role("link", name="数字经济改革").first.click()
    expect(page.get_by_text("建设数字孪生底座").first).to_be_visible()
    page.go_back()
    expect(page.get_by_role("searchbox", name="检索词")).to_have_value("孪生")
