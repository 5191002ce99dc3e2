"""外出委托: for which days somebody acts in one's place, and in whose place one acts oneself."""

from django.contrib import messages
from django.contrib.admin.models import CHANGE
from django.db import transaction
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from accounts import clock, history
from accounts.absences import Absence
from accounts.models import Role, User
from accounts.requests import AuthenticatedRequest
from workflow.forms import AbsenceForm
from workflow.models import Message


@require_http_methods(["GET", "HEAD", "POST"])
def absences(request: AuthenticatedRequest) -> HttpResponse:
    """One's own, those in which one stands in, and one more."""
    if Role(request.user.role).duty is None:
        raise Http404
    if request.method != "POST":
        return _page(request, AbsenceForm(person=request.user))
    with transaction.atomic():
        _lock(request.user)
        form = AbsenceForm(request.POST, person=request.user)
        if form.is_valid():
            absence = form.save()
            _notify(absence, "委托您", "代办，请在此期间办理其职责范围内的事项")
            history.log(request.user, request.user, CHANGE, f"外出委托：{absence}")
    if not form.is_valid():
        return _page(request, form, status=422)
    messages.success(request, f"已登记：{absence}。")
    return redirect("workflow:absences")


@require_POST
def end(request: AuthenticatedRequest, pk: int) -> HttpResponse:
    """提前结束, or 取消 before it has begun: from now on the stand-in acts no more."""
    with transaction.atomic():
        _lock(request.user)
        absence = get_object_or_404(request.user.absences.select_related("person", "stand_in"), pk=pk)
        if absence.may_end:
            absence.ended_at = clock.now()
            absence.save()
            verb = "取消" if absence.was_cancelled else "提前结束"
            _notify(absence, f"已{verb}委托您", "代办")
            history.log(request.user, request.user, CHANGE, f"{verb}外出委托：{absence}")
    messages.success(request, f"已{'取消' if absence.was_cancelled else '结束'}：{absence}。")
    return redirect("workflow:absences")


def _lock(user: User) -> None:
    """One change of somebody's absences at a time."""
    User.objects.select_for_update().get(pk=user.pk)


def _notify(absence: Absence, verb: str, what: str) -> None:
    days = f"{absence.first_day:%Y-%m-%d}至{absence.last_day:%Y-%m-%d}"
    state = "end" if absence.ended_at else "begin"
    message = Message(
        recipient=absence.stand_in,
        key=f"absence-{absence.pk}-{state}",
        text=f"{absence.person.department}{absence.person}{verb}{days}{what}。",
        path=reverse("workflow:absences"),
    )
    Message.objects.deliver([message])


def _page(request: AuthenticatedRequest, form: AbsenceForm, status: int = 200) -> HttpResponse:
    context = {
        "form": form,
        "own": request.user.absences.select_related("stand_in__department"),
        "for_others": request.user.standing_in.select_related("person__department"),
        "day": clock.today(),
    }
    return render(request, "workflow/absences.html", context, status=status)
