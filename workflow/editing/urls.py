"""The address of the edit page."""

from collections.abc import Mapping

from django.urls import path

from workflow.models import Record

from .forms import RecordForm
from .views import EditView


def edit_urls(forms: Mapping[type[Record], type[RecordForm]]) -> tuple[list, str]:
    """For `include`: the edit page with the form of each kind of record."""
    return [path("records/<key:pk>/edit/", EditView.as_view(forms=forms), name="edit")], "editing"
