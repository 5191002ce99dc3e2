"""Pages and answers for what cannot be saved: nothing that was typed is lost."""

import re

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render

from accounts.pending_post import wants_json
from workflow import refusals
from workflow.editing.rows import MOST_ROWS_IN_ALL

NEVER_TYPED = ("version", "token", "csrfmiddlewaretoken")


def not_saved(request: HttpRequest, refusal: refusals.ActionRefused, status: int) -> HttpResponse:
    """It cannot be saved, or not now: what was typed can still be copied."""
    if wants_json(request):
        advice = "" if isinstance(refusal, refusals.Busy) else "内容没有保存，请复制后另行填报。"
        return JsonResponse({"message": f"{refusal}{advice}"}, status=status)
    typed = [
        value
        for name, values in request.POST.lists()
        for value in values
        if value.strip() and not name.endswith(("_FORMS", "-id")) and name not in NEVER_TYPED
    ]
    # Choices go by names of ours, which say nothing to people.
    words = [value for value in typed if not re.fullmatch(r"[a-z_]+", value)]
    return render(request, "workflow/gone.html", {"sentence": refusal, "typed": words}, status=status)


def too_many_rows(request: HttpRequest, rows: int) -> HttpResponse:
    sentence = f"一张表单合计最多 {MOST_ROWS_IN_ALL} 行，提交的有 {rows} 行，没有保存。请返回上一页减少后再保存。"
    if wants_json(request):
        return JsonResponse({"message": sentence}, status=422)
    return refused(request, "内容过多", sentence, status=422)


def refused(
    request: HttpRequest, heading: str, sentence: str | refusals.ActionRefused, *, status: int = 409
) -> HttpResponse:
    return render(request, "workflow/refused.html", {"heading": heading, "sentence": sentence}, status=status)
