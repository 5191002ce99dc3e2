"""In a real browser: 动态口令 is set up once, given at each login, and asked for when a session has ended meanwhile."""

from base64 import b32decode
from datetime import timedelta

import pytest
from django.contrib.sessions.models import Session
from django.utils import timezone
from playwright.sync_api import expect

from accounts.models import Role
from tests.accounts.test_second_factor import code_of
from tests.factories import PASSWORD, UserFactory

pytestmark = [pytest.mark.full, pytest.mark.urls("tests.accounts.urls")]


@pytest.fixture
def office(transactional_db, settings):
    settings.SECOND_FACTOR = "required"
    return UserFactory(phone="13900000003", full_name="改革办甲", role=Role.OFFICE_REVIEWER)


def give_password(page):
    page.goto("/a-form/")
    page.get_by_label("账号").fill("13900000003")
    page.get_by_label("密码").fill(PASSWORD)
    page.get_by_role("button", name="登录").click()


def give_code(page, code, button):
    page.get_by_label("动态口令").fill(code)
    page.get_by_role("button", name=button).click()


def next_code(key):
    """One that has not been given: a code holds for half a minute, and the next one already counts."""
    return code_of(key, timezone.now() + timedelta(seconds=30))


def set_up(page):
    """The key, in hex, after it was typed off the page, and the code that was given."""
    give_password(page)
    expect(page.get_by_role("heading", name="绑定动态口令")).to_be_visible()
    picture = page.get_by_role("img", name="绑定动态口令的二维码")
    assert picture.evaluate("picture => picture.complete && picture.naturalWidth") > 100
    text = page.locator(".code-key").inner_text().replace(" ", "")
    key = b32decode(text + "=" * (-len(text) % 8)).hex()
    code = code_of(key, timezone.now())
    give_code(page, code, "绑定")
    expect(page.get_by_role("heading", name="恢复码")).to_be_visible()
    return key, code


def test_it_is_set_up_once_and_given_at_each_login(page, office):
    key, used = set_up(page)
    codes = page.locator(".recovery-codes li").all_inner_texts()
    assert len(set(codes)) == 10
    page.get_by_role("link", name="已保存，继续").click()
    expect(page.get_by_label("正文")).to_be_visible()  # where the way led

    page.context.clear_cookies()
    give_password(page)
    give_code(page, used, "继续")
    expect(page.get_by_text("动态口令不正确，或者已经用过")).to_be_visible()
    give_code(page, next_code(key), "继续")
    expect(page.get_by_label("正文")).to_be_visible()

    page.context.clear_cookies()
    give_password(page)
    page.get_by_label("动态口令").fill(codes[0])
    page.get_by_role("button", name="继续").click()
    expect(page.get_by_label("正文")).to_be_visible()


def test_what_was_typed_before_the_session_ended_goes_on_after_password_and_code(page, office):
    key, _ = set_up(page)
    page.get_by_role("link", name="已保存，继续").click()
    page.get_by_label("正文").fill("写了很久的文字")
    Session.objects.all().delete()
    page.get_by_role("button", name="保存并上报").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("密码").fill(PASSWORD)
    dialog.get_by_role("button", name="登录并继续").click()
    expect(dialog).to_contain_text("还须验证动态口令")
    with page.expect_popup() as opened:
        dialog.get_by_role("link", name="在新窗口验证").click()
    give_code(opened.value, next_code(key), "继续")
    expect(opened.value.get_by_label("动态口令")).to_have_count(0)
    dialog.get_by_role("button", name="登录并继续").click()
    expect(page.locator("body")).to_have_text("13900000003|写了很久的文字|submit|None")
