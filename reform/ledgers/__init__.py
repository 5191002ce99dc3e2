"""The six ledgers (台账): the system builds them by itself from what was submitted and confirmed."""

from .achievements import BrandLedger, PromotionLedger
from .base import Extract, Ledger
from .indicators import IndicatorLedger
from .iterations import IterationLedger
from .plans import PlanLedger
from .projects import ProjectLedger

LEDGERS = (ProjectLedger(), IndicatorLedger(), PlanLedger(), PromotionLedger(), BrandLedger(), IterationLedger())

__all__ = ["LEDGERS", "Extract", "Ledger"]
