"""A draft with evidence to be kept on it."""

import pytest
from django.urls import reverse

from tests.factories import promotion


@pytest.fixture
def draft(cast):
    cast.issued_map()
    return promotion(cast.project, cast.clerk)


@pytest.fixture
def address(draft):
    return reverse("workflow:upload", args=[draft.pk])
