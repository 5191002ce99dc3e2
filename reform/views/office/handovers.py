"""机构调整: 并入 and 分设, each with a preview of all that goes and what it means."""

from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.db import IntegrityError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods

from accounts.models import Department, User
from accounts.requests import AuthenticatedRequest
from accounts.views import office
from accounts.views.departments import Departments
from reform.calendar import today
from reform.forms.handover import HandoverForm, MergerForm, SplitForm
from reform.handovers.carry_out import carry_out
from workflow.actions import ActionRefused, Busy

permitted = office.permitted("accounts.add_department", "accounts.change_department", "accounts.change_user")
UNTICKED = "请核对以下内容，确认无误的，勾选后再办理。"
CHANGED = "没有办理：预览之后内容又有变化。以下是现在的内容，请核对后再确认。"


@permitted
@require_http_methods(["GET", "POST"])
def merge(request: AuthenticatedRequest, pk: int) -> HttpResponse:
    return _page(request, pk, MergerForm)


@permitted
@require_http_methods(["GET", "POST"])
def split(request: AuthenticatedRequest, pk: int) -> HttpResponse:
    return _page(request, pk, SplitForm)


def _page(request, pk, form_class):
    """The choice; its preview; and with the preview's token and a tick, the deed."""
    source = get_object_or_404(Department, pk=pk, is_office=False)
    if request.method == "GET":
        return _choose(request, form_class(None, source=source))
    form = form_class(request.POST, source=source)
    if not form.is_valid():
        return _choose(request, form, status=422)
    if "back" in request.POST:
        return _choose(request, form)
    token = request.POST.get("token")
    if token is None:
        return _preview(request, form, form.handover)
    if "accepted" not in request.POST:
        return _preview(request, form, form.handover, error=UNTICKED, status=422)
    return _carry_out(request, form, token)


def _carry_out(request, form, token):
    try:
        done, is_done = carry_out(form.handover, request.user, token)
    except Busy as busy:
        return _preview(request, form, form.handover, error=f"没有办理：{busy}", status=503)
    except ActionRefused as refusal:
        form.add_error(None, str(refusal))
        return _choose(request, form, status=409)
    except IntegrityError:  # somebody else has founded a department of that name meanwhile
        form.add_error(None, "没有办理：同时有人新增了同名的单位，请核对后再试。")
        return _choose(request, form, status=409)
    if not is_done:
        return _preview(request, form, done, error=CHANGED, status=409)
    if request.user in done.people:  # whose sessions have ended, this one goes on
        update_session_auth_hash(request, User.objects.get(pk=request.user.pk))
    verb = "已并入" if done.closes else "已划入"
    messages.success(request, f"{done.source}{'' if done.closes else f'的 {done.counted}'}{verb}{done.target}。")
    return redirect("accounts:department", done.target.pk)


def _choose(request, form, status=200):
    return render(request, "office/handover.html", _context(form), status=status)


def _preview(request, form, handover, error="", status=200):
    context = _context(form) | {"handover": handover, "error": error}
    return render(request, "office/handover_preview.html", context, status=status)


def _context(form: HandoverForm):
    is_merger = isinstance(form, MergerForm)
    return Departments().page() | {
        "form": form,
        "source": form.source,
        "is_merger": is_merger,
        "title": f"{form.source}并入其他单位" if is_merger else f"{form.source}分设",
        "day": today(),
    }
