"""逐项退回: the parts of a record's content that can be sent back by themselves.

A part is called by its address, the way down the snapshot to it: keys, and the `id` of a row, joined by dots
("measures.7.plans.12"). What is open opens all that stands under it.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

# Of every kind: a file that is sent back may be taken off, and another one put in its place.
EVIDENCE = {
    "attachments": "全部附件（可增加、移除）",
    "attachments.*": "附件“{name}”",
    "classified_notices": "涉密材料报送登记",
}
FILES, NOTICES = "attachments", "classified_notices"


def join(address: str, key: object) -> str:
    return f"{address}.{key}" if address else str(key)


@dataclass(frozen=True)
class Item:
    """A part by its address, its name as it was then, and what was said of it."""

    address: str
    label: str
    words: str = ""
    asked: bool = False  # by the clerk, with `words` as the reason

    def as_json(self) -> dict[str, str]:
        return {"address": self.address, "label": self.label, "words": self.words}


@dataclass(frozen=True)
class Opened:
    """What is open of a record: its `items`, or all of it where there are none.

    `along` maps a key of the snapshot, or a field of a form, to the one with which it is opened.
    """

    items: tuple[Item, ...] = ()
    since: int | None = None  # key of the event that sent the record back
    along: Mapping[str, str] = field(default_factory=dict)

    def address(self, base: str, key: object) -> str:
        return join(base, self.along.get(str(key), key))

    def covers(self, address: str) -> bool:
        return not self.items or any(_is_within(address, item.address) for item in self.items)

    def touches(self, address: str) -> bool:
        """Whether it is open, or something in it is."""
        return self.covers(address) or any(_is_within(item.address, address) for item in self.items)

    def at(self, address: str) -> list[Item]:
        return [item for item in self.items if item.address == address]


def _is_within(address: str, outer: str) -> bool:
    return address == outer or address.startswith(f"{outer}.")


def named_items(patterns: Mapping[str, str], snapshot: Mapping[str, Any]) -> dict[str, str]:
    """{address: name} of the parts of this snapshot.

    A pattern has * for every row of a list. Its name is filled in from the row and those around it; {row} is the number
    of the outermost.
    """
    return {
        address: name.format_map(words)
        for pattern, name in patterns.items()
        for address, words in _found(pattern.split("."), snapshot, "", {})
    }


def _found(keys: Sequence[str], node: Any, address: str, words: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    if not keys:
        yield address, words
    elif keys[0] == "*":
        for number, row in enumerate(node, 1):
            inner = {**words, **row, "row": words.get("row", number)}
            yield from _found(keys[1:], row, join(address, row["id"]), inner)
    elif keys[0] in node:
        yield from _found(keys[1:], node[keys[0]], join(address, keys[0]), words)


def first_closed_change(
    patterns: Mapping[str, str], before: dict[str, Any], after: dict[str, Any], opened: Opened
) -> str | None:
    """The name of a part that is not open and yet differs between two snapshots."""
    after = after | {
        kind: [row for row in after[kind] if row["id"] in {known["id"] for known in before[kind]}]
        for kind in (FILES, NOTICES)
        if opened.touches(kind)
    }
    patterns = {**patterns, **EVIDENCE}
    roots = {pattern.partition(".")[0] for pattern in patterns}
    keys = [key for key in before if opened.along.get(key, key) in roots]
    if all(_closed(before, key, opened) == _closed(after, key, opened) for key in keys):
        return None
    was, now = _by_address(before), _by_address(after)
    changed = [
        name
        for address, name in named_items(patterns, before).items()
        if not opened.covers(address)
        and closed_part(was[address], opened, address) != closed_part(now.get(address), opened, address)
    ]
    return changed[-1] if changed else ""


def _closed(snapshot: dict[str, Any], key: str, opened: Opened) -> Any:
    return closed_part(snapshot[key], opened, opened.address("", key))


def _by_address(node: Any, address: str = "") -> dict[str, Any]:
    inner = (
        node.items() if isinstance(node, dict) else [(row["id"], row) for row in node] if isinstance(node, list) else ()
    )
    parts = {address: node}
    for key, part in inner:
        parts |= _by_address(part, join(address, key))
    return parts


def closed_part(node: Any, opened: Opened, address: str = "") -> Any:
    """The snapshot without what is open; of rows that are open their ids stay, save of evidence."""
    if address and opened.covers(address):
        return None
    if isinstance(node, dict):
        return {key: closed_part(value, opened, opened.address(address, key)) for key, value in node.items()}
    if isinstance(node, list):
        places = [(join(address, row["id"]), row) for row in node]
        closed = [closed_part(row, opened, place) for place, row in places if not opened.covers(place)]
        ids = [] if address in (FILES, NOTICES) else sorted(str(row["id"]) for row in node)
        return [ids, closed]
    return node
