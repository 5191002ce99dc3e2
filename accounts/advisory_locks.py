"""Locks in PostgreSQL that are of no row: until the transaction ends, or as long as the process lives that took it."""

from typing import Self

from django.db import DEFAULT_DB_ALIAS, connection, connections

SCHEDULER = 0x73636864
MIGRATION = 0x6D696772


def lock_until_commit(name: str) -> None:
    """Whoever asks for the same name waits until this transaction ends. SQLite has one transaction at a time anyway."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [name])


class Pooled(Exception):
    """A pool hands out other connections from one statement to the next: such a lock would be nobody's."""

    def __str__(self) -> str:
        return "DATABASE_URL 指向连接池（PgBouncer）：此命令应直接连接 PostgreSQL"


class AdvisoryLock:
    """Held as long as the process lives: when it dies, the server lets go.

    By a connection of its own, which is opened by the first attempt to take it.
    """

    def __init__(self, key: int) -> None:
        self.key = key
        self.connection = connections.create_connection(DEFAULT_DB_ALIAS)

    def take(self) -> bool:
        """Whether it is ours now; without waiting. Raises Pooled, and OperationalError where there is no database."""
        with self.connection.cursor() as cursor:
            cursor.execute("SELECT pg_backend_pid()")
            if cursor.fetchone()[0] != self.connection.connection.info.backend_pid:
                raise Pooled
            cursor.execute("SELECT pg_try_advisory_lock(%s)", [self.key])
            return bool(cursor.fetchone()[0])

    def check(self) -> None:
        """Raises OperationalError or InterfaceError if the connection is gone, and the lock with it."""
        with self.connection.cursor() as cursor:
            cursor.execute("SELECT 1")

    def release(self) -> None:
        self.connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.release()
