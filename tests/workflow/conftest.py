import copy

import pytest


@pytest.fixture
def without_navigation(settings):
    """Pages by themselves: what the navigation costs is counted where the navigation is tested."""
    templates = copy.deepcopy(settings.TEMPLATES)
    templates[0]["OPTIONS"]["context_processors"].remove("reform.navigation.navigation")
    settings.TEMPLATES = templates
