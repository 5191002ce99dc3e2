"""Telephone numbers at rest: SM4-GCM (GM/T 0002) where `PHONE_KEY` is set.

The nonce is the HMAC-SM3 of the number, so that a number always becomes the same text: the column itself is the index
by which an account is found and stays unique. Without the key one learns which of two are equal, and no more.
"""

from base64 import b64decode, b64encode
from functools import lru_cache
from typing import Any, NamedTuple

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from django.conf import settings
from django.db import models

from accounts.algorithms import keyed_hash

NAME = "sm4:"  # of the algorithm, before each value
NONCE, TAG = 12, 16


class Keys(NamedTuple):
    cipher: bytes
    nonce: bytes


@lru_cache(maxsize=4)
def _keys(secret: str) -> Keys:
    cipher, nonce = (keyed_hash(hashes.SM3(), secret.encode(), use) for use in (b"phone cipher", b"phone nonce"))
    return Keys(cipher[:16], nonce)


def seal(plain: str, secret: str) -> str:
    """As it is stored; what is sealed already, and everything where there is no secret, comes back as it is."""
    if not secret or not plain or plain.startswith(NAME):
        return plain
    keys = _keys(secret)
    nonce = keyed_hash(hashes.SM3(), keys.nonce, plain.encode())[:NONCE]
    encryptor = Cipher(algorithms.SM4(keys.cipher), modes.GCM(nonce)).encryptor()
    sealed = encryptor.update(plain.encode()) + encryptor.finalize()
    return NAME + b64encode(nonce + encryptor.tag + sealed).decode()


def unseal(stored: str, secret: str) -> str:
    """What was sealed; with another secret or none, what is stored, which is nobody's number."""
    if not secret or not stored.startswith(NAME):
        return stored
    raw = b64decode(stored.removeprefix(NAME))
    nonce, tag, sealed = raw[:NONCE], raw[NONCE : NONCE + TAG], raw[NONCE + TAG :]
    decryptor = Cipher(algorithms.SM4(_keys(secret).cipher), modes.GCM(nonce, tag)).decryptor()
    try:
        return (decryptor.update(sealed) + decryptor.finalize()).decode()
    except InvalidTag:
        return stored


class SealedCharField(models.CharField):
    """Sealed in the database, plain everywhere else; found by the whole value only."""

    def get_prep_value(self, value: Any) -> Any:
        value = super().get_prep_value(value)
        return seal(value, settings.PHONE_KEY) if isinstance(value, str) else value

    def from_db_value(self, value: str | None, expression: object, connection: object) -> str | None:
        return value if value is None else unseal(value, settings.PHONE_KEY)
