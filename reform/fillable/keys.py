"""What the hidden column of a row says: its matter, and how its cells stood; signed, so that nobody writes another."""

from dataclasses import dataclass
from hashlib import blake2s

from django.core import signing

from .base import FillableSheet


@dataclass(frozen=True)
class Key:
    """`locked` and `changing` are prints of the cells at export, in the order of the columns."""

    matter: str
    locked: list[str]
    changing: list[str]


def written(sheet: FillableSheet, key: Key) -> str:
    return signing.dumps([key.matter, key.locked, key.changing], salt=_salt(sheet), compress=True)


def read(sheet: FillableSheet, text: str) -> Key | None:
    """None, where it is not as it was written, or was written of other columns than the sheet has now."""
    try:
        key = Key(*signing.loads(text, salt=_salt(sheet)))
    except signing.BadSignature:
        return None
    fits = len(key.locked) == len(sheet.locked()) and len(key.changing) == len(sheet.changing)
    return key if fits else None


def print_of(text: str) -> str:
    """Two texts with the same are the same."""
    return blake2s(text.encode(errors="replace"), digest_size=6).hexdigest()


def _salt(sheet):
    return f"reform.fillable.{sheet.kind}"
