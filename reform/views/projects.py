"""The list of projects, and the page that ties one together."""

from django.core.paginator import Paginator
from django.db.models import Prefetch
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from accounts.models import Role
from reform.calendar import MONTHS, today
from reform.filters import ProjectFilter
from reform.formats import plain
from reform.models import BattleMap, Project
from workflow.models import Record
from workflow.views.inbox import narrowed

PAGE_SIZE = 20


@require_safe
def projects(request):
    """Every project that this person may see, with this year's map as far as they may see it."""
    year = today().year
    maps = BattleMap.objects.visible_to(request.user).filter(year=year)
    found = (
        Project.objects.visible_to(request.user)
        .select_related("department", "domain")
        .prefetch_related(Prefetch("battle_maps", maps, to_attr="maps"))
    )
    chosen = ProjectFilter(request.GET, found, user=request.user, year=year)
    context = {
        "year": year,
        "filter": chosen,
        "is_narrowed": any(request.GET.get(name) for name in chosen.filters),
        "page_obj": Paginator(chosen.qs, PAGE_SIZE).get_page(request.GET.get("page")),
    }
    return render(request, "reform/projects.html", context)


@require_safe
def project(request, pk):
    """One project: base info, the map of a year, and its records, all as far as this person may see them."""
    visible = Project.objects.visible_to(request.user).select_related("department", "domain")
    found = get_object_or_404(visible, pk=pk)
    maps = list(BattleMap.objects.visible_to(request.user).filter(project=found).order_by("-year"))
    shown = _chosen(maps, request.GET.get("year"))
    records = Record.objects.visible_to(request.user).filter(dossier=pk)
    records = records.select_related("dossier__department", "submitter").order_by("-updated_at", "-pk")
    context = {
        "project": found,
        "maps": maps,
        "map": shown,
        "reads_along": request.user.role != Role.OFFICE_REVIEWER and found.department_id not in request.user.entrusted,
    }
    if shown:
        context |= drawn(shown)
    return render(request, "reform/project.html", context | narrowed(request, records, without=("department",)))


def _chosen(maps, year):
    """The map of the year that was asked for, else of the current one, else the latest."""
    by_year = {str(found.year): found for found in maps}
    return by_year.get(year) or by_year.get(str(today().year)) or next(iter(maps), None)


def drawn(battle_map):
    """What reform/_map.html shows: indicators and measures by month."""
    indicators = battle_map.indicators.prefetch_related("targets")
    measures = battle_map.measures.with_iteration_count().prefetch_related("plans")
    now = today()
    return {
        "months": MONTHS,
        "this_month": now.month if now.year == battle_map.year else None,
        "indicators": [_indicator_lines(indicator) for indicator in indicators],
        "measures": [_measure_line(measure) for measure in measures],
    }


def _indicator_lines(indicator):
    """Targets and confirmed values by month, each with its running total."""
    targets = indicator.by_month()
    planned = [targets[month].target if month in targets else None for month in MONTHS]
    actual = [targets[month].actual if month in targets else None for month in MONTHS]
    done = sum(value for value in actual if value is not None)
    annual = indicator.annual_target
    return {
        "indicator": indicator,
        "annual": plain(annual),
        "done": plain(done) if any(value is not None for value in actual) else "",
        "share": f"{done / annual:.1%}" if annual and done else "",
        "lines": [
            ("目标值", _texts(planned)),
            ("累计目标", _texts(_running(planned))),
            ("进度值", _texts(actual)),
            ("累计进度", _texts(_running(actual))),
        ],
    }


def _texts(values):
    return list(zip(MONTHS, (plain(value) for value in values), strict=True))


def _running(values):
    """Sums up to each month; None where the month itself has no value."""
    total = 0
    sums = []
    for value in values:
        total += value or 0
        sums.append(None if value is None else total)
    return sums


def _measure_line(measure):
    """A measure with the plans of each month; plans without a month yet come as `undated`."""
    plans = [plan for plan in measure.plans.all() if plan.cancelled_at is None]
    return {
        "measure": measure,
        "months": [(month, [plan for plan in plans if plan.month == month]) for month in MONTHS],
        "undated": [plan for plan in plans if plan.month is None],
    }
