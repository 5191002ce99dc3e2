"""清除涉密文件, by 安全管理员: a search by name, what would go with its backups, and the second step that does it."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from accounts import administration
from accounts.addresses import administers_here
from accounts.requests import AuthenticatedRequest
from workflow import purging, secrecy
from workflow.forms import PlainText
from workflow.refusals import ActionRefused


class PurgeForm(forms.Form):
    """Why, and whether the name goes too."""

    reason = PlainText(
        label="清除理由",
        max_length=300,
        widget=forms.Textarea({"rows": 3}),
        help_text="写明何人何时发现、依据什么，不写涉密内容。",
        error_messages={"required": "请填写清除理由。", "max_length": "清除理由不超过 %(limit_value)d 字。"},
    )
    hide_name = forms.BooleanField(label="文件名也涉密，一并隐去", required=False)


@require_safe
def purges(request: AuthenticatedRequest) -> HttpResponse:
    """The search."""
    _check(request)
    words = " ".join(request.GET.get("q", "").split())[:100]
    found = purging.search(words) if len(words) > 1 else []
    return render(request, "workflow/purges.html", {"words": words, "found": found})


def purge(request: AuthenticatedRequest, kind: str, pk: int) -> HttpResponse:
    """First the reason, then all that goes, then it goes."""
    _check(request)
    stored = purging.of_kind(kind, pk)
    if stored is None:
        raise Http404
    form = PurgeForm(request.POST or None, initial={"hide_name": secrecy.is_marked(stored.name)})
    context: dict[str, Any] = {"stored": stored, "form": form, "backups": purging.backups_with(stored)}
    if stored.purged_at is None:
        context["rows"] = purging.with_same_content(stored)
        if request.method == "POST" and form.is_valid():
            if "confirmed" not in request.POST:
                return render(request, "workflow/purge.html", context | {"is_second": True})
            try:
                rows = purging.purge(stored, request.user, **form.cleaned_data)
            except ActionRefused as refusal:
                form.add_error(None, str(refusal))
            else:
                messages.success(request, f"已清除，共 {len(rows)} 处。请按下面的清单处理备份。")
                return redirect(request.path)
    return render(request, "workflow/purge.html", context, status=422 if form.errors else 200)


def _check(request: AuthenticatedRequest) -> None:
    if not administration.authorises(request.user) or not administers_here(request):
        raise Http404
