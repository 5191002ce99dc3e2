"""文字比对 (雷同): how much of a text stands in earlier texts, sentence by sentence (spec section 8).

Plain functions over texts; nothing here reads the database.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from rapidfuzz import fuzz, process

LEAST_LENGTH = 12  # of a sentence without digits, spaces and punctuation
ALIKE = 75  # of a hundred
MARKED_FROM = 30  # percent of the text
MOST_CANDIDATES = 36

SENTENCE = re.compile(r"[^。！？；!?;\n\r]+[。！？；!?;]*")
DROPPED = re.compile(r"[\W\d_]+")

Source = TypeVar("Source")


@dataclass(frozen=True)
class Segment(Generic[Source]):
    """A piece of the text; `source`: where it stood before, None where it did not."""

    text: str
    source: Source | None = None


@dataclass(frozen=True)
class Compared(Generic[Source]):
    """A text cut into segments, and what percentage of its length stood in earlier texts."""

    segments: list[Segment[Source]]
    percent: int

    @property
    def is_marked(self) -> bool:
        return self.percent >= MARKED_FROM

    @property
    def sources(self) -> list[Source]:
        """Where it stood, each once, in the order of the text."""
        found: list[Source] = []
        for segment in self.segments:
            if segment.source is not None and segment.source not in found:
                found.append(segment.source)
        return found


def compare(text: str, earlier: Sequence[tuple[str, Source]]) -> Compared[Source]:
    """The text against earlier ones, each with its source; of equal sentences the first source is named. At most
    the texts of MOST_CANDIDATES records."""
    known: dict[str, Source] = {}
    for candidate, source in earlier:
        for core, _ in _sentences(candidate):
            known.setdefault(core, source)
    cores = list(known)
    segments: list[Segment[Source]] = []
    end = same = 0
    for core, span in _sentences(text):
        best = process.extractOne(core, cores, scorer=fuzz.ratio, score_cutoff=ALIKE)
        if best is None:
            continue
        start, stop = span
        if start > end:
            segments.append(Segment(text[end:start]))
        segments.append(Segment(text[start:stop], known[best[0]]))
        same += _length(text[start:stop])
        end = stop
    if end < len(text):
        segments.append(Segment(text[end:]))
    whole = _length(text)
    return Compared(segments, same * 100 // whole if whole else 0)


def _sentences(text: str) -> Iterator[tuple[str, tuple[int, int]]]:
    """(what counts of it, where it stands) of each sentence that is long enough."""
    for found in SENTENCE.finditer(text):
        core = DROPPED.sub("", found[0])
        if len(core) >= LEAST_LENGTH:
            yield core, found.span()


def _length(text: str) -> int:
    return len("".join(text.split()))
