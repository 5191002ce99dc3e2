"""Seals of entries, and the chain of them.

An entry is written and sealed in the transaction of the step that it tells of, so that both are there or neither is.
It becomes a link of the chain in a short transaction of its own right after that commit: a lock that makes writers wait
for each other is held for four statements and never while a record is locked, so it can neither deadlock with the locks
of records nor put long imports one behind the other. What was committed by a process that died before linking is
linked by the next `anchor_audit`; until then verification shows it as 待入链. Entries whose seal does not fit are
never linked.
"""

import hmac
import json
from collections.abc import Sequence
from datetime import UTC

from django.conf import settings
from django.db import connection, transaction

from accounts.audit.entries import AuditEntry, AuditLink

ALGORITHMS = {"hmac-sha256": "sha256", "hmac-sm3": "sm3"}
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


def keyed_hash(algorithm: str, *said: object) -> str:
    """Raises KeyError for an unknown algorithm, ValueError where this machine's OpenSSL does not have it."""
    text = json.dumps(said, sort_keys=True, separators=(",", ":"))
    return hmac.new(_key(), text.encode(), ALGORITHMS[algorithm]).hexdigest()


def _key() -> bytes:
    if settings.AUDIT_KEY:
        return settings.AUDIT_KEY.encode()
    return hmac.digest(settings.SECRET_KEY.encode(), b"audit", "sha256")


def seal_of(entry: AuditEntry) -> str:
    at = entry.at.astimezone(UTC).isoformat(timespec="microseconds")
    said = {name: getattr(entry, name) for name in SEALED}
    return keyed_hash(entry.algorithm, str(entry.token), at, said)


def is_sealed(entry: AuditEntry) -> bool:
    return entry.algorithm in ALGORITHMS and hmac.compare_digest(seal_of(entry), entry.seal)


def hash_of(link: AuditLink, seal: str) -> str:
    return keyed_hash(link.algorithm, link.position, link.previous, link.entry_id, seal)


def link_entries(keys: Sequence[int] | None = None) -> int:
    """Put these entries, or all that wait, at the end of the chain; returns how many were put there.

    What is linked already, was rolled back, or has no seal that fits is passed over.
    """
    with transaction.atomic():
        if connection.vendor == "postgresql":  # SQLite has one writer at a time
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
        last = AuditLink.objects.order_by("-position").first()
        position, previous = (last.position, last.hash) if last else (0, "")
        waiting = AuditEntry.objects.filter(link=None).order_by("pk")
        links = []
        for entry in waiting if keys is None else waiting.filter(pk__in=keys):
            if not is_sealed(entry):
                continue
            position += 1
            link = AuditLink(position=position, entry=entry, previous=previous, algorithm=entry.algorithm)
            link.hash = previous = hash_of(link, entry.seal)
            links.append(link)
        AuditLink.objects.bulk_create(links)
    return len(links)
