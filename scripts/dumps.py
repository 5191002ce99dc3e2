"""A database as a file and back, on PostgreSQL and on SQLite, and what tells whether two databases hold the same."""

import hashlib
import os
import re
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from django.db import connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.postgresql.client import DatabaseClient
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder

from scripts.postgres import machine_binaries

# A later version may have tables of which the dump knows nothing.
DROP_TABLES = """
DO $$ DECLARE name text; BEGIN
    FOR name IN SELECT tablename FROM pg_tables WHERE schemaname = current_schema() LOOP
        EXECUTE format('DROP TABLE %I CASCADE', name);
    END LOOP;
END $$
"""

# Databases of one's own in which nobody is.
IDLE = """
SELECT datname FROM pg_database AS one
WHERE datdba = current_user::regrole AND NOT EXISTS (SELECT FROM pg_stat_activity WHERE datname = one.datname)
"""

# What a role may do by default is given to every table that is made, before the dump says what it may do with this one:
# the service would be let change the audit log again. The dump brings these defaults back when all tables are there.
DROP_DEFAULT_PRIVILEGES = """
DO $$ DECLARE given record; BEGIN
    FOR given IN
        SELECT DISTINCT grantee::regrole::text AS role,
            CASE defaclobjtype WHEN 'r' THEN 'TABLES' WHEN 'S' THEN 'SEQUENCES'
                WHEN 'f' THEN 'FUNCTIONS' ELSE 'TYPES' END AS kind
        FROM pg_default_acl, aclexplode(defaclacl)
        WHERE defaclrole = current_user::regrole AND defaclnamespace = current_schema()::regnamespace AND grantee <> 0
    LOOP
        EXECUTE format('ALTER DEFAULT PRIVILEGES IN SCHEMA %I REVOKE ALL ON %s FROM %s',
            current_schema(), given.kind, given.role);
    END LOOP;
END $$
"""

Fingerprints = dict[str, tuple[int, str]]  # of each table: how many rows, and a digest of what they hold


class DumpError(Exception):
    """The database's own program failed; says what it printed."""


def fingerprints(connection: BaseDatabaseWrapper) -> Fingerprints:
    """On PostgreSQL whatever the order of rows, in one pass that holds nothing in memory, however long it takes."""
    found = {}
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET statement_timeout = 0")
        for table in sorted(connection.introspection.table_names(cursor)):
            name = connection.ops.quote_name(table)
            if connection.vendor == "postgresql":
                cursor.execute(f"SELECT count(*), coalesce(sum(hashtextextended(t::text, 0)), 0)::text FROM {name} t")  # noqa: S608
                count, digest = cursor.fetchone()
            else:
                hashed, count = hashlib.sha256(), 0
                for row in cursor.execute(f"SELECT * FROM {name} ORDER BY rowid"):  # noqa: S608
                    hashed.update(repr(row).encode())
                    count += 1
                digest = hashed.hexdigest()
            found[table] = count, digest
    return found


def migrations(connection: BaseDatabaseWrapper) -> list[str]:
    return [f"{app}.{name}" for app, name in MigrationRecorder(connection).applied_migrations()]


def known_migrations(app: str | None = None) -> list[str]:
    """Of this program, or of one app of it."""
    return [f"{label}.{name}" for label, name in MigrationLoader(None).disk_migrations if app in (None, label)]


@contextmanager
def among_databases(connection: BaseDatabaseWrapper, name: str) -> Iterator[None]:
    """So that models may be asked of it, by this name."""
    connections[name] = connection
    try:
        yield
    finally:
        del connections[name]


@contextmanager
def at(connection: BaseDatabaseWrapper, name: str) -> Iterator[BaseDatabaseWrapper]:
    """A connection of the same kind to the database of another name."""
    other = connections.create_connection("default")
    other.settings_dict = {**connection.settings_dict, "NAME": name, "CONN_MAX_AGE": 0}
    try:
        yield other
    finally:
        other.close()


def _binary(name: str) -> str | Path:
    folder = machine_binaries()
    if found := shutil.which(name) or (folder / name if folder else None):
        return found
    raise DumpError(f"找不到 {name}：请先安装 PostgreSQL 客户端程序")


def _check_version(connection: BaseDatabaseWrapper) -> None:
    """pg_dump takes no server that is newer than it is itself."""
    output = subprocess.run([_binary("pg_dump"), "--version"], capture_output=True, text=True, check=True).stdout
    ours, theirs = int(output.split()[2].split(".")[0]), connection.get_database_version()[0]
    if ours < theirs:
        raise DumpError(f"pg_dump 是 {ours} 版，数据库是 {theirs} 版：请安装不低于 {theirs} 版的 PostgreSQL 客户端程序")


def _program(name: str, connection: BaseDatabaseWrapper, *words: str | Path) -> subprocess.Popen:
    """pg_dump or psql on this database; the password goes by the environment: lists of processes show words."""
    [_, *where, database], environment = DatabaseClient.settings_to_cmd_args_env(connection.settings_dict, [])
    return subprocess.Popen(
        [_binary(name), *where, "--dbname", database, "--no-password", *words],
        env=os.environ | (environment or {}),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )


def _finish(program: subprocess.Popen) -> None:
    _, errors = program.communicate()
    if program.returncode:
        raise DumpError(errors.strip())


@contextmanager
def snapshot(connection: BaseDatabaseWrapper, target: Path) -> Iterator[BaseDatabaseWrapper]:
    """Dump into `target`; what the connection given reads meanwhile is of the same moment, however others write."""
    if connection.vendor != "postgresql":
        connection.ensure_connection()
        with sqlite3.connect(target) as copy:
            connection.connection.backup(copy)
        copy.close()
        with at(connection, str(target)) as same:
            yield same
            with same.cursor() as cursor:
                cursor.execute("PRAGMA journal_mode=DELETE")  # one file, nothing beside it
        return
    _check_version(connection)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        cursor.execute("SET LOCAL statement_timeout = 0")
        cursor.execute("SET LOCAL idle_in_transaction_session_timeout = 0")
        cursor.execute("SELECT pg_export_snapshot()")
        program = _program("pg_dump", connection, "--format=custom", "--snapshot", cursor.fetchone()[0], "-f", target)
        try:
            yield connection
        except BaseException:
            program.kill()
            program.communicate()
            raise
        _finish(program)


def _roles(dump: Path) -> set[str]:
    """To whom it gives rights, and whose tables they will be: those are a server's, no dump brings them along."""
    words = [_binary("pg_restore"), "--schema-only", "--no-owner", "--file", "-", dump]
    schema = subprocess.run(words, capture_output=True, text=True, check=False).stdout
    given = r'^(?:ALTER DEFAULT PRIVILEGES FOR ROLE "?([^" ]+)"? .*)?GRANT .* TO "?([^";]+)"?;$'
    return {role for found in re.findall(given, schema, re.MULTILINE) for role in found} - {"", "PUBLIC"}


def _check_roles(connection: BaseDatabaseWrapper, dump: Path) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT rolname FROM pg_roles")
        missing = _roles(dump) - {role for (role,) in cursor.fetchall()}
    if missing:
        raise DumpError(
            f"这台数据库服务器上没有角色 {'、'.join(sorted(missing))}：请先按运行维护手册的“首次安装”建好角色，再恢复"
        )


def load(connection: BaseDatabaseWrapper, dump: Path) -> None:
    """Put what the dump holds in the place of everything in this database, all or nothing."""
    if connection.vendor == "postgresql":
        _check_roles(connection, dump)
    connection.close()
    if connection.vendor == "postgresql":
        script = dump.with_suffix(".sql")
        words = [_binary("pg_restore"), "--clean", "--if-exists", "--no-owner", "--file", script, dump]
        _finish(subprocess.Popen(words, stderr=subprocess.PIPE, text=True))
        in_one_go = ("--no-psqlrc", "--quiet", "--single-transaction", "--set", "ON_ERROR_STOP=1")
        emptied = ("-c", DROP_DEFAULT_PRIVILEGES, "-c", DROP_TABLES)
        _finish(_program("psql", connection, *in_one_go, *emptied, "-f", script))
        script.unlink()
        return
    place = Path(connection.settings_dict["NAME"])
    beside = place.with_name(f"{place.name}.restoring")
    try:
        shutil.copyfile(dump, beside)
        for ending in ("-wal", "-shm"):
            with suppress(FileNotFoundError):
                place.with_name(place.name + ending).unlink()
        beside.replace(place)
    finally:
        beside.unlink(missing_ok=True)


@contextmanager
def scratch(connection: BaseDatabaseWrapper, name: str, folder: Path) -> Iterator[BaseDatabaseWrapper]:
    """An empty database beside this one, gone afterwards; so are those of the same name whose process was killed."""
    if connection.vendor != "postgresql":
        with at(connection, str(folder / name)) as other:
            yield other
        return
    of = f"of_{connection.settings_dict['NAME']}"[:40]  # a name has at most 63 letters
    with connection.cursor() as cursor:
        cursor.execute(IDLE)
        for (left,) in cursor.fetchall():
            if re.fullmatch(rf"{name}_[0-9]+_{re.escape(of)}", left):
                cursor.execute(f'DROP DATABASE IF EXISTS "{left}"')
        name = f"{name}_{os.getpid()}_{of}"
        cursor.execute(f'CREATE DATABASE "{name}" TEMPLATE template0')
    try:
        with at(connection, name) as other:
            yield other
    finally:
        with connection.cursor() as cursor:
            cursor.execute(f'DROP DATABASE "{name}"')
