"""Working days, the terms of a month's reports, and the yearly holiday notice."""

from .periods import Period, period_choices
from .working_days import MONTHS, WINDOW, Calendar, Phase, Term, month_start, months_begun, today, unknown_years
from .years import FIRST_YEAR, LAST_YEAR, notice_years

__all__ = [
    "FIRST_YEAR",
    "LAST_YEAR",
    "MONTHS",
    "WINDOW",
    "Calendar",
    "Period",
    "Phase",
    "Term",
    "month_start",
    "months_begun",
    "notice_years",
    "period_choices",
    "today",
    "unknown_years",
]
