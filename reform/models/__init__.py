from reform.calendar.models import CalendarDay, CalendarYear

from .battle_map import BattleMap
from .brand import BrandUpdate
from .bulletin import Bulletin, BulletinFile, BulletinSeries, Series, WordTemplate
from .closure import Closure, ClosureWay
from .coordination_request import CoordinationRequest, RequestStatus
from .difficulty import Difficulty
from .due_item import DueItem
from .extension import Extension
from .forecast_quality import ForecastQuality
from .hint_answer import HintAnswer
from .indicator import Indicator, MonthlyTarget
from .iteration import MeasureIteration, PlanChange
from .ledger_export import LedgerExport
from .light_rule import LightRule
from .measure import Measure, MonthlyPlan, PlanStatus, PlanType
from .month_light import MonthLight
from .pending_import import PendingImport
from .plan_update import PlanUpdate
from .project import Domain, Mandate, Project, Stage, TaskForce
from .promotion import PromotionUpdate
from .revisions import (
    DomainRevision,
    IndicatorRevision,
    MeasurePartnerSpan,
    MeasureRevision,
    PartnerSpan,
    PlanRevision,
    ProjectRevision,
    TargetRevision,
    TaskForceRevision,
)
from .spot_check import CheckWay, Finding, SampleDraw, SpotCheck, SpotCheckFile
from .supervision_letter import LetterSeries, Rung, SupervisionLetter
from .supervision_matter import Level, MatterStep, Origin, Outcome, Progress, Step, SupervisionMatter
from .supervision_report import SupervisionReport
from .target_adjustment import AdjustedTarget, TargetAdjustment
from .target_update import TargetUpdate, TargetValue

__all__ = [
    "AdjustedTarget",
    "BattleMap",
    "BrandUpdate",
    "Bulletin",
    "BulletinFile",
    "BulletinSeries",
    "CalendarDay",
    "CalendarYear",
    "CheckWay",
    "Closure",
    "ClosureWay",
    "CoordinationRequest",
    "Difficulty",
    "Domain",
    "DomainRevision",
    "DueItem",
    "Extension",
    "Finding",
    "ForecastQuality",
    "HintAnswer",
    "Indicator",
    "IndicatorRevision",
    "LedgerExport",
    "LetterSeries",
    "Level",
    "LightRule",
    "Mandate",
    "MatterStep",
    "Measure",
    "MeasureIteration",
    "MeasurePartnerSpan",
    "MeasureRevision",
    "MonthLight",
    "MonthlyPlan",
    "MonthlyTarget",
    "Origin",
    "Outcome",
    "PartnerSpan",
    "PendingImport",
    "PlanChange",
    "PlanRevision",
    "PlanStatus",
    "PlanType",
    "PlanUpdate",
    "Progress",
    "Project",
    "ProjectRevision",
    "PromotionUpdate",
    "RequestStatus",
    "Rung",
    "SampleDraw",
    "Series",
    "SpotCheck",
    "SpotCheckFile",
    "Stage",
    "Step",
    "SupervisionLetter",
    "SupervisionMatter",
    "SupervisionReport",
    "TargetAdjustment",
    "TargetRevision",
    "TargetUpdate",
    "TargetValue",
    "TaskForce",
    "TaskForceRevision",
    "WordTemplate",
]
