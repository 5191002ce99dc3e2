"""Files and notices of classified evidence: for the scripts of an edit page, and for downloads."""

import logging
from collections.abc import Callable
from functools import wraps

from django.contrib import messages
from django.http import FileResponse, Http404, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.template.defaultfilters import filesizeformat
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from accounts.audit.entries import Action
from accounts.audit.writing import write
from accounts.large_bodies import takes_files
from accounts.models import User
from accounts.pending_post import wants_json
from accounts.requests import AuthenticatedRequest
from workflow import files, rules
from workflow.forms import ClassifiedNoticeForm
from workflow.models import Attachment, ClassifiedNotice, Record
from workflow.models.evidence import StoredFile
from workflow.refusals import ActionRefused, Gone

logger = logging.getLogger(__name__)


@require_safe
def download(request: AuthenticatedRequest, pk: int) -> HttpResponse | FileResponse:
    return sent(request, readable(request.user, pk))


def readable(user: User, pk: int) -> Attachment:
    """A file of a record that this person may see; one that was removed, if it was ever submitted."""
    visible = Record.objects.visible_to(user)
    attachments = Attachment.objects.filter(record__in=visible).select_related("record__dossier")
    attachment: Attachment = get_object_or_404(attachments, pk=pk)
    was_shown = attachment.was_shown() and rules.may_see_history(attachment.record, user)
    if attachment.removed_at and not was_shown:
        raise Http404
    return attachment


def sent(request: AuthenticatedRequest, attachment: StoredFile) -> HttpResponse | FileResponse:
    """The file, for the person to keep."""
    if attachment.purged_at:
        return render(request, "workflow/file_missing.html", {"attachment": attachment}, status=410)
    try:
        content = attachment.file.open("rb")
    except OSError:
        logger.exception("%s %s cannot be read", type(attachment).__name__, attachment.pk)
        return render(request, "workflow/file_missing.html", {"attachment": attachment}, status=404)
    write(request.user, Action.DOWNLOAD, attachment, after=attachment.audit_facts())
    response = FileResponse(
        content, as_attachment=True, filename=attachment.name, content_type="application/octet-stream"
    )
    response["Content-Security-Policy"] = "sandbox; default-src 'none'"
    response["X-Content-Type-Options"] = "nosniff"
    return response


def _answering_scripts(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """To scripts, a record that is gone is said in words; to others it is the page of what is not there."""

    @wraps(view)
    def answer(request: AuthenticatedRequest, **where: int) -> HttpResponse:
        try:
            return view(request, **where)
        except Http404:
            if not wants_json(request):
                raise
            return JsonResponse({"problems": [{"name": "", "text": str(Gone())}]}, status=404)

    return answer


def _may_upload(request: AuthenticatedRequest, pk: int) -> bool:
    return rules.may_edit(_find(request, pk), request.user)


@require_POST
@_answering_scripts
@takes_files(_may_upload)
def upload(request: AuthenticatedRequest, pk: int) -> HttpResponse:
    """Keep the posted `files`; JSON for scripts, else back to the edit page."""
    record = _find(request, pk)
    saved, upload_errors = files.receive_files(request, record)
    if not wants_json(request):
        for upload_error in upload_errors:
            messages.error(request, str(upload_error))
        return redirect("editing:edit", pk)
    return JsonResponse(
        {
            "saved": [
                {
                    "id": attachment.pk,
                    "name": attachment.name,
                    "size": filesizeformat(attachment.size),
                    "url": reverse("workflow:download", args=[attachment.pk]),
                    "remove": reverse("workflow:file_remove", args=[pk, attachment.pk]),
                }
                for attachment in saved
            ],
            "problems": [upload_error._asdict() for upload_error in upload_errors],
            "notices": files.offered_notices(upload_errors),
        },
        status=422 if upload_errors and not saved else 200,
    )


@require_POST
@_answering_scripts
def remove(request: AuthenticatedRequest, pk: int, file_pk: int) -> HttpResponse:
    return _gone(request, pk, files.remove_file, file_pk)


@require_POST
@_answering_scripts
def register(request: AuthenticatedRequest, pk: int) -> HttpResponse:
    """涉密材料报送登记."""
    record = _find(request, pk)
    form = ClassifiedNoticeForm(request.POST)
    try:
        notice = files.register_notice(record, request.user, form) if form.is_valid() else None
    except ActionRefused as refusal:
        form.add_error(None, str(refusal))
        notice = None
    problems = [str(text) for texts in form.errors.values() for text in texts]
    if not wants_json(request):
        for problem in problems:
            messages.error(request, problem)
        return redirect("editing:edit", pk)
    if notice is None:
        return JsonResponse({"problems": [{"name": "", "text": text} for text in problems]}, status=422)
    remove_url = reverse("workflow:notice_remove", args=[pk, notice.pk])
    return JsonResponse(
        {
            "notice": {
                "id": notice.pk,
                "title": notice.title,
                "sent_on": notice.sent_on.isoformat(),
                "remove": remove_url,
            },
            "problems": [],
        }
    )


@require_POST
@_answering_scripts
def unregister(request: AuthenticatedRequest, pk: int, notice_pk: int) -> HttpResponse:
    return _gone(request, pk, files.remove_notice, notice_pk)


def _find(request: AuthenticatedRequest, pk: int) -> Record:
    return get_object_or_404(Record.objects.visible_to(request.user), pk=pk)


def _gone(
    request: AuthenticatedRequest, pk: int, remove_it: Callable[[Record, User, int], None], child_pk: int
) -> HttpResponse:
    """Removing twice is removing once; nothing says whether there ever was such a child."""
    record = _find(request, pk)
    problem = ""
    try:
        remove_it(record, request.user, child_pk)
    except ActionRefused as refusal:
        problem = str(refusal)
    except (Attachment.DoesNotExist, ClassifiedNotice.DoesNotExist):
        pass
    if wants_json(request):
        problems = [{"name": "", "text": problem}] if problem else []
        return JsonResponse({"problems": problems}, status=409 if problem else 200)
    if problem:
        messages.error(request, problem)
    return redirect("editing:edit", pk)
