"""Hashes of what is kept: SHA-256, or SM3 (GM/T 0004) where `NATIONAL_ALGORITHMS` is on.

By `cryptography`, which brings its own OpenSSL: that of the machine need not know SM3.
"""

from typing import Any, BinaryIO

from cryptography.hazmat.primitives import hashes, hmac
from django.conf import settings
from django.core.files import File

_CHUNK = 1 << 20
_DIGESTS = {"": hashes.SHA256(), "sm3:": hashes.SM3()}  # by what stands before them


def keyed_hash(algorithm: hashes.HashAlgorithm, key: bytes, content: bytes) -> bytes:
    """The HMAC."""
    mac = hmac.HMAC(key, algorithm)
    mac.update(content)
    return mac.finalize()


def digest_of(file: "File[Any] | BinaryIO") -> str:
    """Of the whole content, as `StoredFile.digest` keeps it: only SHA-256 goes without its name."""
    return _digest(file, "sm3:" if settings.NATIONAL_ALGORITHMS else "")


def digests_of(file: "File[Any] | BinaryIO") -> set[str]:
    """All that the content may have been kept under, whichever algorithm was on then."""
    return {_digest(file, name) for name in _DIGESTS}


def _digest(file, name):
    digest = hashes.Hash(_DIGESTS[name])
    file.seek(0)
    while chunk := file.read(_CHUNK):
        digest.update(chunk)
    return f"{name}{digest.finalize().hex()}"
