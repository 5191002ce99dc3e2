"""The ledgers (台账): the system builds them by itself from what was submitted, confirmed, checked and sent."""

from .achievements import BrandLedger, PromotionLedger
from .base import Extract, Ledger
from .changes import ChangeLedger
from .checks import CheckLedger
from .indicators import IndicatorLedger
from .iterations import IterationLedger
from .letters import LetterLedger
from .matters import MatterLedger
from .plans import PlanLedger
from .projects import ProjectLedger

LEDGERS = (
    ProjectLedger(),
    IndicatorLedger(),
    PlanLedger(),
    PromotionLedger(),
    BrandLedger(),
    IterationLedger(),
    ChangeLedger(),
    CheckLedger(),
    MatterLedger(),
    LetterLedger(),
)

__all__ = ["LEDGERS", "Extract", "Ledger"]
