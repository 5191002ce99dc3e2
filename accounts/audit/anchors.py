"""Where the chain ended and when, kept outside the database: what stood then cannot be cut off unnoticed."""

import json
import os
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.db import connection
from django.db.backends.base.base import BaseDatabaseWrapper
from django.utils import timezone

from accounts.audit.chain import link_waiting


@dataclass(frozen=True)
class Anchor:
    position: int
    hash: str
    at: str


class BadAnchor(Exception):
    """A line of the file is none of ours; its number is the first argument."""


def add_anchor() -> Anchor | None:
    """Link what waits, and append the end of the chain to the file; None as long as the log is empty."""
    link_waiting()
    if (anchor := end_of_chain(connection, timezone.localtime())) is None:
        return None
    path = Path(settings.AUDIT_ANCHORS)
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a", encoding="utf-8") as file:
        file.write(json.dumps(asdict(anchor)) + "\n")
        file.flush()
        os.fsync(file.fileno())
    return anchor


def end_of_chain(database: BaseDatabaseWrapper, at: datetime) -> Anchor | None:
    """In SQL: a copy that is being made is none of Django's databases."""
    with database.cursor() as cursor:
        cursor.execute("SELECT position, hash FROM accounts_auditlink ORDER BY position DESC LIMIT 1")
        last = cursor.fetchone()
    return Anchor(last[0], last[1], at.isoformat(timespec="seconds")) if last else None


def anchors() -> list[Anchor]:
    """Raises BadAnchor."""
    path = Path(settings.AUDIT_ANCHORS)
    if not path.exists():
        return []
    found = []
    for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
        try:
            anchor = Anchor(**json.loads(line))
            found.append(Anchor(int(anchor.position), str(anchor.hash), str(anchor.at)))
        except (TypeError, ValueError) as error:
            raise BadAnchor(number) from error
    return found
