"""从上年作战图复制: what of an earlier map a new one starts from. Nothing is copied unseen."""

from django.http import Http404
from django.shortcuts import render
from django.views.decorators.http import require_safe

from reform.forms.carry_over import CarryOverForm

from .map_drafts import project_and_draft


@require_safe
def carry_over(request, pk, year):
    """What can be ticked; the button leads to the form of the new map, where nothing is saved yet."""
    project, draft = project_and_draft(request, pk, year)
    earlier = draft.earlier()
    if draft.pk or earlier is None:
        raise Http404
    context = {"project": project, "year": year, "earlier": earlier, "form": CarryOverForm(None, earlier=earlier)}
    context["key"] = f"{project.pk}-{year}"  # of the new map (BattleMap.draft_from_key)
    context["kind_name"] = "battlemap"
    return render(request, "reform/carry_over.html", context)
