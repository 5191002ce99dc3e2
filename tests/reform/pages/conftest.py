"""工作台, the list of projects and the page of one project, as somebody asks for them."""

import pytest

from tests.reform.pages.addresses import address


@pytest.fixture
def visit(client, cast):
    """visit("clerk", "home"): the answer to that person's GET."""

    def get(who, name, *args, **query):
        client.force_login(getattr(cast, who))
        return client.get(address(name, *args), query)

    return get
