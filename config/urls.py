"""The front door: each room's own addresses."""

from django.contrib import admin
from django.urls import include, path, register_converter
from django.urls.converters import IntConverter


class KeyConverter(IntConverter):
    """A primary key: no more digits than a database column holds, or SQLite fails instead of finding nothing."""

    regex = "[0-9]{1,18}"


register_converter(KeyConverter, "key")

urlpatterns = [
    path("", include("reform.urls")),
    path("", include("workflow.urls")),
    path("", include("accounts.urls")),
    path("admin/", admin.site.urls),
]
