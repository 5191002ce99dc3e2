import pytest
from django.conf import settings
from django.test import Client

from tests.factories import PASSWORD

on_a_phone = pytest.mark.browser_context_args(
    viewport={"width": 390, "height": 844}, device_scale_factor=2, has_touch=True, is_mobile=True
)


def sign_in(page, person):
    """With a session that stands already: the form for it is tried where signing in is the story."""
    client = Client()
    client.force_login(person)
    cookie = client.cookies[settings.SESSION_COOKIE_NAME]
    page.context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": "http://localhost/"}])


def log_in(page, phone):
    """Through the form, by which the browser remembers who was last signed in."""
    page.goto("/login/")
    page.get_by_label("账号").fill(phone)
    page.get_by_label("密码").fill(PASSWORD)
    page.get_by_role("button", name="登录").click()
    page.wait_for_url(lambda url: "/login/" not in url)


def paste(field, text):
    """What the browser does on Ctrl+V in the field: the script's own way, or else the text goes in as typed."""
    field.evaluate(
        """(field, text) => {
             field.focus();
             const data = new DataTransfer();
             data.setData("text/plain", text);
             const paste = new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true });
             if (field.dispatchEvent(paste)) document.execCommand("insertText", false, text);
           }""",
        text,
    )
