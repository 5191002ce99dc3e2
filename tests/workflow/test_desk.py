"""The review desk: the list beside the record, the record alone, and 常用意见."""

import re

import pytest
from django.urls import reverse

from tests import factories
from tests.workflow.record_pages import address, now, said
from workflow.models import CommonOpinion
from workflow.models.opinion import MOST
from workflow.states import State

SCRIPT = {"X-Requested-With": "XMLHttpRequest"}


@pytest.fixture
def waiting(cast):
    """Three records before the reviewer, oldest first."""
    cast.issued_map()
    drafts = (factories.promotion, factories.brand, factories.promotion)
    return [now(cast.bring(draft(cast.project, cast.clerk), State.SUBMITTED)) for draft in drafts]


@pytest.fixture
def reviewer(client, cast):
    client.force_login(cast.reviewer)
    return client


def rows(page):
    """The addresses of the list, and which of them is shown."""
    found = re.findall(r'<a href="([^"]+)" data-fragment="([^"]+)"( aria-current="true")?', page)
    return [link for link, _, _ in found], [link for link, _, current in found if current]


def test_what_else_waits_stands_beside_the_record(reviewer, cast, waiting):
    page = reviewer.get(address(waiting[1])).content.decode()
    assert rows(page) == ([address(record) for record in waiting], [address(waiting[1])])
    assert 'action="/inbox/decide/"' in page
    reviewer.force_login(cast.clerk)
    assert rows(reviewer.get(address(waiting[1])).content.decode()) == ([], [])


def test_the_list_is_narrowed_and_ordered_with_the_way_from_one_to_the_next(reviewer, waiting):
    query = "?kind=reform.promotionupdate&order=newest"
    links = [address(waiting[2]) + query, address(waiting[0]) + query]
    escaped = [link.replace("&", "&amp;") for link in links]
    answer = reviewer.get("/inbox/desk/" + query)
    assert answer.url == links[0]
    page = reviewer.get(answer.url).content.decode()
    assert rows(page) == (escaped, escaped[:1])
    assert re.findall(r'rel="(prev|next)" href="([^"]+)"', page) == [("next", escaped[1])]
    form = {"action_next": "approve", "version": waiting[2].version}
    assert reviewer.post(address(waiting[2], "act") + query, form).url == links[1]


def test_newest_first_leads_from_the_newest_to_the_oldest(reviewer, waiting):
    link, seen = reviewer.get("/inbox/desk/?order=newest").url, []
    while link:
        page = reviewer.get(link).content.decode()
        seen.append((link, re.search(r"第 \d+ 件，共 \d+ 件", page).group()))
        link = dict(re.findall(r'rel="(prev|next)" href="([^"]+)"', page)).get("next")
    newest_first = [address(record) + "?order=newest" for record in reversed(waiting)]
    assert seen == [(link, f"第 {number} 件，共 3 件") for number, link in enumerate(newest_first, 1)]


def test_with_nothing_waiting_the_desk_is_the_list(reviewer, waiting):
    assert reviewer.get("/inbox/desk/?q=没有这样的").url.startswith("/inbox/?q=")


def test_the_record_alone_is_what_stands_on_its_page(reviewer, waiting):
    whole = reviewer.get(address(waiting[0])).content.decode()
    alone = reviewer.get(address(waiting[0], "desk_record"), headers=SCRIPT).content.decode()

    def plain(page):
        return re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", page).strip()

    assert plain(alone) in plain(whole)
    assert "<html" not in alone
    assert "data-fragment" not in alone


def test_typed_by_hand_its_address_leads_to_the_page(reviewer, waiting):
    answer = reviewer.get(address(waiting[0], "desk_record") + "?order=newest")
    assert answer.url == address(waiting[0]) + "?order=newest"


@pytest.mark.usefixtures("without_navigation")
@pytest.mark.parametrize("number", [1, 3])
def test_the_desk_costs_the_same_with_one_row_and_with_three(
    reviewer, cast, waiting, django_assert_num_queries, number
):
    for record in waiting[number:]:
        cast.act(record, "reviewer", "approve")
    with django_assert_num_queries(22):
        page = reviewer.get(address(waiting[0])).content.decode()
    assert len(rows(page)[0]) == number


# --- 常用意见 ----------------------------------------------------------------------------------------------


def texts(person):
    return [opinion.text for opinion in person.common_opinions.all()]


def test_an_opinion_is_kept_shown_beside_the_decision_and_removed(reviewer, cast, waiting):
    answer = reviewer.post("/opinions/", {"text": " 请补充佐证材料。 "})
    assert said(answer) == ["已存为常用意见。"]
    assert texts(cast.reviewer) == ["请补充佐证材料。"]
    page = reviewer.get(address(waiting[0])).content.decode()
    assert page.count("data-insert>请补充佐证材料。<") == 2  # 通过, 驳回
    kept = cast.reviewer.common_opinions.get()
    assert said(reviewer.post(reverse("workflow:opinion_remove", args=[kept.pk]))) == ["已删除这条常用意见。"]
    assert texts(cast.reviewer) == []


def test_the_script_is_answered_with_what_is_kept(reviewer, cast):
    answer = reviewer.post("/opinions/", {"text": "请核对口径。"}, HTTP_ACCEPT="application/json")
    kept = cast.reviewer.common_opinions.get()
    assert answer.json() == {
        "opinions": [{"pk": kept.pk, "text": "请核对口径。"}],
        "problems": [],
        "notice": "已存为常用意见。",
    }
    again = reviewer.post("/opinions/", {"text": "请核对口径。"}, HTTP_ACCEPT="application/json")
    assert (again.status_code, again.json()["problems"]) == (422, ["这条意见已经存过。"])


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "请先填写意见，再存为常用意见。"),
        ("字" * 201, "常用意见不超过 200 字，现有 201 字。"),
        ("第21条", "常用意见最多 20 条，请先删除不用的。"),
    ],
)
def test_what_cannot_be_kept_is_said_and_stays_typed(reviewer, cast, text, problem):
    CommonOpinion.objects.bulk_create(CommonOpinion(person=cast.reviewer, text=str(n)) for n in range(MOST))
    answer = reviewer.post("/opinions/", {"text": text})
    assert answer.status_code == 422
    page = answer.content.decode()
    assert problem in page
    assert text in page
    assert len(texts(cast.reviewer)) == MOST


def test_opinions_are_of_one_person_alone(client, cast, waiting):
    own = cast.reviewer.common_opinions.create(text="请核对。")
    client.force_login(cast.reviewer2)
    assert "请核对。" not in client.get("/opinions/").content.decode()
    assert "请核对。" not in client.get(address(waiting[0])).content.decode()
    assert client.post(reverse("workflow:opinion_remove", args=[own.pk])).status_code == 404
    assert client.post("/opinions/", {"text": "请核对。"}).status_code == 302
    assert texts(cast.reviewer) == texts(cast.reviewer2) == ["请核对。"]
    client.force_login(cast.clerk)
    assert client.get("/opinions/").status_code == 404
