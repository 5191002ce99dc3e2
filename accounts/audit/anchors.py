"""Where the chain ended and when, kept outside the database: what stood then cannot be cut off unnoticed.

Each line is sealed together with the one before it, so that none can be taken out of their midst unnoticed either.
"""

import hmac
import json
import os
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.db import connection, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.utils import timezone

from accounts.advisory_locks import lock_until_commit
from accounts.audit.chain import ALGORITHMS, keyed_hash, link_waiting

START = '{"position": '  # of each line


@dataclass(frozen=True)
class Anchor:
    position: int
    hash: str
    at: str


@dataclass(frozen=True)
class KeptAnchor(Anchor):
    """A line of the file; those of earlier versions have no seal."""

    algorithm: str = ""
    seal: str = ""


@dataclass
class AnchorFile:
    anchors: list[KeptAnchor] = field(default_factory=list)
    cut_off: list[int] = field(default_factory=list)  # lines not written to their end, as when the power fails
    findings: list[str] = field(default_factory=list)  # sentences about what is not as we wrote it
    lacks_line_end: bool = False


def add_anchor() -> Anchor | None:
    """Link what waits, and append the end of the chain to the file; None as long as the log is empty."""
    link_waiting()
    if (anchor := end_of_chain(connection, timezone.localtime())) is None:
        return None
    path = Path(settings.AUDIT_ANCHORS)
    path.parent.mkdir(parents=True, exist_ok=True)
    with transaction.atomic():
        lock_until_commit("anchors")  # who comes second is sealed with the first
        kept = read_anchors()
        previous = kept.anchors[-1] if kept.anchors else None
        algorithm = settings.AUDIT_ALGORITHM
        line = KeptAnchor(**asdict(anchor), algorithm=algorithm, seal=_seal(algorithm, previous, anchor))
        with path.open("a", encoding="utf-8") as file:
            file.write(("\n" if kept.lacks_line_end else "") + json.dumps(asdict(line)) + "\n")
            file.flush()
            os.fsync(file.fileno())
    return anchor


def end_of_chain(database: BaseDatabaseWrapper, at: datetime) -> Anchor | None:
    """In SQL: a copy that is being made is none of Django's databases."""
    with database.cursor() as cursor:
        cursor.execute("SELECT position, hash FROM accounts_auditlink ORDER BY position DESC LIMIT 1")
        last = cursor.fetchone()
    return Anchor(last[0], last[1], at.isoformat(timespec="seconds")) if last else None


def read_anchors() -> AnchorFile:
    path = Path(settings.AUDIT_ANCHORS)
    kept = AnchorFile()
    if not path.exists():
        return kept
    *lines, rest = path.read_bytes().decode("utf-8", "replace").split("\n")
    kept.lacks_line_end = bool(rest)
    for number, line in enumerate([*lines, *([rest] if rest else [])], 1):
        try:
            anchor = _anchor(line)
        except (TypeError, ValueError):
            if _is_cut_off(line):
                kept.cut_off.append(number)
            else:
                kept.findings.append(f"锚点文件第 {number} 行不能识别。")
            continue
        previous = kept.anchors[-1] if kept.anchors else None
        if not _is_sealed(anchor, previous):
            kept.findings.append(f"锚点文件第 {number} 行与前一个锚点不相连：该行被改动，或此前的锚点被删除。")
        kept.anchors.append(anchor)
    return kept


def _anchor(line):
    """Raises TypeError or ValueError where it is none."""
    anchor = KeptAnchor(**json.loads(line))
    datetime.fromisoformat(anchor.at)
    return KeptAnchor(int(anchor.position), str(anchor.hash), anchor.at, str(anchor.algorithm), str(anchor.seal))


def _is_cut_off(line):
    """The beginning of an anchor, or the zeros that a file system leaves. Where a whole one had stood there, the next
    one is not sealed with what is left."""
    line = line.rstrip("\0")
    return not line.endswith("}") and line.startswith(START[: len(line)])


def _seal(algorithm, previous, anchor):
    before = list(asdict(previous).values()) if previous else []
    return keyed_hash(algorithm, before, anchor.position, anchor.hash, anchor.at)


def _is_sealed(anchor, previous):
    if not anchor.seal:
        return not (previous and previous.seal)
    return anchor.algorithm in ALGORITHMS and hmac.compare_digest(
        _seal(anchor.algorithm, previous, anchor), anchor.seal
    )
