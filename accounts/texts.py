"""What people type and paste, without what nobody can see (a leaf)."""

import re

# Pasting from office software brings vertical tabs and page breaks where a line ends, and marks that print nothing.
_LINE_ENDS = re.compile(r"\r\n?|\x0b|\x0c|\x85|\u2028|\u2029")
_UNPRINTABLE = re.compile(r"[\x00-\x08\x0e-\x1f\x7f-\x9f\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff]")

_BETWEEN = re.compile(r"(?<=[\u3007\u3400-\u9fff])\s+(?=[\u3007\u3400-\u9fff])")


def clean_text(text: str) -> str:
    """The text with `\\n` line ends and without characters that nobody can see."""
    return _UNPRINTABLE.sub("", _LINE_ENDS.sub("\n", text)).strip()


def clean_name(text: str) -> str:
    """On one line; without the blanks that align 王　明 with 欧阳小明 in a table, or nobody would find 王明."""
    return _BETWEEN.sub("", " ".join(clean_text(text).split()))
