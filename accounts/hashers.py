"""How passwords are stored."""

from threading import Semaphore

from django.contrib.auth.hashers import Argon2PasswordHasher

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
