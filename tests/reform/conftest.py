"""The ledgers as somebody reads them, and something to read in each."""

import pytest
from django.urls import reverse

from reform.models import BattleMap, PlanStatus
from tests import factories
from tests.cast import stage
from tests.factories import ProjectFactory
from tests.reform.month_end_pages import issue, on_day
from workflow.models import Message
from workflow.states import State


@pytest.fixture
def visit(client, cast):
    """visit("office", "plans", year=2026): that person's answer to the ledger's page."""

    def get(who, name, **query):
        client.force_login(getattr(cast, who))
        return client.get(reverse("reform:ledger", args=[name]), query)

    return get


@pytest.fixture
def table(visit):
    """The rows that the page shows, each {label: text}."""

    def rows(who, name, **query):
        return [
            {column.label: text for column, text in cells} for _, cells in visit(who, name, **query).context["lines"]
        ]

    return rows


@pytest.fixture
def full(cast):
    """One thing confirmed in every ledger, and one of each under review."""
    cast.bring(factories.target_update(cast.issued_map(), cast.clerk, 1), State.CONFIRMED)
    measures = list(cast.issued_map().measures.all())
    cast.bring(factories.plan_update(measures[0].plans.get(), cast.clerk), State.CONFIRMED)
    cast.bring(factories.plan_update(measures[1].plans.get(), cast.clerk, PlanStatus.NOT_STARTED), State.SUBMITTED)
    for state in (State.CONFIRMED, State.SUBMITTED):
        cast.bring(factories.promotion(cast.project, cast.clerk), state)
        cast.bring(factories.brand(cast.project, cast.clerk), state)
    cast.bring(factories.iteration(measures[2], cast.clerk), State.CONFIRMED)
    cast.bring(factories.new_measure(cast.issued_map(), cast.clerk), State.DEPT_APPROVED)
    factories.letter(cast)
    return cast


@pytest.fixture
def office(client, cast):
    """The cast, with the office signed in."""
    client.force_login(cast.office)
    return cast


@pytest.fixture
def admin(client, cast):
    """The cast, with the system administrator signed in."""
    client.force_login(cast.admin)
    return cast


@pytest.fixture
def on():
    """on("2026-11-23"): the morning of that day."""
    return on_day


@pytest.fixture
def november(cast):
    """Two issued maps of 市发展改革委, each with a plan in November; what was said of them is forgotten."""

    def play():
        with on_day("2026-01-05"):
            issue(cast, cast.project)
            issue(cast, ProjectFactory(name="营商环境改革", department=cast.planning))
        Message.objects.all().delete()

    stage("november", play)
    return list(BattleMap.objects.order_by("pk"))


@pytest.fixture
def press(client, cast):
    """press(department=…): 催办, and what the office then sees."""

    def post(**posted):
        client.force_login(cast.office)
        return client.post(reverse("reform:urge"), posted, follow=True)

    return post
