"""A map to fill in on its edit page."""

import pytest

from tests import factories


@pytest.fixture
def drawn(cast, client):
    """A map with nothing in the way of 上报; its clerk is signed in."""
    client.force_login(cast.clerk)
    return factories.battle_map(cast.project, cast.clerk)
