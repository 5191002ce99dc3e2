"""Heads of tables: what stays in sight covers nothing that is focused, and cards keep what can be pressed."""

import pytest
from django.db import transaction
from playwright.sync_api import expect

from tests import factories
from tests.browser import sign_in
from tests.cast import enter
from workflow.states import State

pytestmark = [pytest.mark.full, pytest.mark.browser_context_args(viewport={"width": 720, "height": 450})]


@pytest.fixture
@transaction.atomic
def cast(transactional_db):
    cast = enter()
    cast.issued_map()
    cast.bring(factories.promotion(cast.project, cast.clerk), State.DEPT_APPROVED)
    return cast


@pytest.mark.parametrize("address", ["/projects/", "/ledgers/plans/?year="])
def test_cards_are_sorted_by_the_links_of_the_head(page, cast, address):
    sign_in(page, cast.office)
    page.goto(address)
    links = page.locator("thead .sort")
    assert links.count()
    for link in links.all():
        link.click(trial=True, timeout=5_000)  # nothing lies over it
    links.first.click()
    expect(page.locator("thead [aria-sort]")).to_have_count(1)


@pytest.mark.parametrize("address", ["/inbox/", "/month-end/"])
def test_cards_are_ticked_all_at_once(page, cast, address):
    sign_in(page, cast.office)
    page.goto(address)
    page.locator("thead").get_by_text("全选").click()
    ticks = page.locator("tbody [data-select]")
    assert ticks.count()
    for tick in ticks.all():
        expect(tick).to_be_checked()


def test_what_is_focused_scrolls_clear_of_the_head_and_of_the_first_column(page, cast):
    page.set_viewport_size({"width": 1366, "height": 768})
    sign_in(page, cast.office)
    covered = """(box) => {
      const { scrollPaddingTop: top, scrollPaddingLeft: left } = getComputedStyle(box);
      const covers = [...box.querySelectorAll("thead th, tbody td, tbody th")]
        .filter((cell) => getComputedStyle(cell).position === "sticky");
      const heads = covers.filter((cell) => cell.matches("thead.actionable th"));
      const columns = covers.filter((cell) => cell.matches("tbody *"));
      return [
        heads.some((cell) => cell.offsetHeight > parseFloat(top)),
        columns.length > 0 && columns.every((cell) => cell.offsetWidth <= parseFloat(left)),
      ];
    }"""
    for address in ("/ledgers/plans/?year=", f"/projects/{cast.project.pk}/"):
        page.goto(address)
        box = page.locator(".ledger-wrap, .map-measures > .scroll-x")
        assert box.evaluate(covered) == [False, True], address
