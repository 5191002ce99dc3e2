"""How long the login page takes to say no: a stranger must not learn from it which numbers have accounts.

Times are no business of the suite; run it by itself on a quiet machine: pytest tests/bench/login_times.py
"""

from statistics import median
from time import perf_counter

import pytest
from django.test import Client

from config.settings import PASSWORD_HASHERS
from tests.factories import PASSWORD, UserFactory

ROUNDS = 30


@pytest.mark.django_db
def test_unknown_wrong_and_disabled_take_the_same_time(settings):
    settings.PASSWORD_HASHERS = PASSWORD_HASHERS
    wrong = UserFactory.create_batch(ROUNDS)
    disabled = UserFactory.create_batch(ROUNDS, is_active=False)
    times = {"unknown": [], "wrong": [], "disabled": []}
    for n in range(ROUNDS):
        for kind, phone, password in [
            ("unknown", f"137{n:08d}", PASSWORD),
            ("wrong", wrong[n].phone, "nope"),
            ("disabled", disabled[n].phone, PASSWORD),
        ]:
            client = Client(REMOTE_ADDR=f"10.0.{n}.1")
            start = perf_counter()
            client.post("/login/", {"username": phone, "password": password})
            times[kind].append(perf_counter() - start)
            assert "_auth_user_id" not in client.session
    medians = {kind: median(taken) for kind, taken in times.items()}
    assert max(medians.values()) <= 1.1 * min(medians.values()), medians
