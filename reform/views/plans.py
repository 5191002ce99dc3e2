"""The page of one monthly plan: the manual's three parts, and from here 状态更新."""

from django.http import Http404
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.compiled_prefetch import prefetch_compiled
from accounts.compiled_queries import compiled_first, compiled_rows
from reform.calendar import today
from reform.inspections.marks import marks
from reform.lights import NOT_ISSUED, ended_plan_light, plan_light
from reform.models import BattleMap, DueItem, Extension, MonthlyPlan, PlanUpdate, SpotCheck
from workflow import rules
from workflow.states import EDITABLE, SETTLED, UNFINISHED


@require_safe
def plan(request, pk):
    """What this person may know of the plan, and for a clerk of its department the button that begins an update."""
    user = request.user
    found = compiled_first("plan to see", (), _plan, user=user, plan=pk)
    if found is None:
        raise Http404
    project = found.measure.battle_map.project
    prefetch_compiled([found], "extensions")
    prefetch_compiled([project], "partners")
    updates = compiled_rows("updates of a plan", (), _updates, user=user, plan=pk)
    current = next((update for update in updates if update.state in UNFINISHED), None)
    extensions = compiled_rows("extensions of a plan", (), _extensions, user=user, plan=pk)
    context = {
        "kind_name": "planupdate",
        "plan": found,
        "project": project,
        "current": current,
        "history": [update for update in updates if update.state in SETTLED],
        "is_editable": current is not None and current.state in EDITABLE,
        "may_create": rules.may_create(project, user),
        "obstacle": _obstacle(found, current),
        "extensions": extensions,
        "may_extend": any(extension.state in EDITABLE for extension in extensions) or not Extension.obstacle(found),
        "light": _light(found),
        "marks": marks([found.pk])[found.pk],
        "checks": compiled_rows("checks of a plan", (), _checks, user=user, plan=pk),
        "may_check": user.is_office_reviewer and SpotCheck.candidates().filter(pk=found.pk).exists(),
    }
    return render(request, "reform/plan.html", context)


def _plan(user, plan):
    known = MonthlyPlan.objects.filter(measure__battle_map__in=BattleMap.objects.visible_to(user))
    project = "measure__battle_map__dossier__project"
    base_info = (f"{project}__{name}" for name in ("department", "domain", "task_force"))
    return known.filter(pk=plan).select_related(*base_info)


def _updates(user, plan):
    return PlanUpdate.objects.visible_to(user).filter(plan=plan).select_related("dossier").order_by("-pk")


def _extensions(user, plan):
    return Extension.objects.visible_to(user).standing().filter(plan=plan).order_by("-pk")


def _checks(user, plan):
    return SpotCheck.objects.visible_to(user).filter(plan=plan)


def _light(plan):
    """None for a plan that lights nothing any more, or not yet: it has no month."""
    battle_map = plan.measure.battle_map
    if plan.cancelled_at or not plan.month:
        return None
    if not battle_map.is_open:
        return NOT_ISSUED
    if battle_map.dossier.closed_at:
        return ended_plan_light(plan, battle_map.dossier)
    [due] = compiled_rows("deadline of a plan", (), _deadline, plan=plan.pk)
    return plan_light(plan.status, battle_map.year, plan.month, due.term, today())


def _deadline(plan):
    return DueItem.objects.standing().filter(plan=plan, is_deadline=True)


def _obstacle(plan, current):
    """Why 状态更新 is not possible now, or ""."""
    obstacle = PlanUpdate.obstacle(plan)
    if not obstacle and current and current.state not in EDITABLE:
        return "本次更新已上报，审核结束后才能再次更新。"
    return obstacle
