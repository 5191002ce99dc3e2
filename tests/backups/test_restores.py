"""Restores: what had been acknowledged before a backup began comes back, row by row and file by file."""

import errno
import hashlib
import os
import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event

import pytest
from django.db import connection

from scripts import backup, dumps
from tests.backups.contents import attach, rows, uploads

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.sql]


def tables(database):
    with database.cursor() as cursor:
        return database.introspection.table_names(cursor)


def files(database):
    return rows(database, "SELECT file, digest FROM workflow_attachment")


def test_what_was_backed_up_comes_back_and_nothing_later(record, elsewhere, settings, tmp_path):
    kept = attach(record, b"%PDF-1.4 kept")
    file = backup.backup(tmp_path / "backups")
    later = attach(record, b"%PDF-1.4 later")
    record.summary = "后来的简介。"
    record.save()

    manifest = backup.restore(file, elsewhere)
    assert manifest["files"] == {kept.file.name: hashlib.sha256(b"%PDF-1.4 kept").hexdigest()}
    assert rows(elsewhere, "SELECT summary FROM reform_promotionupdate") == [("召开发布会。",)]
    assert uploads(settings) == {kept.file.name}
    # What was there stands aside.
    [aside] = tmp_path.glob("uploads-*")
    assert (aside / later.file.name).read_bytes() == b"%PDF-1.4 later"


@pytest.mark.parametrize("place_in_file", [0.3, 0.6, 0.9])
def test_a_changed_byte_is_found(record, elsewhere, settings, tmp_path, place_in_file):
    attach(record, os.urandom(100_000))
    file = backup.backup(tmp_path / "backups")
    content = bytearray(file.read_bytes())
    content[int(len(content) * place_in_file)] ^= 1
    file.write_bytes(content)
    kept = uploads(settings)
    with pytest.raises(backup.BackupError):
        backup.restore(file, elsewhere)
    assert (tables(elsewhere), uploads(settings)) == ([], kept)


def test_data_is_replaced_only_when_asked(record, elsewhere, tmp_path):
    file = backup.backup(tmp_path / "backups")
    backup.restore(file, elsewhere)
    with elsewhere.cursor() as cursor:  # as a later version leaves it
        cursor.execute("CREATE TABLE reform_later (project_id bigint REFERENCES workflow_dossier (id))")
    with pytest.raises(backup.BackupError, match="--replace"):
        backup.restore(file, elsewhere)
    assert "reform_later" in tables(elsewhere)
    backup.restore(file, elsewhere, replace=True)
    assert "reform_later" not in tables(elsewhere)


def test_a_backup_of_a_newer_version_is_refused(record, elsewhere, tmp_path, monkeypatch):
    monkeypatch.setattr(dumps, "migrations", lambda connection: ["reform.0001_initial", "reform.9999_new"])
    file = backup.backup(tmp_path / "backups")
    with pytest.raises(backup.BackupError, match=r"reform\.9999_new"):
        backup.restore(file, elsewhere)
    assert tables(elsewhere) == []


@pytest.mark.postgresql
def test_to_compare_a_large_table_may_take_as_long_as_it_takes(elsewhere):
    with elsewhere.cursor() as cursor:
        cursor.execute("CREATE TABLE steps AS SELECT generate_series(1, 300000) AS number")
        cursor.execute("SET statement_timeout = 10")
    assert dumps.fingerprints(elsewhere)["steps"][0] == 300_000


def test_rows_that_differ_are_named(record, elsewhere, tmp_path):
    file = backup.backup(tmp_path / "backups")
    manifest = backup.restore(file, elsewhere)
    with elsewhere.cursor() as cursor:
        cursor.execute("UPDATE reform_promotionupdate SET summary = '被人改过'")
    with pytest.raises(backup.BackupError, match=r"reform_promotionupdate$"):
        backup.compare(manifest, elsewhere)


@pytest.mark.postgresql
def test_a_role_that_a_new_server_lacks_is_named(record, elsewhere, tmp_path):
    service = f"service_{os.getpid()}"
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE ROLE {service}")
        cursor.execute(f"GRANT SELECT ON accounts_auditentry TO {service}")
    try:
        file = backup.backup(tmp_path / "backups")
    finally:
        with connection.cursor() as cursor:
            cursor.execute(f"DROP OWNED BY {service}")
            cursor.execute(f"DROP ROLE {service}")
    with pytest.raises(dumps.DumpError, match=f"没有角色 {service}：请先按运行维护手册"):
        backup.restore(file, elsewhere)
    assert elsewhere.introspection.table_names() == []


@pytest.mark.postgresql
def test_the_service_may_not_change_the_log_after_a_restore_either(record, elsewhere, tmp_path):
    service = f"service_{os.getpid()}"
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE ROLE {service}")
    usual = f"ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT, DELETE ON TABLES TO {service}"
    may = f"SELECT has_table_privilege('{service}', 'accounts_auditentry', %s)"
    try:
        with connection.cursor() as cursor:
            cursor.execute(f"GRANT SELECT ON accounts_auditentry TO {service}")
            cursor.execute(usual)
        file = backup.backup(tmp_path / "backups")
        with elsewhere.cursor() as cursor:
            cursor.execute(usual)
        backup.restore(file, elsewhere)
        with elsewhere.cursor() as cursor:
            found = {}
            for privilege in ("SELECT", "DELETE"):
                cursor.execute(may, [privilege])
                found[privilege] = cursor.fetchone()[0]
            cursor.execute("CREATE TABLE later (id int)")  # what comes later is for the service as before
            cursor.execute(f"SELECT has_table_privilege('{service}', 'later', 'DELETE')")
            assert cursor.fetchone() == (True,)
        assert found == {"SELECT": True, "DELETE": False}
    finally:
        for database in (elsewhere, connection):
            with database.cursor() as cursor:
                cursor.execute(f"DROP OWNED BY {service}")
        with connection.cursor() as cursor:
            cursor.execute(f"DROP ROLE {service}")


def test_restored_uploads_are_for_the_service_alone(record, elsewhere, settings, tmp_path):
    attach(record, b"%PDF-1.4")
    backup.restore(backup.backup(tmp_path / "backups"), elsewhere)
    places = [Path(settings.MEDIA_ROOT), *Path(settings.MEDIA_ROOT).rglob("*")]
    assert len(places) > 1
    assert {place.stat().st_mode & 0o077 for place in places} == {0}
    assert (tmp_path / "backups").stat().st_mode & 0o077 == 0


@pytest.mark.sqlite  # whose database is one file
def test_a_full_disk_leaves_nothing_beside_the_database(elsewhere, tmp_path, monkeypatch):
    def copy(source, target):
        Path(target).write_bytes(b"half of it")
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(shutil, "copyfile", copy)
    with pytest.raises(OSError, match="No space"):
        dumps.load(elsewhere, tmp_path / "dump")
    assert not list(tmp_path.glob("*.restoring"))


@pytest.mark.race
def test_backed_up_under_twenty_writers_destroyed_and_restored(record, elsewhere, settings, tmp_path):
    acknowledged, stop = [], Event()

    def write(number):
        count = 0
        try:
            while not stop.is_set():
                content = f"%PDF-1.4 {number} {count}".encode()
                acknowledged.append((attach(record, content).file.name, hashlib.sha256(content).hexdigest()))
                count += 1
        finally:
            connection.close()

    with ThreadPoolExecutor(20) as pool:
        writers = [pool.submit(write, number) for number in range(20)]
        try:
            while len(acknowledged) < 50:
                assert not any(writer.done() for writer in writers)
            before = set(acknowledged)
            file = backup.backup(tmp_path / "backups")
            during = set(acknowledged) - before
        finally:
            stop.set()
        for writer in writers:
            writer.result()
    assert during  # they did write meanwhile

    shutil.rmtree(settings.MEDIA_ROOT)
    manifest = backup.restore(file, elsewhere)
    restored = set(files(elsewhere))
    assert before <= restored
    assert dict(restored) == manifest["files"]
    for name, digest in restored:
        assert hashlib.sha256((Path(settings.MEDIA_ROOT) / name).read_bytes()).hexdigest() == digest
