"""The list of projects, and the page that ties one together."""

from django.shortcuts import get_object_or_404, render

from reform.models import Project


def projects(request):
    return render(request, "reform/projects.html")


def project(request, pk):
    found = get_object_or_404(Project.objects.visible_to(request.user), pk=pk)
    return render(request, "reform/project.html", {"project": found})
