"""减负表: what each kind asks, what the system brought, how long it took, why it came back; from the records alone."""

from io import BytesIO

import pytest
from django.urls import reverse
from openpyxl import load_workbook

from reform.models import PlanUpdate, TargetUpdate
from reform.reporting.burden import WHOLE_YEAR, burdens
from tests import factories
from tests.reform.month_end_pages import on_day
from workflow.states import State

QUERIES = 9


def of(kind, month=WHOLE_YEAR):
    return next(found for found in burdens(2026, [kind]) if found.month == month)


@pytest.fixture
def reported(cast):
    """A target update that took 30 minutes and came back, one that took 60, and two updates of a plan."""
    drawn = cast.issued_map()
    for month, since, until in ((1, "09:00", "09:30"), (2, "10:00", "11:00")):
        with on_day("2026-08-03", since):
            update = factories.target_update(drawn, cast.clerk, month)
        with on_day("2026-08-03", until):
            cast.bring(update, State.REJECTED if month == 1 else State.SUBMITTED)
    plan = drawn.measures.first().plans.get()
    with on_day("2026-08-04"):
        cast.bring(factories.plan_update(plan, cast.clerk), State.CONFIRMED)
    with on_day("2026-09-04"):
        cast.bring(factories.plan_update(plan, cast.clerk), State.SUBMITTED)
    return cast


def test_what_was_asked_brought_and_returned_is_counted(reported):
    found = of(TargetUpdate)
    assert (found.submitted, found.asked_each, found.given_each) == (2, 4.0, 12.0)
    assert (found.reason_words, found.minutes) == ("数据有误 1", 45.0)
    assert [of(PlanUpdate, month).given for month in (WHOLE_YEAR, 8, 9)] == [3, 0, 3]
    assert of(PlanUpdate).asked_each == 4.0


def test_a_second_submission_is_no_second_record(reported):
    update = TargetUpdate.objects.get(month=1)
    with on_day("2026-09-01"):
        reported.act(update, "clerk", "submit")
    assert [(found.month, found.submitted) for found in burdens(2026, [TargetUpdate])] == [(WHOLE_YEAR, 2), (8, 2)]


def test_the_office_reads_it_and_takes_it_away(client, reported):
    client.force_login(reported.office)
    text = client.get(reverse("reform:burden"), {"kind": "targetupdate"}).content.decode()
    assert "数据有误 1" in text
    assert "月度计划推进更新" in client.get(reverse("reform:burden"), {"year": "1066"}).content.decode()
    assert client.get(reverse("reform:burden")).status_code == 200
    assert reported.clerk.full_name not in text
    answer = client.post(f"{reverse('reform:burden_export')}?kind=targetupdate")
    rows = list(load_workbook(BytesIO(b"".join(answer.streaming_content))).active.values)
    assert rows[3][:3] == ("量化目标推进更新", "全年", 2)


@pytest.mark.parametrize("who", ["clerk", "reviewer", "admin", "auditor"])
def test_others_find_nothing(client, cast, who):
    client.force_login(getattr(cast, who))
    assert client.get(reverse("reform:burden")).status_code == 404
    assert client.post(reverse("reform:burden_export")).status_code == 404


def test_queries_do_not_grow_with_the_records(reported, django_assert_num_queries):
    with django_assert_num_queries(QUERIES):
        burdens(2026)
    for month in (3, 4, 5):
        reported.bring(factories.target_update(reported.issued_map(), reported.clerk, month), State.REJECTED)
    with django_assert_num_queries(QUERIES):
        burdens(2026)
