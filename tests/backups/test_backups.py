"""Backups: whole or none, closed to whoever lacks the passphrase, and tried without touching anything."""

import errno
import os
import tarfile
from datetime import timedelta
from pathlib import Path

import pyrage
import pytest
import time_machine
from django.db import connection
from django.utils import timezone

from accounts.audit.anchors import add_anchor
from accounts.audit.entries import Action, AuditLink
from accounts.audit.writing import write
from reform.models import PromotionUpdate
from scripts import backup, dumps
from tests.audit.test_chain import behind_the_product
from tests.backups.contents import attach, rows, uploads

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.sql]


def test_a_backup_is_tried_without_touching_anything(record, settings, tmp_path):
    attach(record, b"%PDF-1.4")
    file = backup.backup(tmp_path / "backups")
    before = dumps.fingerprints(connection), uploads(settings)
    manifest, _ = backup.verify(file)
    assert manifest["tables"]["workflow_attachment"][0] == 1
    assert (dumps.fingerprints(connection), uploads(settings)) == before
    assert not list(tmp_path.glob(f"{backup.PLACE}*"))  # nothing unpacked is left


def test_nothing_of_it_can_be_read_without_the_passphrase(cast, tmp_path, monkeypatch):
    record = cast.make(PromotionUpdate)
    attach(record, b"%PDF-1.4 in plain words")
    file = backup.backup(tmp_path / "backups")
    assert b"in plain words" not in file.read_bytes()
    assert file.stat().st_mode & 0o077 == 0
    with tarfile.open(file) as tar:
        assert tar.getnames() == ["key.age", "content.age"]
    monkeypatch.setenv("BACKUP_PASSPHRASE", "猜的口令")
    with pytest.raises(backup.BackupError, match="口令不对"):
        backup.verify(file)
    monkeypatch.delenv("BACKUP_PASSPHRASE")
    with pytest.raises(backup.BackupError, match="未设置 BACKUP_PASSPHRASE"):
        backup.backup(tmp_path / "backups")
    assert list((tmp_path / "backups").iterdir()) == [file]


@pytest.fixture
def logged(record, monkeypatch):
    """Somebody did five things, and the tables are those of the newest version, as after `migrate`."""
    for number in range(5):
        write(None, Action.VISIT, f"第{number}页")
    monkeypatch.setattr(dumps, "migrations", lambda connection: dumps.known_migrations())
    return AuditLink.objects.order_by("-position").first()


def test_the_audit_log_in_a_backup_is_verified_and_its_end_is_kept(logged, tmp_path, settings):
    settings.AUDIT_ANCHORS = tmp_path / "anchors.log"
    file = backup.backup(tmp_path / "backups")
    write(None, Action.VISIT, "后来的页面")
    with time_machine.travel(timezone.now() + timedelta(hours=1)):
        add_anchor()  # of what came later: the copy need not have it
    manifest, said = backup.verify(file)
    assert (manifest["audit"]["position"], manifest["audit"]["hash"]) == (logged.position, logged.hash)
    assert said.startswith(f"审计日志校验通过：共校验 {logged.position} 条")
    assert said.endswith(f"已锚定至第 {logged.position} 号。")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ("UPDATE accounts_auditentry SET title = '别的' WHERE title = '第3页'", "的内容被改动"),
        (
            "DELETE FROM accounts_auditlink WHERE position = (SELECT max(position) FROM accounts_auditlink)",
            "末尾被截断",
        ),
    ],
)
def test_a_log_that_was_rewritten_before_the_backup_is_found_in_it(logged, tmp_path, settings, change, words):
    settings.AUDIT_ANCHORS = tmp_path / "anchors.log"
    with time_machine.travel(timezone.now() - timedelta(hours=1)):
        add_anchor()
    behind_the_product(change)
    file = backup.backup(tmp_path / "backups")
    with pytest.raises(backup.BackupError, match=words):
        backup.verify(file)


def test_a_log_of_an_earlier_version_is_said_not_to_be_verified(record, tmp_path, monkeypatch):
    monkeypatch.setattr(dumps, "migrations", lambda connection: ["accounts.0001_initial"])
    _, said = backup.verify(backup.backup(tmp_path / "backups"))
    assert said == "审计日志未校验：备份来自较早的版本。"


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", b"x" * 20_000])
def test_what_is_no_backup_says_so(tmp_path, content):
    file = tmp_path / "backup.tar"
    file.write_bytes(content)
    with pytest.raises(backup.BackupError, match="不是完好的备份文件"):
        backup.verify(file)


def test_a_file_that_is_missing_on_the_disk_stops_it(record, settings, tmp_path):
    lost = attach(record, b"%PDF-1.4")
    (Path(settings.MEDIA_ROOT) / lost.file.name).unlink()
    with pytest.raises(backup.BackupError, match=lost.file.name):
        backup.backup(tmp_path / "backups")
    assert not list((tmp_path / "backups").iterdir())


def test_a_file_that_cannot_be_read_any_more_stops_it(tmp_path):
    """What is written by then would lack it, and everything after it."""
    (tmp_path / "database").touch()
    recipient = pyrage.x25519.Identity.generate().to_public()
    with pytest.raises(FileNotFoundError):
        backup.write_content({"files": ["gone.pdf"]}, tmp_path, tmp_path / "content.age", recipient)


def test_a_full_disk_keeps_nothing_unfinished(record, tmp_path, monkeypatch):
    def write(target, folder):
        target.write_bytes(b"half of it")
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(backup, "write_whole", write)
    with pytest.raises(OSError, match="No space"):
        backup.backup(tmp_path / "backups")
    assert list((tmp_path / "backups").iterdir()) == []


def test_a_folder_that_cannot_be_written_is_named_before_anything_is_read(record, tmp_path, monkeypatch):
    monkeypatch.setattr(os, "access", lambda folder, mode: folder != tmp_path / "backups")
    monkeypatch.setattr(backup, "collect", lambda folder: pytest.fail("it was read"))
    with pytest.raises(backup.BackupError, match=r"不能写入 .*/backups：请把它交给运行本命令的系统账号"):
        backup.backup(tmp_path / "backups")


@pytest.mark.postgresql
def test_a_server_newer_than_its_client_is_said_to_be(record, tmp_path, monkeypatch):
    monkeypatch.setattr(connection, "get_database_version", lambda: (99, 1))
    with pytest.raises(dumps.DumpError, match="数据库是 99 版：请安装不低于 99 版的 PostgreSQL 客户端程序"):
        backup.backup(tmp_path / "backups")
    assert list((tmp_path / "backups").iterdir()) == []


def test_what_a_killed_process_has_left_open_goes_when_the_next_one_comes(record, tmp_path):
    left, at_work, young = (tmp_path / f"{backup.PLACE}{name}" for name in ("left", "at-work", "young"))
    for folder in (left, at_work, young):
        folder.mkdir()
        (folder / "database").write_text("in plain text")
    for folder in (left, at_work):
        os.utime(folder, (0, 0))
    other = backup.held(at_work)
    try:
        backup.backup(tmp_path / "backups")
    finally:
        os.close(other)
    assert not left.exists()
    assert at_work.exists()
    assert young.exists()


@pytest.mark.postgresql
def test_a_database_that_a_killed_verification_has_left_goes_too(tmp_path):
    of = f"of_{connection.settings_dict['NAME']}"[:40]
    with connection.cursor() as cursor:
        cursor.execute(f'CREATE DATABASE "verify_1_{of}"')
        cursor.execute(f'CREATE DATABASE "verify_1_{of}_more"')  # of another one
    try:
        with dumps.scratch(connection, "verify", tmp_path):
            there = {name for (name,) in rows(connection, "SELECT datname FROM pg_database")}
        assert f"verify_1_{of}" not in there
        assert f"verify_1_{of}_more" in there
    finally:
        with connection.cursor() as cursor:
            cursor.execute(f'DROP DATABASE "verify_1_{of}_more"')


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no such device")
def test_a_disk_that_is_full_at_the_last_byte_is_said_to_be(tmp_path):
    (tmp_path / "database").write_bytes(os.urandom(1000))
    recipient = pyrage.x25519.Identity.generate().to_public()
    with pytest.raises(OSError, match="No space left"):
        backup.write_content({"files": []}, tmp_path, Path("/dev/full"), recipient)


def test_a_backup_is_not_called_broken_for_want_of_a_disk(record, tmp_path, monkeypatch):
    file = backup.backup(tmp_path / "backups")
    with pytest.raises(FileNotFoundError):
        backup.unpack(tmp_path / "gone.tar", tmp_path)

    def decrypt(content, plain, keys):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(pyrage, "decrypt_io", decrypt)
    with pytest.raises(OSError, match="No space"):
        backup.unpack(file, tmp_path)
