"""先点击左侧图标展开导航栏: folded, unfolded, and remembered by this browser."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser import on_a_phone, sign_in

pytestmark = pytest.mark.full

ENTRY = "绘制项目作战图"


def icon(page):
    return page.locator("[data-nav-fold]")


def is_folded(page):
    folded = page.locator("#nav").bounding_box()["width"] < 100
    assert icon(page).get_attribute("aria-expanded") == str(not folded).lower()
    return folded


def test_a_wide_screen_starts_unfolded(page, cast):
    sign_in(page, cast.clerk)
    page.goto("/")
    assert not is_folded(page)


@pytest.mark.browser_context_args(viewport={"width": 1366, "height": 768})
def test_a_narrower_screen_starts_folded_and_the_icon_unfolds_it(page, cast):
    sign_in(page, cast.clerk)
    page.goto("/")
    assert is_folded(page)
    assert page.get_by_role("link", name=ENTRY).get_attribute("title") == ENTRY  # an icon has a name

    icon(page).focus()
    page.keyboard.press("Enter")
    assert not is_folded(page)
    expect(icon(page)).to_be_focused()
    expect(icon(page)).to_have_accessible_name("收起导航栏")
    for _ in range(3):  # 工作台, 本月一页报完
        page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="重大改革项目", exact=True).first).to_be_focused()

    page.get_by_label("导航栏").get_by_role("link", name=ENTRY).click()
    expect(page.get_by_role("heading", level=1, name=ENTRY)).to_be_visible()
    assert not is_folded(page)  # remembered

    icon(page).click()
    page.reload()
    assert is_folded(page)
    icon(page).focus()
    for _ in range(3):
        page.keyboard.press("Tab")
    expect(page.get_by_role("link", name=ENTRY)).to_be_focused()  # not the section's heading, which is out of sight


@pytest.mark.browser_context_args(viewport={"width": 1366, "height": 768})
def test_the_first_paint_is_folded_already(page, cast):
    """The page is measured before any deferred script ran."""
    sign_in(page, cast.clerk)
    page.add_init_script(
        "new MutationObserver(() => { if (document.body && window.atBody === undefined)"
        " window.atBody = document.documentElement.classList.contains('nav-folded'); })"
        ".observe(document, { childList: true, subtree: true })"
    )
    page.goto("/")
    page.reload()
    assert page.evaluate("window.atBody") is True


def test_the_admin_has_the_same_frame(page, cast):
    sign_in(page, cast.admin)
    page.goto("/")
    page.get_by_label("导航栏").get_by_role("link", name="人员账号").click()
    expect(page.get_by_role("link", name="市级重大改革项目管理系统")).to_be_visible()
    icon(page).click()
    page.reload()
    assert is_folded(page)


@on_a_phone
def test_the_drawer_opens_in_the_admin_too(page, cast):
    sign_in(page, cast.admin)
    page.goto("/admin/accounts/user/")
    page.get_by_role("button", name="展开导航栏").click()
    page.get_by_label("导航栏").get_by_role("link", name="工作台").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("工作台")


def test_a_click_anywhere_in_a_row_follows_its_link(page, cast):
    cast.issued_map()
    sign_in(page, cast.clerk)
    page.goto("/projects/")
    row = page.get_by_role("row", name=cast.project.name)
    row.get_by_text(cast.project.domain.name).click()
    expect(page.get_by_role("heading", level=1, name=cast.project.name)).to_be_visible()


def test_what_stands_in_a_row_keeps_its_own_click(page, cast):
    cast.issued_map()
    sign_in(page, cast.clerk)
    page.goto("/projects/")
    page.locator("details.why summary").first.click()
    expect(page.locator("details.why p").first).to_be_visible()
    expect(page).to_have_url(re.compile("/projects/$"))
