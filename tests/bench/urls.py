"""The product's addresses, and what its pages are measured against: an empty page, and Django's own changelists."""

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.template import engines
from django.urls import include, path

from tests.bench.changelists import narrowed_site, site

handler500 = "accounts.views.unavailable.server_error"


def empty(request: HttpRequest) -> HttpResponse:
    """What every page has: middleware, session, person, navigation, the frame."""
    return HttpResponse(engines["django"].from_string('{% extends "base.html" %}').render({}, request))


admin.autodiscover()
urlpatterns = [
    path("bench/empty/", empty),
    path("bench/narrowed/", narrowed_site.urls),
    path("bench/", site.urls),
    path("", include("config.urls")),
]
