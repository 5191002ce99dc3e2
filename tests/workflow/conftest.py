"""A draft with evidence to be kept on it, what people see on lists, and what they see and do on a record's page."""

import pytest
from django.urls import reverse

from tests import factories
from tests.factories import promotion
from tests.workflow.record_pages import address as page_of
from workflow.states import State


@pytest.fixture
def draft(cast):
    cast.issued_map()
    return promotion(cast.project, cast.clerk)


@pytest.fixture
def address(draft):
    return reverse("workflow:upload", args=[draft.pk])


@pytest.fixture
def written(cast):
    """An update of a plan with something to say in every field."""
    update = factories.plan_update(factories.open_plan(cast.issued_map()), cast.clerk)
    update.work_done = "1. 召开启动会；\n2. 印发方案。"
    update.difficulties = "<b>缺少数据</b>"
    update.save()
    return update


@pytest.fixture
def submitted(cast, written):
    return cast.bring(written, State.SUBMITTED)


@pytest.fixture
def look(client, cast):
    """look("reviewer", record): the text of the page that this person sees."""

    def get(who, record):
        client.force_login(getattr(cast, who))
        return client.get(page_of(record)).content.decode()

    return get


@pytest.fixture
def visit(client, cast):
    """visit("office", "inbox", kind=…): the answer to that person's GET."""

    def get(who, name, **query):
        client.force_login(getattr(cast, who))
        return client.get(reverse(f"workflow:{name}"), query)

    return get


@pytest.fixture
def decide(client, cast):
    """decide("reviewer", record, "approve", …): the answer to that person's POST."""

    def post(who, record, action, **fields):
        client.force_login(getattr(cast, who))
        return client.post(page_of(record, "act"), {"action": action, "version": record.version} | fields)

    return post
