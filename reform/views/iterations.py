"""措施迭代申请 of one map: 新增举措, and 更新迭代 with a line for each measure."""

from dataclasses import dataclass

from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from reform.models import BattleMap, Measure, MeasureIteration
from workflow import rules
from workflow.states import EDITABLE, UNFINISHED


@dataclass(frozen=True)
class Line:
    """A measure and the unfinished application to edit it, if there is one."""

    measure: Measure
    application: MeasureIteration | None

    @property
    def key(self):
        """What the page of 编辑举措 is called (MeasureIteration.draft_from_key)."""
        return f"{self.measure.battle_map_id}-{self.measure.pk}"

    @property
    def plans(self):
        return [plan for plan in self.measure.plans.all() if plan.cancelled_at is None]

    @property
    def is_under_review(self):
        return self.application is not None and self.application.state not in EDITABLE


@require_safe
def iterations(request, pk):
    user = request.user
    maps = BattleMap.objects.visible_to(user).select_related("dossier__project__department")
    battle_map = get_object_or_404(maps, pk=pk)
    applications = MeasureIteration.objects.visible_to(user).filter(battle_map=battle_map).order_by("-pk")
    unfinished = {
        application.measure_id: application
        for application in applications
        if not application.is_new and application.state in UNFINISHED
    }
    measures = battle_map.measures.with_iteration_count().prefetch_related("plans")
    context = {
        "battle_map": battle_map,
        "project": battle_map.project,
        "lines": [Line(measure, unfinished.get(measure.pk)) for measure in measures],
        "additions": [application for application in applications if application.is_new],
        "may_create": rules.may_create(battle_map.project, user),
    }
    return render(request, "reform/iterations.html", context)
