"""The words where they stand in a text, for a page."""

import re
from collections.abc import Iterable

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from .words import pattern

BEFORE, LENGTH = 24, 120  # characters


def marked(text: str, words: list[str]) -> SafeString:
    """The text with its words marked."""
    return _joined(text, _spots(text, words), 0, len(text))


def passage(text: str, words: list[str]) -> SafeString:
    """What stands around the first of the words in a text, on one line; "" if none does."""
    spots = _spots(text, words)
    if not spots:
        return SafeString("")
    start = max(0, spots[0][0] - BEFORE)
    end = max(min(len(text), start + LENGTH), spots[0][1])
    shown = _joined(text, spots, start, end)
    return format_html("{}{}{}", "…" if start else "", shown, "…" if end < len(text) else "")


def _spots(text: str, words: list[str]) -> list[tuple[int, int]]:
    """From where to where the words stand, those that overlap as one."""
    spots: list[tuple[int, int]] = []
    for start, end in sorted(found.span() for word in words for found in pattern(word).finditer(text)):
        if spots and start <= spots[-1][1]:
            spots[-1] = (spots[-1][0], max(end, spots[-1][1]))
        else:
            spots.append((start, end))
    return spots


def _joined(text: str, spots: Iterable[tuple[int, int]], start: int, end: int) -> SafeString:
    parts, place = [], start
    for first, last in spots:
        if first >= end:
            break
        parts.append((text[place:first], text[first : min(last, end)]))
        place = min(last, end)
    marks = format_html_join("", "{}<mark>{}</mark>", ((_line(before), _line(word)) for before, word in parts))
    return format_html("{}{}", marks, _line(text[place:end]))


def _line(text: str) -> str:
    return re.sub(r"\s+", " ", text)
