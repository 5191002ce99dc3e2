"""驾驶舱, and the page of one leader or one department."""

from django.http import Http404
from django.shortcuts import render
from django.views.decorators.http import require_safe

from reform.cockpit.figures import Cockpit
from reform.forms.cockpit import CockpitForm


@require_safe
def cockpit(request):
    """For the office, and for the account of the wall: `wall` fills the screen; that account has no other view."""
    if not request.user.reads_cockpit:
        raise Http404
    form = CockpitForm(request.GET)
    is_wall = request.user.is_display or bool(request.GET.get("wall"))
    context = {"form": form, "cockpit": Cockpit(form), "is_wall": is_wall, "is_linked": not request.user.is_display}
    context["is_narrowed"] = bool(form.chosen)
    return render(request, "reform/cockpit/wall.html" if is_wall else "reform/cockpit/cockpit.html", context)


@require_safe
def page(request):
    """One leader's or one department's, to print on one A4."""
    if not request.user.is_office_reviewer:
        raise Http404
    form = CockpitForm(request.GET)
    if not {"leader", "department"} & form.chosen.keys():
        raise Http404
    context = {"form": form, "cockpit": Cockpit(form), "who": form.chosen.get("leader") or form.chosen["department"]}
    return render(request, "reform/cockpit/page.html", context)
