"""The front door: each room's own addresses."""

from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    path("", include("reform.urls")),
    path("", include("workflow.urls")),
    path("", include("accounts.urls")),
    path("admin/", admin.site.urls),
]
