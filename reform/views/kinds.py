"""The page behind each entry of the navigation: what can be begun, and the records of that kind."""

from django.core.paginator import Paginator
from django.http import Http404
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from accounts.listing import PAGE_SIZE
from reform.models import BattleMap
from reform.navigation import KINDS
from reform.reporting.counts import counts_of
from reform.reporting.work_items import work_items
from workflow.models import Record
from workflow.views.inbox import filtered_records

from .map_imports import may_import_maps


@require_safe
def kind(request, name):
    """What this person can begin of the kind `name`, and below it the records of that kind they may see."""
    model, label = _kind_or_404(request, name)
    of_kind = Record.objects.filter(kind=model._meta.label_lower)

    def records(user):
        found = of_kind.visible_to(user).select_related("dossier__department", "submitter")
        return found.order_by("-updated_at", "-pk")

    context = {
        "model": model._meta,
        "label": label,
        "name": name,
        "create_label": model.create_label,
        "filled_by": "责任单位录入人员填报后，会列在这里。",
    }
    if model is BattleMap and may_import_maps(request.user):
        context["import_url"] = reverse("reform:map_import")
    if request.user.is_clerk:
        context |= _work_items(request, model)
    context |= filtered_records(request, f"records of {name}", records, ("kind",), parts=of_kind.parts_visible_to)
    return render(request, "reform/kind.html", context)


def _work_items(request, model):
    wanted = request.GET.get("project", "").strip()[:50]
    found = work_items(model, request.user, wanted)
    page = Paginator(found, PAGE_SIZE).get_page(request.GET.get("work_items"))
    return {
        "may_create": True,
        "due": counts_of(request)[model._meta.label_lower],
        "has_work_items": bool(wanted or page.paginator.count),
        "work_items": page,
        "wanted": wanted,
        "no_work_items": found.empty,
        "waits_for_issue": found.waits_for_issue,
        "filled_by": f"{'从上面“可以填报的事项”中选择一项填报，' if page.object_list else ''}填报后会列在这里。",
    }


def _kind_or_404(request, name):
    """The model of that name and what the navigation calls it, for those whose navigation has it."""
    for model, label, _ in KINDS:
        if model._meta.model_name == name and request.user.reads_records:
            return model, label
    raise Http404
