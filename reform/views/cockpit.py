"""驾驶舱, and the page of one leader or one department."""

from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from reform import word
from reform.bulletins.cockpit_page import CockpitPage
from reform.cockpit.figures import Cockpit
from reform.forms.cockpit import CockpitForm

from .bulletins import as_download, site


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


def _page(request):
    """One leader's or one department's."""
    if not request.user.is_office_reviewer:
        raise Http404
    form = CockpitForm(request.GET)
    if not {"leader", "department"} & form.chosen.keys():
        raise Http404
    return CockpitPage(Cockpit(form), form.chosen.get("leader") or form.chosen["department"])


@require_safe
def page(request):
    """To print on one A4."""
    found = _page(request)
    return render(request, "reform/cockpit/page.html", {"page": found, "cockpit": found.cockpit})


@require_safe
def page_word(request):
    found = _page(request)
    try:
        content = found.document(site(request))
    except word.BadTemplate as error:
        messages.error(request, f"领导一页纸模板不能使用：{error}请更换或恢复原模板。")
        return redirect(f"{reverse('reform:cockpit_page')}?{request.GET.urlencode()}")
    return as_download(request.user, content, f"{found.title}（领导一页纸）.docx")
