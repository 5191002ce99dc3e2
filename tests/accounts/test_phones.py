"""A number is one account, however somebody writes it."""

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from accounts.models import User
from accounts.phones import mask, normalise
from tests.factories import PASSWORD, DepartmentFactory, UserFactory

SPELLINGS = [
    "13900000001",
    " 13900000001 ",
    "139 0000 0001",
    "139-0000-0001",
    "139–0000—0001",
    "１３９０００００００１",
    "１３９　００００　０００１",
    "+8613900000001",
    "+86 139-0000-0001",
    "＋８６１３９０００００００１",
    "008613900000001",
    "8613900000001",
    "(+86) 13900000001",
    "\u202d13900000001\u202c",  # as copied out of a chat or a phone book
    "\ufeff13900000001",
]


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_every_spelling_is_the_same_number(spelling):
    assert normalise(spelling) == "13900000001"


@pytest.mark.parametrize("spelling", ["", "1390000000", "139000000011", "23900000001", "录入员甲", "8690000000001"])
def test_what_is_no_number_is_not_bent_into_one(spelling):
    assert normalise(spelling) == spelling


@pytest.mark.django_db
@pytest.mark.parametrize("spelling", SPELLINGS)
def test_people_sign_in_with_any_spelling(client, spelling):
    user = UserFactory(phone="13900000001")
    client.post("/login/", {"username": spelling, "password": PASSWORD})
    assert client.session["_auth_user_id"] == str(user.pk)


@pytest.mark.django_db
def test_an_account_is_stored_under_the_normal_spelling_and_only_once():
    department = DepartmentFactory()
    user = User.objects.create_user("+86 139-0000-0001", "甲", department, "entry")
    assert user.phone == "13900000001"
    with pytest.raises(ValidationError, match="这个手机号已有账号"):
        User.objects.create_user("１３９ 0000 0001", "乙", department, "entry")
    # A way in that validates nothing, such as a script, still cannot store a second spelling.
    with pytest.raises(IntegrityError), transaction.atomic():
        UserFactory(phone="139 0000 0001")
    assert User.objects.get(phone="139-0000-0001") == user


@pytest.mark.django_db
@pytest.mark.parametrize("typed", ["1390000000", "239-0000-0001", "139000000012", "1390000000a", "甲", ""])
def test_an_account_needs_a_mobile_number(typed):
    with pytest.raises(ValidationError) as refusal:
        User.objects.create_user(typed, "甲", DepartmentFactory(), "entry")
    assert set(refusal.value.message_dict) == {"phone"}


@pytest.mark.parametrize(("phone", "shown"), [("13912345678", "139****5678"), ("a secret", "****"), ("", "****")])
def test_a_masked_number_shows_seven_digits_and_nothing_else(phone, shown):
    assert mask(phone) == shown
