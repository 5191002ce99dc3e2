"""使用帮助."""

from django.conf import settings
from django.shortcuts import render
from django.views.decorators.http import require_safe

from reform.models import LightRule


@require_safe
def guide(request):
    """The steps of the manual in this system, with the figures that are in force."""
    context = {"mailbox": settings.INTRANET_MAILBOX, "rule": LightRule.current()}
    return render(request, "reform/help.html", context)
