"""In a real browser: the session ends under a half-filled form, and the form is sent all the same, with its file."""

import pytest
from django.contrib.sessions.models import Session
from playwright.sync_api import expect

from tests.browser import log_in
from tests.factories import PASSWORD, UserFactory

pytestmark = [pytest.mark.full, pytest.mark.urls("tests.accounts.urls")]

FILE = {"name": "方案.txt", "mimeType": "text/plain", "buffer": "方案全文".encode()}


@pytest.fixture
def clerk(transactional_db):
    return UserFactory(phone="13900000001", full_name="录入甲")


@pytest.fixture
def half_filled(page, clerk):
    log_in(page, clerk.phone)
    page.goto("/a-form/")
    page.get_by_label("正文").fill("写了很久的文字")
    page.get_by_label("附件").set_input_files(FILE)
    return page


@pytest.fixture
def send(half_filled):
    return half_filled.get_by_role("button", name="保存并上报")


def test_while_the_session_holds_nobody_is_asked(half_filled, send):
    send.click()
    expect(half_filled.locator("body")).to_have_text("13900000001|写了很久的文字|submit|方案全文")


def test_what_is_sent_while_a_script_asks_for_the_session_is_not_lost(half_filled, send):
    asked = []
    half_filled.route("**/session/", lambda route: asked.append(route))  # noqa: PLW0108 - it is given attributes
    half_filled.evaluate("() => { window.session.ready(); }")  # as a draft that saves itself does
    send.click()
    send.click()
    asked[0].continue_()
    expect(half_filled.locator("body")).to_have_text("13900000001|写了很久的文字|submit|方案全文")


def test_text_and_file_arrive_after_the_password_was_given_in_place(half_filled, send):
    Session.objects.all().delete()
    send.click()
    dialog = half_filled.get_by_role("dialog")
    expect(dialog).to_contain_text("录入甲（139****0001）")
    dialog.get_by_label("密码").fill("not this")
    dialog.get_by_role("button", name="登录并继续").click()
    expect(dialog.get_by_role("alert")).to_have_text("账号或密码不正确，请核对后重新输入。")
    dialog.get_by_label("密码").fill(PASSWORD)
    dialog.get_by_role("button", name="登录并继续").click()
    expect(half_filled.locator("body")).to_have_text("13900000001|写了很久的文字|submit|方案全文")


def test_who_cancels_still_has_everything_and_may_try_again(half_filled, send):
    Session.objects.all().delete()
    send.click()
    half_filled.get_by_role("button", name="取消").click()
    expect(half_filled.get_by_role("dialog")).to_be_hidden()
    expect(half_filled.get_by_label("正文")).to_have_value("写了很久的文字")
    send.click()
    expect(half_filled.get_by_role("dialog")).to_be_visible()


def test_a_login_in_another_tab_is_enough(half_filled, send, clerk):
    Session.objects.all().delete()
    log_in(half_filled.context.new_page(), clerk.phone)
    send.click()
    expect(half_filled.locator("body")).to_have_text("13900000001|写了很久的文字|submit|方案全文")


def test_nothing_is_sent_in_the_name_of_somebody_else(half_filled, send):
    other = UserFactory(phone="13900000004")
    tab = half_filled.context.new_page()
    tab.goto("/profile/")
    tab.locator("summary").click()
    tab.get_by_role("button", name="退出登录").click()
    log_in(tab, other.phone)
    send.click()
    expect(half_filled.locator("#session-notice")).to_contain_text("已换用其他账号登录")
    expect(half_filled.get_by_label("正文")).to_have_value("写了很久的文字")


def test_a_dead_line_costs_nothing(half_filled, send):
    half_filled.context.set_offline(True)
    send.click()
    expect(half_filled.locator("#session-notice")).to_contain_text("网络不通或服务暂停")
    half_filled.context.set_offline(False)
    send.click()
    expect(half_filled.locator("body")).to_have_text("13900000001|写了很久的文字|submit|方案全文")


@pytest.mark.parametrize("new", ["Plum-Tree-77x"])
def test_a_password_that_fell_due_is_changed_in_another_window(half_filled, send, clerk, new):
    clerk.must_change_password = True
    clerk.save()
    send.click()
    dialog = half_filled.get_by_role("dialog")
    with half_filled.context.expect_page() as opened:
        dialog.get_by_role("link", name="在新窗口修改密码").click()
    window = opened.value
    window.get_by_label("原密码").fill(PASSWORD)
    window.get_by_label("新密码", exact=False).nth(0).fill(new)
    window.get_by_label("确认新密码").fill(new)
    window.get_by_role("button", name="保存新密码").click()
    window.wait_for_url(lambda url: "password" not in url)
    dialog.get_by_role("button", name="登录并继续").click()
    expect(half_filled.locator("body")).to_have_text("13900000001|写了很久的文字|submit|方案全文")


@pytest.mark.browser_context_args(java_script_enabled=False)
def test_without_scripts_the_text_comes_back_over_the_login_page(half_filled, send, clerk):
    Session.objects.all().delete()
    send.click()
    expect(half_filled.locator("main")).to_contain_text("刚才填写的内容已保留。请用 139****0001 重新登录")
    half_filled.get_by_label("账号").fill(clerk.phone)
    half_filled.get_by_label("密码").fill(PASSWORD)
    half_filled.get_by_role("button", name="登录").click()
    expect(half_filled.locator("main")).to_contain_text("附件不能保留，提交后请重新选择：方案.txt")
    half_filled.get_by_role("button", name="继续提交").click()
    expect(half_filled.locator("body")).to_have_text("13900000001|写了很久的文字|submit|None")
