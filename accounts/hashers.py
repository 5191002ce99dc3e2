"""How passwords are stored."""

from base64 import b64encode
from threading import Semaphore

from cryptography.hazmat.primitives.hashes import SM3
from cryptography.hazmat.primitives.kdf.pbkdf2 import PBKDF2HMAC
from django.contrib.auth.hashers import Argon2PasswordHasher, PBKDF2PasswordHasher

_TURN = Semaphore(1)  # of each process; there are as many processes as cores


class FrugalArgon2Hasher(Argon2PasswordHasher):
    """46 MiB for each password, and one at a time: many who sign in at once leave memory and cores to the others."""

    time_cost = 2
    memory_cost = 47104
    parallelism = 1

    def encode(self, password: str, salt: str) -> str:
        with _TURN:
            return super().encode(password, salt)

    def verify(self, password: str, encoded: str) -> bool:
        with _TURN:
            return super().verify(password, encoded)


class PBKDF2SM3PasswordHasher(PBKDF2PasswordHasher):
    """PBKDF2-HMAC-SM3, the construction of GM/T 0091-2020."""

    algorithm = "pbkdf2_sm3"
    iterations = 600_000

    def encode(self, password: str, salt: str, iterations: int | None = None) -> str:
        iterations = iterations or self.iterations
        with _TURN:
            key = PBKDF2HMAC(SM3(), length=32, salt=salt.encode(), iterations=iterations).derive(password.encode())
        return f"{self.algorithm}${iterations}${salt}${b64encode(key).decode()}"
