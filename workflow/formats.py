"""How values are written on screens and in snapshots, and how long numbers may be."""

from decimal import Decimal

# What SQLite, which calculates in double precision, holds as exactly as PostgreSQL.
MAX_WHOLE_DIGITS = 11
MAX_DECIMALS = 4


def plain(value: Decimal | None) -> str:
    """A Decimal without trailing zeros or exponent ("60", "3.5"); "" for None."""
    if value is None:
        return ""
    text = format(value, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text
