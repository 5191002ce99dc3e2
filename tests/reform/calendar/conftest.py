"""Of those who keep the calendar, `office` is the browser."""

import pytest


@pytest.fixture
def office(client, cast):
    client.force_login(cast.office)
    return client
