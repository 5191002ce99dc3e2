"""The button 后退 after something was sent: nothing is begun, sent or lost by it, and the browser asks nothing."""

import pytest
from playwright.sync_api import expect

from reform.models import PromotionUpdate
from tests import factories
from tests.browser import sign_in
from tests.factories import PASSWORD
from workflow.states import State

pytestmark = pytest.mark.full

KEPT = "发现本机保留的未保存内容"
NEW = "/kinds/promotionupdate/new/{}/"


def fill(page):
    page.get_by_label("召开现场观摩会").check()
    page.get_by_label("推广日期").fill("2026-06-29")
    page.get_by_label("具体情况简介").fill("组织 12 个区县现场观摩。")
    page.get_by_label("材料标题").fill("典型经验材料")
    page.get_by_label("报送日期").fill("2026-06-30")


def submit(page):
    page.get_by_role("button", name="保存并上报").click()


@pytest.mark.parametrize("refused_first", [False, True])
def test_a_form_that_was_sent_comes_back_empty(page, cast, refused_first):
    cast.issued_map()
    sign_in(page, cast.clerk)
    page.goto(NEW.format(cast.project.pk))
    if refused_first:
        submit(page)
        expect(page.locator("#problems")).to_be_visible()
    fill(page)
    submit(page)
    expect(page.get_by_text("已上报，等待")).to_be_visible()
    page.go_back()
    expect(page.get_by_role("heading", level=1)).to_have_text("经验复制推广推进更新")
    for label in ("具体情况简介", "推广日期", "报送日期"):
        expect(page.get_by_label(label)).to_have_value("")
    expect(page.get_by_text(KEPT)).to_be_hidden()
    assert PromotionUpdate.objects.count() == 1


def test_a_decision_that_was_refused_first_leads_back_to_the_record(page, cast):
    cast.issued_map()
    record = cast.bring(factories.promotion(cast.project, cast.clerk), State.SUBMITTED)
    sign_in(page, cast.reviewer)
    page.goto(f"/records/{record.pk}/")
    page.locator("summary", has_text="驳回").click()
    reject = page.get_by_role("button", name="驳回", exact=True)
    reject.click()
    expect(page.get_by_text("请选择驳回原因。")).to_be_visible()
    page.get_by_label("驳回原因").select_option("数据有误")
    page.get_by_label("详细描述").fill("请核对。")
    reject.click()
    expect(page.locator(".notice-success")).to_be_visible()
    page.go_back()
    expect(page.locator(".page-title")).to_contain_text("已驳回")


def test_a_password_that_was_mistyped_leads_back_into_the_system(page, cast):
    page.goto("/login/?next=/submitted/")
    page.get_by_label("账号").fill(cast.clerk.phone)
    for password in ("mistyped", PASSWORD):
        page.get_by_label("密码").fill(password)
        page.get_by_role("button", name="登录").click()
    expect(page.get_by_role("heading", level=1, name="我上报的")).to_be_visible()
    page.go_back()
    expect(page.get_by_role("heading", level=1, name="我上报的")).to_be_visible()


def test_what_the_server_has_not_taken_is_offered(page, cast):
    cast.issued_map()
    sign_in(page, cast.clerk)
    page.goto(NEW.format(cast.project.pk))
    too_large = {"status": 413, "content_type": "text/html", "body": "<h1>413</h1>"}
    page.route(
        "**/*", lambda route: route.fulfill(**too_large) if route.request.method == "POST" else route.continue_()
    )
    fill(page)
    submit(page)
    expect(page.get_by_role("heading", name="413")).to_be_visible()
    page.go_back()
    expect(page.get_by_text(KEPT)).to_be_visible()
    page.unroute("**/*")
    page.get_by_role("button", name="恢复").click()
    expect(page.get_by_label("具体情况简介")).to_have_value("组织 12 个区县现场观摩。")
