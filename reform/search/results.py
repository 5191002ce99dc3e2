"""What a search finds, kind by kind."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.core.cache import cache
from django.db import connection
from django.db.models import QuerySet
from django.utils.safestring import SafeString

from accounts.models import User
from workflow.models import Dossier

from .marking import marked, passage
from .sources import SOURCES, Source, Summary
from .words import containing, with_grams

MOST = 200  # of the kind that is asked for: beyond it another word helps more than another page
ENOUGH = 20  # of the others, which the page counts and shows the first PREVIEW of
PREVIEW = 3
PASSAGES = 2  # of one text
LATEST = 5000  # rows
WINDOWS = (LATEST, 5 * LATEST)  # rows from the latest one on, by which it shows how frequent a word is
RARE = 0.04  # of the rows of a window: what is rarer the index finds faster
BLOCKS = (1200, 2400, 4800)  # rows that have the words, looked at one block after the other
KEPT_FOR = 60 * 60  # seconds, where the latest rows begin: it need not be exact


@dataclass(frozen=True)
class Found:
    """One thing that has the words, as the page shows it."""

    source: Source
    row: Any
    words: list[str]

    @property
    def url(self) -> str:
        return self.source.url(self.row)

    @cached_property
    def summary(self) -> Summary:
        return self.source.summary_of(self.row)

    @property
    def name(self) -> str:
        """The name of the project, matter or bulletin; marked where it is the thing that was found."""
        return marked(self.summary.name, self.words) if self.source.summarise else self.summary.name

    @property
    def passages(self) -> list[tuple[str, SafeString]]:
        """The texts in which words stand, each with its name."""
        found = []
        for name in self.source.fields:
            text = passage(getattr(self.row, name), self.words)
            if text and not (self.source.key == "project" and name == "name"):
                found.append((self.source.label_of(name), text))
        return found[:PASSAGES]


@dataclass(frozen=True)
class Group:
    """The finds of one kind: the keys of the first of them, newest first, one more than the `most` of them."""

    source: Source
    keys: list[int]
    most: int

    @property
    def count(self) -> int:
        return min(len(self.keys), self.most)

    @property
    def has_more(self) -> bool:
        return len(self.keys) > self.most

    def found(self, keys: list[int], words: list[str]) -> list[Found]:
        """These of its keys, with what a page shows; without those that were deleted a moment ago."""
        rows = self.source.with_related().in_bulk(keys) if keys else {}
        return [Found(self.source, rows[key], words) for key in keys if key in rows]


def search(user: User, words: list[str], kind: str = "") -> list[Group]:
    """Every kind, with what of it this person may see and has all of the words; of that `kind` the most."""
    most = {source.key: MOST if source.key == kind else ENOUGH for source in SOURCES}
    return [Group(source, _keys(source, user, words, most[source.key]), most[source.key]) for source in SOURCES]


def _keys(source: Source, user: User, words: list[str], most: int) -> list[int]:
    """The first of what has the words, in the order of the source, and one more than the `most`."""
    if source.is_indexed and connection.vendor == "postgresql":
        latest, before = WINDOWS
        if (start := _start(source, latest)) is not None:
            return _latest_first(source, user, words, most, [start, _start(source, before)])
    return list(_first(source.visible_to(user), source, words, most))


def _latest_first(source: Source, user: User, words: list[str], most: int, starts: list[int | None]) -> list[int]:
    """The same of many rows, where windows of the latest begin at these keys.

    A rare word is found by the index. A frequent one would fetch half of a table from there: it is looked for from the
    latest row on, where it soon turns up. PostgreSQL misjudges how frequent a word of several characters is, so what
    was found in the latest rows decides.
    """
    having = containing(source.rows, words, source.fields)
    keys: list[int] = []
    below: dict[str, int] = {}
    is_rare = False
    for size, rows, start in zip(BLOCKS, (*WINDOWS, 0), (*starts, None), strict=False):
        begins = {} if start is None or is_rare else {"pk__gte": start}
        found = having.filter(**below, **begins).order_by("-pk").values_list("pk", source.record or "pk")
        block = list(found[:size])
        keys += _visible_among(block, source, user)
        if len(keys) > most or (len(block) < size and not begins):
            return keys[: most + 1]
        below = {"pk__lt": block[-1][0] if len(block) == size else begins["pk__gte"]}
        if not is_rare and len(block) < min(size, RARE * rows):
            having, is_rare = with_grams(having, words, source.fields), True
    # They see very little of it.
    dossiers = list(Dossier.objects.visible_to(user).values_list("pk", flat=True))
    return (keys + _first_of_own(source.visible_to(user, dossiers).filter(**below), source, words, most))[: most + 1]


def _visible_among(block: list[tuple[int, int]], source: Source, user: User) -> list[int]:
    """Those of (key, key of its record) that this person may see: keys first, since the database would begin with what
    they may see of the whole table.
    """
    records = source.records.visible_to(user).filter(pk__in={record for _, record in block})
    seen = set(records.values_list("pk", flat=True))
    return [pk for pk, record in block if record in seen]


def _first_of_own(visible: QuerySet, source: Source, words: list[str], most: int) -> list[int]:
    """The same from the few rows of many that somebody may see: these first, latest first, then the words in them."""
    keys: list[int] = []
    own = list(visible.order_by("-pk").values_list("pk", flat=True)[:LATEST])
    while own:
        keys += _first(source.model._default_manager.filter(pk__in=own), source, words, most)
        if len(keys) > most or len(own) < LATEST:
            break
        own = list(visible.filter(pk__lt=own[-1]).order_by("-pk").values_list("pk", flat=True)[:LATEST])
    return keys


def _first(rows: QuerySet, source: Source, words: list[str], most: int) -> QuerySet:
    found = containing(rows, words, source.fields)
    return found.order_by(source.order).values_list("pk", flat=True)[: most + 1]


def _start(source: Source, rows: int) -> int | None:
    """The key of the oldest of so many of the latest rows; None where all are fewer."""
    keys = source.model._default_manager.order_by("-pk").values_list("pk", flat=True)
    return cache.get_or_set(f"search-{source.key}-{rows}", keys[rows - 1 : rows].first, KEPT_FOR)
