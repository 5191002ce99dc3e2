"""督办事项: the list, the page of one, and what the office does with it."""

import secrets

import django_filters
from django.contrib import messages
from django.db import transaction
from django.db.models import F
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.listing import UNKNOWN, CompiledPaginator, containing, list_context, offer
from accounts.models import Department
from reform.calendar import today
from reform.forms.supervision import MatterForm, StepForm
from reform.models import Origin, Project, Step, SupervisionMatter, SupervisionReport
from reform.models.supervision_matter import STANDINGS
from reform.supervision.letters import may_send, next_rung, proposed
from reform.supervision.matters import may_supervise, may_urge, notify_raised, steps_open, take_step, urge
from workflow import rules
from workflow.models import Dossier, Record
from workflow.refusals import ActionRefused
from workflow.states import UNDER_REVIEW
from workflow.texts import parse_pk
from workflow.views.inbox import filtered_records, records_of


def _departments(user):
    return Department.objects.filter(pk__in=SupervisionMatter.objects.visible_to(user).values("department"))


class MatterFilter(django_filters.FilterSet):
    q = django_filters.CharFilter(label="督办内容、来源", method="search")
    origin = django_filters.ChoiceFilter(
        label="事项来源", choices=Origin.choices, empty_label="全部来源", error_messages=UNKNOWN
    )
    department = django_filters.ModelChoiceFilter(
        label="牵头单位", queryset=Department.objects.none(), empty_label="全部单位", error_messages=UNKNOWN
    )
    progress = django_filters.ChoiceFilter(
        label="办理进展",
        choices=STANDINGS,
        empty_label="全部进展",
        error_messages=UNKNOWN,
        method="by_progress",
    )

    def __init__(self, data, queryset, *, user):
        super().__init__(data, queryset)
        offer(self, "department", _departments, user=user)

    def search(self, matters, name, value):
        return containing(matters, value, "text", "source_words", "of_project__name")

    def by_progress(self, matters, name, value):
        return matters.standing(value, today())


@require_safe
def matters(request):
    """What this person may see: what is open first, by its deadline, then what was closed last."""
    if not request.user.reads_records:
        raise Http404
    chosen = MatterFilter(request.GET, _matters(request.user), user=request.user)
    context = list_context(request, chosen, whole=CompiledPaginator("matters", _matters, request.user))
    return render(request, "reform/supervision/matters.html", context | {"may_add": request.user.is_office_reviewer})


def _matters(user):
    found = SupervisionMatter.objects.visible_to(user).with_standing().select_related("department", "of_project")
    return found.order_by(F("closed_at").desc(nulls_first=True), "due_on", "pk")


@require_safe
def matter(request, pk):
    return matter_page(request, _find(request, pk))


def matter_page(request, shown, *, form=None, chosen="", status=200, **context):
    user = request.user
    may_enter = rules.may_create(shown, user)
    context |= {
        "matter": shown,
        "steps": shown.steps.all() if not rules.reads_along(shown, user) else [],
        "forms": [
            (step, form if step == chosen and form else StepForm(prefix=step)) for step in steps_open(shown, user)
        ],
        "source": shown.source_id and Record.objects.visible_to(user).filter(pk=shown.source_id).first(),
        "letters": [] if rules.reads_along(shown, user) else shown.letters.all(),
        "next_rung": next_rung(shown) if may_send(shown, user) else None,
        "proposed": proposed(shown),
        "may_supervise": may_supervise(shown, user),
        "may_urge": may_urge(shown, user),
        "may_report": may_enter and not _under_review(shown),
        "is_under_review": may_enter and _under_review(shown),
        "reads_along": rules.reads_along(shown, user),
    }
    without = ("department", "kind")
    context |= filtered_records(request, "records of a dossier", records_of, without, dossier=shown.pk)
    return render(request, "reform/supervision/matter.html", context, status=status)


def _under_review(shown):
    return SupervisionReport.objects.filter(dossier=shown, state__in=UNDER_REVIEW).exists()


def _find(request, pk):
    facts = "department", "of_project", "plan__measure__battle_map"
    visible = SupervisionMatter.objects.visible_to(request.user).select_related(*facts)
    return get_object_or_404(visible, pk=pk)


@require_POST
def act(request, pk):
    """办结 or 退回 of the matter as the page showed it."""
    shown = _find(request, pk)
    step = request.POST.get("step", "")
    if not may_supervise(shown, request.user):
        raise Http404
    form = StepForm(request.POST, prefix=step)
    if not form.is_valid():
        return matter_page(request, shown, form=form, chosen=step, status=422)
    words, version = form.cleaned_data["words"], parse_pk(request.POST.get("version", ""))
    try:
        done = take_step(pk, step, request.user, version, words)
    except ActionRefused as refusal:
        form = StepForm(initial={"words": words}, prefix=step)
        return matter_page(
            request, _find(request, pk), form=form, chosen=step, refusal=refusal, typed=words, status=409
        )
    messages.success(request, f"督办事项“{done.name}”{'已办结' if step == Step.CLOSED else '已退回继续办理'}。")
    return redirect(done)


@require_POST
def urge_matter(request, pk):
    """催办 of one matter."""
    shown = _find(request, pk)
    if not may_supervise(shown, request.user):
        raise Http404
    try:
        notified = urge(pk, request.user)
    except ActionRefused as refusal:
        messages.warning(request, str(refusal))
    else:
        messages.success(request, f"已催办，通知 {notified} 人次。" if notified else "今天已经催办过，没有重复发送。")
    return redirect(shown)


@require_http_methods(["GET", "POST"])
def add(request):
    """One matter entered by hand; a page that is sent twice enters it once."""
    if not request.user.is_office_reviewer:
        raise Http404
    form = MatterForm(request.POST or None, initial={"key": secrets.token_hex(8)})
    if request.method == "POST" and form.is_valid():
        facts = form.cleaned_data
        key = f"{request.user.pk}-{facts.pop('key')}"[:40]
        with transaction.atomic():
            Department.objects.select_for_update().get(pk=facts["department"].pk)  # one at a time
            made = SupervisionMatter.objects.filter(entry_key=key).first()
            if made is None:
                made = SupervisionMatter.objects.raise_matter(request.user, entry_key=key, **facts)
                notify_raised(made)
        messages.success(request, f"已列为督办事项：{made.name}。")
        return redirect(made)
    return render(request, "reform/supervision/add.html", {"form": form}, status=422 if form.is_bound else 200)


@require_safe
def dossier(request, pk):
    """On to the page of whatever this is the dossier of."""
    get_object_or_404(Dossier.objects.visible_to(request.user), pk=pk)
    found = Project.objects.filter(pk=pk).first() or SupervisionMatter.objects.filter(pk=pk).first()
    if found is None:
        raise Http404
    return redirect(found)
