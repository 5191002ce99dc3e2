"""动态口令: for the office and the administrators, after the password, if SECOND_FACTOR asks for it."""

from base64 import b32decode
from binascii import unhexlify
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from io import StringIO
from threading import Barrier

import pytest
import time_machine
from django.contrib.admin.models import LogEntry
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
from django.utils import timezone
from django_otp.oath import TOTP
from django_otp.plugins.otp_static.models import StaticToken
from django_otp.plugins.otp_totp.models import TOTPDevice

from accounts.audit.entries import AuditEntry
from accounts.models import Role, User
from tests.accounts.test_passwords import addresses
from tests.factories import PASSWORD, UserFactory

pytestmark = pytest.mark.django_db
PAGE = "/login/code/"


def code_of(key, at=None):
    """As the telephone shows it; `key` in hex."""
    totp = TOTP(unhexlify(key))
    totp.time = (at or timezone.now()).timestamp()
    return f"{totp.token():06d}"


@pytest.fixture
def office(settings):
    settings.SECOND_FACTOR = "required"
    return UserFactory(full_name="改革办甲", role=Role.OFFICE_REVIEWER)


@pytest.fixture
def device(office):
    """The office's, with two recovery codes."""
    spare = office.staticdevice_set.create(name="恢复码")
    spare.token_set.bulk_create(StaticToken(device=spare, token=token) for token in ("abcdefgh", "ijklmnop"))
    return TOTPDevice.objects.create(user=office, name="动态口令", confirmed=True)


def sign_in(user, **extra):
    browser = Client()
    assert browser.post("/login/", {"username": user.phone, "password": PASSWORD}, **extra).status_code == 302
    return browser


def is_open(browser):
    return browser.get("/profile/").status_code == 200


# --- Who needs one ------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", Role)
def test_the_office_and_the_administrators_need_it_where_it_is_required(settings, role):
    browser = Client()
    browser.force_login(UserFactory(role=role))
    assert is_open(browser)
    settings.SECOND_FACTOR = "required"
    needs = role in (Role.OFFICE_REVIEWER, Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN, Role.AUDITOR)
    assert is_open(browser) != needs
    assert browser.get(PAGE).status_code == (200 if needs else 404)


@pytest.mark.parametrize("method", ["get", "head", "post", "put", "patch", "delete", "options"])
@pytest.mark.parametrize("is_set_up", [False, True])
def test_until_the_code_is_given_no_address_does_anything_but_lead_to_its_page(client, office, method, is_set_up):
    if is_set_up:
        TOTPDevice.objects.create(user=office, confirmed=True)
    client.force_login(office)
    walked = dict(addresses())
    assert len(walked) > 20
    for name, address in walked.items():
        if name not in ("accounts:second_factor", "accounts:logout"):
            answer = getattr(client, method)(address)
            assert (answer.status_code, answer.headers["Location"].partition("?")[0]) == (302, PAGE), name


def test_a_script_is_told_in_words_and_the_page_has_no_navigation(client, office):
    client.force_login(office)
    answer = client.get("/session/", headers={"Accept": "application/json"})
    assert (answer.status_code, answer.json()) == (403, {"problem": "请先验证动态口令。", "code_due": True})
    assert 'id="nav"' not in client.get(PAGE).content.decode()


def test_an_initial_password_is_changed_first(client, office):
    newcomer = UserFactory(role=Role.AUDITOR, password=None)
    client.force_login(newcomer)
    assert client.get("/").headers["Location"] == "/profile/password/"
    assert client.get(PAGE).headers["Location"] == "/profile/password/"


# --- Setting up ---------------------------------------------------------------------------------------


def test_it_is_set_up_after_the_password_and_the_recovery_codes_are_shown_once(office):
    browser = sign_in(office)
    page = browser.get(PAGE)
    assert 'src="data:image/svg+xml' in page.content.decode()
    key = browser.session["code_key"]
    assert browser.get(PAGE).context["offer"].text == page.context["offer"].text  # the same on reload
    wrong = browser.post(PAGE, {"code": "000000" if code_of(key) != "000000" else "000001"})
    assert (wrong.status_code, TOTPDevice.objects.count(), is_open(browser)) == (422, 0, False)

    before = browser.session.session_key
    shown = browser.post(PAGE, {"code": code_of(key)})
    codes = shown.context["codes"]
    assert len(set(codes)) == 10
    assert all(code in shown.content.decode() for code in codes)
    assert browser.session.session_key != before
    assert is_open(browser)
    assert browser.get(PAGE).headers["Location"] == "/"
    assert "绑定动态口令" in {entry.get_change_message() for entry in LogEntry.objects.all()}
    said = str(list(AuditEntry.objects.values())) + str(list(LogEntry.objects.values()))
    assert not [secret for secret in [key, *codes] if secret in said]


def test_the_code_that_set_it_up_is_used(office):
    browser = sign_in(office)
    browser.get(PAGE)
    code = code_of(browser.session["code_key"])
    browser.post(PAGE, {"code": code})
    again = sign_in(office)
    assert again.post(PAGE, {"code": code}).status_code == 422
    assert not is_open(again)


# --- Giving it ----------------------------------------------------------------------------------------


def test_a_code_opens_what_was_asked_for_with_a_new_session_key(office, device):
    browser = sign_in(office)
    led = browser.get("/month-end/")
    assert led.headers["Location"] == f"{PAGE}?next=/month-end/"
    before = browser.session.session_key
    answer = browser.post(PAGE, {"code": code_of(device.key), "next": "/month-end/"})
    assert answer.headers["Location"] == "/month-end/"
    assert browser.session.session_key != before
    stale = Client()
    stale.cookies["sessionid"] = before
    assert stale.get("/profile/").headers["Location"].startswith("/login/?")
    entry = AuditEntry.objects.filter(action="sign_in").first()
    assert (entry.name, entry.title, entry.result) == ("改革办甲", "动态口令", "done")


@pytest.mark.parametrize("elsewhere", ["https://evil.example/", "//evil.example", "javascript:alert(1)"])
def test_it_leads_to_no_other_site(office, device, elsewhere):
    assert sign_in(office).post(PAGE, {"code": code_of(device.key), "next": elsewhere}).headers["Location"] == "/"


def test_full_width_digits_and_spaces_are_taken(office, device):
    wide = code_of(device.key).translate(str.maketrans("0123456789", "０１２３４５６７８９"))
    browser = sign_in(office)
    browser.post(PAGE, {"code": f" {wide[:3]} {wide[3:]} "})
    assert is_open(browser)


def test_a_used_code_is_refused_and_so_is_an_earlier_one(office, device):
    now = timezone.now()
    with time_machine.travel(now, tick=False):
        earlier = code_of(device.key, now - timedelta(seconds=30))
        code = code_of(device.key)
        assert sign_in(office).post(PAGE, {"code": code}).status_code == 302
        for used in (code, earlier):
            browser = sign_in(office)
            refused = browser.post(PAGE, {"code": used})
            assert refused.status_code == 422
            assert "已经用过" in refused.content.decode()
            assert not is_open(browser)
    with time_machine.travel(now + timedelta(seconds=30), tick=False):
        assert sign_in(office).post(PAGE, {"code": code_of(device.key)}).status_code == 302


def test_a_recovery_code_opens_once(office, device):
    browser = sign_in(office)
    browser.post(PAGE, {"code": "ABCD efgh"})
    assert "恢复码还有 1 个" in browser.get("/").content.decode()
    again = sign_in(office)
    refused = again.post(PAGE, {"code": "abcdefgh"})
    assert refused.status_code == 422
    assert "恢复码不正确，或者已经用过" in refused.content.decode()
    again.post(PAGE, {"code": "ijklmnop"})
    assert "恢复码已经用完，请在个人中心凭动态口令重新生成；手机遗失的" in again.get("/").content.decode()
    assert AuditEntry.objects.filter(action="sign_in", title="恢复码", result="done").count() == 2


def test_who_has_nothing_left_binds_again_after_a_reset_on_the_server(office, device):
    """A recovery code would lead the sole security administrator to no page that binds another telephone."""
    inside = sign_in(office)
    inside.post(PAGE, {"code": "abcdefgh"})
    out = StringIO()
    call_command("reset_code", f"+86 {office.phone}", stdout=out)
    assert out.getvalue() == f"已重置改革办甲（{office.masked_phone}）的动态口令和恢复码，下次登录时重新绑定。\n"
    assert LogEntry.objects.latest("pk").get_change_message() == "在服务器上重置动态口令"
    assert not is_open(inside)
    browser = sign_in(office)
    key = browser.get(PAGE).context["offer"].text.replace(" ", "")
    assert "恢复码" in browser.post(PAGE, {"code": code_of(b32decode(key).hex())}).content.decode()
    assert is_open(browser)
    for words, reason in (([], "请在命令后写明账号的手机号"), (["13900001111"], "没有手机号为 13900001111 的账号")):
        with pytest.raises(CommandError, match=reason):
            call_command("reset_code", *words)


def test_nobody_opens_with_the_code_of_another(office, device):
    other = UserFactory(role=Role.AUDITOR)
    TOTPDevice.objects.create(user=other, confirmed=True)
    browser = sign_in(other)
    assert browser.post(PAGE, {"code": code_of(device.key)}).status_code == 422
    assert not is_open(browser)


# --- Wrong codes --------------------------------------------------------------------------------------


def test_wrong_codes_count_like_wrong_passwords_and_are_logged(office, device):
    browser = sign_in(office)
    answers = [browser.post(PAGE, {"code": "abc123"}).status_code for _ in range(6)]
    assert answers == [422] * 4 + [429] * 2
    right = browser.post(PAGE, {"code": code_of(device.key)})
    assert right.status_code == 429
    assert "账号已暂时锁定" in right.content.decode()
    assert not is_open(browser)
    assert Client().post("/login/", {"username": office.phone, "password": PASSWORD}).status_code == 429
    failed = AuditEntry.objects.filter(action="sign_in", title="动态口令").values_list("result", flat=True)
    assert sorted(failed) == ["denied"] * 3 + ["failed"] * 4


def test_signing_in_again_gives_no_more_tries_than_the_account_has(office, device):
    """The password lifts the lock of an address, but not the cap of the account."""
    answers = []
    for n in range(4):
        browser = Client()
        browser.post("/login/", {"username": office.phone, "password": PASSWORD}, REMOTE_ADDR=f"10.0.0.{n}")
        answers += [
            browser.post(PAGE, {"code": "abc123"}, REMOTE_ADDR=f"10.0.0.{n}").status_code for _ in range(4 if n else 3)
        ]
    assert answers.count(422) == 9


@pytest.mark.race
def test_of_two_requests_with_the_same_code_one_is_taken(settings):
    settings.SECOND_FACTOR = "required"
    office = UserFactory(role=Role.OFFICE_REVIEWER)
    device = TOTPDevice.objects.create(user=office, confirmed=True)
    browsers = [sign_in(office) for _ in range(6)]
    code, start = code_of(device.key), Barrier(6)

    def give(browser):
        try:
            start.wait(timeout=60)
            return browser.post(PAGE, {"code": code}).status_code
        finally:
            connection.close()

    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(give, browsers))
    assert answers.count(302) == 1
    assert [is_open(browser) for browser in browsers].count(True) == 1


# --- Other recovery codes -------------------------------------------------------------------------------

CODES = "/profile/recovery-codes/"


@pytest.fixture
def inside(office, device):
    """The office's browser, signed in, and half a minute later: the telephone shows the next code."""
    browser, now = sign_in(office), timezone.now()
    with time_machine.travel(now, tick=False):
        browser.post(PAGE, {"code": code_of(device.key)})
    with time_machine.travel(now + timedelta(seconds=30), tick=False):
        yield browser


def test_other_recovery_codes_take_the_place_of_the_former(inside, office, device):
    assert f'href="{CODES}"' in inside.get("/profile/").content.decode()
    assert "还有 2 个恢复码" in inside.get(CODES).content.decode()
    shown = inside.post(CODES, {"code": code_of(device.key)})
    codes = shown.context["codes"]
    assert len(set(codes)) == 10
    assert all(code in shown.content.decode() for code in codes)
    assert "还有 10 个恢复码" in inside.get(CODES).content.decode()
    assert sign_in(office).post(PAGE, {"code": "abcdefgh"}).status_code == 422
    assert sign_in(office).post(PAGE, {"code": codes[0]}).status_code == 302
    assert "重新生成恢复码" in {entry.get_change_message() for entry in LogEntry.objects.all()}
    said = str(list(AuditEntry.objects.values())) + str(list(LogEntry.objects.values()))
    assert not [code for code in codes if code in said]


@pytest.mark.parametrize("typed", ["abcdefgh", "", "12345", "used"])
def test_recovery_codes_are_renewed_by_a_new_code_of_the_telephone_alone(inside, device, typed):
    used = code_of(device.key, timezone.now() - timedelta(seconds=30))
    answer = inside.post(CODES, {"code": used if typed == "used" else typed})
    assert answer.status_code == 422
    assert answer.context["form"].errors["code"]
    assert set(StaticToken.objects.values_list("token", flat=True)) == {"abcdefgh", "ijklmnop"}


def test_guesses_at_the_code_are_counted_and_logged_there_too(inside, device):
    assert [inside.post(CODES, {"code": "000000"}).status_code for _ in range(5)] == [422] * 4 + [429]
    assert inside.post(CODES, {"code": code_of(device.key)}).status_code == 429
    failed = AuditEntry.objects.filter(action="sign_in", title="动态口令").exclude(result="done")
    assert sorted(failed.values_list("result", flat=True)) == ["denied"] * 2 + ["failed"] * 4


# --- Lost -----------------------------------------------------------------------------------------------


def test_the_security_administrator_resets_a_lost_one(office, device):
    browser = sign_in(office)
    browser.post(PAGE, {"code": code_of(device.key)})
    security = UserFactory(role=Role.SECURITY_ADMIN)
    own = TOTPDevice.objects.create(user=security, confirmed=True)
    desk = sign_in(security)
    desk.post(PAGE, {"code": code_of(own.key)})
    person = f"/office/people/{office.pk}/"
    assert "重置动态口令" in desk.get(person).content.decode()
    desk.post(f"{person}reset-code/")
    assert not is_open(browser)
    assert not TOTPDevice.objects.filter(user=office).exists()
    assert not StaticToken.objects.exists()
    assert "绑定动态口令" in sign_in(office).get(PAGE).content.decode()
    said = LogEntry.objects.filter(user=security, object_id=office.pk).get()
    assert said.get_change_message() == "重置动态口令"
    desk.post(f"/office/people/{security.pk}/reset-code/")
    assert TOTPDevice.objects.filter(user=security).exists()


def test_text_typed_before_the_code_was_due_is_kept(office, device):
    browser = sign_in(office)
    browser.post("/office/domains/add/", {"name": "一个新的改革领域"})
    assert browser.post(PAGE, {"code": code_of(device.key)}).headers["Location"] == "/login/resume/"
    assert "一个新的改革领域" in browser.get("/login/resume/").content.decode()


def test_the_secret_has_no_page_in_the_admin(settings, client):
    client.force_login(UserFactory(role=Role.SYSTEM_ADMIN))
    assert User.objects.count() == 1
    for model in ("otp_totp/totpdevice", "otp_static/staticdevice"):
        assert client.get(f"/admin/{model}/").status_code == 404
