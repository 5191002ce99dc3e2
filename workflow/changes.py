"""What changed between two snapshots of a record, marked in place.

A snapshot is plain JSON: dicts, lists of dicts that carry an `id`, and text or numbers at the leaves.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from diff_match_patch import diff_match_patch
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from .items import join

_FIGURE = re.compile(r"[-\d.,%年月日]*")  # a number or a date changes as a whole, never by the digit


@dataclass(frozen=True)
class Leaf:
    """One value and what it was before; prints itself as HTML with the difference marked."""

    now: str
    before: str | None = None  # None: there is nothing to compare with
    address: str = field(default="", compare=False)  # in the snapshot (see `items`)

    @property
    def changed(self) -> bool:
        return self.before is not None and self.now != self.before

    def __bool__(self) -> bool:
        return bool(self.now) or self.changed

    def __str__(self) -> str:
        # A template takes `str` of whatever is not text, and then asks whether that is safe.
        return self.__html__()

    def __html__(self) -> SafeString:
        if self.before is None or not self.changed:
            return format_html("{}", self.now)
        return format_html_join("", "{}", ((_mark(side, text),) for side, text in _difference(self.before, self.now)))


class Branch(dict[str, Any]):
    """A dict of leaves and branches; `status` says whether it is new, gone or kept since the comparison."""

    status = "kept"
    address = ""  # in the snapshot (see `items`)
    since = ""  # of a whole snapshot: the name of what it was compared with, if it was
    is_same = False  # and whether it says just what that said


@dataclass(frozen=True)
class Earlier:
    """Content with which later content is compared: a snapshot, and in words what it is."""

    snapshot: dict[str, Any]
    name: str


def compare(now: Mapping[str, Any], earlier: Earlier | None) -> Branch:
    """The snapshot `now` with every leaf knowing what it was `Earlier` (None: nothing to compare with).

    Items of lists are matched by `id`; those that are gone stand, marked, after those that remain.
    """
    content = _compare_dicts(now, earlier and earlier.snapshot, "")
    if earlier:
        content.since, content.is_same = earlier.name, now == earlier.snapshot
    return content


def now_of(content: Any) -> Any:
    """The snapshot of which this is the comparison, with texts at its leaves."""
    if isinstance(content, Leaf):
        return content.now
    if isinstance(content, list):
        return [now_of(branch) for branch in content if branch.status != "removed"]
    return {key: now_of(part) for key, part in content.items()}


def _compare(now: Any, before: Any, address: str) -> Branch | list[Branch] | Leaf:
    if isinstance(now, dict):
        return _compare_dicts(now, before, address)
    if isinstance(now, list):
        return _compare_lists(now, before, address)
    return Leaf(_text(now), None if before is None else _text(before), address)


def _compare_dicts(now: Mapping[str, Any], before: Any, address: str) -> Branch:
    known = isinstance(before, dict)
    branch = Branch(
        (key, _compare(value, before.get(key, "") if known else None, join(address, key))) for key, value in now.items()
    )
    branch.address = address
    return branch


def _compare_lists(now: list[dict[str, Any]], before: Any, address: str) -> list[Branch]:
    if not isinstance(before, list):
        return [_compare_dicts(item, None, join(address, item["id"])) for item in now]
    earlier = {item["id"]: item for item in before}
    branches = []
    for item in now:
        branch = _compare_dicts(item, earlier.get(item["id"]), join(address, item["id"]))
        branch.status = "kept" if item["id"] in earlier else "added"
        branches.append(branch)
    kept = {item["id"] for item in now}
    for item in before:
        if item["id"] not in kept:
            branch = _compare_dicts(item, None, join(address, item["id"]))
            branch.status = "removed"
            branches.append(branch)
    return branches


def _text(value: object) -> str:
    return "" if value is None else str(value)


def _difference(before: str, now: str) -> list[tuple[int, str]]:
    """Pairs (side, text): side is -1 for what is gone, 0 for what stayed, 1 for what is new."""
    if _FIGURE.fullmatch(before) and _FIGURE.fullmatch(now):
        return [(side, text) for side, text in ((-1, before), (1, now)) if text]
    matcher = diff_match_patch()
    matcher.Diff_Timeout = 0.2
    pairs: list[tuple[int, str]] = matcher.diff_main(before, now)
    matcher.diff_cleanupSemantic(pairs)
    return pairs


def _mark(side: int, text: str) -> str:
    if side == 0:
        return text
    return format_html("<del>{}</del>" if side < 0 else "<ins>{}</ins>", text)
