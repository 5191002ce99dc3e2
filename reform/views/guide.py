"""使用帮助, the part of it that belongs to a page, and 入门引导."""

from urllib.parse import urlsplit

from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST, require_safe

from accounts.models import User

from . import help_topics


@require_safe
def guide(request):
    """The steps of the manual in this system, with the figures that are in force."""
    return render(request, "reform/help.html", help_topics.context() | {"layout": "base.html"})


@require_safe
def here(request):
    """What it says of the page whose path is asked for; with `panel`, for the panel beside that page."""
    asked = request.GET.get("page", "/")
    path = urlsplit(asked).path if url_has_allowed_host_and_scheme(asked, None) else "/"
    is_panel = "panel" in request.GET
    context = {"help": help_topics.of_page(path, request.user), "back": path, "folded": is_panel}
    return render(request, "reform/help/_panel.html" if is_panel else "reform/help/here.html", context)


@require_POST
def tour_seen(request):
    """It does not come again by itself in this role."""
    user = request.user
    User.objects.filter(pk=user.pk).update(tour_role=user.role)
    return redirect("home")
