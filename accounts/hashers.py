"""How passwords are stored."""

from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Semaphore

from cryptography.hazmat.primitives.hashes import SM3
from cryptography.hazmat.primitives.kdf.pbkdf2 import PBKDF2HMAC
from django.contrib.auth.hashers import Argon2PasswordHasher, PBKDF2PasswordHasher

from accounts.waiting import NoTurn

# One password at a time in each process, of which there are as many as cores; and of its threads (eight, by
# deploy/gunicorn.conf.py) some are always free for pages: who comes when these wait already is asked to come again.
MOST_WAITING = 6
LONGEST_WAIT = 4  # seconds
_places = Semaphore(MOST_WAITING)
_turn = Semaphore(1)


@contextmanager
def turn() -> Iterator[None]:
    """Raises NoTurn where too many are waiting, or for too long."""
    if not _places.acquire(blocking=False):
        raise NoTurn
    try:
        if not _turn.acquire(timeout=LONGEST_WAIT):
            raise NoTurn
        try:
            yield
        finally:
            _turn.release()
    finally:
        _places.release()


class FrugalArgon2Hasher(Argon2PasswordHasher):
    """OWASP's figures of least memory and time; many who sign in at once leave both to the others."""

    time_cost = 2
    memory_cost = 19 * 1024
    parallelism = 1

    def encode(self, password: str, salt: str) -> str:
        with turn():
            return super().encode(password, salt)

    def verify(self, password: str, encoded: str) -> bool:
        with turn():
            return super().verify(password, encoded)


class PBKDF2SM3PasswordHasher(PBKDF2PasswordHasher):
    """PBKDF2-HMAC-SM3, the construction of GM/T 0091-2020."""

    algorithm = "pbkdf2_sm3"
    iterations = 600_000

    def encode(self, password: str, salt: str, iterations: int | None = None) -> str:
        iterations = iterations or self.iterations
        with turn():
            key = PBKDF2HMAC(SM3(), length=32, salt=salt.encode(), iterations=iterations).derive(password.encode())
        return f"{self.algorithm}${iterations}${salt}${b64encode(key).decode()}"
