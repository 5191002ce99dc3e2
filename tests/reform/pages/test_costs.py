"""What 工作台, the list of projects and the page of one project cost."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from reform.models import TargetUpdate
from reform.models.due_schedule import write_map
from tests import factories
from tests.factories import ProjectFactory
from tests.reform.pages.addresses import address
from workflow.states import State

pytestmark = pytest.mark.sql


def fill(cast, number):
    """That many issued projects, each with records in many states."""
    for count in range(number):
        project = ProjectFactory(name=f"第{count}个项目", department=cast.planning, partners=[cast.science])
        drawn = cast.bring(factories.battle_map(project, cast.clerk), State.ISSUED)
        cast.bring(factories.target_update(drawn, cast.clerk, 1), State.CONFIRMED)
        cast.bring(factories.target_update(drawn, cast.clerk, 2), State.REJECTED)
        cast.bring(factories.target_update(drawn, cast.clerk, 3), State.SUBMITTED)
        cast.bring(factories.plan_update(factories.open_plan(drawn), cast.clerk), State.DEPT_APPROVED)
        factories.promotion(project, cast.clerk)
        waiting = ProjectFactory(name=f"待下发{count}", department=cast.planning)
        cast.bring(factories.battle_map(waiting, cast.clerk), State.CONFIRMED)


QUERIES = {
    ("clerk", "home"): 10,
    ("reviewer", "home"): 18,
    ("office", "home"): 15,
    ("partner", "home"): 4,
    ("clerk", "projects"): 13,
    ("office", "projects"): 13,
    ("partner", "projects"): 13,
}


def questions(client, name, *args):
    """How many queries the page takes, and how many of them are its own: not session, navigation and messages."""
    taken = []
    for url in (address(name, *args), reverse("reform:ledgers")):
        with CaptureQueriesContext(connection) as queries:
            client.get(url)
        taken.append(len(queries))
    return taken[0], taken[0] - taken[1]


@pytest.mark.parametrize("whose", QUERIES, ids=" ".join)
def test_pages_ask_the_same_few_questions_of_one_and_of_three(cast, visit, whose):
    who, name = whose
    fill(cast, 1)
    client = visit(who, "help").client
    first = questions(client, name)
    assert first[1] == QUERIES[whose]
    fill(cast, 2)
    assert questions(client, name) == first


def test_the_page_asks_the_same_few_questions_of_a_small_and_of_a_large_map(cast, visit):
    def grow(rows):
        for _ in range(rows):
            measure = drawn.measures.create(position=9, content="又一条")
            measure.plans.create(month=3, type="pilot", content="试点")
            write_map(drawn)
            factories.add_indicator(drawn, f"指标{drawn.indicators.count()}")
            month = TargetUpdate.objects.count() + 1
            cast.bring(factories.target_update(drawn, cast.clerk, month), State.CONFIRMED)

    drawn = cast.issued_map()
    grow(1)
    client = visit("clerk", "help").client
    first = questions(client, "project", cast.project.pk)
    assert first[1] == 19
    grow(2)
    assert questions(client, "project", cast.project.pk) == first
