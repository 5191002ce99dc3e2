"""What people type, paste and post, made plain (a leaf)."""

import re
import unicodedata

from accounts.texts import clean_text  # noqa: F401  (asked for here together with what else texts need)

# Full-width forms and the minus sign; not the whole of NFKC, which reads ⁵ and ⑤ as 5.
_NUMBER_SIGNS = str.maketrans("０１２３４５６７８９＋－−．，", "0123456789+--.,")
_AROUND_NUMBERS = r"[\s\xad\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff]+"
# What prints nothing and yet counts as a letter or an accent: joiners, fillers, variation selectors.
_UNSEEN_MARKS = re.compile("[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u3164\ufe00-\ufe0f\uffa0]")
_NUMBER = re.compile(r"([+-]?)([1-9][0-9]{0,2}(?:,[0-9]{3})+|[0-9]*)(?:\.([0-9]*))?")


def number_text(text: str) -> str | None:
    """The number in its plain form: "１，２３４．５０" → "1234.5", "" for nothing; None for what is no number.

    Commas stand between groups of three digits only. static/js/numbers.js reads numbers by the same rule.
    """
    text = re.sub(f"^{_AROUND_NUMBERS}|{_AROUND_NUMBERS}$", "", text.translate(_NUMBER_SIGNS))
    if not text:
        return ""
    match = _NUMBER.fullmatch(text)
    if not match or not (match[2] or match[3]):
        return None
    whole = match[2].replace(",", "").lstrip("0") or "0"
    rest = (match[3] or "").rstrip("0")
    number = f"{whole}.{rest}" if rest else whole
    return f"-{number}" if match[1] == "-" and number != "0" else number


def normal_form(text: str) -> str:
    """The form in which identifiers and headings are compared: full-width as half-width, upper case, nothing unseen."""
    shown = (sign for sign in unicodedata.normalize("NFKC", text) if unicodedata.category(sign)[0] not in "ZC")
    return _UNSEEN_MARKS.sub("", "".join(shown)).upper()


def parse_pk(text: str) -> int:
    """The number in a posted text; -1, which matches nothing, for anything else."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else -1


def day_text(text: str) -> str:
    """2026/7/1, 2026.7.1 and 2026年7月1日 with the hyphens of 2026-7-1."""
    return re.sub(r"[年月/.]", "-", unicodedata.normalize("NFKC", text).strip().rstrip("日"))
