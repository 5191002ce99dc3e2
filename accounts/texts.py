"""What people type and paste, without what nobody can see (a leaf)."""

import re

# Pasting from office software brings vertical tabs and page breaks where a line ends, and marks that print nothing.
_LINE_ENDS = re.compile(r"\r\n?|\x0b|\x0c|\x85|\u2028|\u2029")
_UNPRINTABLE = re.compile(r"[\x00-\x08\x0e-\x1f\x7f-\x9f\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff]")


def clean_text(text: str) -> str:
    """The text with `\\n` line ends and without characters that nobody can see."""
    return _UNPRINTABLE.sub("", _LINE_ENDS.sub("\n", text)).strip()
