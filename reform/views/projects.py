"""The list of projects, and the page that ties one together."""

from django.core.paginator import Paginator
from django.db.models import Prefetch
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from accounts import clock
from accounts.listing import PAGE_SIZE
from reform.calendar import today
from reform.cockpit.forecasting import Course, forecasts_of
from reform.cockpit.situation import situation
from reform.filters import ProjectFilter
from reform.lights import lights_for
from reform.maps.picture import Picture
from reform.models import BattleMap, Project
from workflow import rules
from workflow.views.inbox import filtered_records, records_of


@require_safe
def projects(request):
    """Every project that this person may see, with this year's map as far as they may see it."""
    year = today().year
    maps = BattleMap.objects.visible_to(request.user).of_kind().standing().filter(year=year)
    found = (
        Project.objects.visible_to(request.user)
        .select_related("department", "domain")
        .prefetch_related(Prefetch("records", maps, to_attr="maps"))
    )
    chosen = ProjectFilter(request.GET, found, user=request.user, year=year)
    by_risk = request.GET.get("sort") == "risk"
    context = {
        "year": year,
        "filter": chosen,
        "is_narrowed": any(request.GET.get(name) for name in chosen.filters),
        "by_risk": by_risk,
        "page_obj": _lit_page(chosen.qs, request.GET.get("page"), by_risk=by_risk),
        "now": clock.now(),
    }
    return render(request, "reform/projects.html", context)


def _lit_page(projects, number, *, by_risk):
    """A page of projects, each with its `light`; by risk, the most urgent come first."""
    if by_risk:
        keys = sorted(projects.values_list("pk", flat=True), key=situation().risk)
        page = Paginator(keys, PAGE_SIZE).get_page(number)
        found = projects.in_bulk(page.object_list)
        page.object_list = [found[pk] for pk in page.object_list if pk in found]
    else:
        page = Paginator(projects, PAGE_SIZE).get_page(number)
        page.object_list = list(page.object_list)
    lights = lights_for(page.object_list, today())
    for project in page.object_list:
        project.light = lights[project.pk]
    return page


@require_safe
def project(request, pk):
    """One project: base info, the map of a year, and its records, all as far as this person may see them."""
    visible = Project.objects.visible_to(request.user).select_related("department", "domain", "task_force")
    found = get_object_or_404(visible, pk=pk)
    maps = list(
        BattleMap.objects.visible_to(request.user)
        .of_kind()
        .standing()
        .filter(dossier=found)
        .order_by("-year")
        .select_related("dossier")
    )
    shown = _chosen(maps, request.GET.get("year"))
    context = {
        "project": found,
        "maps": maps,
        "map": shown,
        "picture": shown and _picture(shown),
        "reads_along": rules.reads_along(found, request.user),
    }
    context |= filtered_records(request, "records of a dossier", records_of, ("department",), dossier=pk)
    return render(request, "reform/project.html", context)


def _picture(shown):
    """With what each indicator will be at the year's end, while the year lasts."""
    picture = Picture(shown)
    if shown.is_open and shown.year == today().year:
        drawn = [card.indicator for card in picture.cards if not card.indicator.is_qualitative]
        found = forecasts_of([Course.of(each, shown.year, shown.dossier_id) for each in drawn], shown.year)
        for card in picture.cards:
            card.indicator.forecast = found.get(card.indicator.pk)
    return picture


def _chosen(maps, year):
    """The map of the year that was asked for, else of the current one, else the latest."""
    by_year = {str(found.year): found for found in maps}
    return by_year.get(year) or by_year.get(str(today().year)) or next(iter(maps), None)
