"""PostgreSQL as Django has it, except that a server that says nothing any more is given up.

The kernel of a stopped server goes on acknowledging what it is sent, so that no timeout of TCP or of the server itself
ends the wait; only the client can.
"""

from collections.abc import Generator
from time import monotonic
from typing import Any

import psycopg
from django.db.backends.postgresql import base
from django.utils.asyncio import async_unsafe

RESPITE = 2  # seconds for which nobody else of this process waits for a server that has just been given up


class Silent(psycopg.OperationalError):
    """The server takes what it is sent and says nothing."""


class _GivenUp:
    """When the server of this process was last given up: shared by its threads, each of which would wait as long."""

    until = 0.0

    def note(self) -> None:
        self.until = monotonic() + RESPITE

    def refuse(self) -> None:
        if monotonic() < self.until:
            raise Silent("the database server has just been given up")


given_up = _GivenUp()


class ImpatientConnection(psycopg.Connection):
    patience = 0  # seconds without a byte; 0: for ever

    def wait(self, gen: Any, *args: Any, **kwargs: Any) -> Any:
        return super().wait(self._watched(gen) if self.patience else gen, *args, **kwargs)

    def _watched(self, gen: Any) -> Generator[Any, Any, Any]:
        """The same conversation with the server; psycopg looks in ten times a second when there is nothing to read."""
        try:
            wanted = next(gen)
            heard = monotonic()
            while True:
                ready = yield wanted
                if ready:
                    heard = monotonic()
                elif monotonic() - heard > self.patience:
                    self.pgconn.finish()  # what it would say later belongs to no question any more
                    given_up.note()
                    raise Silent(f"the database server has said nothing for {self.patience} seconds")
                wanted = gen.send(ready)
        except StopIteration as end:
            return end.value


class DatabaseWrapper(base.DatabaseWrapper):
    @async_unsafe
    def get_new_connection(self, conn_params: dict[str, Any]) -> psycopg.Connection:
        given_up.refuse()
        patience = conn_params.pop("patience", 0)
        self.isolation_level = psycopg.IsolationLevel.READ_COMMITTED
        try:
            connection = ImpatientConnection.connect(**conn_params)
        except psycopg.errors.ConnectionTimeout:
            given_up.note()
            raise
        connection.patience = patience
        return connection
