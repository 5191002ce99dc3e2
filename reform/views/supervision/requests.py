"""提请协调: the button on a record's page, the list, and what the office decides."""

import django_filters
from django.contrib import messages
from django.db.models import Case, When
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.listing import UNKNOWN, containing, list_context
from reform.forms.supervision import StepForm, TakeForm
from reform.models import CoordinationRequest, RequestStatus
from reform.supervision.coordination import answer, may_decide, raise_problem, take
from workflow import rules
from workflow.models import Record
from workflow.refusals import ActionRefused, Gone

SOURCE = "source__dossier__department"


@require_POST
def raise_(request, pk):
    """提请协调 for the problem of a record."""
    record = get_object_or_404(Record.objects.visible_to(request.user), pk=pk).specific
    try:
        raised = raise_problem(pk, request.user)
    except Gone:
        raise Http404 from None
    except ActionRefused as refusal:
        if not rules.may_enter(record, request.user):
            raise Http404 from None
        messages.warning(request, str(refusal))
        return redirect("workflow:record", pk)
    messages.success(request, "已提请协调，市委改革办会列为督办事项或者答复。")
    return redirect(reverse("workflow:record", args=[raised.source_id]) + "#coordination")


class RequestFilter(django_filters.FilterSet):
    q = django_filters.CharFilter(label="项目名称、存在问题", method="search")
    status = django_filters.ChoiceFilter(
        label="状态", choices=RequestStatus.choices, empty_label="全部状态", error_messages=UNKNOWN
    )

    def search(self, found, name, value):
        return containing(found, value, "text", "source__dossier__name")


@require_safe
def requests(request):
    """Those that this person may see, what is open first."""
    if not request.user.reads_records:
        raise Http404
    found = CoordinationRequest.objects.visible_to(request.user).select_related(SOURCE, "matter")
    found = found.order_by(Case(When(status=RequestStatus.OPEN, then=0), default=1), "-raised_at", "-pk")
    chosen = RequestFilter(request.GET, found)
    return render(request, "reform/supervision/requests.html", list_context(request, chosen))


@require_http_methods(["GET", "HEAD", "POST"])
def request_page(request, pk):
    """One of them; the office takes it as a matter or answers."""
    shown = _find(request, pk)
    decides, step = may_decide(shown, request.user), request.POST.get("step", "")
    if request.method == "POST" and not (request.user.is_office_reviewer and step in ("take", "answer")):
        raise Http404
    department = shown.source.dossier.department_id
    forms = {
        "take": TakeForm(
            request.POST if step == "take" else None,
            prefix="take",
            initial={"text": shown.text, "department": department, "level": "office"},
        ),
        "answer": StepForm(request.POST if step == "answer" else None, prefix="answer"),
    }
    refusal = ""
    if step and forms[step].is_valid():
        try:
            if step == "take":
                made = take(pk, request.user, **forms[step].cleaned_data)
                messages.success(request, f"已列为督办事项：{made.name}。")
                return redirect(made)
            answer(pk, request.user, forms[step].cleaned_data["words"])
        except ActionRefused as error:
            refusal, shown, decides = str(error), _find(request, pk), False
        else:
            messages.success(request, "已答复，责任单位会收到消息。")
            return redirect(shown)
    context = {
        "raised": shown,
        "decides": decides,
        "take": forms["take"],
        "answer": forms["answer"],
        "refusal": refusal,
        "typed": request.POST.get(f"{step}-{'text' if step == 'take' else 'words'}", "") if refusal else "",
    }
    status = 409 if refusal else 422 if step else 200
    return render(request, "reform/supervision/request.html", context, status=status)


def _find(request, pk):
    visible = CoordinationRequest.objects.visible_to(request.user)
    return get_object_or_404(visible.select_related(SOURCE, "matter", "raised_by", "decided_by"), pk=pk)
