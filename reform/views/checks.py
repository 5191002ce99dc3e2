"""督察核查: the office draws samples, picks plans and writes down what it found; departments read their findings."""

import django_filters
from django.contrib import messages
from django.db.models import Count, F, Prefetch, Q
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.addresses import client_address
from accounts.large_bodies import takes_files
from accounts.listing import UNKNOWN, containing, list_context
from reform.calendar import today
from reform.forms.spot_check import FindingForm, SampleForm
from reform.inspections import checks as steps
from reform.models import Finding, MonthlyPlan, SampleDraw, SpotCheck, SpotCheckFile
from workflow import files
from workflow.refusals import ActionRefused, NoSuchMatter
from workflow.texts import parse_pk
from workflow.views.files import sent

OPEN = "open"
PROJECT = "plan__measure__battle_map__dossier"
LISTED = ("update__dossier__department", "draw")


class CheckFilter(django_filters.FilterSet):
    q = django_filters.CharFilter(label="项目、计划", method="search")
    finding = django_filters.ChoiceFilter(
        label="核查结论",
        choices=[(OPEN, "待核查"), *Finding.choices],
        empty_label="全部",
        error_messages=UNKNOWN,
        method="by_finding",
    )
    draw = django_filters.ModelChoiceFilter(
        label="核查抽样", queryset=SampleDraw.objects.all(), empty_label="全部", error_messages=UNKNOWN
    )

    class Meta:
        model = SpotCheck
        fields: list[str] = []

    def search(self, checks, name, value):
        return containing(checks, value, f"{PROJECT}__name", "plan__content", "plan__measure__content")

    def by_finding(self, checks, name, value):
        return checks.open() if value == OPEN else checks.found().filter(finding=value)


def _office_only(request):
    if not request.user.is_office_reviewer:
        raise Http404


@require_safe
def checks(request):
    """What is still to be checked first, then what was found, the latest first."""
    _office_only(request)
    found = SpotCheck.objects.select_related(*LISTED).order_by(F("found_at").desc(nulls_first=True), "-opened_at", "pk")
    counts = SpotCheck.objects.aggregate(
        open=Count("pk", filter=Q(found_at=None)),
        **{value: Count("pk", filter=Q(found_at__isnull=False, finding=value)) for value in Finding.values},
    )
    totals = [
        ("待核查", OPEN, counts["open"]),
        *((finding.label, finding.value, counts[finding]) for finding in Finding),
    ]
    context = {"totals": totals, "draws": SampleDraw.objects.select_related("drawn_by")[:5]}
    return render(request, "reform/checks/list.html", context | list_context(request, CheckFilter(request.GET, found)))


@require_http_methods(["GET", "HEAD", "POST"])
def sample(request):
    """抽取样本. What a draw would take is not shown before it is drawn and written down."""
    _office_only(request)
    form = SampleForm(request.POST or None, initial={"size": 10, "seed": today().strftime("%Y%m%d")})
    if request.method == "POST" and form.is_valid():
        try:
            drawn = steps.draw(request.user, form)
        except ActionRefused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, f"已抽取 {drawn.size} 项，规则和种子已记录。")
            return redirect("reform:draw", drawn.pk)
    return render(request, "reform/checks/sample.html", {"form": form}, status=422 if form.is_bound else 200)


@require_safe
def draw(request, pk):
    """One sample: its rule, its seed, and the plans that it took."""
    _office_only(request)
    found = get_object_or_404(SampleDraw.objects.select_related("drawn_by"), pk=pk)
    return render(
        request,
        "reform/checks/draw.html",
        {"draw": found, "checks": found.checks.select_related(*LISTED).order_by("pk")},
    )


@require_POST
def pick(request, pk):
    """指定核查, from the page of the plan."""
    _office_only(request)
    get_object_or_404(SpotCheck._meta.get_field("plan").related_model, pk=pk)
    try:
        check = steps.pick(pk, request.user)
    except ActionRefused as refusal:
        messages.error(request, str(refusal))
        return redirect("reform:plan", pk)
    return redirect("reform:check", check.pk)


def _may_write(request, pk):
    get_object_or_404(SpotCheck.objects.visible_to(request.user), pk=pk)
    return request.user.is_office_reviewer


@require_http_methods(["GET", "HEAD", "POST"])
@takes_files(_may_write)
def check(request, pk):
    """One plan that is checked: written by the office while it is open, then read, by its department too."""
    found = get_object_or_404(_with_all(SpotCheck.objects.visible_to(request.user)), pk=pk)
    if request.method != "POST":
        initial = {name: getattr(found, name) for name in ("version", "way", "checked_on", "finding", "text")}
        return _page(request, found, FindingForm(initial=initial))
    _office_only(request)
    conclude = "conclude" in request.POST
    form = FindingForm(request.POST, conclude=conclude)
    problems = _receive(request, found)
    if not form.is_valid() or problems:
        return _page(request, found, form, problems=problems, status=422)
    try:
        found = steps.write(pk, request.user, form.cleaned_data, conclude=conclude, address=client_address(request))
    except NoSuchMatter as error:
        raise Http404 from error
    except ActionRefused as refusal:
        latest = _with_all(SpotCheck.objects.all()).get(pk=pk)
        form.data = request.POST.copy()
        form.data["version"] = str(latest.version)
        return _page(request, latest, form, refusal=refusal, status=409)
    if not conclude:
        messages.success(request, "已保存，还没有记录结论。")
    elif found.reopened:
        messages.success(request, "核查结论已记录。计划已重新列入责任单位待办。")
    else:
        messages.success(request, "核查结论已记录。")
    return redirect("reform:check", pk)


def _with_all(checks):
    """All that a page of one shows; in one query, the database would take longer to plan the joins than to read."""
    plan = Prefetch("plan", MonthlyPlan.objects.select_related("measure__battle_map"))
    return checks.select_related(*LISTED, "found_by").prefetch_related(plan)


def _receive(request, found):
    """The files that came with the form; returns why something was not taken."""
    problems = []
    if removed := request.POST.get("remove_file"):
        try:
            steps.remove_file(found, request.user, parse_pk(removed))
        except ActionRefused as refusal:
            problems.append(files.UploadError("", str(refusal)))
        except SpotCheckFile.DoesNotExist:
            pass  # a second click
    _, unkept = files.receive_onto(request, steps.shelf(found, request.user))
    return problems + unkept


def _page(request, found, form, *, status=200, **context):
    context |= {
        "check": found,
        "form": form,
        "editable": found.is_open and request.user.is_office_reviewer,
        "attachments": found.files.current(),
    }
    return render(request, "reform/checks/check.html", context | files.limits(), status=status)


@require_safe
def download(request, pk, file_pk):
    """A file of it, for whoever reads the check."""
    found = get_object_or_404(SpotCheck.objects.visible_to(request.user), pk=pk)
    return sent(request, get_object_or_404(found.files.current(), pk=file_pk))
