"""问题库: what confirmed updates and reports say stands in the way, and what became of it. Listed, never scored."""

from functools import partial

import django_filters
from django.db.models import Case, Exists, OuterRef, Q, Subquery, Value, When
from django.http import Http404
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.listing import UNKNOWN, CompiledPaginator, is_asked, list_context, offer
from accounts.models import Department
from reform.calendar import Period, month_start, period_choices, today
from reform.models import CoordinationRequest, Difficulty, Domain, RequestStatus, SupervisionMatter
from reform.search.words import Contains, containing
from workflow.models import Dossier

UNSOLVED, RAISED, ANSWERED, UNDER_WAY, CLOSED = "unsolved", "raised", "answered", "under_way", "closed"
STATES = {UNSOLVED: "未解决", RAISED: "已提请", ANSWERED: "已答复", UNDER_WAY: "办理中", CLOSED: "已办结"}
TINTS = {UNSOLVED: "red", RAISED: "amber", ANSWERED: "green", UNDER_WAY: "blue", CLOSED: "green"}
OF_MATTER = "dossier__supervisionmatter__of_project"


def problems_of(user):
    """Each with where it stands, as far as this person sees it.

    A partner is not told what was raised: only the matters that are theirs to see.
    """
    return Difficulty.objects.visible_to(user).annotate(
        standing=Case(*(When(holds, then=Value(state)) for state, holds in _standings(user).items())),
        matter=Subquery(_matters(user).order_by("-pk").values("pk")[:1]),
    )


def _matters(user):
    return SupervisionMatter.objects.visible_to(user).of_problem(OuterRef("pk"))


def _standings(user):
    """{state: when a problem is in it}; each is in one."""
    is_open, is_matter = Exists(_matters(user).filter(closed_at=None)), Exists(_matters(user))
    requests = CoordinationRequest.objects.visible_to(user).filter(source=OuterRef("pk"))
    raised, answered = (
        Exists(requests.filter(status=status)) for status in (RequestStatus.OPEN, RequestStatus.ANSWERED)
    )
    return {
        UNDER_WAY: Q(is_open),
        CLOSED: Q(is_matter) & ~Q(is_open),
        RAISED: Q(raised) & ~Q(is_matter),
        ANSWERED: Q(answered) & ~Q(is_matter),
        UNSOLVED: ~Q(raised) & ~Q(answered) & ~Q(is_matter),
    }


class ProblemFilter(django_filters.FilterSet):
    q = django_filters.CharFilter(label="存在问题、项目名称", method="search")
    department = django_filters.ModelChoiceFilter(
        label="责任单位",
        field_name="dossier__department",
        queryset=Department.objects.none(),
        empty_label="全部单位",
        error_messages=UNKNOWN,
    )
    domain = django_filters.ModelChoiceFilter(
        label="改革领域",
        queryset=Domain.objects.all(),
        empty_label="全部领域",
        error_messages=UNKNOWN,
        method="by_domain",
    )
    period = django_filters.ChoiceFilter(
        label="上报时间", empty_label="全部时间", error_messages=UNKNOWN, method="by_period"
    )
    state = django_filters.ChoiceFilter(
        label="状态",
        choices=list(STATES.items()),
        empty_label="全部状态",
        error_messages=UNKNOWN,
        method="by_state",
    )

    def __init__(self, data, queryset, *, user):
        self.user = user
        if not is_asked(ProblemFilter, data):
            data = {"period": _this_year().key}
        super().__init__(data, queryset)
        years = range(today().year, today().year - 5, -1)
        self.filters["period"].extra["choices"] = period_choices(years, today())
        offer(self, "department", partial(Department.objects.filter, is_office=False))
        offer(self, "domain", Domain.objects.all)

    def search(self, found, name, value):
        for word in value.split():
            named = containing(Dossier.objects.all(), [word], ["name"])
            found = found.filter(Q(Contains("text", word)) | Q(dossier__in=named.values("pk")))
        return found

    def by_domain(self, found, name, value):
        return found.filter(Q(dossier__project__domain=value) | Q(**{f"{OF_MATTER}__domain": value}))

    def by_state(self, found, name, value):
        """By its condition, for which the database finds an order; it would work out `standing` of every record."""
        return found.filter(_standings(self.user)[value])

    def by_period(self, found, name, value):
        return _submitted_in(found, Period.parse(value))


def _this_year():
    """What is shown until something is asked for."""
    return Period(today().year, 1, 12)


def _submitted_in(found, period):
    until = month_start(period.year + period.last // 12, period.last % 12 + 1)
    return found.filter(submitted_at__gte=month_start(period.year, period.first), submitted_at__lt=until)


def _listed(user):
    return problems_of(user).select_related("record", "dossier__department").order_by("-submitted_at", "-pk")


@require_safe
def problems(request):
    """The newest first, those of this year until something else is asked for."""
    if not request.user.reads_records:
        raise Http404
    year = _this_year()
    whole = CompiledPaginator(f"problems of {year.key}", lambda user: _submitted_in(_listed(user), year), request.user)
    asked = is_asked(ProblemFilter, request.GET)
    found = _listed(request.user) if asked else Difficulty.objects.none()
    chosen = ProblemFilter(request.GET, found, user=request.user)
    context = list_context(request, chosen, whole=None if asked else whole)
    for problem in context["page_obj"]:
        problem.standing_words, problem.standing_tint = STATES[problem.standing], TINTS[problem.standing]
    return render(request, "reform/supervision/problems.html", context)
