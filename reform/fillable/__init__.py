"""填报表: the part of a ledger that a clerk takes along, fills in, and brings back as drafts of updates."""

from .base import FillableSheet
from .plans import PlanSheet
from .targets import TargetSheet

SHEETS: tuple[FillableSheet, ...] = (PlanSheet(), TargetSheet())


def sheet_of(ledger) -> FillableSheet | None:
    """The one that goes with that ledger, if there is one."""
    return next((sheet for sheet in SHEETS if sheet.ledger.name == ledger.name), None)
