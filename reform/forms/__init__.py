"""The form of each kind of record."""

from reform.models import (
    BattleMap,
    BrandUpdate,
    Closure,
    Extension,
    MeasureIteration,
    PlanUpdate,
    PromotionUpdate,
    SupervisionReport,
    TargetAdjustment,
    TargetUpdate,
)
from workflow.editing.forms import RecordForm
from workflow.models import Record

from .battle_map import BattleMapForm
from .brand import BrandUpdateForm
from .closure import ClosureForm
from .extension import ExtensionForm
from .iteration import MeasureIterationForm
from .plan_update import PlanUpdateForm
from .promotion import PromotionUpdateForm
from .supervision_report import SupervisionReportForm
from .target_adjustment import TargetAdjustmentForm
from .target_update import TargetUpdateForm

FORMS: dict[type[Record], type[RecordForm]] = {
    BattleMap: BattleMapForm,
    TargetUpdate: TargetUpdateForm,
    PlanUpdate: PlanUpdateForm,
    PromotionUpdate: PromotionUpdateForm,
    BrandUpdate: BrandUpdateForm,
    MeasureIteration: MeasureIterationForm,
    TargetAdjustment: TargetAdjustmentForm,
    Extension: ExtensionForm,
    Closure: ClosureForm,
    SupervisionReport: SupervisionReportForm,
}
