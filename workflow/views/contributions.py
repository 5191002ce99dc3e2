"""配合材料: asking partner departments, and what they write. The lead decides on its own edit page."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Case, When
from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from accounts.large_bodies import takes_files
from accounts.listing import PAGE_SIZE
from accounts.models import User
from accounts.requests import AuthenticatedRequest
from workflow import contributions as parts
from workflow import files, rules
from workflow.forms import AskForm, ContributionForm
from workflow.models import ContributedFile, Contribution, Record
from workflow.models.contribution import IS_OPEN
from workflow.refusals import ActionRefused, NoSuchMatter
from workflow.texts import parse_pk
from workflow.views.files import sent
from workflow.views.previews import shown


@require_http_methods(["GET", "HEAD", "POST"])
def ask(request: AuthenticatedRequest, pk: int) -> HttpResponse:
    """请配合单位提供材料, for a record that this person is writing."""
    record = get_object_or_404(Record.objects.visible_to(request.user), pk=pk).specific
    if not record.takes_contributions or not rules.is_assigned(record.dossier, request.user):
        raise Http404
    if not rules.may_edit(record, request.user):
        messages.info(request, f"这条记录现在是“{record.get_state_display()}”，不能请配合单位提供材料。")
        return redirect("workflow:record", pk)
    form = AskForm(request.POST or None, departments=parts.askable(record), usual=record.contributors())
    if not form.is_valid():
        context = {"record": record, "form": form}
        return render(request, "workflow/contribution_ask.html", context, status=422 if form.is_bound else 200)
    words = form.cleaned_data
    try:
        alone = parts.ask(record, request.user, words["departments"], words["due_on"], words["wanted"])
    except ActionRefused as refusal:
        context = {"record": record, "form": form, "refusal": refusal}
        return render(request, "workflow/contribution_ask.html", context, status=409)
    messages.success(request, f"已请{'、'.join(map(str, words['departments']))}提供配合材料。")
    for department in alone:
        messages.warning(request, f"{department}还没有录入人员，请与市委改革办联系。")
    return redirect("editing:edit", pk)


@require_safe
def contributions(request: AuthenticatedRequest) -> HttpResponse:
    """What was asked of this person's departments: what is open first, by its day."""
    if not request.user.is_department_staff:
        raise Http404
    found = Contribution.objects.visible_to(request.user).with_related()
    found = found.order_by(Case(When(IS_OPEN, then=0), default=1), Case(When(IS_OPEN, then="due_on")), "-asked_at")
    page = Paginator(found, PAGE_SIZE).get_page(request.GET.get("page"))
    return render(request, "workflow/contributions.html", {"page_obj": page})


def _may_contribute(request: AuthenticatedRequest, pk: int) -> bool:
    found = get_object_or_404(Contribution.objects.visible_to(request.user).select_related("record__dossier"), pk=pk)
    return rules.may_contribute(found, request.user)


@require_http_methods(["GET", "HEAD", "POST"])
@takes_files(_may_contribute)
def contribution(request: AuthenticatedRequest, pk: int) -> HttpResponse:
    """One of them: written by the department's clerks while it is open, read by its people."""
    found = get_object_or_404(Contribution.objects.visible_to(request.user).with_related(), pk=pk)
    if request.method != "POST":
        return _page(request, found, ContributionForm(initial={"text": found.text, "version": found.version}))
    form = ContributionForm(request.POST)
    problems = _receive(request, found)
    if not form.is_valid() or problems:
        return _page(request, found, form, problems=problems, status=422)
    give = "give" in request.POST
    try:
        parts.write(pk, request.user, form.cleaned_data["version"], form.cleaned_data["text"], give=give)
    except NoSuchMatter as error:
        raise Http404 from error
    except ActionRefused as refusal:
        latest = Contribution.objects.with_related().get(pk=pk)
        form.data = request.POST.copy()
        form.data["version"] = str(latest.version)
        return _page(request, latest, form, refusal=refusal, status=409)
    messages.success(request, "配合材料已提供。" if give else "已保存，还没有提供。")
    return redirect("workflow:contribution", pk)


def _receive(request: AuthenticatedRequest, found: Contribution) -> list[files.UploadError]:
    """The files that came with the form; returns why something was not taken."""
    problems = []
    if removed := request.POST.get("remove_file"):
        try:
            parts.remove_file(found, request.user, parse_pk(removed))
        except ActionRefused as refusal:
            problems.append(files.UploadError("", str(refusal)))
        except ContributedFile.DoesNotExist:
            pass  # a second click
    _, unkept = files.receive_onto(request, parts.shelf(found, request.user))
    return problems + unkept


def _page(
    request: AuthenticatedRequest,
    found: Contribution,
    form: ContributionForm,
    *,
    status: int = 200,
    **context: object,
) -> HttpResponse:
    record = found.record.specific
    editable = rules.may_contribute(found, request.user)
    context |= {
        "contribution": found,
        "record": record,
        "matter": f"{record.template_folder}/_matter.html",
        "form": form,
        "editable": editable,
        "why_not": "" if editable else parts.why_closed(found, request.user),
        "attachments": found.files.current(),
    }
    return render(request, "workflow/contribution.html", context | files.limits(), status=status)


@require_safe
def download(request: AuthenticatedRequest, pk: int, file_pk: int) -> HttpResponse | FileResponse:
    return sent(request, _readable(request.user, pk, file_pk))


@require_safe
def preview(request: AuthenticatedRequest, pk: int, file_pk: int) -> HttpResponse:
    """The same file, seen in place."""
    found = _readable(request.user, pk, file_pk)
    own = Contribution.objects.visible_to(request.user).filter(pk=pk).exists()
    back = (
        reverse("workflow:contribution", args=[pk])
        if own
        else reverse("workflow:record", args=[found.contribution.record_id])
    )
    return shown(request, found, download=reverse("workflow:contribution_file", args=[pk, file_pk]), back=back)


def _readable(user: User, pk: int, file_pk: int) -> ContributedFile:
    """A file of it: for its department, and once it was given for who sees how the record came about."""
    found = get_object_or_404(Contribution.objects.with_related(), pk=pk)
    if not Contribution.objects.visible_to(user).filter(pk=pk).exists():
        was_given = found.given_at is not None
        reads = Record.objects.visible_to(user).filter(pk=found.record_id).exists()
        if not was_given or not reads or not rules.may_see_history(found.record, user):
            raise Http404
    file: ContributedFile = get_object_or_404(found.files.current(), pk=file_pk)
    return file
