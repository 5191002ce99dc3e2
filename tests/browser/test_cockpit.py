"""The office before the cockpit: from a red dot to the record and back, and a leader's page on one sheet."""

from datetime import timedelta
from io import BytesIO

import pytest
from playwright.sync_api import expect
from pypdf import PdfReader

from reform.calendar import today
from reform.models import DueItem, PromotionUpdate
from tests.browser import sign_in
from tests.cast import enter
from tests.factories import ProjectFactory
from workflow.states import State

pytestmark = pytest.mark.full


@pytest.fixture
def cast(transactional_db):
    cast = enter()
    cast.issued_map()
    cast.bring(cast.make(PromotionUpdate), State.CONFIRMED)
    own = DueItem.objects.filter(plan__isnull=False, is_deadline=True).order_by("due_on")
    DueItem.objects.filter(pk=own.first().pk).update(due_on=today() - timedelta(days=1))
    return cast


def test_from_a_red_dot_to_the_record_and_back(page, cast):
    sign_in(page, cast.office)
    page.goto("/")
    page.get_by_role("link", name="驾驶舱").click()
    page.get_by_label("责任单位").select_option(label="市发展改革委")
    page.get_by_role("button", name="查询").click()
    expect(page.locator("#chart-plans canvas")).to_be_visible()
    asked = page.url
    assert f"department={cast.planning.pk}" in asked
    page.get_by_role("link", name="数字经济改革：滞后").click()
    expect(page.get_by_role("heading", name="数字经济改革", level=1)).to_be_visible()
    page.locator(".plan-chip.is-red").first.click()
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    page.go_back()
    page.go_back()
    expect(page.get_by_role("heading", name="市级重大改革项目驾驶舱")).to_be_visible()
    assert page.url == asked
    expect(page.get_by_label("责任单位")).to_have_value(str(cast.planning.pk))


def test_a_wall_draws_itself_anew_and_outlives_its_network(page, cast):
    page.clock.install()
    sign_in(page, cast.display)
    page.goto("/cockpit/")
    expect(page.locator("#chart-plans canvas")).to_be_visible()
    page.context.set_offline(True)
    page.clock.run_for(61_000 * 4)
    expect(page.locator("#stale")).to_contain_text("网络中断")
    page.context.set_offline(False)
    ProjectFactory(department=cast.planning, name="后来的改革")
    page.clock.run_for(61_000)
    expect(page.locator(".ck-dots")).to_contain_text("后来的改革")
    expect(page.locator("#stale")).to_be_hidden()
    expect(page.locator("#chart-plans canvas")).to_be_visible()


def test_the_page_of_a_leader_is_one_sheet_however_many_projects(page, cast):
    for number in range(30):
        ProjectFactory(department=cast.planning, name=f"{'改革事项名称较长的' * 3}项目{number}", lead_leader="王市长")
    sign_in(page, cast.office)
    for query in ("leader=王市长", f"department={cast.planning.pk}"):
        page.goto(f"/cockpit/page/?{query}")
        sheets = PdfReader(BytesIO(page.pdf(prefer_css_page_size=True))).pages
        assert len(sheets) == 1
        assert round(float(sheets[0].mediabox.height)) == 842  # A4 upright
