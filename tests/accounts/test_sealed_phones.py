"""Telephone numbers at rest: sealed by SM4 where there is a key, found by the whole number all the same."""

import pytest
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command
from django.db import connection, models
from django.db.models.functions import Cast
from django.urls import reverse

from accounts.checks import phone_key_fits
from accounts.models import Role, User
from accounts.sealing import seal, unseal
from tests.factories import PASSWORD

KEY = "a key of fifty random characters, kept elsewhere"
NUMBER = "13912345678"


@pytest.fixture
def key(settings):
    settings.PHONE_KEY = KEY


def person(cast, phone=NUMBER):
    return User.objects.create_user(phone, "李四", cast.clerk.department, Role.ENTRY, PASSWORD)


def stored(user):
    return User.objects.filter(pk=user.pk).values_list(Cast("phone", models.TextField()), flat=True).get()


def tables_with(text):
    """Every table that says it in any column."""
    found = []
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")
            if any(text in str(row) for row in cursor.fetchall()):
                found.append(table)
    return found


def test_a_number_always_seals_alike_and_opens_with_its_key_alone():
    sealed = seal(NUMBER, KEY)
    assert sealed == seal(NUMBER, KEY) == seal(sealed, KEY)
    assert sealed.startswith("sm4:")
    assert NUMBER not in sealed
    assert seal("13912345679", KEY)[:20] != sealed[:20]
    assert unseal(sealed, KEY) == NUMBER
    assert unseal(sealed, "another") == sealed == unseal(sealed, "")
    assert unseal(f"{sealed[:-2]}AA", KEY) == f"{sealed[:-2]}AA"
    assert seal(NUMBER, "") == NUMBER


def test_a_sealed_number_signs_in_and_stands_nowhere_in_the_database(client, cast, key):
    user = person(cast)
    for password in ("wrong-password", PASSWORD):
        client.post("/login/", {"username": f"+86 {NUMBER[:3]}-{NUMBER[3:]}", "password": password})
    assert NUMBER in client.get("/profile/").content.decode()
    client.post(reverse("accounts:logout"))
    assert stored(user) == seal(NUMBER, KEY)
    assert tables_with(NUMBER) == []
    assert "axes_accessfailurelog" in tables_with(seal(NUMBER, KEY))


def test_numbers_stay_unique_and_are_found_by_the_office(client, cast, key):
    call_command("seal_phones")
    person(cast)
    with pytest.raises(ValidationError, match="已有账号"):
        person(cast)
    client.force_login(cast.admin)
    assert "李四" in client.get(reverse("accounts:people"), {"q": NUMBER}).content.decode()


def test_wrong_passwords_lock_a_sealed_account(client, cast, key):
    person(cast)
    for _ in range(5):
        client.post("/login/", {"username": NUMBER, "password": "wrong-password"})
    page = client.post("/login/", {"username": NUMBER, "password": PASSWORD})
    assert "账号已暂时锁定" in page.content.decode()


def test_numbers_are_sealed_sealed_anew_and_opened_again(cast, settings, client):
    user = person(cast)
    client.post("/login/", {"username": NUMBER, "password": "wrong-password"})
    settings.PHONE_KEY = KEY
    call_command("seal_phones")
    assert tables_with(NUMBER) == []
    settings.PHONE_KEY, settings.FORMER_PHONE_KEY = "another", KEY
    call_command("seal_phones")
    assert stored(user) == seal(NUMBER, "another")
    settings.PHONE_KEY, settings.FORMER_PHONE_KEY = "", "another"
    call_command("seal_phones")
    assert stored(user) == NUMBER
    assert set(tables_with(NUMBER)) == {"accounts_user", "axes_accessattempt", "axes_accessfailurelog"}


def test_nothing_changes_with_a_key_that_does_not_fit(cast, settings):
    user = person(cast)
    settings.PHONE_KEY = KEY
    call_command("seal_phones")
    settings.PHONE_KEY = "another"
    with pytest.raises(CommandError, match="没有作任何改动"):
        call_command("seal_phones")
    assert stored(user) == seal(NUMBER, KEY)


def test_the_check_says_when_nobody_could_sign_in(cast, settings):
    assert phone_key_fits(databases=["default"]) == []
    settings.PHONE_KEY = KEY
    assert [error.id for error in phone_key_fits(databases=["default"])] == ["accounts.E002"]
    call_command("seal_phones")
    assert phone_key_fits(databases=["default"]) == []
    for settings.PHONE_KEY in ("another", ""):
        assert [error.id for error in phone_key_fits(databases=["default"])] == ["accounts.E002"]
