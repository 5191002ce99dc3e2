"""The database that DATABASE_URL names."""

from pathlib import Path
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from environs import EnvValidationError

from .environment import BASE_DIR, env, switch


def database(var_dir: Path, patience: int) -> dict[str, Any]:
    """Its entry in DATABASES: PostgreSQL or SQLite, by default a file in `var_dir`.

    `patience`: seconds for which it may say nothing; 0: for ever.
    """
    found: dict[str, Any]
    try:
        found = env.dj_db_url("DATABASE_URL", f"sqlite:///{var_dir / 'db.sqlite3'}")
    except EnvValidationError:
        found = {"ENGINE": ""}
    if not _names_a_database(found):
        raise ImproperlyConfigured(
            "DATABASE_URL 应为 postgres://用户:口令@主机/库名，口令中的特殊字符用 %XX 表示；SQLite 为 sqlite:////完整路径"
            "（DATABASE_URL must be an address of PostgreSQL or SQLite）。"
        )
    found["CONN_MAX_AGE"] = 60
    if found["ENGINE"].endswith("sqlite3"):
        if found["NAME"] != ":memory:":  # one file, wherever a command is started
            found["NAME"] = str(BASE_DIR / found["NAME"])
        found["OPTIONS"] = {
            # BEGIN IMMEDIATE: a second writer waits at the start instead of failing half-way.
            "transaction_mode": "IMMEDIATE",
            "timeout": 20,
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA foreign_keys=ON;",
        }
    else:
        found["ENGINE"] = "config.postgresql"
        found["CONN_HEALTH_CHECKS"] = True
        # A pool gives the connection to somebody else between two transactions: deploy/pgbouncer/pgbouncer.ini.
        found["DISABLE_SERVER_SIDE_CURSORS"] = switch("DATABASE_POOLED", False)
        found["OPTIONS"] = {
            **found.get("OPTIONS", {}),  # what the address says, such as sslmode
            "patience": patience,
            "connect_timeout": 3,
            "tcp_user_timeout": 8000,
            "keepalives_idle": 10,
            "keepalives_interval": 3,
            "keepalives_count": 3,
            # Compiling a query takes longer than the queries of pages do; an index is worth its while where what is
            # read lies in memory or on a solid-state disk.
            "options": f"-c statement_timeout={(max(patience - 1, 1) if patience else 30) * 1000}"
            " -c lock_timeout=5000 -c idle_in_transaction_session_timeout=60000 -c jit=off -c random_page_cost=1.1"
            # The processors are shared by all who work: a second process for one query takes theirs.
            " -c max_parallel_workers_per_gather=0",
        }
    return found


def _names_a_database(found: dict[str, Any]) -> bool:
    """With two slashes a file would be taken for a host."""
    if found["ENGINE"].endswith("sqlite3"):
        return not found.get("HOST")
    return found["ENGINE"].endswith("postgresql") and bool(found.get("NAME"))
