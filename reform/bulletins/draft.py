"""What a draft is made of: text of which every figure leads to the rows behind it.

A piece is a string, or {"text", "to"}: text that leads to an address of this site. A line is a list of pieces. What
pages and documents show is plain JSON: sections of paragraphs (lines) and tables (rows of lines).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.urls import reverse

from accounts.models import Department
from reform.indicators import percent, share_of
from reform.models import Bulletin
from reform.word import Link, Words

Piece = str | dict[str, str]
Line = list[Piece]


def to(text: str, address: str) -> Piece:
    return {"text": text, "to": address}


def line(*pieces: Piece | None) -> Line:
    return [piece for piece in pieces if piece]


def departments_words(found: Iterable[Department]) -> str:
    """In the office's order."""
    units = sorted(set(found), key=lambda unit: (unit.position, unit.pk))
    return "、".join(unit.name for unit in units)


@dataclass
class Source:
    """The rows of one figure: `kind` names where they are looked up (see sources.py)."""

    label: str
    kind: str
    ids: Sequence[int]


@dataclass
class Section:
    title: str
    paragraphs: list[Line] = field(default_factory=list)
    tables: list[dict[str, Any]] = field(default_factory=list)
    is_annex: bool = False

    def paragraph(self, *pieces: Piece | None) -> None:
        self.paragraphs.append(line(*pieces))

    def table(self, caption: str, heads: Sequence[str], rows: Iterable[Sequence[Line]]) -> None:
        """`heads` that end with # hold figures."""
        kept = [list(row) for row in rows]
        if kept:
            names = [{"text": head.removesuffix("#"), "is_figure": head.endswith("#")} for head in heads]
            self.tables.append({"caption": caption, "heads": names, "rows": kept})


class Draft:
    """Collects sections, and for each figure where its rows are."""

    def __init__(self, bulletin: Bulletin) -> None:
        self.pk = bulletin.pk
        self.sources: dict[str, Source] = {}
        self.sections: list[Section] = []

    def section(self, title: str, *, is_annex: bool = False) -> Section:
        section = Section(title, is_annex=is_annex)
        self.sections.append(section)
        return section

    def know(self, name: str, label: str, kind: str, ids: Iterable[int]) -> int:
        """Register the rows behind a figure; returns how many there are."""
        self.sources[name] = Source(label, kind, list(ids))
        return len(self.sources[name].ids)

    def address(self, name: str, **part: int) -> str:
        return reverse("reform:bulletin_figure", args=[self.pk, name], query=part or None)

    def count(self, name: str, number: int | None = None, **part: int) -> Piece:
        """How many rows there are; of a part (department=…, domain=…) the `number` is given."""
        return to(str(len(self.sources[name].ids) if number is None else number), self.address(name, **part))

    def share(self, name: str, whole: str) -> Piece:
        part = share_of(len(self.sources[name].ids), len(self.sources[whole].ids))
        return to(percent(part), self.address(name))

    @property
    def words(self) -> str:
        """All that it says, line by line."""
        lines: list[Line] = []
        for section in self.sections:
            lines += [[section.title], *section.paragraphs]
            for table in section.tables:
                lines += [[table["caption"]], *(cell for row in table["rows"] for cell in row)]
        pieces = ([piece if isinstance(piece, str) else piece["text"] for piece in line] for line in lines)
        return "\n".join(map("".join, pieces))

    def save_to(self, bulletin: Bulletin) -> None:
        bulletin.words = self.words
        bulletin.content = {"sections": [vars(section) for section in self.sections]}
        bulletin.sources = {name: vars(source) for name, source in self.sources.items()}


# --- For documents ------------------------------------------------------------------------------


def words_of(pieces: Sequence[Piece], site: str) -> Words:
    """The line with absolute addresses."""
    return Words(
        tuple(piece if isinstance(piece, str) else Link(piece["text"], f"{site}{piece['to']}") for piece in pieces)
    )


def section_values(section: Mapping[str, Any], site: str) -> dict[str, Any]:
    """A section as a template takes it."""
    return {
        "title": section["title"],
        "paragraphs": [words_of(pieces, site) for pieces in section["paragraphs"]],
        "tables": [
            {
                "caption": table["caption"],
                "heads": [head["text"] for head in table["heads"]],
                "rows": [{"cells": [words_of(cell, site) for cell in row]} for row in table["rows"]],
            }
            for table in section["tables"]
        ],
    }
