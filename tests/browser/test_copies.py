"""In a real browser: what was typed and never reached the server is offered again, to the same person alone."""

import pytest
from playwright.sync_api import expect

from reform.models import PromotionUpdate
from tests import factories
from tests.browser import sign_in
from tests.documents import PDF

pytestmark = pytest.mark.full

KEPT = "发现本机保留的未保存内容"


@pytest.fixture
def draft(cast):
    cast.issued_map()
    return factories.promotion(cast.project, cast.clerk)


def expect_no_copy(page):
    """Soon: the page shows before its script has run.

    A function, which Playwright evaluates once: a bare expression it evaluates at each look, which the policy refuses.
    """
    page.wait_for_function("() => !Object.keys(localStorage).some((key) => key.startsWith('typed:'))")


def typed_and_lost(context, address, text="写了很久的话", upload=False):
    """A page on which somebody typed, and which then died before anything was saved."""
    page = context.new_page()
    page.goto(address)
    page.route("**/*", lambda route: route.abort() if route.request.method == "POST" else route.continue_())
    page.get_by_label("具体情况简介").fill(text)
    page.wait_for_function("(text) => Object.values(localStorage).some((kept) => kept.includes(text))", arg=text)
    page.close(run_before_unload=False)


def test_after_a_crash_the_text_is_offered_and_restored(context, page, cast, draft):
    sign_in(page, cast.clerk)
    address = f"/records/{draft.pk}/edit/"
    typed_and_lost(context, address)
    page.goto(address)
    expect(page.get_by_text(KEPT)).to_be_visible()
    expect(page.get_by_label("具体情况简介")).not_to_have_value("写了很久的话")
    page.get_by_role("button", name="恢复").click()
    expect(page.get_by_text("已恢复本机保留的内容，还没有保存，请核对后保存。")).to_be_visible()
    expect(page.get_by_label("具体情况简介")).to_have_value("写了很久的话")
    page.get_by_role("button", name="保存为草稿").last.click()
    expect(page.get_by_text("草稿已保存。")).to_be_visible()
    assert PromotionUpdate.objects.get().summary == "写了很久的话"
    expect_no_copy(page)
    page.reload()
    expect(page.get_by_text(KEPT)).to_be_hidden()


def test_what_was_typed_for_something_not_begun_is_offered_too_and_begins_it(context, page, cast):
    cast.issued_map()
    sign_in(page, cast.clerk)
    address = f"/kinds/promotionupdate/new/{cast.project.pk}/"
    typed_and_lost(context, address)
    assert not PromotionUpdate.objects.exists()
    page.goto(address)
    page.get_by_role("button", name="恢复").click()
    expect(page.get_by_label("具体情况简介")).to_have_value("写了很久的话")
    expect(page.locator("#saved")).to_contain_text("自动保存", timeout=15_000)
    assert PromotionUpdate.objects.get().summary == "写了很久的话"
    expect_no_copy(page)


def test_an_offer_can_be_dropped(context, page, cast, draft):
    sign_in(page, cast.clerk)
    typed_and_lost(context, f"/records/{draft.pk}/edit/")
    page.goto(f"/records/{draft.pk}/edit/")
    page.get_by_role("button", name="丢弃").click()
    expect(page.get_by_text(KEPT)).to_be_hidden()
    expect_no_copy(page)


def test_a_copy_of_an_older_version_is_shown_beside_the_newer_one(context, page, cast, draft):
    sign_in(page, cast.clerk)
    typed_and_lost(context, f"/records/{draft.pk}/edit/")
    PromotionUpdate.objects.filter(pk=draft.pk).update(version=draft.version + 1, summary="别人存的话")
    page.goto(f"/records/{draft.pk}/edit/")
    page.get_by_role("button", name="恢复").click()
    expect(page.get_by_text("这条记录刚刚被修改过，请核对最新内容后再操作。")).to_be_visible()
    expect(page.get_by_label("具体情况简介")).to_have_value("写了很久的话")
    expect(page.get_by_text("别人存的话")).to_be_visible()


def test_another_person_sees_nothing_and_the_copy_is_gone(context, page, cast, draft):
    sign_in(page, cast.clerk)
    typed_and_lost(context, f"/records/{draft.pk}/edit/")
    context.clear_cookies()
    sign_in(page, cast.clerk2)
    page.goto(f"/records/{draft.pk}/edit/")
    expect(page.get_by_role("button", name="保存为草稿").last).to_be_visible()
    expect(page.get_by_text(KEPT)).to_be_hidden()
    expect_no_copy(page)


def test_an_expired_session_keeps_the_copy_and_signing_out_removes_it(context, page, cast, draft):
    sign_in(page, cast.clerk)
    typed_and_lost(context, f"/records/{draft.pk}/edit/")
    context.clear_cookies()
    sign_in(page, cast.clerk)
    page.goto(f"/records/{draft.pk}/edit/")
    expect(page.get_by_text(KEPT)).to_be_visible()
    page.locator("details.menu summary").click()
    page.get_by_role("button", name="退出登录").click()
    page.wait_for_url("**/login/**")
    expect_no_copy(page)


def test_a_saved_page_leaves_no_copy(page, cast):
    cast.issued_map()
    sign_in(page, cast.clerk)
    page.goto(f"/kinds/promotionupdate/new/{cast.project.pk}/")
    page.get_by_label("召开新闻发布会").check()
    page.get_by_label("推广日期").fill("2026-06-29")
    page.get_by_label("具体情况简介").fill("召开发布会")
    page.get_by_role("button", name="保存并上报").last.click()
    expect(page.get_by_text("上报前还需修改 1 处")).to_be_visible()  # what was typed is saved all the same
    expect_no_copy(page)
    page.get_by_label("本材料不涉密").check()
    page.get_by_label("选择文件").set_input_files({"name": "佐证.pdf", "mimeType": "", "buffer": PDF})
    expect(page.get_by_role("link", name="佐证.pdf")).to_be_visible()
    page.get_by_role("button", name="保存并上报").last.click()
    expect(page.get_by_text("已上报，等待")).to_be_visible()
    expect_no_copy(page)
