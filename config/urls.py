"""The front door: each room's own addresses."""

from django.contrib import admin
from django.urls import include, path, register_converter
from django.urls.converters import IntConverter

from reform.forms import FORMS
from reform.reporting.doubts import doubts
from reform.views.home import home
from workflow.editing.urls import edit_urls
from workflow.urls import record_urls


class KeyConverter(IntConverter):
    """A primary key: no more digits than a database column holds, or SQLite fails instead of finding nothing."""

    regex = "[0-9]{1,18}"


register_converter(KeyConverter, "key")

handler400 = "accounts.views.unavailable.bad_request"
handler500 = "accounts.views.unavailable.server_error"

urlpatterns = [
    path("", home, name="home"),
    path("", include(edit_urls(FORMS))),
    path("", include("reform.urls")),
    path("", include(record_urls(doubts))),
    path("", include("accounts.urls")),
    path("admin/", admin.site.urls),
]
