"""项目基础信息: the list, one project, and what has been changed in it."""

from django.contrib import messages
from django.db.models import Prefetch
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.listing import list_context
from accounts.models import Role
from accounts.views import office
from reform.calendar import today
from reform.filters import BaseInfoFilter
from reform.forms.project import ProjectForm
from reform.models import BattleMap, Project
from workflow.actions import lock_dossier

PAGE = {
    "list_title": "项目基础信息",
    "list_url": reverse_lazy("reform:base_infos"),
    "add_title": "新增项目",
}
TEMPLATE, ADDRESS = "office/base_info.html", "reform:base_info"


@office.permitted("reform.change_project")
@require_safe
def base_infos(request: HttpRequest) -> HttpResponse:
    latest_first = BattleMap.objects.order_by("-year")
    found = Project.objects.select_related("department").prefetch_related(
        Prefetch("records", latest_first, to_attr="maps")
    )
    chosen = BaseInfoFilter(request.GET, found, user=request.user, year=today().year)
    return render(request, "office/base_infos.html", PAGE | list_context(request, chosen))


@office.permitted("reform.add_project")
@require_http_methods(["GET", "POST"])
def add(request: HttpRequest) -> HttpResponse:
    return office.edit(request, ProjectForm, Project, TEMPLATE, ADDRESS, **PAGE)


@office.permitted("reform.change_project")
@require_http_methods(["GET", "POST"])
def base_info(request: HttpRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(Project.objects.select_related("department"), pk=pk)

    def load():
        if request.method == "GET":
            return found
        # While the office changes base info, nobody begins a map on what it was.
        lock_dossier(pk)
        return Project.objects.select_related("department").get(pk=pk)

    def after(form):
        if form.moved:
            messages.warning(request, form.move_sentence())

    filed = found.records.count()
    return office.edit(
        request,
        ProjectForm,
        load,
        TEMPLATE,
        ADDRESS,
        after=after,
        people=_people(found.department),
        filed=filed,
        **PAGE,
    )


def _people(department):
    """[(role, names)] of those who look after its projects."""
    roles = (Role.ENTRY, Role.DEPT_REVIEWER, Role.OFFICE_REVIEWER)
    return [(role.title, [user.full_name for user in department.people_in_charge(role)]) for role in roles]


@office.permitted("reform.delete_project")
@require_POST
def delete(request: HttpRequest, pk: int) -> HttpResponse:
    """Only one about which nothing has been filed."""
    found = get_object_or_404(Project, pk=pk)
    if found.records.exists():
        raise Http404
    return office.delete(request, found, "reform:base_infos")
