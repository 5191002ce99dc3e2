"""The list of projects, and the page that ties one together."""

from django.core.paginator import Paginator
from django.http import Http404
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts import clock
from accounts.compiled_prefetch import prefetch_compiled
from accounts.compiled_queries import compiled_first, compiled_rows
from accounts.listing import CompiledPaginator, list_context
from reform.calendar import today
from reform.cockpit.forecasting import Course, forecasts_of
from reform.cockpit.situation import situation
from reform.filters import ProjectFilter, maps_of
from reform.lights import lights_for
from reform.maps.picture import Picture
from reform.models import BattleMap, Project
from workflow import rules
from workflow.views.inbox import filtered_records, records_of


@require_safe
def projects(request):
    """Every project that this person may see, with this year's map as far as they may see it."""
    year, user = today().year, request.user
    chosen = ProjectFilter(request.GET, _listed(user), user=user, year=year)
    by_risk = request.GET.get("sort") == "risk"
    whole = None if by_risk else CompiledPaginator("projects", _in_hand, user)
    context = list_context(request, chosen, ByRiskPaginator if by_risk else Paginator, whole=whole)
    page = context["page_obj"]
    page.object_list = list(page.object_list)
    _add_lights_and_maps(page.object_list, user, year)
    context |= {"year": year, "by_risk": by_risk, "now": clock.now()}
    if not page.object_list and not context["is_narrowed"]:
        context["has_ended"] = Project.objects.visible_to(user).exists()
    return render(request, "reform/projects.html", context)


def _listed(user):
    return Project.objects.visible_to(user).select_related("department", "domain")


def _in_hand(user):
    """What the list shows before it is narrowed: see ProjectFilter."""
    return _listed(user).filter(closed_at=None)


class ByRiskPaginator(Paginator):
    """The most urgent come first."""

    def __init__(self, projects, per_page):
        super().__init__(sorted(projects.values_list("pk", flat=True), key=situation().risk), per_page)
        self.projects = projects

    def page(self, number):
        page = super().page(number)
        found = self.projects.in_bulk(page.object_list)
        page.object_list = [found[pk] for pk in page.object_list if pk in found]
        return page


def _add_lights_and_maps(projects, user, year):
    """Give each project its `light`, and as `maps` that of the year."""

    def drawn(person, projects):
        return maps_of(person, year).filter(dossier__in=projects)

    lights, found = lights_for(projects, today()), {project.pk: project for project in projects}
    for project in projects:
        project.light, project.maps = lights[project.pk], []
    for battle_map in compiled_rows("maps of projects", year, drawn, user=user, projects=found):
        battle_map.dossier = found[battle_map.dossier_id]
        battle_map.dossier.maps.append(battle_map)


@require_safe
def project(request, pk):
    """One project: base info, the map of a year, and its records, all as far as this person may see them."""
    found = compiled_first("project", (), _project, user=request.user, project=pk)
    if found is None:
        raise Http404
    prefetch_compiled([found], "partners")
    maps = compiled_rows("maps of a project", (), _maps, user=request.user, project=pk)
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


def _project(user, project):
    return Project.objects.visible_to(user).filter(pk=project).select_related("department", "domain", "task_force")


def _maps(user, project):
    maps = BattleMap.objects.visible_to(user).of_kind().standing().filter(dossier=project)
    return maps.order_by("-year").select_related("dossier")


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
