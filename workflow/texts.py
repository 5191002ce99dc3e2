"""What people type, paste and post, made plain (a leaf)."""

import re
import unicodedata

# Pasting from office software brings vertical tabs and page breaks where a line ends, and marks that print nothing.
_LINE_ENDS = re.compile(r"\r\n?|\x0b|\x0c|\x85|\u2028|\u2029")
_UNPRINTABLE = re.compile(r"[\x00-\x08\x0e-\x1f\x7f-\x9f\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff]")


def clean_text(text):
    """The text with `\\n` line ends and without characters that nobody can see."""
    return _UNPRINTABLE.sub("", _LINE_ENDS.sub("\n", text)).strip()


def parse_pk(text):
    """The number in a posted text; -1, which matches nothing, for anything else."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else -1


def day_text(text):
    """2026/7/1, 2026.7.1 and 2026年7月1日 with the hyphens of 2026-7-1."""
    return re.sub(r"[年月/.]", "-", unicodedata.normalize("NFKC", text).strip().rstrip("日"))
