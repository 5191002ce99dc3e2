"""措施迭代申请 of one map: 新增举措, and 更新迭代 with a line for each measure."""

from collections import defaultdict
from dataclasses import dataclass

from django.http import Http404
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.compiled_prefetch import prefetch_compiled
from accounts.compiled_queries import compiled_first, compiled_rows
from reform.maps.picture import measures_of
from reform.models import BattleMap, Measure, MeasureIteration
from workflow import rules
from workflow.states import EDITABLE, UNFINISHED, State


@dataclass(frozen=True)
class Line:
    """A measure, the unfinished application to edit it, if there is one, and the confirmed ones, newest first."""

    measure: Measure
    application: MeasureIteration | None
    confirmed: list[MeasureIteration]

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
    battle_map = compiled_first("map to change", (), _map, user=user, battle_map=pk)
    if battle_map is None:
        raise Http404
    applications = compiled_rows("iterations of a map", (), _applications, user=user, battle_map=pk)
    unfinished = {
        application.measure_id: application
        for application in applications
        if not application.is_new and application.state in UNFINISHED
    }
    confirmed = defaultdict(list)
    for application in applications:
        if not application.is_new and application.state == State.CONFIRMED:
            confirmed[application.measure_id].append(application)
    measures = compiled_rows("measures", (), measures_of, battle_map=pk)
    prefetch_compiled(measures, "plans")
    context = {
        "kind_name": "measureiteration",
        "battle_map": battle_map,
        "project": battle_map.project,
        "lines": [Line(measure, unfinished.get(measure.pk), confirmed[measure.pk]) for measure in measures],
        "additions": [application for application in applications if application.is_new],
        "may_create": rules.may_create(battle_map.project, user),
    }
    return render(request, "reform/iterations.html", context)


def _map(user, battle_map):
    maps = BattleMap.objects.visible_to(user).filter(pk=battle_map)
    return maps.select_related("dossier__project__department")


def _applications(user, battle_map):
    return MeasureIteration.objects.visible_to(user).filter(battle_map=battle_map).order_by("-pk")
