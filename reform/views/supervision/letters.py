"""督办函: writing one about a matter, the register of all, and each as a Word document."""

import io

import django_filters
from django.contrib import messages
from django.http import FileResponse, Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from accounts.audit import writing
from accounts.audit.entries import Action
from accounts.listing import UNKNOWN, containing, list_context
from reform import word
from reform.forms.supervision import LetterForm
from reform.models import Rung, SupervisionLetter, SupervisionMatter
from reform.supervision.letters import REQUIREMENTS, document, may_send, next_rung, send
from workflow.refusals import ActionRefused
from workflow.texts import parse_pk


class LetterFilter(django_filters.FilterSet):
    q = django_filters.CharFilter(label="督办内容、主送单位", method="search")
    rung = django_filters.ChoiceFilter(
        label="督办方式", choices=Rung.choices, empty_label="全部方式", error_messages=UNKNOWN
    )

    def search(self, letters, name, value):
        return containing(letters, value, "text", "department_name", "origin")


@require_safe
def letters(request):
    """发文登记: the latest first."""
    if not request.user.reads_records:
        raise Http404
    chosen = LetterFilter(request.GET, SupervisionLetter.objects.visible_to(request.user).select_related("matter"))
    return render(request, "reform/supervision/letters.html", list_context(request, chosen))


@require_safe
def letter(request, pk):
    """One letter, as a Word document."""
    found = get_object_or_404(SupervisionLetter.objects.visible_to(request.user), pk=pk)
    name = f"{found.title}_{found.document_number}.docx"
    content = io.BytesIO(document(found))
    writing.write(request.user, Action.DOWNLOAD, found, after={"文件": name})
    return FileResponse(content, as_attachment=True, filename=name, content_type=word.CONTENT_TYPE)


@require_http_methods(["GET", "POST"])
def write(request, pk):
    """The next letter about a matter: nothing is sent until this person sends it."""
    visible = SupervisionMatter.objects.visible_to(request.user).select_related("department")
    matter = get_object_or_404(visible.prefetch_related("letters"), pk=pk)
    if not request.user.is_office_reviewer:
        raise Http404
    refusal, status, rung = "", 200, next_rung(matter)
    form = LetterForm(request.POST or None, initial={"requirement": REQUIREMENTS.get(rung, "")} | _of(request.user))
    if request.method == "POST":
        status = 422
        if form.is_valid():
            version, asked = (parse_pk(request.POST.get(name, "")) for name in ("version", "rung"))
            try:
                sent = send(pk, request.user, version, rung=asked, **form.cleaned_data)
            except ActionRefused as refused:
                refusal, status = str(refused), 409
            else:
                messages.success(request, f"已发出{sent.title}：{sent.document_number}。")
                return redirect(matter)
    context = {
        "matter": matter,
        "form": form,
        "rung": rung,
        "refusal": refusal,
        "may_send": may_send(matter, request.user),
    }
    return render(request, "reform/supervision/write.html", context, status=status)


def _of(user):
    return {"contact": user.full_name, "phone": user.phone}
