"""What a page costs: milliseconds of the processor, here and in the database, which other programs cannot lengthen."""

import os
from collections.abc import Callable
from pathlib import Path
from time import process_time

from django.db import connection


def backend_seconds() -> float:
    """What the processor has spent on this connection in the database, where that runs on this machine."""
    if connection.vendor != "postgresql":
        return 0
    try:
        spent = Path(f"/proc/{connection.connection.info.backend_pid}/schedstat").read_text()
    except (AttributeError, OSError):
        return 0
    return int(spent.split()[0]) / 1e9


def one_process_only() -> None:
    """The database does its work in one process, whose time can be read."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SET max_parallel_workers_per_gather = 0")


def milliseconds(work: Callable[[], object]) -> float:
    """Of both processors' times."""
    before, cpu = backend_seconds(), process_time()
    work()
    cpu = process_time() - cpu
    return (cpu + backend_seconds() - before) * 1000


def is_near() -> bool:
    """Whether the database's processor time can be read at all."""
    connection.ensure_connection()
    return connection.vendor != "postgresql" or os.path.exists(  # noqa: PTH110
        f"/proc/{connection.connection.info.backend_pid}/schedstat"
    )
