"""What bounds a request: Python's work by a deadline, waiting by timeouts, forms by their size and their rows."""

import re
import runpy
from contextlib import suppress
from pathlib import Path
from time import monotonic

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import path

from accounts.waiting import BUSY
from config import deadline
from config import settings as product
from config.urls import urlpatterns as addresses

ENOUGH = 60  # seconds after which a deadline that does not hold fails the test


def endless(request):
    until = monotonic() + ENOUGH
    while monotonic() < until:
        pass
    return HttpResponse("reached the end")


def swallowing(request):
    """It takes whatever happens for an error of what it tries, and goes on."""
    for _ in range(2):
        with suppress(Exception):
            return endless(request)
    return HttpResponse("reached the end")


urlpatterns = [*addresses, path("endless/", endless), path("swallowing/", swallowing)]


@pytest.fixture
def visitor(cast, settings, monkeypatch):
    settings.ROOT_URLCONF = __name__
    settings.REQUEST_SECONDS = 0.2
    monkeypatch.setattr(deadline, "TICK", 0.05)
    client = Client(raise_request_exception=False)
    client.force_login(cast.clerk)
    return client


@pytest.mark.django_db(transaction=True)
def test_work_that_does_not_end_is_interrupted_and_what_was_typed_is_kept(visitor):
    page = visitor.post("/endless/", {"text": "本月召开推进会"})
    assert page.status_code == 503
    assert BUSY in page.content.decode()
    assert 'value="本月召开推进会"' in page.content.decode()
    autosave = visitor.post("/endless/", {"text": "x"}, headers={"Accept": "application/json"})
    assert (autosave.status_code, autosave.json()) == (503, {"problem": BUSY})
    assert visitor.get("/healthz").status_code == 200


@pytest.mark.django_db(transaction=True)
def test_work_that_goes_on_all_the_same_is_interrupted_again(visitor, monkeypatch):
    monkeypatch.setattr(deadline, "RESPITE", 1)
    answer = visitor.get("/swallowing/")
    assert answer.status_code == 200
    assert answer.content == b"reached the end"


@pytest.mark.django_db(transaction=True)
def test_the_next_request_of_the_thread_is_not_interrupted(visitor, settings):
    assert visitor.get("/endless/").status_code == 503
    settings.REQUEST_SECONDS = product.REQUEST_SECONDS
    assert visitor.get("/profile/").status_code == 200
    assert not deadline._watch.ends


def test_an_interruption_that_comes_too_late_is_taken_back(monkeypatch):
    said, watch = [], deadline._Watch()
    monkeypatch.setattr(deadline, "_interrupt", lambda thread, error: said.append(error))
    monkeypatch.setattr(deadline, "TICK", 0.01)
    until = monotonic() + ENOUGH
    with watch.over(0):
        while not said and monotonic() < until:
            pass
    assert said == [deadline.OutOfTime, None]


def test_each_wait_has_its_bound():
    """Statement, lock, connection and request: each ends before what waits for it."""
    nginx = Path("deploy/nginx.conf").read_text()
    proxy = int(re.search(r"proxy_read_timeout\s+(\d+)s", nginx)[1])
    assert proxy > product.REQUEST_SECONDS + deadline.TICK
    assert runpy.run_path("deploy/gunicorn.conf.py")["timeout"] >= product.REQUEST_SECONDS
    for name in ("client_header_timeout", "client_body_timeout", "send_timeout", "proxy_connect_timeout"):
        assert 0 < int(re.search(rf"{name}\s+(\d+)s", nginx)[1]) <= 10
    assert "DeadlineMiddleware" in product.MIDDLEWARE[1]
    assert product.MIDDLEWARE[0].endswith("ProbesMiddleware")


@pytest.mark.parametrize("patience", [0, 8])
def test_each_wait_for_postgresql_has_its_bound(monkeypatch, patience):
    monkeypatch.setenv("DATABASE_URL", "postgres://x@localhost/x")
    monkeypatch.setenv("DATABASE_PATIENCE", str(patience))
    options = runpy.run_path("config/settings.py")["DATABASES"]["default"]["OPTIONS"]
    said = dict(re.findall(r"-c (\w+)=(\w+)", options["options"]))
    assert said["statement_timeout"] == ("7000" if patience else "30000")
    assert said["lock_timeout"] == "5000"
    assert said["idle_in_transaction_session_timeout"] == "60000"
    assert options["connect_timeout"] == 3
    assert options["tcp_user_timeout"] == 8000
    assert options["patience"] == patience


def test_visitors_are_served_with_patience(monkeypatch):
    assert 'setdefault("DATABASE_PATIENCE", "8")' in Path("config/wsgi.py").read_text()
