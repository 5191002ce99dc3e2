"""axe-core on every page that each role can walk to: nothing serious or critical, on a screen and on a phone.

Nor does any of them scroll sideways.
"""

import re
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.db import transaction

from accounts.models import Role
from tests import factories
from tests.browser import sign_in
from tests.cast import enter
from workflow.states import State

pytestmark = pytest.mark.full

AXE = settings.BASE_DIR / "node_modules" / "axe-core" / "axe.min.js"
FILES = re.compile(r"/files?/|/word/|excel|template|export|/cockpit/page/")  # no pages, or none without a query
SIZES = {"screen": {"width": 1440, "height": 900}, "phone": {"width": 390, "height": 844}}


@pytest.fixture
@transaction.atomic
def cast(transactional_db):
    """Every kind at each side of the review, so that lists, records and forms have something to show."""
    cast = enter()
    drawn = cast.issued_map()
    first, second, third = drawn.measures.all()
    cast.bring(factories.target_update(drawn, cast.clerk, 1), State.CONFIRMED)
    cast.bring(factories.plan_update(first.plans.get(), cast.clerk), State.SUBMITTED)
    cast.bring(factories.promotion(cast.project, cast.clerk), State.DEPT_APPROVED)
    cast.bring(factories.brand(cast.project, cast.clerk), State.REJECTED)
    cast.bring(factories.iteration(third, cast.clerk), State.SUBMITTED)
    factories.plan_update(second.plans.get(), cast.clerk)
    factories.target_update(drawn, cast.clerk, 2)
    factories.new_measure(drawn, cast.clerk)
    factories.promotion(cast.project, cast.clerk)
    factories.battle_map(factories.ProjectFactory(department=cast.project.department), cast.clerk)
    return cast


def shape(address):
    """Pages that differ by their numbers only are one page."""
    return re.sub(r"\d+", "N", urlsplit(address).path)


def walk(page):
    """Goes to one page of every shape that links lead to, from 工作台 on; edit pages one of each kind."""
    seen, waiting = set(), ["/"]
    while waiting:
        address = waiting.pop(0)
        key = shape(address)
        if key in seen:
            continue
        answer = page.goto(address)
        kind = page.locator("nav .crumbs li").nth(1).inner_text() if key.endswith("/edit/") else ""
        if key + kind in seen:
            continue
        seen.add(key + kind)
        assert answer.ok, address
        yield address
        links = page.eval_on_selector_all("main a[href^='/'], nav a[href^='/']", "all => all.map(a => a.pathname)")
        waiting += [link for link in dict.fromkeys(links) if not FILES.search(link) and shape(link) not in seen]


def faults(page):
    if not page.evaluate("'axe' in window"):
        page.add_script_tag(path=AXE)
    return page.evaluate(
        "axe.run({ resultTypes: ['violations'] }).then(({ violations }) => violations"
        ".filter(({ impact }) => ['serious', 'critical'].includes(impact))"
        ".map(({ id, nodes }) => [id, nodes[0].html.slice(0, 160)]))"
    )


@pytest.mark.parametrize("who", ["clerk", "reviewer", "office", "admin", "security", "auditor"])
def test_nothing_serious_on_any_page(new_context, cast, who):
    page = new_context(bypass_csp=True).new_page()
    sign_in(page, getattr(cast, who, None) or factories.UserFactory(role=Role.SECURITY_ADMIN))
    found = []
    for address in walk(page):
        for size in SIZES.values():
            page.set_viewport_size(size)
            found += [(address, size["width"], *fault) for fault in faults(page)]
            if page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"):
                found.append((address, size["width"], "wider than the window"))
    assert found == []
