"""Journeys in the machine's own Chromium, at two sizes, where every complaint of the browser fails the journey.

def test_something(page): page.goto("/")                 # 1440 × 900
@on_a_phone                                              # 390 × 844, from tests.browser
def test_something(page): …
new_context().new_page()                                 # a second person
"""

import os

import pytest
from django.db import connections
from playwright.sync_api import expect

from scripts import chromium
from tests.cast import enter

expect.set_options(timeout=15_000)  # ms: a busy machine may take longer than the usual 5 seconds for a page


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args):
    program = chromium.find()
    if program is None:
        pytest.skip("no Chromium on this machine")
    return {**browser_type_launch_args, "executable_path": program, "args": chromium.arguments()}


@pytest.fixture(scope="session")
def own_connection(django_db_setup):
    return connections["default"]


@pytest.fixture(scope="session")
def playwright(own_connection, playwright):
    # From now on its event loop runs in this thread, so Django takes everything here for async code:
    # it would refuse every query, and would open a second connection that knows nothing of the tests' database.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
    connections["default"] = own_connection
    return playwright


@pytest.fixture(scope="session")
def base_url(live_server):
    return live_server.url


@pytest.fixture(scope="session")
def browser_context_args(browser_context_args):
    return {
        **browser_context_args,
        "viewport": {"width": 1440, "height": 900},
        "locale": "zh-CN",
        "timezone_id": "Asia/Shanghai",
    }


@pytest.fixture
def cast(transactional_db):
    """The people, at the real time of the browser."""
    return enter()


@pytest.fixture
def complaints():
    """What browsers complained of: script errors, refusals of the content policy, missing files, answers of 500."""
    found = []
    yield found
    assert not found


@pytest.fixture
def new_context(new_context, complaints):
    def on_console(message):
        # Answers have their own check below: a page that says 404 or 409 is part of some journeys.
        if message.type == "error" and "Failed to load resource" not in message.text:
            complaints.append(message.text)

    def on_response(response):
        asset = response.request.resource_type not in ("document", "fetch", "xhr")
        if response.status >= 500 or (asset and response.status >= 400):
            complaints.append(f"{response.status} {response.url}")

    def create(**options):
        context = new_context(**options)
        context.on("console", on_console)
        context.on("weberror", lambda error: complaints.append(str(error.error)))
        context.on("response", on_response)
        return context

    return create
