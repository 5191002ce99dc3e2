"""The pages of a handover: the choice; its preview; and with the preview's token and a tick, the deed."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db import IntegrityError
from django.http import HttpResponse
from django.shortcuts import render

from accounts.requests import AuthenticatedRequest
from workflow.refusals import ActionRefused, Busy

UNTICKED = "请核对以下内容，确认无误的，勾选后再办理。"
CHANGED = "没有办理：预览之后内容又有变化。以下是现在的内容，请核对后再确认。"


def posted(request: AuthenticatedRequest) -> Any:
    """What the form is bound to."""
    return request.POST if request.method == "POST" else None


@dataclass(frozen=True)
class Handing:
    """`form` has the `handover` that was chosen, once it is valid; `finish` answers once it is done."""

    choice_template: str
    preview_template: str
    carry_out: Callable[..., tuple[Any, bool]]
    context: Callable[[Any], dict[str, Any]]
    finish: Callable[[AuthenticatedRequest, Any], HttpResponse]
    clash: str  # where somebody else has written the same meanwhile

    def page(self, request: AuthenticatedRequest, form: Any) -> HttpResponse:
        if not form.is_bound:
            return self._choose(request, form)
        if not form.is_valid():
            return self._choose(request, form, status=422)
        if "back" in request.POST:
            return self._choose(request, form)
        token = request.POST.get("token")
        if token is None:
            return self._preview(request, form, form.handover)
        if "accepted" not in request.POST:
            return self._preview(request, form, form.handover, error=UNTICKED, status=422)
        return self._carry_out(request, form, token)

    def _carry_out(self, request, form, token):
        try:
            done, is_done = self.carry_out(form.handover, request.user, token)
        except Busy as busy:
            return self._preview(request, form, form.handover, error=f"没有办理：{busy}", status=503)
        except ActionRefused as refusal:
            form.add_error(None, str(refusal))
            return self._choose(request, form, status=409)
        except IntegrityError:
            form.add_error(None, self.clash)
            return self._choose(request, form, status=409)
        if not is_done:
            return self._preview(request, form, done, error=CHANGED, status=409)
        return self.finish(request, done)

    def _choose(self, request, form, status=200):
        return render(request, self.choice_template, self.context(form), status=status)

    def _preview(self, request, form, handover, error="", status=200):
        context = self.context(form) | {"handover": handover, "error": error}
        return render(request, self.preview_template, context, status=status)
