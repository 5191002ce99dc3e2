"""The frame of every page: how much it asks of the database, and that its numbers are those of the lists."""

import re

import pytest
import time_machine
from django.db import connection
from django.template import engines
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import User
from reform.models import (
    BattleMap,
    BrandUpdate,
    Extension,
    MeasureIteration,
    MonthlyPlan,
    PlanUpdate,
    PromotionUpdate,
    TargetUpdate,
)
from reform.reporting.counts import frame_counts, frame_query
from tests import factories
from tests.factories import ProjectFactory
from tests.work import work_rows
from workflow.models import Record
from workflow.states import State

pytestmark = pytest.mark.sql

# The departments of a person (for the office without any of its own: all), and one for all counts.
QUERIES = {
    "clerk": 2,
    "reviewer": 2,
    "office": 3,
    "office_elsewhere": 3,  # and whether somebody away has this person act
    "partner": 2,
    "partner_reviewer": 2,
    "stranger": 2,
    "admin": 1,
    "auditor": 1,
}


@pytest.mark.parametrize("who", QUERIES)
def test_the_frame_of_a_page_costs_a_few_queries_whatever_waits(cast, rf, who):
    for kind in (TargetUpdate, PlanUpdate, PromotionUpdate, BrandUpdate, MeasureIteration):
        cast.bring(cast.make(kind), State.SUBMITTED)
    request = rf.get("/")
    request.user = User.objects.select_related("department").get(pk=getattr(cast, who).pk)
    frame = engines["django"].from_string('{% include "partials/band.html" %}{% include "partials/nav.html" %}')
    with CaptureQueriesContext(connection) as queries:
        page = frame.render({}, request)
    assert "工作台" in page
    assert len(queries) == QUERIES[who]


def test_counts_are_those_of_the_lists(cast):
    drawn = cast.issued_map()
    cast.bring(factories.plan_update(factories.open_plan(drawn), cast.clerk), State.REJECTED)
    cast.bring(factories.target_update(drawn, cast.clerk, 7), State.RETURNED)
    cast.bring(factories.battle_map(ProjectFactory(department=cast.planning), cast.clerk), State.CONFIRMED)
    ProjectFactory(department=cast.planning)
    cast.make(BrandUpdate)
    cast.make(MeasureIteration)
    factories.extension(MonthlyPlan.objects.get(measure__battle_map=drawn, month=11), cast.clerk, 12)
    counts = frame_counts(cast.clerk)
    expected = {
        BattleMap: 1,
        TargetUpdate: 7,
        PlanUpdate: 1,
        PromotionUpdate: 0,
        BrandUpdate: 1,
        MeasureIteration: 1,
        Extension: 1,
    }
    for kind, number in expected.items():
        assert counts[kind._meta.label_lower] == number
        assert sum(item.due for item in work_rows(kind, cast.clerk)) == number
    assert frame_counts(cast.office)["to_issue"] == 1
    cast.bring(cast.make(PromotionUpdate), State.SUBMITTED)
    assert frame_counts(cast.reviewer)["awaiting"] == Record.objects.awaiting(cast.reviewer).count() == 1
    assert frame_counts(cast.reviewer)["unread"] == cast.reviewer.messages.unread().count()
    assert frame_counts(cast.admin).total() == 0


@pytest.mark.parametrize("who", QUERIES)
def test_its_query_follows_from_the_person_their_duties_and_the_day(cast, who):
    """So that its SQL may be kept: nothing else that the clock or the database says goes into it."""

    def asked(moment):
        with time_machine.travel(moment, tick=False):
            return frame_query(User.objects.get(pk=getattr(cast, who).pk)).query.sql_with_params()

    assert asked("2026-07-15T00:01+08:00") == asked("2026-07-15T23:59+08:00")


@pytest.mark.usefixtures("caching_queries")
def test_what_is_kept_of_it_ends_with_the_day_and_with_a_duty(cast):
    drawn = cast.issued_map()
    before = frame_counts(cast.clerk)
    with time_machine.travel("2026-12-31T09:00+08:00"):
        later = frame_counts(User.objects.get(pk=cast.clerk.pk))
    assert later["reform.planupdate"] > before["reform.planupdate"]
    cast.bring(factories.plan_update(drawn.measures.first().plans.get(), cast.clerk), State.SUBMITTED)
    assert frame_counts(User.objects.get(pk=cast.reviewer.pk))["awaiting"] == 1
    cast.reviewer.entrustments.all().delete()
    assert frame_counts(User.objects.get(pk=cast.reviewer.pk))["awaiting"] == 0


def test_a_page_of_writing_stands_under_its_entry_wherever_its_address_is(cast, client):
    drawn = cast.issued_map()
    next_year = (drawn.dossier_id, drawn.year + 1)
    update = factories.plan_update(factories.open_plan(drawn), cast.clerk)
    pages = {
        reverse("editing:edit", args=[update.pk]): "月度计划推进更新",
        reverse("reform:plan", args=[update.plan_id]): "月度计划推进更新",
        reverse("reform:iterations", args=[drawn.pk]): "措施迭代申请",
        reverse("reform:carry_over", args=next_year): "绘制项目作战图",
        reverse("reform:map_table", args=next_year): "绘制项目作战图",
    }
    client.force_login(cast.clerk)
    current = {page: _current(client.get(page).content.decode()) for page in pages}
    assert current == {page: [entry] for page, entry in pages.items()}


@pytest.mark.parametrize(
    ("who", "state", "entry"),
    [
        ("clerk", State.SUBMITTED, "我上报的"),
        ("reviewer", State.SUBMITTED, "待我审核"),
        ("office", State.DEPT_APPROVED, "待我审核"),
    ],
)
def test_a_record_stands_under_the_list_to_which_its_page_leads_back(cast, client, who, state, entry):
    cast.issued_map()
    record = cast.bring(factories.promotion(cast.project, cast.clerk), state)
    client.force_login(getattr(cast, who))
    assert _current(client.get(f"/records/{record.pk}/").content.decode()) == [entry]


def _current(page):
    """The entries of the navigation that are marked as where one is."""
    links = re.findall(r'<a class="nav-link"[^>]*aria-current="page">(.*?)</a>', page, re.DOTALL)
    return [re.search(r'nav-label">(.*?)<', link)[1] for link in links]
