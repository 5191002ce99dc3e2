"""待下发: one map or many at once, and what a row of a list offers by itself."""

import re

import pytest
from django.contrib.messages import get_messages
from django.urls import reverse

from reform.models import BattleMap
from tests.workflow.lists import confirmed_maps, promotions
from workflow.models import Record
from workflow.states import State

pytestmark = pytest.mark.sql


# --- One or many ----------------------------------------------------------------------------------


@pytest.fixture
def three_maps(cast):
    return [f"{drawn.pk}:{drawn.version}" for drawn in confirmed_maps(cast, 3)]


def issue(client, ticked):
    answer = client.post(reverse("workflow:issue"), {"record": ticked})
    assert answer.status_code == 302
    assert answer.url == reverse("workflow:issuable")
    return [str(message) for message in get_messages(answer.wsgi_request)]


def states():
    return list(BattleMap.objects.order_by("pk").values_list("state", flat=True))


def test_many_maps_are_issued_at_once(client, cast, three_maps):
    client.force_login(cast.office)
    assert three_maps[0] in client.get(reverse("workflow:issuable")).content.decode()
    assert issue(client, three_maps[:2]) == ["已下发 2 件：改革一、改革二。"]
    assert states() == ["issued", "issued", "confirmed"]
    assert all(drawn.issued_at for drawn in BattleMap.objects.filter(state="issued"))


def test_the_list_stays_narrowed_after_issuing(client, visit, cast, three_maps):
    narrowed = {"q": "改革", "department": cast.planning.pk}
    page = visit("office", "issuable", **narrowed, next="https://example.org/").content.decode()
    query = f"?q=%E6%94%B9%E9%9D%A9&amp;department={cast.planning.pk}"
    assert page.count(f'action="/issuable/issue/{query}"') == 2
    answer = client.post("/issuable/issue/" + query.replace("&amp;", "&"), {"record": three_maps[:1]})
    assert answer.url == "/issuable/" + query.replace("&amp;", "&")
    assert client.post("/issuable/issue/?department=x&next=//example.org").url == "/issuable/"


def test_each_refusal_is_told_and_the_others_go_on(client, cast, three_maps):
    stale = three_maps[1].split(":")[0] + ":0"
    client.force_login(cast.office)
    said = issue(client, [three_maps[0], stale, "999999:1", "x:y", "", "9" * 50 + ":1"])
    assert said[-1] == "已下发 1 件：改革一。"
    assert said[0].startswith("改革二（2026年度项目作战图）未下发：")
    assert said[1:-1] == ["有一条记录没有找到，未下发。"] * 4
    assert states() == ["issued", "confirmed", "confirmed"]


def test_ticking_the_same_one_twice_or_clicking_twice_issues_once(client, cast, three_maps):
    client.force_login(cast.office)
    issue(client, [three_maps[0], three_maps[0]])
    issue(client, [three_maps[0]])
    assert Record.objects.get(pk=three_maps[0].split(":")[0]).events.filter(action="issue").count() == 1


def test_nothing_ticked_is_said(client, cast, three_maps):
    client.force_login(cast.office)
    assert issue(client, []) == ["请先勾选要下发的项目作战图。"]


@pytest.mark.parametrize("who", ["clerk", "reviewer", "office_elsewhere", "stranger", "admin"])
def test_nobody_else_issues(client, cast, three_maps, who):
    client.force_login(getattr(cast, who))
    [said] = issue(client, three_maps[:1])
    assert "未下发" in said
    assert states() == ["confirmed"] * 3


def test_issuing_is_never_done_by_a_link(client, cast, three_maps):
    client.force_login(cast.office)
    assert client.get(reverse("workflow:issue"), {"record": three_maps}).status_code == 405
    assert states() == ["confirmed"] * 3


# --- What a row offers by itself ------------------------------------------------------------------------------


def row_buttons(page):
    """The record and the words of each row's second click."""
    return re.findall(r'value="([\d:]+)">(确认下发)<', page) + re.findall(
        r'action="/records/(\d+)/act/">.*?>(确认撤回)<', page, re.DOTALL
    )


def test_each_map_is_issued_from_its_row(client, visit, cast, three_maps):
    """With a second click, bound to the version that the row shows."""
    page = visit("office", "issuable").content.decode()
    assert row_buttons(page) == [(shown, "确认下发") for shown in three_maps]
    assert '<form id="issue-one" method="post" action="/issuable/issue/">' in page
    assert page.count('form="issue-one"') == 3
    assert issue(client, three_maps[1:2]) == ["已下发 1 件：改革二。"]
    assert states() == ["confirmed", "issued", "confirmed"]


def test_who_submitted_a_map_is_offered_to_issue_none(visit, cast, three_maps):
    """The row asks what the POST asks: nobody decides on what they submitted."""
    BattleMap.objects.filter(pk=three_maps[0].split(":")[0]).update(submitter=cast.office)
    page = visit("office", "issuable").content.decode()
    assert row_buttons(page) == [(shown, "确认下发") for shown in three_maps[1:]]


def test_what_waits_for_the_department_is_withdrawn_from_its_row(client, visit, cast):
    waiting, passed = (Record.objects.get(pk=pk) for pk in promotions(cast, 2))
    cast.act(passed, "reviewer", "approve")
    page = visit("clerk", "submitted").content.decode()
    assert row_buttons(page) == [(str(waiting.pk), "确认撤回")]

    def withdraw(record, version):
        return client.post(reverse("workflow:act", args=[record.pk]), {"action": "withdraw", "version": version})

    assert withdraw(waiting, waiting.version - 1).status_code == 409
    assert withdraw(passed, passed.version + 1).status_code == 409
    assert withdraw(waiting, waiting.version).status_code == 302
    assert [Record.objects.get(pk=record.pk).state for record in (waiting, passed)] == ["draft", "dept_approved"]
    assert row_buttons(visit("clerk", "submitted").content.decode()) == []


def test_a_pass_on_which_the_office_has_not_acted_is_taken_back_from_its_row(client, visit, cast):
    passed, confirmed = (Record.objects.get(pk=pk) for pk in promotions(cast, 2, State.DEPT_APPROVED))
    cast.act(confirmed, "office", "confirm")
    page = visit("reviewer", "reviewed").content.decode()
    assert row_buttons(page) == [(str(passed.pk), "确认撤回")]
    assert "row-actions" not in visit("office", "reviewed").content.decode()
    post = {"action": "take_back", "version": passed.version}
    client.force_login(cast.reviewer)
    assert client.post(reverse("workflow:act", args=[passed.pk]), post).status_code == 302
    assert Record.objects.get(pk=passed.pk).state == State.SUBMITTED
