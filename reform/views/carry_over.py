"""从上年作战图复制: what of an earlier map a new one starts from. Nothing is copied unseen."""

from django.http import Http404
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from reform.forms.carry_over import CarryOverForm
from reform.models import BattleMap, Project
from workflow import rules
from workflow.actions import ActionRefused


@require_safe
def carry_over(request, pk, year):
    """What can be ticked; the button leads to the form of the new map, where nothing is saved yet."""
    project = get_object_or_404(Project.objects.visible_to(request.user).select_related("department"), pk=pk)
    if not rules.may_create(project, request.user):
        raise Http404
    try:
        draft = BattleMap.draft(project, year, request.user)
    except ActionRefused as refusal:
        raise Http404 from refusal
    earlier = draft.earlier()
    if draft.pk or earlier is None:
        raise Http404
    context = {"project": project, "year": year, "earlier": earlier, "form": CarryOverForm(None, earlier=earlier)}
    context["key"] = f"{project.pk}-{year}"  # of the new map (BattleMap.draft_from_key)
    return render(request, "reform/carry_over.html", context)
