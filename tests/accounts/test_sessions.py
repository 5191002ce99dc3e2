"""How long a session holds, and what ends it for everybody who has it open."""

from datetime import timedelta

import pytest
import time_machine
from django.contrib.sessions.backends.base import UpdateError
from django.contrib.sessions.models import Session
from django.db import OperationalError, connection
from django.db.models import QuerySet
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import Role, User
from accounts.sessions import SessionStore
from tests.factories import PASSWORD, DepartmentFactory, UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def clerk():
    return UserFactory(phone="13900000001")


@pytest.fixture
def clock(clerk):
    # A whole second: cookies and sessions know no fractions.
    with time_machine.travel(timezone.now().replace(microsecond=0), tick=False) as clock:
        yield clock


@pytest.fixture
def signed_in(client, clerk, clock):
    client.post("/login/", {"username": clerk.phone, "password": PASSWORD})
    assert is_in(client)
    return client


def is_in(client):
    return client.get("/profile/").status_code == 200


def test_half_an_hour_without_a_click_ends_it(signed_in, clock):
    clock.shift(timedelta(minutes=29, seconds=59))
    assert is_in(signed_in)
    clock.shift(timedelta(minutes=30))
    assert not is_in(signed_in)


def test_twelve_hours_end_it_however_busy_one_was(signed_in, clock):
    for _ in range(12 * 60 // 29):
        clock.shift(timedelta(minutes=29))
        assert is_in(signed_in)
    clock.shift(timedelta(hours=12) - timedelta(minutes=29 * (12 * 60 // 29), seconds=1))
    assert is_in(signed_in)
    clock.shift(timedelta(seconds=1))
    assert not is_in(signed_in)


def test_asking_whether_it_still_holds_does_not_prolong_it(signed_in, clock):
    for _ in range(2):
        clock.shift(timedelta(minutes=14, seconds=59))
        assert signed_in.get("/session/").status_code == 200
    clock.shift(timedelta(seconds=2))
    answer = signed_in.get("/session/")
    assert answer.status_code == 401
    assert answer.json().keys() == {"csrf", "person"}
    assert answer.json()["person"] is None


def move(clerk):
    clerk.department = DepartmentFactory()
    clerk.save()


def promote(clerk):
    clerk.role = Role.DEPT_REVIEWER
    clerk.save()


def disable(clerk):
    clerk.is_active = False
    clerk.save()


def disable_and_enable(clerk):
    disable(clerk)
    clerk.is_active = True
    clerk.save()


def reset_password(clerk):
    clerk.set_initial_password()
    clerk.save()


def same_password_again(clerk):
    clerk.choose_password(PASSWORD)
    clerk.save()


@pytest.mark.parametrize("change", [move, promote, disable, disable_and_enable, reset_password, same_password_again])
def test_a_change_of_the_person_ends_their_sessions_at_the_next_request(signed_in, clerk, change):
    elsewhere = Client()
    elsewhere.force_login(clerk)
    colleague = Client()
    colleague.force_login(UserFactory())
    change(User.objects.get(pk=clerk.pk))
    assert not is_in(signed_in)
    assert not is_in(elsewhere)
    assert is_in(colleague)


def test_a_new_name_ends_nothing(signed_in, clerk):
    clerk.full_name = "改名"
    clerk.save()
    assert is_in(signed_in)


def test_choosing_a_new_password_keeps_this_session_and_ends_the_others(signed_in, clerk):
    elsewhere = Client()
    elsewhere.force_login(clerk)
    chosen = {"old_password": PASSWORD, "new_password1": "Plum-Tree-77x", "new_password2": "Plum-Tree-77x"}
    assert signed_in.post("/profile/password/", chosen).headers["Location"] == "/profile/"
    assert is_in(signed_in)
    assert not is_in(elsewhere)


def test_a_use_within_the_same_minute_writes_nothing(signed_in, clock):
    sessions = Session.objects.filter(pk=signed_in.session.session_key)
    ends = sessions.get().expire_date
    clock.shift(timedelta(seconds=59))
    with CaptureQueriesContext(connection) as queries:
        assert is_in(signed_in)
    assert not [query for query in queries if query["sql"].startswith("UPDATE")]
    assert sessions.get().expire_date == ends
    clock.shift(timedelta(seconds=1))
    assert is_in(signed_in)
    assert sessions.get().expire_date == ends + timedelta(minutes=1)


def test_a_session_needs_no_more_than_itself_and_the_person(signed_in, django_assert_num_queries):
    with django_assert_num_queries(2):
        signed_in.get("/session/")


def test_a_slow_answer_takes_back_nothing_that_was_put_in_meanwhile(signed_in, clock):
    """A preview that was still being drawn while a decision was taken."""
    key = signed_in.session.session_key
    slow = SessionStore(key)
    signed_in_at = slow["signed_in_at"]
    quick = SessionStore(key)
    quick["said"] = "已确认。"
    quick.save()
    clock.shift(timedelta(minutes=5))
    slow.save()
    now = SessionStore(key)
    assert (now["said"], now["signed_in_at"]) == ("已确认。", signed_in_at)
    assert Session.objects.get(pk=key).expire_date == timezone.now() + timedelta(minutes=30)


def test_what_an_answer_changes_is_kept(signed_in):
    key = signed_in.session.session_key
    session = SessionStore(key)
    session["said"] = ["一"]
    session.save()
    session["said"].append("二")
    session.save()
    assert SessionStore(key)["said"] == ["一", "二"]


def test_a_session_that_has_ended_is_not_prolonged(signed_in, clock):
    key = signed_in.session.session_key
    slow = SessionStore(key)
    assert slow["signed_in_at"]
    SessionStore(key).delete()
    clock.shift(timedelta(minutes=5))
    with pytest.raises(UpdateError):
        slow.save()
    assert not Session.objects.filter(pk=key).exists()


def test_a_lock_that_cannot_be_had_prolongs_nothing_and_fails_nothing(signed_in, clock, monkeypatch):
    clock.shift(timedelta(minutes=5))

    def refuse(query, **values):
        raise OperationalError("database is locked")

    with monkeypatch.context() as patch:
        patch.setattr(QuerySet, "update", refuse)
        assert is_in(signed_in)
        patch.setattr(QuerySet, "update", lambda query, **values: (_ for _ in ()).throw(OperationalError("gone")))
        with pytest.raises(OperationalError, match="gone"):
            signed_in.get("/profile/")
    assert is_in(signed_in)
