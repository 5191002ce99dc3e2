"""定时任务: everything in time, by one process of several, whatever happens to it."""

import os
import signal
import subprocess
import sys
import time
from datetime import datetime
from pathlib import Path
from queue import Empty, Queue
from threading import Thread
from zoneinfo import ZoneInfo

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection

from accounts import advisory_locks
from accounts.advisory_locks import SCHEDULER, AdvisoryLock
from reform.management.commands import scheduler
from reform.management.commands.scheduler import JOBS, Command, Job

ROOT = Path(__file__).resolve().parent.parent.parent
DEADLINE = 90


def at(text):
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo("Asia/Shanghai"))


@pytest.mark.parametrize(
    ("job", "now", "due"),
    [
        (Job("x"), "2026-07-15T09:00", "2026-07-15T09:00"),
        (Job("x"), "2026-07-15T09:59", "2026-07-15T09:00"),
        (Job("x", minute=30), "2026-07-15T00:10", "2026-07-14T23:30"),
        (Job("x", 8, 30), "2026-07-15T08:30", "2026-07-15T08:30"),
        (Job("x", 8, 30), "2026-07-15T08:29", "2026-07-14T08:30"),
        (Job("x", 4, 0, weekday=0), "2026-07-15T09:00", "2026-07-13T04:00"),  # a Wednesday
        (Job("x", 4, 0, weekday=0), "2026-07-13T03:59", "2026-07-06T04:00"),
    ],
)
def test_when_a_job_was_due_last(job, now, due):
    assert job.last_due(at(now)) == at(due)


@pytest.fixture
def ran(monkeypatch):
    """The commands that were run, without running them; `remind` fails in one way, `sweep` in the other."""
    found = []

    def run(command, **options):
        found.append(command)
        if command == "verify_audit":
            raise CommandError("第 3 号的内容被改动。")
        if command == "sweep":
            sys.exit(1)

    monkeypatch.setattr(scheduler, "call_command", run)
    monkeypatch.setattr(scheduler, "close_old_connections", lambda: None)
    return found


def test_what_is_due_is_run_once_and_a_failure_stops_no_other(ran, caplog):
    done = dict.fromkeys(JOBS, at("2026-07-13T00:00"))
    command = Command()
    command.run_due(at("2026-07-13T08:31"), done)  # a Monday
    assert ran == ["anchor_audit", "verify_audit", "anonymise_leavers", "clearsessions", "sweep", "remind"]
    assert "verify_audit failed" in caplog.text
    assert "sweep: 有待处理的问题" in caplog.text
    ran.clear()
    command.run_due(at("2026-07-13T08:59"), done)
    assert ran == []
    command.run_due(at("2026-07-13T09:00"), done)
    assert ran == ["anchor_audit"]
    command.run_due(at("2026-07-14T08:30"), done)
    assert ran == ["anchor_audit", "anchor_audit", "verify_audit", "anonymise_leavers", "clearsessions", "remind"]


def test_every_job_is_a_command_of_the_product():
    from django.core.management import get_commands

    assert JOBS
    assert {job.command for job in JOBS} <= get_commands().keys()


@pytest.mark.django_db
def test_on_sqlite_it_says_what_to_do(monkeypatch):
    monkeypatch.setattr(connection, "vendor", "sqlite")
    with pytest.raises(CommandError, match="PostgreSQL"):
        call_command("scheduler")


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_a_lock_is_held_by_one_and_free_when_that_one_is_gone():
    with AdvisoryLock(SCHEDULER) as first, AdvisoryLock(SCHEDULER) as second:
        assert first.take()
        first.check()
        assert not second.take()
        first.release()
        for _ in range(DEADLINE * 10):  # the server notices a moment later
            if second.take():
                return
            time.sleep(0.1)
        pytest.fail("the lock is nobody's")


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_through_a_pool_there_is_no_lock(monkeypatch):
    class Info:
        backend_pid = 0  # as PgBouncer makes one up

    with AdvisoryLock(SCHEDULER) as lock:
        lock.connection.ensure_connection()
        monkeypatch.setattr(type(lock.connection.connection), "info", Info)
        with pytest.raises(advisory_locks.Pooled):
            lock.take()


class Process:
    """`manage.py scheduler` on the tests' database."""

    def __init__(self, folder):
        name = connection.settings_dict["NAME"]
        base, _, _ = os.environ["DATABASE_URL"].rpartition("/")
        environment = {**os.environ, "DATABASE_URL": f"{base}/{name}", "VAR_DIR": str(folder), "PYTHONUNBUFFERED": "1"}
        environment |= {"SECRET_KEY": "only-for-tests", "HTTPS": "off", "ALLOWED_HOSTS": "localhost"}
        environment |= {"DJANGO_SETTINGS_MODULE": "config.settings"}
        self.process = subprocess.Popen(
            [sys.executable, "manage.py", "scheduler"],
            cwd=ROOT,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self.lines = Queue()
        self.reader = Thread(target=lambda: [self.lines.put(line) for line in self.process.stdout])
        self.reader.start()

    def says(self, words):
        seen = []
        try:
            while words not in (line := self.lines.get(timeout=DEADLINE)):
                seen.append(line)
        except Empty:
            pytest.fail(f"{words} was never said: {seen}")

    def end(self, how=signal.SIGTERM):
        self.process.send_signal(how)
        code = self.process.wait(DEADLINE)
        self.reader.join(DEADLINE)
        self.process.stdout.close()
        return code


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_one_runs_another_stands_by_and_takes_over_when_the_first_is_killed(tmp_path):
    first = Process(tmp_path / "first")
    second = None
    try:
        first.says("本进程运行定时任务")
        second = Process(tmp_path / "second")
        second.says("本进程待命")
        first.end(signal.SIGKILL)
        second.says("本进程运行定时任务")
        second.says("开始：anchor_audit")
        assert second.end() == 0
        second.says("定时任务已停止")
    finally:
        for process in (first, second):
            if process and process.process.poll() is None:
                process.end(signal.SIGKILL)
