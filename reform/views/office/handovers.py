"""机构调整, 并入 and 分设, and 移交工作 of a person, each with a preview of all that goes and what it means."""

from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_http_methods

from accounts import administration
from accounts.models import Department, User
from accounts.requests import AuthenticatedRequest
from accounts.views import office
from accounts.views.departments import Departments
from accounts.views.people import People
from reform.calendar import today
from reform.forms.handover import HandoverForm, MergerForm, PersonHandoverForm, SplitForm
from reform.handovers import carry_out, person
from reform.reporting.in_hand import waiting_for

from .handing import Handing, posted

permitted = office.permitted("accounts.add_department", "accounts.change_department", "accounts.change_user")


@permitted
@require_http_methods(["GET", "POST"])
def merge(request: AuthenticatedRequest, pk: int) -> HttpResponse:
    return OF_DEPARTMENTS.page(request, MergerForm(posted(request), source=_department(pk)))


@permitted
@require_http_methods(["GET", "POST"])
def split(request: AuthenticatedRequest, pk: int) -> HttpResponse:
    return OF_DEPARTMENTS.page(request, SplitForm(posted(request), source=_department(pk)))


@office.permitted("accounts.change_user")
@require_http_methods(["GET", "POST"])
def of_person(request: AuthenticatedRequest, pk: int) -> HttpResponse:
    """Of somebody who enters or reviews; others have no work of their own.

    It gives duties: see accounts.administration.
    """
    if not administration.authorises(request.user):
        raise Http404
    source = get_object_or_404(User.objects.select_related("department"), pk=pk, is_active=True)
    if not source.reads_records:
        raise Http404
    return OF_PERSON.page(request, PersonHandoverForm(posted(request), source=source))


def _department(pk):
    return get_object_or_404(Department, pk=pk, is_office=False)


def _context(form: HandoverForm):
    is_merger = isinstance(form, MergerForm)
    return Departments().page() | {
        "form": form,
        "source": form.source,
        "is_merger": is_merger,
        "title": f"{form.source}并入其他单位" if is_merger else f"{form.source}分设",
        "day": today(),
    }


def _finish(request, done):
    if request.user in done.people:  # whose sessions have ended, this one goes on
        update_session_auth_hash(request, User.objects.get(pk=request.user.pk))
    verb = "已并入" if done.closes else "已划入"
    messages.success(request, f"{done.source}{'' if done.closes else f'的 {done.counted}'}{verb}{done.target}。")
    return redirect("accounts:department", done.target.pk)


def _context_of_person(form: PersonHandoverForm):
    return People().page() | {"form": form, "source": form.source, "waiting": waiting_for(form.source)}


def _finish_person(request, done):
    messages.success(request, f"{done.source}的工作已移交给{done.target}，{done.source}的账号已停用。")
    return redirect("accounts:person", done.target.pk)


OF_DEPARTMENTS = Handing(
    "office/handover.html",
    "office/handover_preview.html",
    carry_out.carry_out,
    _context,
    _finish,
    clash="没有办理：同时有人新增了同名的单位，请核对后再试。",
)
OF_PERSON = Handing(
    "office/person_handover.html",
    "office/person_handover_preview.html",
    person.carry_out,
    _context_of_person,
    _finish_person,
    clash="没有办理：同时有人作了相同的改动，请核对后再试。",
)
