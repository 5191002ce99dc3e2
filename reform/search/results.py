"""What a search finds, kind by kind."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.db import connection
from django.db.models import QuerySet
from django.utils.safestring import SafeString

from accounts.models import User
from workflow.models import Dossier

from .marking import marked, passage
from .sources import SOURCES, Said, Source
from .words import containing, with_grams

MOST = 200  # of one kind: beyond it another word helps more than another page
PREVIEW = 3  # of each kind where all are asked for
PASSAGES = 2  # of one text
LATEST = 5000  # rows


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
    def said(self) -> Said:
        return self.source.said(self.row)

    @property
    def name(self) -> str:
        """The name of the project, matter or bulletin; marked where it is the thing that was found."""
        return marked(self.said.name, self.words) if self.source.says else self.said.name

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
    """The finds of one kind: the keys of the first of them, newest first."""

    source: Source
    keys: list[int]

    @property
    def count(self) -> int:
        return min(len(self.keys), MOST)

    @property
    def has_more(self) -> bool:
        """Whether there are more than pages lead to."""
        return len(self.keys) > MOST

    def found(self, keys: list[int], words: list[str]) -> list[Found]:
        """These of its keys, with what a page shows; without those that were deleted a moment ago."""
        rows = self.source.listed().in_bulk(keys) if keys else {}
        return [Found(self.source, rows[key], words) for key in keys if key in rows]


def search(user: User, words: list[str]) -> list[Group]:
    """Every kind, with what of it this person may see and has all of the words."""
    dossiers = None
    if not user.is_office_reviewer:
        dossiers = list(Dossier.objects.visible_to(user).values_list("pk", flat=True))
    return [Group(source, _keys(source, source.visible_to(user, dossiers), dossiers, words)) for source in SOURCES]


def _keys(source: Source, visible: QuerySet, dossiers: list[int] | None, words: list[str]) -> list[int]:
    """The first of what has the words, in the order of the source.

    A rare word is found by the index. A frequent one would fetch half of a table from there: it is looked for in the
    latest rows, where it soon turns up. PostgreSQL misjudges how frequent a word of several characters is, so a look
    at the latest rows decides.
    """
    found = _first(visible, source, words)
    since = _since(source) if source.is_indexed and connection.vendor == "postgresql" else None
    if since is None:
        return list(found)
    if len(_first(source.rows.filter(pk__gte=since), source, words)) <= MOST:
        return list(_first(with_grams(visible, words, source.fields), source, words))
    if dossiers is None:
        latest = list(_first(visible.filter(pk__gte=since), source, words))
        return latest if len(latest) > MOST else list(found)
    return _first_of_own(visible, source, words)


def _first_of_own(visible: QuerySet, source: Source, words: list[str]) -> list[int]:
    """The same from the few rows of many that somebody may see: these first, latest first, then the words in them."""
    keys: list[int] = []
    own = list(visible.order_by("-pk").values_list("pk", flat=True)[:LATEST])
    while own:
        keys += _first(source.model._default_manager.filter(pk__in=own), source, words)
        if len(keys) > MOST or len(own) < LATEST:
            break
        own = list(visible.filter(pk__lt=own[-1]).order_by("-pk").values_list("pk", flat=True)[:LATEST])
    return keys[: MOST + 1]


def _first(rows: QuerySet, source: Source, words: list[str]) -> QuerySet:
    found = containing(rows, words, source.fields)
    return found.order_by(source.order).values_list("pk", flat=True)[: MOST + 1]


def _since(source: Source) -> int | None:
    """The key of the oldest of the latest rows; None where all are few."""
    return source.model._default_manager.order_by("-pk").values_list("pk", flat=True)[LATEST - 1 : LATEST].first()
