"""`./run update`: the database is brought up to date by one at a time, and nobody's request fails meanwhile."""

import http.client
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from contextlib import suppress
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.core.management.commands import migrate
from django.db import connection

from accounts.advisory_locks import MIGRATION, AdvisoryLock, Pooled
from scripts import update

ROOT = Path(__file__).resolve().parent.parent
DEADLINE = 120

pytestmark = pytest.mark.postgresql


class Said(StringIO):
    """Tells when something was written that holds these words."""

    def __init__(self, words):
        super().__init__()
        self.words, self.heard = words, threading.Event()

    def write(self, text):
        if self.words in text:
            self.heard.set()
        return super().write(text)


@pytest.mark.django_db(transaction=True)
def test_of_two_migrations_at_once_one_waits():
    out, done = Said("另一进程正在更新数据库"), threading.Event()

    def migrate():
        try:
            call_command("migrate", plan=True, stdout=out)
            done.set()
        finally:
            connection.close()

    with AdvisoryLock(MIGRATION) as lock:
        assert lock.take()
        other = threading.Thread(target=migrate)
        other.start()
        assert out.heard.wait(DEADLINE)
        assert not done.is_set()
    other.join(DEADLINE)
    assert done.is_set()


@pytest.mark.django_db(transaction=True)
def test_through_a_pool_nothing_is_migrated(monkeypatch):
    def refuse(lock):
        raise Pooled

    monkeypatch.setattr(AdvisoryLock, "take", refuse)
    with pytest.raises(CommandError, match="PgBouncer"):
        call_command("migrate", plan=True)


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_a_migration_may_take_as_long_as_it_takes(monkeypatch):
    def limit():
        with connection.cursor() as cursor:
            cursor.execute("SHOW statement_timeout")
            return cursor.fetchone()[0]

    with connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = '20s'")
    limits = []
    monkeypatch.setattr(migrate.Command, "handle", lambda command, **options: limits.append(limit()))
    call_command("migrate")
    assert limits == ["0"]
    assert limit() != "20s"  # the session's own is back


@pytest.fixture
def environment(tmp_path):
    """Of a service on the tests' database."""
    base, _, _ = os.environ["DATABASE_URL"].rpartition("/")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = str(free.getsockname()[1])
    return {
        **os.environ,
        "DATABASE_URL": f"{base}/{connection.settings_dict['NAME']}",
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "VAR_DIR": str(tmp_path),
        "STATIC_ROOT": str(tmp_path / "static"),
        "SECRET_KEY": "only-for-tests",
        "HTTPS": "off",
        "ALLOWED_HOSTS": "127.0.0.1",
        "PORT": port,
        "BACKUP_PASSPHRASE": "",
    }


def run_update(environment):
    words = [sys.executable, "-m", "scripts.update"]
    return subprocess.run(words, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)


class Visitors:
    """Four people who open a page, and another, and another."""

    def __init__(self, port):
        self.port, self.answers, self.failures = port, 0, []
        self.stop = threading.Event()
        self.threads = [threading.Thread(target=self._visit) for _ in range(4)]

    def _visit(self):
        while not self.stop.is_set():
            visit = http.client.HTTPConnection("127.0.0.1", self.port, timeout=DEADLINE)
            try:
                visit.request("GET", f"/login/?q={'x' * 8000}")  # as much as nginx lets somebody paste
                answer = visit.getresponse()
                if answer.status != 200 or "登录".encode() not in answer.read():
                    self.failures.append(answer.status)
                self.answers += 1
            except OSError as error:
                self.failures.append(repr(error))
            finally:
                visit.close()

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *error):
        self.stop.set()
        for thread in self.threads:
            thread.join()


@pytest.fixture
def service(environment, tmp_path):
    """A gunicorn as in production; the file in which it notes itself down."""
    prepared = run_update(environment)
    assert prepared.returncode == 0, prepared.stderr
    assert "没有正在运行的服务" in prepared.stdout
    words = [Path(sys.executable).with_name("gunicorn"), "--config", "deploy/gunicorn.conf.py", "config.wsgi"]
    with (tmp_path / "log").open("w") as log:
        started = subprocess.Popen(
            [sys.executable, *words], cwd=ROOT, env=environment, stdout=log, stderr=log, start_new_session=True
        )
    file = tmp_path / f"gunicorn-{environment['PORT']}.pid"
    try:
        assert update.wait_for(lambda: update.noted(file) is not None), (tmp_path / "log").read_text()
        assert update.wait_for(lambda: update.noted(file).ask()[0])
        yield file
    finally:
        end_all(started.pid)
        started.wait(DEADLINE)


def end_all(group):
    """Whatever became of an update: who takes over a socket is of the same group. First each may say good-bye."""
    with suppress(ProcessLookupError):
        os.killpg(group, signal.SIGTERM)
        update.wait_for(lambda: not running(group))
        os.killpg(group, signal.SIGKILL)
    assert update.wait_for(lambda: not running(group))


def running(group):
    """Those that have ended count no more, even if nobody has asked how."""
    states = []
    for process in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):  # it has just gone
            state, _, its_group, *_ = process.read_text().rpartition(")")[2].split()
            if int(its_group) == group and state != "Z":
                states.append(state)
    return states


def test_before_the_first_start_there_is_nothing_to_back_up(monkeypatch, capsys):
    monkeypatch.setenv("BACKUP_PASSPHRASE", "只有两个人知道的口令")
    monkeypatch.setattr(connection.introspection, "table_names", list)
    monkeypatch.setattr(update, "call_command", lambda *words, **options: None)
    monkeypatch.setattr(update, "collect_static", lambda *, clear: None)
    assert update.prepare() is None
    assert "库中还没有数据" in capsys.readouterr().out


@pytest.mark.full
@pytest.mark.django_db(transaction=True)
def test_no_request_fails_while_a_new_server_takes_over(service, environment):
    old = update.noted(service)
    with Visitors(int(environment["PORT"])) as visitors:
        updated = run_update(environment)
        assert updated.returncode == 0, updated.stdout + updated.stderr
        before = visitors.answers
        while visitors.answers < before + 20:
            time.sleep(0.05)
    assert visitors.failures == []
    new = update.noted(service)
    assert new.pid != old.pid
    assert not old.is_alive
    assert f"{new.address} 已换成新程序。" in updated.stdout


@pytest.mark.full
@pytest.mark.django_db(transaction=True)
def test_a_new_program_that_does_not_start_leaves_the_old_one_serving(service, environment, monkeypatch):
    old, noted = update.noted(service), update.noted

    def noted_at_last(file):
        server = noted(file)
        if server not in (None, old):  # however long that took
            monkeypatch.setattr(update, "PATIENCE", 3)
        return server

    monkeypatch.setattr(update, "noted", noted_at_last)
    monkeypatch.setattr(update.Server, "ask", lambda server: (False, ""))  # nothing that is ready
    with Visitors(int(environment["PORT"])) as visitors:
        with pytest.raises(update.UpdateError, match=r"新程序没有就绪.*仍由旧程序提供服务"):
            update.replace(service, old)
        before = visitors.answers
        while visitors.answers < before + 20:
            time.sleep(0.05)
    assert visitors.failures == []
    assert update.noted(service) == old


@pytest.mark.full
@pytest.mark.django_db(transaction=True)
def test_an_update_that_was_killed_half_way_is_finished_by_the_next_one(service, environment):
    old = update.noted(service)
    os.kill(old.pid, signal.SIGUSR2)
    assert update.wait_for(lambda: update.noted(service) not in (None, old))
    half_way = update.noted(service)
    assert half_way.forerunner == old
    with Visitors(int(environment["PORT"])) as visitors:
        updated = run_update(environment)
        assert updated.returncode == 0, updated.stdout + updated.stderr
    assert visitors.failures == []
    new = update.noted(service)
    assert new not in (old, half_way)
    assert not old.is_alive
    assert not half_way.is_alive
    assert new.forerunner is None


def test_a_number_that_another_process_has_got_is_no_server(tmp_path):
    file = tmp_path / "gunicorn-8000.pid"
    assert update.noted(file) is None
    with subprocess.Popen(["sleep", "60"]) as other:
        file.write_text(f"{other.pid} 127.0.0.1:8000")
        assert other.poll() is None
        assert update.noted(file) is None
        other.kill()


def test_systemd_is_told_who_the_main_process_is(tmp_path, monkeypatch):
    import runpy
    from types import SimpleNamespace

    monkeypatch.setenv("VAR_DIR", str(tmp_path))
    monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "notify"))
    told = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    told.bind(str(tmp_path / "notify"))
    with told, socket.create_server(("127.0.0.1", 0)) as listening:
        listener = SimpleNamespace(sock=listening)
        master = SimpleNamespace(pid=4711, log=None, LISTENERS=[listener])
        runpy.run_path(str(ROOT / "deploy" / "gunicorn.conf.py"))["when_ready"](master)
        assert told.recv(100) == b"MAINPID=4711"
        port = listening.getsockname()[1]
        assert (tmp_path / f"gunicorn-{port}.pid").read_text() == f"4711 127.0.0.1:{port}"
