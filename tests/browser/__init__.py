import pytest

from tests.factories import PASSWORD

on_a_phone = pytest.mark.browser_context_args(
    viewport={"width": 390, "height": 844}, device_scale_factor=2, has_touch=True, is_mobile=True
)


def sign_in(page, person):
    page.goto("/login/")
    page.get_by_label("账号").fill(person.phone)
    page.get_by_label("密码").fill(PASSWORD)
    page.get_by_role("button", name="登录").click()
    page.wait_for_url("**/")
