"""The door: who gets in, what a stranger learns at it, and how long somebody who guesses stands outside."""

import re
from datetime import timedelta

import pytest
import time_machine
from axes.models import AccessAttempt, AccessFailureLog, AccessLog
from django.contrib.sessions.models import Session
from django.test import Client
from django.utils import timezone

from tests.factories import PASSWORD, UserFactory

pytestmark = [pytest.mark.django_db, pytest.mark.sql]

WRONG = "账号或密码不正确，请核对后重新输入。"
LOCKED = "密码输错次数过多，账号已暂时锁定"


def sign_in(client, phone, password=PASSWORD, address="10.0.0.1", **data):
    return client.post("/login/", {"username": phone, "password": password, **data}, REMOTE_ADDR=address)


def is_in(client):
    return "_auth_user_id" in client.session


@pytest.fixture
def clerk():
    return UserFactory(phone="13900000001")


# --- What a stranger learns ------------------------------------------------------------------------


def test_unknown_wrong_and_disabled_look_alike(clerk):
    UserFactory(phone="13900000002", is_active=False)
    answers = set()
    for phone, password in [("13900000001", "nope"), ("13900000002", PASSWORD), ("13900000009", PASSWORD)]:
        client = Client()
        answer = sign_in(client, phone, password)
        body = answer.content.decode().replace(phone, "")
        token = answer.context["csrf_token"]
        answers.add((answer.status_code, body.replace(str(token), "")))
        assert not is_in(client)
    assert len(answers) == 1
    assert WRONG in answers.pop()[1]


def test_what_was_typed_stays_except_for_the_password(client, clerk):
    page = sign_in(client, "139 0000 0001", "nope-nope").content.decode()
    assert 'value="139 0000 0001"' in page
    assert "nope-nope" not in page
    # and one goes on with the password
    assert re.findall(r'<input[^>]* name="(\w+)"[^>]* autofocus', page) == ["password"]
    assert re.findall(r'<input[^>]* name="(\w+)"[^>]* autofocus', client.get("/login/").content.decode()) == [
        "username"
    ]


@pytest.mark.parametrize(
    ("username", "password", "sentence"),
    [
        ("", "x", "请输入账号。"),
        ("13900000001", "", "请输入密码。"),
        ("1" * 41, "x", "账号应为11位手机号。"),
        ("13900000001", "x" * 129, "密码最多128个字符。"),
        ("1390000\x000001", "x", "含有不能保存的字符"),
    ],
)
def test_each_bad_entry_has_its_sentence(client, clerk, username, password, sentence):
    answer = sign_in(client, username, password)
    assert answer.status_code == 200
    assert sentence in answer.content.decode()
    assert not is_in(client)


# --- Locks -----------------------------------------------------------------------------------------


def test_five_failures_lock_the_account_from_that_address_for_a_quarter_of_an_hour(client, clerk):
    with time_machine.travel(timezone.now(), tick=False) as clock:
        for _ in range(4):
            assert WRONG in sign_in(client, clerk.phone, "nope").content.decode()
        fifth = sign_in(client, clerk.phone, "nope")
        assert fifth.status_code == 429
        assert "请在15分钟后再试" in fifth.content.decode()

        clock.shift(timedelta(minutes=5))
        page = sign_in(client, "139 0000 0001")
        assert page.status_code == 429
        assert "请在10分钟后再试" in page.content.decode()
        assert 'value="139 0000 0001"' in page.content.decode()
        assert not is_in(client)

        # Trying in the meantime does not prolong it.
        clock.shift(timedelta(minutes=10, seconds=1))
        sign_in(client, clerk.phone)
        assert is_in(client)


def test_an_unknown_number_locks_in_the_same_words(client, clerk):
    for phone in ("13900000001", "13900000009"):
        for _ in range(4):
            sign_in(client, phone, "nope")
    known, unknown = (sign_in(client, phone, "nope").content.decode() for phone in ("13900000001", "13900000009"))
    assert LOCKED in known
    assert LOCKED in unknown


def test_a_success_forgets_the_failures_from_that_address(client, clerk):
    for _ in range(2):
        for _ in range(4):
            sign_in(client, clerk.phone, "nope")
        sign_in(client, clerk.phone)
        assert is_in(client)
        client.post("/logout/")


def test_many_people_behind_one_address_are_not_locked_out_by_one_who_guesses(clerk):
    people = UserFactory.create_batch(20)
    for _ in range(6):
        sign_in(Client(), clerk.phone, "nope", address="10.8.0.1")
    for person in people:
        client = Client()
        sign_in(client, person.phone, address="10.8.0.1")
        assert is_in(client)


def test_a_guesser_with_many_addresses_has_ten_tries_an_hour(clerk):
    with time_machine.travel(timezone.now() + timedelta(seconds=1), tick=False) as clock:
        for i in range(10):
            assert WRONG in sign_in(Client(), clerk.phone, "nope", address=f"10.9.0.{i}").content.decode()
        capped = sign_in(Client(), clerk.phone, address="10.9.1.1")
        assert capped.status_code == 429
        assert "请在60分钟后再试" in capped.content.decode()
        clock.shift(timedelta(minutes=59, seconds=59))
        assert "请在1分钟后再试" in sign_in(Client(), clerk.phone, address="10.9.1.2").content.decode()
        clock.shift(timedelta(seconds=1))
        client = Client()
        sign_in(client, clerk.phone, address="10.9.1.3")
        assert is_in(client)


def test_the_owner_signing_in_gives_a_guesser_no_new_tries(clerk):
    for i in range(9):
        sign_in(Client(), clerk.phone, "nope", address=f"10.9.0.{i}")
    owner = Client()
    sign_in(owner, clerk.phone)
    assert is_in(owner)
    sign_in(Client(), clerk.phone, "nope", address="10.9.1.1")
    assert sign_in(Client(), clerk.phone, "nope", address="10.9.1.2").status_code == 429


def test_a_forged_forwarding_header_is_ignored_without_a_proxy(clerk):
    for i in range(5):
        Client().post(
            "/login/",
            {"username": clerk.phone, "password": "nope"},
            REMOTE_ADDR="10.0.0.1",
            headers={"X-Forwarded-For": f"1.2.3.{i}"},
        )
    assert sign_in(Client(), clerk.phone).status_code == 429
    assert set(AccessFailureLog.objects.values_list("ip_address", flat=True)) == {"10.0.0.1"}


@pytest.mark.parametrize(
    ("proxies", "forwarded", "address"),
    [
        (0, "6.6.6.6", "10.0.0.1"),
        (1, "10.1.1.1", "10.1.1.1"),
        (1, "6.6.6.6, 10.1.1.1", "10.1.1.1"),
        (2, "6.6.6.6, 10.1.1.1, 10.2.2.2", "10.1.1.1"),
        (2, "10.2.2.2", "10.0.0.1"),
        (1, "", None),
        (1, "no address", None),
        (1, "2001:db8::1", "2001:db8::1"),
    ],
)
def test_behind_proxies_the_address_is_what_the_outermost_of_ours_saw(rf, settings, proxies, forwarded, address):
    from accounts.addresses import client_address

    settings.PROXY_COUNT = proxies
    request = rf.get("/", REMOTE_ADDR="10.0.0.1", headers={"X-Forwarded-For": forwarded})
    assert client_address(request) == address


# --- The session -----------------------------------------------------------------------------------


def test_signing_in_changes_the_session_key(client, clerk):
    session = client.session
    session["planted"] = "by somebody else"
    session.save()
    planted = session.session_key
    sign_in(client, clerk.phone)
    assert is_in(client)
    assert client.session.session_key != planted
    assert not Session.objects.filter(pk=planted).exists()


def test_signing_out_ends_the_session_on_the_server(client, clerk):
    sign_in(client, clerk.phone)
    cookie = client.cookies["sessionid"].value
    assert client.post("/logout/").headers["Location"] == "/login/"
    thief = Client()
    thief.cookies["sessionid"] = cookie
    assert thief.get("/profile/").headers["Location"] == "/login/?next=/profile/"
    assert not Session.objects.exists()


def test_visiting_the_logout_address_signs_nobody_out(client, clerk):
    client.force_login(clerk)
    assert client.get("/logout/").status_code == 405
    assert is_in(client)


def test_no_page_is_kept_by_a_cache(client, clerk):
    pages = ["/login/", "/profile/", "/profile/password/", "/session/", "/no-such-page/", "/fvue/login", "/admin/"]
    for _ in ("stranger", "clerk"):
        for page in pages:
            assert "no-store" in client.get(page).headers["Cache-Control"], page
        client.force_login(clerk)


# --- Where the door leads ---------------------------------------------------------------------------


@pytest.mark.parametrize("address", ["/fvue/login", "/fvue/login/"])
def test_the_address_in_the_manual_leads_to_the_login_page(client, address):
    assert client.get(address).headers["Location"] == "/login/"
    assert client.get(address, {"next": "/profile/?a=1"}).headers["Location"] == "/login/?next=%2Fprofile%2F%3Fa%3D1"


def test_a_visitor_comes_out_where_they_wanted_to_go(client, clerk):
    login = client.get("/profile/").headers["Location"]
    assert login == "/login/?next=/profile/"
    assert client.post(login, {"username": clerk.phone, "password": PASSWORD}).headers["Location"] == "/profile/"


@pytest.mark.parametrize(
    "target",
    [
        "https://evil.example/",
        "http://evil.example",
        "//evil.example/",
        "///evil.example/",
        r"\\evil.example",
        r"/\evil.example",
        "https:///evil.example",
        "http:evil.example",
        "javascript:alert(1)",
        "data:text/html,x",
        " https://evil.example",
        "https://testserver@evil.example/",
    ],
)
def test_the_door_never_leads_to_another_site(client, clerk, target):
    assert sign_in(client, clerk.phone, next=target).headers["Location"] == "/"
    client.logout()
    through_bookmark = client.get("/fvue/login", {"next": target}).headers["Location"]
    assert through_bookmark.startswith("/login/?next=")
    answer = client.post(through_bookmark, {"username": clerk.phone, "password": PASSWORD})
    assert answer.headers["Location"] == "/"


def test_who_is_in_already_is_led_on(client, clerk):
    client.force_login(clerk)
    assert client.get("/login/?next=/profile/").headers["Location"] == "/profile/"


# --- What is written down ---------------------------------------------------------------------------


def test_logins_failures_and_logouts_are_on_record_with_address_and_time(client, clerk):
    sign_in(client, clerk.phone, "nope", address="10.0.0.7")
    sign_in(client, clerk.phone, address="10.0.0.7")
    client.post("/logout/")
    failure = AccessFailureLog.objects.get()
    assert (failure.username, failure.ip_address, failure.locked_out) == (clerk.phone, "10.0.0.7", False)
    access = AccessLog.objects.get()
    assert (access.username, access.ip_address) == (clerk.phone, "10.0.0.7")
    assert access.logout_time >= access.attempt_time


def test_no_log_knows_a_password_or_a_full_number(client, clerk, caplog):
    caplog.set_level("DEBUG")
    for _ in range(6):
        sign_in(client, clerk.phone, "Typed-Secret-1", kept="Typed-Text")
    stored = str(list(AccessAttempt.objects.values())) + str(list(AccessFailureLog.objects.values()))
    assert clerk.phone in stored
    assert "Typed-Secret-1" not in stored
    assert "Typed-Text" not in stored
    sign_in(client, "13900000002\r\nforged line", "x")
    written = "\n".join(record.getMessage() for record in caplog.records if not record.name.startswith("django.db"))
    assert "139****0001" in written
    assert clerk.phone not in written
    assert "Typed-Secret-1" not in written
    assert "forged line" not in written
