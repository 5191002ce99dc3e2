"""常用意见 of the person who looks: a page of its own, and the same for the script of the review desk."""

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from accounts.models import User
from accounts.requests import AuthenticatedRequest
from workflow.forms import OpinionForm
from workflow.models import CommonOpinion


@require_http_methods(["GET", "HEAD", "POST"])
def opinions(request: AuthenticatedRequest) -> HttpResponse:
    """One's own, and one more."""
    _reviewers_only(request)
    if request.method != "POST":
        return _answer(request, OpinionForm(person=request.user))
    with transaction.atomic():
        User.objects.select_for_update().get(pk=request.user.pk)  # two clicks keep it once, and never one too many
        form = OpinionForm(request.POST, person=request.user)
        if form.is_valid():
            form.save()
    if not form.is_valid():
        return _answer(request, form, status=422)
    return _done(request, "已存为常用意见。")


@require_POST
def remove(request: AuthenticatedRequest, pk: int) -> HttpResponse:
    _reviewers_only(request)
    get_object_or_404(request.user.common_opinions, pk=pk).delete()
    return _done(request, "已删除这条常用意见。")


def _reviewers_only(request: AuthenticatedRequest) -> None:
    if not request.user.is_reviewer:
        raise Http404


def _done(request: AuthenticatedRequest, sentence: str) -> HttpResponse:
    if request.accepts("text/html"):
        messages.success(request, sentence)
        return redirect("workflow:opinions")
    return _answer(request, OpinionForm(person=request.user), notice=sentence)


def _answer(request: AuthenticatedRequest, form: OpinionForm, *, notice: str = "", status: int = 200) -> HttpResponse:
    own = list(CommonOpinion.objects.filter(person=request.user))
    if request.accepts("text/html"):
        return render(request, "workflow/opinions.html", {"form": form, "opinions": own}, status=status)
    problems = [error for errors in form.errors.values() for error in errors] if form.is_bound else []
    kept = [{"pk": opinion.pk, "text": opinion.text} for opinion in own]
    return JsonResponse({"opinions": kept, "problems": problems, "notice": notice}, status=status)
