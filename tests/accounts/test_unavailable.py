"""A database that is away, silent or busy: a sentence for people, an answer for programs, and no text is lost."""

import socket
import threading

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import OperationalError, connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.template import TemplateDoesNotExist
from django.test import Client
from django.urls import reverse

ORIGIN = {"Origin": "http://testserver"}


@pytest.fixture
def migrated(monkeypatch):
    """The tests' tables come from the models, without a word about migrations."""
    everything = dict.fromkeys(MigrationLoader(None).graph.nodes)
    monkeypatch.setattr(MigrationRecorder, "applied_migrations", lambda recorder: everything)
    return everything


@pytest.fixture
def away():
    """The database answers nobody."""
    psycopg = pytest.importorskip("psycopg")

    def refuse(*args, **kwargs):
        raise OperationalError("connection refused") from psycopg.OperationalError("connection refused")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(connection, "cursor", refuse)
        yield


@pytest.fixture
def visitor(cast):
    """Signed in; an error becomes an answer, as on a server."""
    client = Client(raise_request_exception=False)
    client.force_login(cast.clerk)
    return client


def ask(client, path, **headers):
    return client.get(path, HTTP_HOST="10.0.0.7", **headers)


@pytest.mark.django_db
def test_probes_answer_anybody_yes_and_nothing_else(client, migrated, django_assert_num_queries):
    with django_assert_num_queries(0):
        alive = ask(client, "/healthz")
    ready = ask(client, "/readyz")
    assert (alive.status_code, alive.content) == (200, b"alive\n")
    assert (ready.status_code, ready.content) == (200, b"ready\n")
    assert ready["Content-Type"] == "text/plain"
    assert not alive.cookies
    assert not ready.cookies


@pytest.mark.django_db
def test_alive_without_a_database_but_not_ready(client, away, caplog):
    assert ask(client, "/healthz").status_code == 200
    ready = ask(client, "/readyz")
    assert (ready.status_code, ready.content) == (503, b"not ready\n")
    assert "connection refused" in caplog.text


@pytest.mark.django_db
def test_not_ready_while_a_migration_waits(client, migrated, caplog):
    del migrated[max(name for name in migrated if name[0] == "accounts")]
    ready = ask(client, "/readyz")
    assert (ready.status_code, ready.content) == (503, b"not ready\n")
    assert "migrations" in caplog.text


@pytest.mark.django_db
def test_not_ready_without_a_place_for_files(client, migrated, settings, tmp_path, caplog):
    settings.MEDIA_ROOT = tmp_path / "file"
    settings.MEDIA_ROOT.write_text("no folder")
    ready = ask(client, "/readyz")
    assert (ready.status_code, ready.content) == (503, b"not ready\n")
    assert "storage" in caplog.text


@pytest.mark.django_db
def test_not_ready_before_static_files_were_collected(client, migrated, settings, tmp_path, caplog):
    settings.STATIC_ROOT = tmp_path
    settings.STORAGES = settings.STORAGES | {
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.ManifestStaticFilesStorage"}
    }
    ready = ask(client, "/readyz")
    assert (ready.status_code, ready.content) == (503, b"not ready\n")
    assert "static files" in caplog.text


def test_without_a_database_what_was_typed_can_be_sent_again(visitor, away):
    sent = {"summary": "正在写的<简介>", "files": SimpleUploadedFile("证据.pdf", b"%PDF")}
    answer = visitor.post("/login/resume/?a=1", sent, headers=ORIGIN)
    page = answer.content.decode()
    assert (answer.status_code, answer["Retry-After"]) == (503, "10")
    assert "系统暂时连不上数据库，请稍后再试。" in page
    assert '<form method="post" action="/login/resume/?a=1">' in page
    assert 'name="summary" value="正在写的&lt;简介&gt;"' in page
    assert 'name="csrfmiddlewaretoken"' in page
    assert "请重新选择：证据.pdf" in page
    assert answer["Content-Security-Policy"]


def test_a_database_that_goes_away_before_a_session_is_saved_is_no_bad_request(visitor, monkeypatch):
    psycopg = pytest.importorskip("psycopg")

    def refuse(*args, **kwargs):
        raise OperationalError("connection refused") from psycopg.OperationalError("connection refused")

    session = visitor.session
    session["seen"] = True
    session.save()
    with monkeypatch.context() as patch:
        patch.setattr("accounts.middleware.AuditMiddleware.__call__", changing_the_session)
        patch.setattr("django.contrib.sessions.models.Session.save", refuse)
        assert visitor.get("/profile/").status_code == 503
    assert visitor.get("/profile/").status_code == 200


def changing_the_session(middleware, request):
    request.session["seen"] = False
    return middleware.get_response(request)


def test_text_from_elsewhere_is_not_offered(visitor, away):
    page = visitor.post("/login/resume/", {"summary": "别处"}, headers={"Origin": "http://evil.example"})
    assert page.status_code == 503
    assert "别处" not in page.content.decode()


def test_a_password_is_never_written_back(visitor, away):
    page = visitor.post("/login/", {"username": "13900000000", "password": "Geheim-1234"}, headers=ORIGIN)
    assert page.status_code == 503
    assert "Geheim" not in page.content.decode()
    assert "13900000000" not in page.content.decode()


def test_programs_get_json(visitor, away):
    answer = visitor.post("/", {"summary": "x"}, headers={**ORIGIN, "Accept": "application/json"})
    assert (answer.status_code, answer.json()) == (503, {"problem": "系统暂时连不上数据库，请稍后再试。"})


def test_it_recovers_by_itself(visitor, monkeypatch):
    psycopg = pytest.importorskip("psycopg")

    def refuse(*args, **kwargs):
        raise OperationalError from psycopg.OperationalError("gone")

    with monkeypatch.context() as patch:
        patch.setattr(connection, "cursor", refuse)
        assert visitor.get("/profile/").status_code == 503
    assert visitor.get("/profile/").status_code == 200


def test_a_lock_that_cannot_be_had_anywhere_keeps_the_text(visitor, monkeypatch):
    def wait(*args, **kwargs):
        raise OperationalError("database is locked")

    monkeypatch.setattr("accounts.views.session.PasswordChange.post", wait)
    path = reverse("accounts:password_change")
    answer = visitor.post(path, {"old_password": "Geheim-1234"}, headers=ORIGIN)
    assert answer.status_code == 503
    assert "系统繁忙，请稍后再试。" in answer.content.decode()
    assert "Geheim" not in answer.content.decode()
    monkeypatch.setattr("workflow.editing.views.EditView.post", wait)
    answer = visitor.post(reverse("editing:edit", args=[1]), {"summary": "正在写的简介"}, headers=ORIGIN)
    assert answer.status_code == 503
    assert 'name="summary" value="正在写的简介"' in answer.content.decode()
    answer = visitor.post(
        reverse("editing:edit", args=[1]), {"summary": "x"}, headers={**ORIGIN, "Accept": "application/json"}
    )
    assert (answer.status_code, answer.json()) == (503, {"problem": "系统繁忙，请稍后再试。"})


def test_no_list_of_static_files_does_not_break_the_page_for_errors(visitor, monkeypatch):
    def fail(*args, **kwargs):
        raise ValueError("Missing staticfiles manifest entry for 'favicon.svg'")

    monkeypatch.setattr("django.contrib.staticfiles.storage.StaticFilesStorage.url", fail)
    answer = visitor.get("/profile/")
    assert answer.status_code == 500
    assert "<h1>系统暂时出了问题</h1>" in answer.content.decode()


def test_a_broken_template_does_not_either(visitor, monkeypatch):
    def fail(*args, **kwargs):
        raise TemplateDoesNotExist("500.html")

    monkeypatch.setattr("accounts.views.unavailable.render_to_string", fail)
    monkeypatch.setattr("accounts.views.session.Profile.get", fail)
    answer = visitor.get("/profile/")
    assert answer.status_code == 500
    assert "<h1>系统暂时出了问题</h1>" in answer.content.decode()


class Between:
    """Stands between a client and a server, and can stop passing on what either says, as a stopped server would."""

    def __init__(self, address):
        self.flows = threading.Event()
        self.flows.set()
        self.address = address
        self.listening = socket.create_server(("127.0.0.1", 0))
        self.port = self.listening.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        while True:
            try:
                near = self.listening.accept()[0]
            except OSError:
                return
            far = self._reach()
            for here, there in ((near, far), (far, near)):
                threading.Thread(target=self._pass_on, args=(here, there), daemon=True).start()

    def _reach(self):
        host, port = self.address
        if not host.startswith("/"):
            return socket.create_connection(self.address)
        far = socket.socket(socket.AF_UNIX)
        far.connect(f"{host}/.s.PGSQL.{port}")
        return far

    def _pass_on(self, here, there):
        try:
            while said := here.recv(65536):
                self.flows.wait()
                there.sendall(said)
        except OSError:
            pass
        finally:
            here.close()
            there.close()


@pytest.fixture
def between(db):
    settings = connection.settings_dict
    proxy = Between((settings["HOST"] or "127.0.0.1", int(settings["PORT"] or 5432)))
    yield proxy
    proxy.flows.set()
    proxy.listening.close()


@pytest.mark.postgresql
def test_a_server_that_says_nothing_is_given_up_and_asked_again_later(between, monkeypatch):
    from config.postgresql import base

    monkeypatch.setattr(base, "given_up", base._GivenUp())
    asked = connection.copy()
    asked.settings_dict = {**asked.settings_dict, "HOST": "127.0.0.1", "PORT": between.port}
    asked.settings_dict["OPTIONS"] = {**asked.settings_dict["OPTIONS"], "patience": 0.5, "connect_timeout": 2}

    def one():
        with asked.cursor() as cursor:
            cursor.execute("SELECT 1")
            return cursor.fetchone()

    assert one() == (1,)
    between.flows.clear()
    with pytest.raises(OperationalError, match="said nothing for"):
        one()
    asked.close()
    with pytest.raises(OperationalError, match="just been given up"):  # and nobody waits again at once
        one()
    base.given_up.until = 0
    with pytest.raises(OperationalError, match="timeout"):  # nor for a new connection
        one()
    between.flows.set()
    base.given_up.until = 0
    assert one() == (1,)
    asked.close()


@pytest.mark.postgresql
def test_a_command_may_wait_as_long_as_it_takes(between):
    asked = connection.copy()
    asked.settings_dict = {**asked.settings_dict, "HOST": "127.0.0.1", "PORT": between.port}
    asked.settings_dict["OPTIONS"] = {**asked.settings_dict["OPTIONS"], "patience": 0}
    with asked.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_sleep(0.3)")
        assert cursor.fetchone() == (1,)
    asked.close()
