"""From one record of the inbox to the next, in its order and as it was narrowed."""

import datetime as dt
import re

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone

from tests import factories
from tests.workflow.record_pages import address, now
from workflow.models import Record
from workflow.states import State

pytestmark = pytest.mark.sql

# --- Through the inbox ----------------------------------------------------------------------------------


@pytest.fixture
def five(cast):
    """Five promotions before the reviewer, two of them of the same moment."""
    cast.issued_map()
    made = []
    for hours in (5, 4, 3, 2, 1):
        with time_machine.travel(timezone.now() - dt.timedelta(hours=hours)):
            made.append(cast.bring(factories.promotion(cast.project, cast.clerk), State.SUBMITTED))
    Record.objects.filter(pk=made[2].pk).update(submitted_at=made[1].submitted_at)
    return [now(record) for record in made]


def steps(page):
    """(第 n 件，共 m 件, address of 上一件, of 下一件)."""
    found = dict(re.findall(r'rel="(prev|next)" href="([^"]+)"', page))
    return re.search(r"第 \d+ 件，共 \d+ 件", page).group(), found.get("prev"), found.get("next")


def test_previous_and_next_walk_the_inbox_in_its_order(look, five):
    links = [None, *map(address, five), None]
    for number, record in enumerate(five, 1):
        expected = (f"第 {number} 件，共 5 件", links[number - 1], links[number + 1])
        assert steps(look("reviewer", record)) == expected


def test_submit_and_next_leads_on_and_from_the_last_to_what_is_left(decide, cast, five):
    def after(record):
        return decide("reviewer", record, "", action_next="approve").url

    assert after(five[1]) == address(five[2])
    assert after(five[4]) == address(five[0])
    assert after(five[0]) == address(five[2])
    assert after(five[2]) == address(five[3])
    assert after(five[3]) == reverse("workflow:inbox")


def test_the_only_one_has_no_next(look, submitted):
    page = look("reviewer", submitted)
    assert steps(page) == ("第 1 件，共 1 件", None, None)
    assert "看下一件" not in page


def test_no_prev_next_without_pending_decisions(look, five):
    assert "件，共" not in look("clerk", five[0])


# --- Through a narrowed inbox ---------------------------------------------------------------------------


@pytest.fixture
def mixed(cast):
    """Before the reviewer, oldest first: a promotion, a brand update, a promotion, a brand update, a promotion."""
    cast.issued_map()
    made = []
    for hours, draft in zip(range(5, 0, -1), [factories.promotion, factories.brand] * 3, strict=False):
        with time_machine.travel(timezone.now() - dt.timedelta(hours=hours)):
            made.append(cast.bring(draft(cast.project, cast.clerk), State.SUBMITTED))
    return [now(record) for record in made]


PROMOTIONS = "?kind=reform.promotionupdate"


def test_a_narrowed_inbox_stays_narrowed_from_the_list_to_the_last_record(client, cast, mixed):
    first, _, second, _, third = mixed
    client.force_login(cast.reviewer)
    links = [address(record) + PROMOTIONS for record in (first, second, third)]
    rows = client.get(reverse("workflow:inbox") + PROMOTIONS).content.decode()
    assert re.findall(r'class="row-link" href="([^"]+)"', rows) == links
    assert [steps(client.get(link).content.decode()) for link in links] == [
        ("第 1 件，共 3 件", None, links[1]),
        ("第 2 件，共 3 件", links[0], links[2]),
        ("第 3 件，共 3 件", links[1], None),
    ]
    page = client.get(links[0]).content.decode()
    assert f'<a href="{reverse("workflow:inbox")}{PROMOTIONS}">待我审核（已筛选）</a>' in page
    assert page.count(f'action="{address(first, "act")}{PROMOTIONS}"') == 2  # 通过, 驳回


def test_deciding_and_going_on_stays_within_the_narrowed_inbox(client, cast, mixed):
    first, brand, second, _, third = mixed
    client.force_login(cast.reviewer)

    def after(record, button):
        form = {button: "approve", "version": record.version}
        return client.post(address(record, "act") + PROMOTIONS, form).url

    assert after(second, "action_next") == address(third) + PROMOTIONS
    assert after(third, "action_next") == address(first) + PROMOTIONS
    assert after(first, "action") == address(first) + PROMOTIONS
    assert steps(client.get(address(brand)).content.decode())[0] == "第 1 件，共 2 件"


def test_the_last_of_a_narrowed_inbox_leads_back_to_it(client, cast, mixed):
    client.force_login(cast.reviewer)
    form = {"action_next": "approve", "version": mixed[1].version}
    answer = client.post(address(mixed[1], "act") + "?q=没有这样的", form)
    assert answer.url == reverse("workflow:inbox") + "?q=%E6%B2%A1%E6%9C%89%E8%BF%99%E6%A0%B7%E7%9A%84"


def test_words_stay_while_a_decision_is_mended(client, cast, mixed):
    client.force_login(cast.reviewer)
    form = {"action_next": "reject", "version": mixed[2].version}
    answer = client.post(address(mixed[2], "act") + PROMOTIONS, form)
    assert answer.status_code == 422
    assert steps(answer.content.decode())[0] == "第 2 件，共 3 件"


@pytest.mark.parametrize(
    "query",
    [
        {"kind": "reform.secret"},
        {"department": "x"},
        {"next": "https://example.org/"},
        {"q": "没有这样的"},
        {"kind": "reform.battlemap"},
    ],
)
def test_a_query_that_means_nothing_here_does_not_travel(client, cast, mixed, query):
    client.force_login(cast.reviewer)
    page = client.get(address(mixed[0]), query).content.decode()
    assert steps(page) == ("第 1 件，共 5 件", None, address(mixed[1]))
    assert "example.org" not in page


def test_odd_words_travel_as_they_are(client, cast, mixed):
    client.force_login(cast.reviewer)
    rows = client.get(reverse("workflow:inbox"), {"q": "数字 经济&x=1#"}).content.decode()
    assert "row-link" not in rows
    answer = client.get(reverse("workflow:inbox"), {"q": " 数字 改革 ", "page": "1", "next": "//example.org"})
    [link, *_] = re.findall(r'class="row-link" href="([^"]+)"', answer.content.decode())
    assert link == address(mixed[0]) + "?q=+%E6%95%B0%E5%AD%97+%E6%94%B9%E9%9D%A9+"
    assert steps(client.get(link).content.decode())[0] == "第 1 件，共 5 件"
