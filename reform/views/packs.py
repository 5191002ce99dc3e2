"""领导一页纸 and 上会材料 of a project, on the screen and as Word documents."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_safe

from accounts.requests import AuthenticatedRequest
from reform import word
from reform.bulletins.pack import MEETING, ONE_PAGE, Pack
from reform.models import Project, WordTemplate

from .bulletins import as_download, office_only, page_sections, site


def _find(request: AuthenticatedRequest, pk: int, kind: str) -> Pack:
    office_only(request)
    if kind not in (ONE_PAGE, MEETING):
        raise Http404
    projects = Project.objects.visible_to(request.user).select_related("department")
    return Pack(get_object_or_404(projects, pk=pk), kind, request.user)


@require_safe
def pack(request: AuthenticatedRequest, pk: int, kind: str) -> HttpResponse:
    found = _find(request, pk, kind)
    sections = page_sections([vars(section) for section in found.sections()])
    label = WordTemplate.Kind(kind).label
    return render(request, "reform/bulletins/pack.html", {"pack": found, "sections": sections, "label": label})


@require_safe
def document(request: AuthenticatedRequest, pk: int, kind: str) -> HttpResponse:
    found = _find(request, pk, kind)
    try:
        content = found.document(site(request))
    except word.BadTemplate as error:
        messages.error(request, f"{WordTemplate.Kind(kind).label}模板不能使用：{error}请更换或恢复原模板。")
        return redirect("reform:pack", pk, kind)
    return as_download(request.user, content, f"{found.title}（{WordTemplate.Kind(kind).label}）.docx")
