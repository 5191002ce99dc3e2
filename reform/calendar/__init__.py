"""Working days, the terms of a month's reports, and the yearly holiday notice."""

from .working_days import MONTHS, WINDOW, Calendar, Phase, Term, month_start, months_begun, today, unknown_years

__all__ = [
    "MONTHS",
    "WINDOW",
    "Calendar",
    "Phase",
    "Term",
    "month_start",
    "months_begun",
    "today",
    "unknown_years",
]
