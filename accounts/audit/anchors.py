"""Where the chain ended and when, kept outside the database: what stood then cannot be cut off unnoticed."""

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path

from django.conf import settings
from django.utils import timezone

from accounts.audit.chain import link_waiting
from accounts.audit.entries import AuditLink


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
    last = AuditLink.objects.order_by("-position").first()
    if last is None:
        return None
    anchor = Anchor(last.position, last.hash, timezone.localtime().isoformat(timespec="seconds"))
    path = Path(settings.AUDIT_ANCHORS)
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a", encoding="utf-8") as file:
        file.write(json.dumps(asdict(anchor)) + "\n")
        file.flush()
        os.fsync(file.fileno())
    return anchor


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
