"""The map that is being begun, for the pages that fill it in at once."""

from django.http import Http404
from django.shortcuts import get_object_or_404

from accounts.requests import AuthenticatedRequest
from reform.models import BattleMap, Project
from workflow import rules
from workflow.refusals import ActionRefused


def project_and_draft(request: AuthenticatedRequest, pk: int, year: int) -> tuple[Project, BattleMap]:
    """The project and its map of that year, unsaved if there is none, for those who may begin one; else 404."""
    project = get_object_or_404(Project.objects.visible_to(request.user).select_related("department"), pk=pk)
    if not rules.may_create(project, request.user):
        raise Http404
    try:
        return project, BattleMap.draft(project, year, request.user)
    except ActionRefused as refusal:
        raise Http404 from refusal
