"""工作台, the list of projects and the page of one project, by their names."""

from django.urls import reverse


def address(name, *args):
    return reverse(name if name == "home" else f"reform:{name}", args=args)
