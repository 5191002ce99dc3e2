"""Everybody's lists: what is on them, in which order, narrowed how, and never more than one may see."""

import pytest
from django.urls import reverse

from tests import factories
from tests.workflow.lists import another_project, confirmed_maps, promotions, shown
from workflow import inbox
from workflow.models import Record
from workflow.states import State
from workflow.views import inbox as pages

pytestmark = pytest.mark.sql

LISTS = ("inbox", "reviewed", "submitted", "under_review", "issuable")


# --- Whose list is what -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("who", "has"),
    [
        ("clerk", ["submitted", "under_review"]),
        ("partner", ["submitted", "under_review"]),
        ("reviewer", ["inbox", "reviewed"]),
        ("office", ["inbox", "reviewed", "issuable"]),
        ("admin", []),
        ("auditor", []),
    ],
)
def test_everybody_has_the_lists_of_their_role(visit, who, has):
    assert [name for name in LISTS if visit(who, name).status_code != 404] == has


def test_a_record_walks_through_the_lists_of_those_whose_turn_it_is(visit, cast):
    drawn = factories.battle_map(cast.project, cast.clerk)
    lists = [("reviewer", "inbox"), ("office", "inbox"), ("office", "issuable"), ("clerk", "submitted")]

    def whereabouts():
        return [f"{who} {name}" for who, name in lists if drawn.pk in shown(visit(who, name))]

    assert whereabouts() == []
    cast.act(drawn, "clerk", "submit")
    assert whereabouts() == ["reviewer inbox", "clerk submitted"]
    cast.act(drawn, "reviewer", "approve")
    assert whereabouts() == ["office inbox", "clerk submitted"]
    cast.act(drawn, "office", "confirm")
    assert whereabouts() == ["office issuable", "clerk submitted"]
    cast.act(drawn, "office", "issue")
    assert whereabouts() == ["clerk submitted"]
    assert shown(visit("reviewer", "reviewed")) == shown(visit("office", "reviewed")) == [drawn.pk]


def test_the_figure_of_what_is_under_review_leads_to_as_many_whoever_submitted_them(visit, client, cast):
    waiting = promotions(cast, 2) + promotions(cast, 1, State.DEPT_APPROVED)
    promotions(cast, 1, State.REJECTED)
    for who, found in (("clerk", waiting), ("clerk2", waiting), ("partner", [])):
        client.force_login(getattr(cast, who))
        [tile] = [tile for tile in client.get(reverse("home")).context["tiles"] if tile.label == "审核中"]
        answer = client.get(tile.url)
        assert (tile.number, sorted(shown(answer))) == (len(found), sorted(found))
        assert [(tab.label, count) for tab, count in answer.context["tabs"]] == [
            ("我上报的", 5 if who == "clerk" else 0),
            ("审核中", len(found)),
        ]


def test_only_those_entrusted_with_the_department_have_it_before_them(visit, cast):
    [record] = promotions(cast, 1)
    assert shown(visit("reviewer", "inbox")) == shown(visit("reviewer2", "inbox")) == [record]
    assert shown(visit("strange_reviewer", "inbox")) == shown(visit("partner_reviewer", "inbox")) == []
    cast.act(Record.objects.get(pk=record), "reviewer", "approve")
    assert shown(visit("office", "inbox")) == [record]
    assert shown(visit("office_elsewhere", "inbox")) == []


def test_what_was_decided_elsewhere_is_gone_after_a_transfer(visit, cast):
    [record] = promotions(cast, 1, State.DEPT_APPROVED)
    assert record in shown(visit("reviewer", "reviewed"))
    cast.reviewer.department = cast.education
    cast.reviewer.save()
    assert shown(visit("reviewer", "reviewed")) == []


# --- Order, pages, filters ----------------------------------------------------------------------------


def test_who_has_waited_longest_comes_first(visit, cast):
    oldest_first = promotions(cast, 3)
    assert shown(visit("reviewer", "inbox")) == oldest_first
    page = visit("reviewer", "inbox").content.decode()
    assert page.index("3 小时") < page.index("2 小时") < page.index("1 小时")


def test_the_last_decision_stands_on_top(visit, cast):
    first, second, third = promotions(cast, 3)
    for pk in (second, third, first):
        cast.act(Record.objects.get(pk=pk), "reviewer", "approve")
    assert shown(visit("reviewer", "reviewed"))[:3] == [first, third, second]


def test_decisions_are_paged_in_the_order_of_the_last_one(visit, cast):
    records = promotions(cast, 21)
    for pk in reversed(records):
        cast.act(Record.objects.get(pk=pk), "reviewer", "approve")
    others = shown(visit("reviewer", "reviewed", page=2))[1:]  # the map that was there before
    assert shown(visit("reviewer", "reviewed")) == records[:20]
    assert shown(visit("reviewer", "reviewed", page=2)) == [records[20], *others]
    assert len(others) == 1


def test_twenty_to_a_page_and_pages_that_do_not_exist_are_the_nearest_that_does(visit, cast):
    records = promotions(cast, 21)
    assert shown(visit("reviewer", "inbox")) == records[:20]
    assert shown(visit("reviewer", "inbox", page=2)) == records[20:]
    assert shown(visit("reviewer", "inbox", page=99)) == records[20:]
    assert shown(visit("reviewer", "inbox", page="x")) == records[:20]


@pytest.fixture
def three_kinds(cast):
    """A promotion waiting at the office, a plan update and the map of another department's project as well."""
    cast.issued_map()
    promotion = cast.bring(factories.promotion(cast.project, cast.clerk), State.DEPT_APPROVED)
    plan = factories.plan_update(factories.open_plan(cast.issued_map()), cast.clerk)
    plan = cast.bring(plan, State.DEPT_APPROVED)
    taught = factories.battle_map(another_project(cast, "教育数字化改革", cast.education), cast.stranger)
    cast.act(taught, "stranger", "submit")
    cast.act(taught, "strange_reviewer", "approve")
    return {"promotion": promotion.pk, "plan": plan.pk, "taught": taught.pk}


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({}, ["promotion", "plan", "taught"]),
        ({"kind": "reform.planupdate"}, ["plan"]),
        ({"q": "教育"}, ["taught"]),
        ({"q": " 制定改革方案 "}, ["plan"]),
        ({"q": "数字 项目作战图"}, ["taught"]),
        ({"q": "没有这样的"}, []),
        ({"kind": "reform.battlemap", "q": "数字"}, ["taught"]),
    ],
)
def test_lists_are_narrowed_by_kind_and_words(visit, three_kinds, query, expected):
    assert shown(visit("office", "inbox", **query)) == [three_kinds[name] for name in expected]


def test_lists_are_narrowed_by_department_and_state(visit, cast, three_kinds):
    by_department = visit("office", "inbox", department=cast.education.pk)
    assert shown(by_department) == [three_kinds["taught"]]
    cast.act(Record.objects.get(pk=three_kinds["promotion"]), "office", "reject")
    cast.act(Record.objects.get(pk=three_kinds["plan"]), "office", "confirm")
    assert shown(visit("office", "reviewed", state="rejected")) == [three_kinds["promotion"]]
    assert three_kinds["plan"] in shown(visit("office", "reviewed", state="confirmed"))


@pytest.mark.parametrize(
    "query",
    [
        {"kind": "reform.secret"},
        {"department": "x"},
        {"department": "9" * 40},
        {"department": "-1"},
        {"q": "有\x00空"},
    ],
)
def test_a_filter_that_means_nothing_says_so_and_narrows_nothing(visit, three_kinds, query):
    answer = visit("office", "inbox", **query)
    assert len(shown(answer)) == 3
    [name] = query
    [error] = answer.context["filter"].form.errors[name]
    assert error in answer.content.decode()


def test_words_are_looked_for_as_they_are(visit, three_kinds):
    assert shown(visit("office", "inbox", q="%")) == shown(visit("office", "inbox", q="' OR 1=1 --")) == []
    page = visit("office", "inbox", q="<script>alert(1)</script>").content.decode()
    assert "<script>alert(1)" not in page
    assert "&lt;script&gt;alert(1)" in page


def test_list_count_and_search_agree_on_what_there_is(visit, cast, three_kinds):
    """Z8: one scoped queryset behind the number in the navigation, the tab, the list, and the search."""
    for who in ("reviewer", "office", "office_elsewhere", "strange_reviewer"):
        answer = visit(who, "inbox", q="改革")
        person = getattr(cast, who)
        ids = set(shown(answer))
        assert ids == set(shown(visit(who, "inbox")))
        assert ids == set(Record.objects.visible_to(person).awaiting(person).values_list("pk", flat=True))
        counts = {listing.name: count for listing, count in answer.context["tabs"]}
        assert counts["inbox"] == len(ids)
        assert answer.context["nav"][1]["items"][0]["count"] == len(ids)


def test_a_tab_counts_what_has_been_dealt_with_as_far_as_it_has_room(visit, cast, monkeypatch):
    promotions(cast, 3, State.DEPT_APPROVED)
    tabs = {tab.name: count for tab, count in visit("reviewer", "inbox").context["tabs"]}
    assert tabs == {"inbox": 0, "reviewed": 4}
    monkeypatch.setattr(pages, "MOST_COUNTED", 3)
    answer = visit("reviewer", "inbox")
    assert {tab.name: count for tab, count in answer.context["tabs"]} == {"inbox": 0, "reviewed": "2+"}
    assert "2+ 件" in answer.content.decode()
    assert visit("reviewer", "reviewed").context["page_obj"].paginator.count == 4  # the map as well


def test_a_list_is_narrowed_by_what_differs_in_it(visit):
    lists = [("office", "inbox"), ("office", "reviewed"), ("office", "issuable"), ("clerk", "submitted")]
    offered = [set(visit(who, name).context["filter"].form.fields) - {"order"} for who, name in lists]
    every = {"q", "kind", "department", "state"}
    assert offered == [every - {"state"}, every, every - {"state", "kind"}, every]  # only maps are issued


# --- Empty lists say what to do -------------------------------------------------------------------------


@pytest.mark.parametrize(("who", "name"), [("reviewer", "inbox"), ("clerk", "submitted"), ("office", "issuable")])
def test_an_empty_list_says_so_and_leads_on(visit, who, name):
    page = visit(who, name).content.decode()
    listing = next(listing for listing in inbox.LISTINGS if listing.name == name)
    assert listing.empty in page
    assert listing.hint in page
    assert "没有符合条件的记录" not in page


def test_an_empty_search_offers_to_be_cleared(visit, cast):
    promotions(cast, 1)
    page = visit("reviewer", "inbox", q="没有这样的").content.decode()
    assert "没有符合条件的记录" in page
    assert "清除条件" in page


# --- The cost of a page ------------------------------------------------------------------------------------

QUERIES = {
    ("reviewer", "inbox"): 13,
    ("reviewer", "reviewed"): 11,
    ("clerk", "submitted"): 10,
    ("clerk", "under_review"): 10,
    ("office", "inbox"): 15,
    ("office", "issuable"): 12,
}


@pytest.mark.usefixtures("without_navigation")
@pytest.mark.parametrize("rows", [1, 3])
@pytest.mark.parametrize("whose", QUERIES)
def test_a_list_costs_the_same_with_one_row_and_with_three(client, cast, django_assert_num_queries, whose, rows):
    who, name = whose
    if name == "issuable":
        confirmed_maps(cast, rows)
    else:
        for pk in promotions(cast, rows, State.DEPT_APPROVED if who == "office" else State.SUBMITTED):
            if name == "reviewed":
                cast.act(Record.objects.get(pk=pk), "reviewer", "approve")
    client.force_login(getattr(cast, who))
    with django_assert_num_queries(QUERIES[whose]):
        answer = client.get(reverse(f"workflow:{name}"))
    assert len(shown(answer)) >= rows
