"""Many guesses at the same moment: no more are checked than one after the other would be."""

import runpy
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from threading import Barrier
from time import sleep

import pytest
from axes.models import AccessAttempt, AccessFailureLog
from django.contrib.auth import hashers
from django.db import connection
from django.test import Client

from accounts import hashers as ours
from accounts.audit.entries import AuditEntry
from accounts.waiting import BUSY, NoTurn
from config.settings import PASSWORD_HASHERS
from tests.factories import PASSWORD, UserFactory

GUESSES = 60


def guess(phone, address, start):
    try:
        start.wait(timeout=60)
        answer = Client().post("/login/", {"username": phone, "password": "nope"}, REMOTE_ADDR=address)
        return answer.status_code
    finally:
        connection.close()


@pytest.fixture
def checked(monkeypatch):
    """Each time that a password is really checked. That takes a while, as it does with the product's hasher."""
    times = []
    check = hashers.MD5PasswordHasher.verify

    def verify(self, password, encoded):
        times.append(password)
        sleep(0.02)
        return check(self, password, encoded)

    monkeypatch.setattr(hashers.MD5PasswordHasher, "verify", verify)
    return times


def guess_together(addresses):
    user = UserFactory()
    start = Barrier(12)
    with ThreadPoolExecutor(12) as pool:
        return list(pool.map(lambda address: guess(user.phone, address, start), addresses))


@pytest.mark.race
def test_guesses_from_one_address_are_counted_before_the_next_is_checked(checked):
    answers = guess_together(["10.0.0.1"] * GUESSES)
    assert len(checked) == 5
    assert answers.count(429) == GUESSES - 4


@pytest.mark.race
def test_guesses_from_many_addresses_meet_the_cap_of_the_account(checked):
    answers = guess_together([f"10.0.1.{i}" for i in range(GUESSES)])
    assert len(checked) == 10
    assert answers.count(429) == GUESSES - 10


@pytest.mark.race
def test_control_without_turns_more_are_checked(checked, monkeypatch):
    monkeypatch.setattr("accounts.forms.take_turn", lambda username: None)
    guess_together(["10.0.0.1"] * GUESSES)
    assert len(checked) > 5


def most_at_once(hasher, monkeypatch):
    running, most = [], []

    def encode(self, password, salt):
        running.append(password)
        most.append(len(running))
        sleep(0.005)
        running.pop()

    monkeypatch.setattr(hashers.Argon2PasswordHasher, "encode", encode)
    with ThreadPoolExecutor(ours.MOST_WAITING) as pool:
        list(pool.map(lambda password: hasher.encode(password, "salt"), range(40)))
    return max(most)


def test_one_password_at_a_time_is_hashed(monkeypatch):
    assert most_at_once(ours.FrugalArgon2Hasher(), monkeypatch) == 1


def test_control_the_hasher_itself_takes_several(monkeypatch):
    assert most_at_once(hashers.Argon2PasswordHasher(), monkeypatch) > 1


def test_a_password_stored_with_other_figures_moves_to_ours():
    stored = hashers.Argon2PasswordHasher().encode("Geheim-1234", "salt-salt")
    hasher = ours.FrugalArgon2Hasher()
    assert hasher.verify("Geheim-1234", stored)
    assert hasher.must_update(stored)
    assert not hasher.must_update(hasher.encode("Geheim-1234", hasher.salt()))


@contextmanager
def crowd():
    """As many as may wait for a password are waiting."""
    with ExitStack() as places:
        for _ in range(ours.MOST_WAITING):
            ours._places.acquire()
            places.callback(ours._places.release)
        yield


@pytest.fixture
def user(db, settings):
    settings.PASSWORD_HASHERS = PASSWORD_HASHERS
    return UserFactory()


def test_threads_stay_free_for_pages():
    threads = runpy.run_path("deploy/gunicorn.conf.py")["threads"]
    assert threads >= ours.MOST_WAITING + 2
    with crowd(), pytest.raises(NoTurn):
        ours.FrugalArgon2Hasher().encode(PASSWORD, "salt-salt")


def test_who_waits_too_long_gives_the_place_away(monkeypatch):
    monkeypatch.setattr(ours, "LONGEST_WAIT", 0.01)
    for _ in range(2 * ours.MOST_WAITING):
        with ours.turn(), pytest.raises(NoTurn):
            ours.FrugalArgon2Hasher().encode(PASSWORD, "salt-salt")
    with ours.turn():
        pass


def test_who_signs_in_while_too_many_do_keeps_the_form_and_is_not_counted(user, client):
    typed = {"username": user.phone, "password": PASSWORD, "kept": "sealed", "next": "/messages/"}
    written = AuditEntry.objects.count()
    with crowd():
        for _ in range(20):
            answer = client.post("/login/", typed)
            page = answer.content.decode()
            assert answer.status_code == 503
            assert BUSY in page
            assert user.phone in page
            assert 'name="kept" value="sealed"' in page
            assert 'name="next" value="/messages/"' in page
            assert PASSWORD not in page
        in_place = client.post("/login/", typed, headers={"accept": "application/json"})
        assert in_place.status_code == 503
        assert in_place.json() == {"problem": BUSY}
    assert AuditEntry.objects.count() == written
    assert not AccessAttempt.objects.exists()
    assert not AccessFailureLog.objects.exists()
    assert client.post("/login/", typed).status_code == 302


def test_a_new_password_waits_for_its_turn_as_well(user, client):
    client.force_login(user)
    new = {"old_password": PASSWORD, "new_password1": "Neu-Wort-2026", "new_password2": "Neu-Wort-2026"}
    with crowd():
        answer = client.post("/profile/password/", new)
    assert answer.status_code == 503
    assert BUSY in answer.content.decode()
    assert client.post("/profile/password/", new).status_code == 302
