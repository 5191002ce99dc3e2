"""The page behind each entry of the navigation: what can be begun, and the records of that kind."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.db import transaction
from django.http import Http404
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from accounts.models import Role
from workflow.actions import Refused
from workflow.models import Record
from workflow.views.inbox import narrowed


def kind(request, name):
    """What this person can begin of the kind `name`, and below it the records of that kind they may see."""
    model = _kind_or_404(name)
    openings = model.openings(request.user) if request.user.role == Role.ENTRY else []
    wanted = request.GET.get("project", "").strip()[:50]
    if wanted:
        openings = [opening for opening in openings if wanted in opening.project.name]
    records = Record.objects.visible_to(request.user).filter(kind=model._meta.label_lower)
    records = records.select_related("dossier__department", "submitter").order_by("-updated_at", "-pk")
    context = {
        "model": model._meta,
        "begin_label": model.begin_label,
        "name": name,
        "openings": Paginator(openings, 20).get_page(request.GET.get("openings")),
        "wanted": wanted,
        "may_begin": request.user.role == Role.ENTRY,
    }
    return render(request, "reform/kind.html", context | narrowed(request, records, without=("kind",)))


@require_POST
def begin(request, name):
    """Begin a record and go to its form; the unfinished one, if there is one already."""
    model = _kind_or_404(name)
    try:
        with transaction.atomic():
            record = model.begin(request.POST.get("key", ""), request.user)
    except Refused as refusal:
        messages.error(request, str(refusal))
        return redirect("reform:kind", name)
    return redirect("reform:edit", record.pk)


def _kind_or_404(name):
    for model in Record.kinds():
        if model._meta.model_name == name:
            return model
    raise Http404
