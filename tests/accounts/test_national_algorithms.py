"""国密: SM3 for passwords, files and the audit log; SM4 for telephone numbers."""

from base64 import b64decode
from io import BytesIO

import pytest
from cryptography.hazmat.primitives import hashes, hmac
from django.contrib.auth.hashers import check_password, identify_hasher, make_password

from accounts.algorithms import digest_of
from accounts.hashers import PBKDF2SM3PasswordHasher
from accounts.models import User
from config import settings as product
from tests.factories import PASSWORD

SM3_OF_ABC = "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"  # GM/T 0004-2012, A.1
SHA256_OF_ABC = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"


@pytest.fixture
def national(settings):
    settings.NATIONAL_ALGORITHMS = True
    settings.PASSWORD_HASHERS = ["accounts.hashers.PBKDF2SM3PasswordHasher", *settings.PASSWORD_HASHERS]


def test_digests_name_every_algorithm_but_sha256(settings):
    assert digest_of(BytesIO(b"abc")) == SHA256_OF_ABC
    settings.NATIONAL_ALGORITHMS = True
    assert digest_of(BytesIO(b"abc")) == f"sm3:{SM3_OF_ABC}"


def test_pbkdf2_with_sm3_is_the_standards():
    """The first bytes by the definition of RFC 8018: one round is HMAC(password, salt + 1)."""
    mac = hmac.HMAC(b"password", hashes.SM3())
    mac.update(b"saltsaltsaltsaltsaltsa" + (1).to_bytes(4, "big"))
    encoded = PBKDF2SM3PasswordHasher().encode("password", "saltsaltsaltsaltsaltsa", iterations=1)
    assert b64decode(encoded.rpartition("$")[2]) == mac.finalize()


def test_passwords_move_to_sm3_at_login_and_back(client, cast, national, settings):
    client.post("/login/", {"username": cast.clerk.phone, "password": PASSWORD})
    stored = User.objects.get(pk=cast.clerk.pk).password
    assert stored.startswith("pbkdf2_sm3$600000$")
    assert not check_password("another", stored)
    settings.PASSWORD_HASHERS = product.PASSWORD_HASHERS
    client.logout()
    client.post("/login/", {"username": cast.clerk.phone, "password": PASSWORD})
    assert User.objects.get(pk=cast.clerk.pk).password.startswith("argon2$argon2id$")
    assert client.get("/profile/").status_code == 200


def test_both_algorithms_are_read_whichever_is_on(national):
    assert identify_hasher(make_password("x")).algorithm == "pbkdf2_sm3"
    assert {type(identify_hasher(f"{name}$1$salt$hash")).__name__ for name in ("pbkdf2_sm3", "pbkdf2_sha256")} == {
        "PBKDF2SM3PasswordHasher",
        "PBKDF2PasswordHasher",
    }
