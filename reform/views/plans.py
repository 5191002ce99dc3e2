"""The page of one monthly plan: the manual's three parts, and from here 状态更新."""

from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from reform.calendar import today
from reform.inspections.marks import marks
from reform.lights import NOT_ISSUED, ended_plan_light, plan_light
from reform.models import BattleMap, Extension, MonthlyPlan, PlanUpdate, SpotCheck
from workflow import rules
from workflow.states import EDITABLE


@require_safe
def plan(request, pk):
    """What this person may know of the plan, and for a clerk of its department the button that begins an update."""
    user = request.user
    known = MonthlyPlan.objects.filter(measure__battle_map__in=BattleMap.objects.visible_to(user))
    battle_map = "measure__battle_map__dossier__project"
    base_info = (f"{battle_map}__{name}" for name in ("department", "domain", "task_force"))
    found = get_object_or_404(known.select_related(*base_info), pk=pk)
    project = found.measure.battle_map.project
    updates = PlanUpdate.objects.visible_to(user).filter(plan=found).order_by("-pk")
    current = updates.unfinished().first()
    extensions = Extension.objects.visible_to(user).standing().filter(plan=found).order_by("-pk")
    context = {
        "plan": found,
        "project": project,
        "current": current,
        "history": updates.settled().select_related("dossier"),
        "is_editable": current is not None and current.state in EDITABLE,
        "may_create": rules.may_create(project, user),
        "obstacle": _obstacle(found, current),
        "extensions": extensions,
        "may_extend": any(extension.state in EDITABLE for extension in extensions) or not Extension.obstacle(found),
        "light": _light(found),
        "marks": marks([found.pk])[found.pk],
        "checks": SpotCheck.objects.visible_to(user).filter(plan=found),
        "may_check": user.is_office_reviewer and SpotCheck.candidates().filter(pk=found.pk).exists(),
    }
    return render(request, "reform/plan.html", context)


def _light(plan):
    """None for a plan that lights nothing any more, or not yet: it has no month."""
    battle_map = plan.measure.battle_map
    if plan.cancelled_at or not plan.month:
        return None
    if not battle_map.is_open:
        return NOT_ISSUED
    if battle_map.dossier.closed_at:
        return ended_plan_light(plan, battle_map.dossier)
    due = plan.due_items.standing().get(is_deadline=True)
    return plan_light(plan.status, battle_map.year, plan.month, due.term, today())


def _obstacle(plan, current):
    """Why 状态更新 is not possible now, or ""."""
    obstacle = PlanUpdate.obstacle(plan)
    if not obstacle and current and current.state not in EDITABLE:
        return "本次更新已上报，审核结束后才能再次更新。"
    return obstacle
