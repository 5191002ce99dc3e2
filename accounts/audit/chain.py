"""Seals of entries, and the chain of them.

An entry is written and sealed in the transaction of the step that it tells of, so that both are there or neither is.
It becomes a link of the chain in a short transaction of its own right after that commit. The lock that makes writers
wait for each other is held for two messages to the database and never while a record is locked, so it can neither
deadlock with the locks of records nor put long imports one behind the other. What was committed by a process that died
before linking is linked by the next `anchor_audit`; until then verification shows it as 待入链. Entries whose seal does
not fit are never linked.
"""

import hmac
import json
from collections.abc import Mapping
from datetime import UTC
from itertools import islice

from cryptography.hazmat.primitives import hashes
from django.conf import settings
from django.db import connection, transaction
from django.db.models import Exists, OuterRef, QuerySet

from accounts import algorithms
from accounts.audit.entries import AuditEntry, AuditLink

ALGORITHMS = {"hmac-sha256": hashes.SHA256(), "hmac-sm3": hashes.SM3()}
BATCH = 500
LOCK = 0x61756469  # of the chain's end, among PostgreSQL's advisory locks
SEALED = (
    "person",
    "name",
    "department",
    "role",
    "action",
    "kind",
    "key",
    "title",
    "before",
    "after",
    "result",
    "address",
    "algorithm",
)


def keyed_hash(algorithm: str, *values: object) -> str:
    """Raises KeyError for an unknown algorithm."""
    text = json.dumps(values, sort_keys=True, separators=(",", ":"))
    return algorithms.keyed_hash(ALGORITHMS[algorithm], _key(), text.encode()).hex()


def _key() -> bytes:
    if settings.AUDIT_KEY:
        return settings.AUDIT_KEY.encode()
    return hmac.digest(settings.SECRET_KEY.encode(), b"audit", "sha256")


def seal_of(entry: AuditEntry) -> str:
    at = entry.at.astimezone(UTC).isoformat(timespec="microseconds")
    values = {name: getattr(entry, name) for name in SEALED}
    return keyed_hash(entry.algorithm, str(entry.token), at, values)


def is_sealed(entry: AuditEntry) -> bool:
    return entry.algorithm in ALGORITHMS and hmac.compare_digest(seal_of(entry), entry.seal)


def hash_of(link: AuditLink, seal: str) -> str:
    return keyed_hash(link.algorithm, link.position, link.previous, link.entry_id, seal)


def link_entries(entries: Mapping[int, AuditEntry]) -> None:
    """Put these, by their keys, at the end of the chain; what is linked already or was rolled back is passed over.

    Written in SQL: with the ORM every step took some milliseconds more.
    """
    if not entries:
        return
    with transaction.atomic(), connection.cursor() as cursor:
        (position, previous), keys = _end_of_chain(cursor, list(entries))
        rows: list[int | str] = []
        for key in keys:
            position += 1
            entry = entries[key]
            link = AuditLink(position=position, entry_id=key, previous=previous, algorithm=entry.algorithm)
            rows += [position, key, previous, entry.algorithm, previous := hash_of(link, entry.seal)]
        if keys:
            places = ", ".join(["(%s, %s, %s, %s, %s)"] * len(keys))
            cursor.execute(
                "INSERT INTO accounts_auditlink (position, entry_id, previous, algorithm, hash)"  # noqa: S608
                f" VALUES {places}",
                rows,
            )


def _end_of_chain(cursor, keys):
    """(last position, its hash), and those of the keys that wait; nobody else links until the transaction ends."""
    last = "SELECT position, hash FROM accounts_auditlink ORDER BY position DESC LIMIT 1"
    waiting = (
        "SELECT entry.id FROM accounts_auditentry entry LEFT JOIN accounts_auditlink link ON link.entry_id = entry.id"  # noqa: S608
        f" WHERE link.entry_id IS NULL AND entry.id IN ({', '.join(['%s'] * len(keys))}) ORDER BY entry.id"
    )
    if connection.vendor == "postgresql":  # in one message; each statement sees what was committed before the lock
        cursor.execute(f"SELECT pg_advisory_xact_lock({LOCK}); {last}; {waiting}", keys)
        cursor.nextset()
        end = cursor.fetchone()
        cursor.nextset()
    else:  # SQLite has one writer at a time
        cursor.execute(last)
        end = cursor.fetchone()
        cursor.execute(waiting, keys)
    return end or (0, ""), [key for (key,) in cursor.fetchall()]


def unlinked(entries: QuerySet[AuditEntry]) -> QuerySet[AuditEntry]:
    """Those without a place in the chain, in their order."""
    # PostgreSQL joins every entry to filter by `link=None`; NOT EXISTS it plans as an anti-join.
    return entries.filter(~Exists(AuditLink.objects.filter(entry=OuterRef("pk")))).order_by("pk")


def link_waiting() -> None:
    """Link whatever was not, as far as its seal fits."""
    waiting = unlinked(AuditEntry.objects.all()).iterator()
    while batch := list(islice(waiting, BATCH)):
        link_entries({entry.pk: entry for entry in batch if is_sealed(entry)})
