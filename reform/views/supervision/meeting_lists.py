"""会议议定事项: a preview of a pasted list, cell by cell, and then all of it as 督办事项."""

from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_http_methods

from reform.forms.meeting_list import MeetingListForm
from reform.models import Level, Origin
from reform.supervision.meeting_lists import enter, entry_key, known
from reform.tables.matter_table import LABELS
from workflow.refusals import ActionRefused


@require_http_methods(["GET", "HEAD", "POST"])
def meeting_list(request):
    """Takes the list and shows it as it was understood; 列为督办事项 enters it when all of it is in order."""
    if not request.user.is_office_reviewer:
        raise Http404
    form = MeetingListForm(request.POST if request.method == "POST" else None)
    if not form.is_bound:
        form.initial["level"] = Level.OFFICE
    refusal = ""
    if request.POST.get("step") == "enter":
        try:
            made = enter(form, request.user)
        except ActionRefused as error:
            refusal = str(error)
        else:
            if made is not None:
                return _entered(request, form, made)
    context = {"form": form, "refusal": refusal} | (_preview(form) if form.is_bound else {})
    status = 409 if refusal else 422 if form.errors or (form.is_bound and form.understood.problems) else 200
    return render(request, "reform/supervision/meeting_list.html", context, status=status)


def _preview(form):
    """What was understood; of the matters that exist already only when the meeting is known too."""
    already = known(form) if form.is_valid() else {}
    table = form.understood
    rows = [
        {
            "cells": row.own,
            "problems": row.sentences,
            "matter": already.get(entry_key(form.source_words, row)) if already else None,
        }
        for row in table.rows
    ]
    new = sum(row["matter"] is None for row in rows)
    return {
        "labels": LABELS.values(),
        "table": table,
        "rows": rows,
        "problems": len(table.problems),
        "new": new,
        "may_enter": not form.errors and not table.problems and new,
    }


def _entered(request, form, made):
    others = len(form.understood.rows) - len(made)
    words = f"已列为督办事项 {len(made)} 项" if made else "没有新的督办事项"
    messages.success(request, words + (f"，另有 {others} 项此前已列为督办事项，没有重复登记。" if others else "。"))
    query = {"origin": Origin.MEETING, "q": form.cleaned_data["meeting"]}
    return redirect(f"{reverse('reform:matters')}?{urlencode(query)}")
