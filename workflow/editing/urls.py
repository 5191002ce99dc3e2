"""The addresses of the edit page."""

from collections.abc import Mapping

from django.urls import path

from workflow.models import Record

from .forms import RecordForm
from .views import EditView


def edit_urls(forms: Mapping[type[Record], type[RecordForm]]) -> tuple[list, str]:
    """For `include`: the edit page with the form of each kind, for a record and for what is not begun yet."""
    view = EditView.as_view(forms=forms)
    return [
        path("records/<key:pk>/edit/", view, name="edit"),
        path("kinds/<slug:name>/new/<str:key>/", view, name="new"),
    ], "editing"
