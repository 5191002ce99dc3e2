"""台账: who sees what in them, which figures count, and how they are narrowed, sorted and paged."""

import re
from decimal import Decimal

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from reform.forms.ledger import LedgerForm
from reform.ledgers import LEDGERS, Extract
from reform.models import (
    BrandUpdate,
    Domain,
    LedgerExport,
    MeasureIteration,
    PlanStatus,
    PlanUpdate,
    PromotionUpdate,
)
from tests import factories
from tests.factories import AttachmentFactory, ProjectFactory
from workflow.states import State

NAMES = [ledger.name for ledger in LEDGERS]
READERS = {
    "clerk",
    "clerk2",
    "reviewer",
    "reviewer2",
    "office",
    "office2",
    "office_elsewhere",
    "partner",
    "partner_reviewer",
    "stranger",
    "strange_reviewer",
}


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
    return cast


def picked(rows, *labels):
    return [tuple(row[label] for label in labels) for row in rows]


# --- Who reads them ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["", *NAMES])
def test_entry_reviewers_and_the_office_have_ledgers_nobody_else_does(client, cast, name):
    url = reverse("reform:ledger", args=[name]) if name else reverse("reform:ledgers")
    found = set()
    for who, person in cast.people.items():
        client.force_login(person)
        answer = client.get(url)
        assert answer.status_code in (200, 404)
        if answer.status_code == 200:
            found.add(who)
        if name:
            file = client.post(f"{url}export/")
            assert file.status_code == answer.status_code
            b"".join(file)  # the answer ends when it has been read
    assert found == READERS


def test_the_index_names_all_six_and_the_navigation_leads_there(client, cast):
    client.force_login(cast.clerk)
    page = client.get(reverse("reform:ledgers")).content.decode()
    links = re.findall(r'<a class="row-link" href="/ledgers/([a-z]+)/">(.+?)</a>', page)
    assert links == [
        ("projects", "项目总台账"),
        ("indicators", "核心指标台账"),
        ("plans", "月度计划台账"),
        ("promotions", "经验复制推广台账"),
        ("brands", "品牌显示度台账"),
        ("iterations", "措施迭代台账"),
    ]
    assert re.search(r'href="/ledgers/" aria-current="page">.*?台账', page, re.DOTALL)


def test_an_unknown_ledger_is_not_found(visit):
    assert visit("office", "everything").status_code == 404


# rows of: projects, indicators, plans, promotions, brands, iterations
SEEN = {
    "office": [1, 2, 4, 2, 2, 2],
    "office_elsewhere": [1, 2, 4, 2, 2, 2],
    "clerk": [1, 2, 4, 2, 2, 2],
    "reviewer": [1, 2, 4, 2, 2, 2],
    "partner": [1, 2, 4, 1, 1, 1],  # what is settled
    "partner_reviewer": [1, 2, 4, 1, 1, 1],
    "stranger": [0, 0, 0, 0, 0, 0],
    "strange_reviewer": [0, 0, 0, 0, 0, 0],
}


@pytest.mark.parametrize("who", SEEN)
def test_everybody_finds_what_is_theirs(full, visit, who):
    assert [visit(who, name).context["page_obj"].paginator.count for name in NAMES] == SEEN[who]


def test_a_duty_for_a_sister_department_opens_its_ledgers(full, visit):
    full.stranger.assign(full.planning)
    assert visit("stranger", "plans").context["page_obj"].paginator.count == 4


# --- What counts -------------------------------------------------------------------------------------------


def test_only_what_is_confirmed_counts(cast, table):
    assert picked(table("office", "projects"), "作战图状态", "核心指标", "月度计划", "完成率") == [
        ("未上报", "", "", "")
    ]
    drawn = factories.battle_map(cast.project, cast.clerk)
    for state, action in [
        ("未上报", "clerk submit"),
        ("待部门审核", "reviewer approve"),
        ("待改革办审核", "office confirm"),
    ]:
        assert picked(table("office", "projects"), "作战图状态", "核心指标") == [(state, "")]
        assert table("office", "indicators") == table("office", "plans") == []
        cast.act(drawn, *action.split())
    assert picked(
        table("office", "projects"), "作战图状态", "核心指标", "具体举措", "月度计划", "已完成", "完成率"
    ) == [("已确认", "2", "3", "3", "0", "0.0%")]
    assert len(table("office", "indicators")) == 2
    assert len(table("office", "plans")) == 3


def test_an_indicator_shows_confirmed_values_alone(cast, table):
    drawn = cast.issued_map()
    for month, value, state in [(1, "8.5", State.CONFIRMED), (2, "1", State.CONFIRMED), (3, "99", State.DEPT_APPROVED)]:
        update = factories.target_update(drawn, cast.clerk, month)
        update.values.filter(indicator__name="办件量").update(value=Decimal(value))
        cast.bring(update, state)
    labels = ["年度目标值", "1月", "2月", "3月", "累计至", "累计目标值", "累计进度", "完成累计目标", "完成年度目标"]
    row = ("120", "8.5", "1", "", "2月", "20", "9.5", "47.5%", "7.9%")
    assert picked(table("office", "indicators", q="办件量"), *labels) == [row]
    row = ("120", "8.5", "1", "", "6月", "60", "9.5", "15.8%", "7.9%")
    assert picked(table("office", "indicators", q="办件量", month=6), *labels) == [row]


def test_a_plan_shows_its_last_confirmed_update(cast, table):
    plan = factories.open_plan(cast.issued_map())
    labels = ["月度", "推进状态", "已开展工作", "下一步工作计划", "最近更新"]
    update = factories.plan_update(plan, cast.clerk)
    cast.bring(update, State.DEPT_APPROVED)
    assert picked(table("office", "plans", month=2), *labels) == [("2", "未启动", "", "", "")]
    cast.act(update, "office", "confirm")
    confirmed = [("2", "推进中", "已召开启动会。", "印发方案。", "2026-07-15")]
    assert picked(table("office", "plans", month=2), *labels) == confirmed
    later = factories.plan_update(plan, cast.clerk, PlanStatus.DONE)
    AttachmentFactory(record=later)
    later.work_done = "还没有确认"
    later.save()
    cast.bring(later, State.SUBMITTED)
    assert picked(table("office", "plans", month=2), *labels) == confirmed


def test_an_iteration_tells_what_it_changes_on_the_map(cast, table):
    measure = cast.issued_map().measures.first()
    factories.add_plan(measure, month=6, type="other", type_name="专题推进", content="取消的计划")
    edited = factories.iteration(measure, cast.clerk)
    edited.changes.filter(month=6).update(cancelled=True)
    edited.changes.filter(month=2).update(content="改过的计划")
    cast.bring(edited, State.SUBMITTED)
    told = [
        (
            "编辑举措",
            "第1条举措",
            "第1条举措（已优化）",
            "调整为 2月 制定改革方案：改过的计划\n取消 6月 专题推进：取消的计划\n新增 9月 开展试点示范：扩大试点",
        )
    ]
    labels = ["迭代类型", "迭代前举措", "迭代后举措", "月度计划变化"]
    assert picked(table("office", "iterations"), *labels) == told
    cast.act(edited, "reviewer", "approve")
    cast.act(edited, "office", "confirm")
    assert picked(table("office", "iterations"), *labels) == told
    assert picked(table("office", "plans", q="第1条"), "具体举措", "月度", "计划内容") == [
        ("第1条举措（已优化）", "2", "改过的计划"),
        ("第1条举措（已优化）", "9", "扩大试点"),
    ]


def test_what_went_back_to_the_clerk_is_in_no_ledger(cast, table):
    record = cast.bring(cast.make(PromotionUpdate), State.SUBMITTED)
    assert picked(table("office", "promotions"), "状态", "推广方式", "推广日期") == [
        ("待部门审核", "召开新闻发布会", "2026-06-30")
    ]
    cast.act(record, "reviewer", "reject")
    assert table("office", "promotions") == table("clerk", "promotions") == []


# --- Narrowing, sorting, paging ----------------------------------------------------------------------------


@pytest.fixture
def two(cast):
    """Two projects with issued maps, of two departments, domains and years."""
    cast.issued_map()
    culture = Domain.objects.get_or_create(name="文化体制")[0]
    other = ProjectFactory(name="文旅融合改革", number="AA1", department=cast.education, domain=culture)
    drawn = factories.battle_map(other, cast.clerk, 2025)
    cast.clerk.assign(cast.education)
    cast.reviewer.assign(cast.education)
    cast.bring(drawn, State.ISSUED)
    return cast


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({}, {"数字经济改革"}),  # it opens on the current year
        ({"year": ""}, {"数字经济改革", "文旅融合改革"}),
        ({"year": "2025"}, {"文旅融合改革"}),
        ({"year": "2026"}, {"数字经济改革"}),
        ({"year": "2027"}, set()),
        ({"month": "11"}, {"数字经济改革", "文旅融合改革"}),
        ({"month": "12"}, set()),
        ({"state": "not_started"}, {"数字经济改革", "文旅融合改革"}),
        ({"state": "done"}, set()),
        ({"q": "文旅"}, {"文旅融合改革"}),
        ({"q": "AA1 改革"}, {"文旅融合改革"}),
        ({"q": "第2条举措 数字"}, {"数字经济改革"}),
        ({"q": "11月制定 融合"}, {"文旅融合改革"}),
        ({"q": "没有"}, set()),
    ],
)
def test_plans_are_narrowed(two, table, query, found):
    assert {row["项目名称"] for row in table("office", "plans", **query)} == found


@pytest.mark.parametrize("name", ["projects", "indicators", "plans"])
def test_by_department_and_domain(two, table, name):
    for query in ({"department": two.education.pk}, {"domain": Domain.objects.get(name="文化体制").pk}):
        assert {row["项目名称"] for row in table("office", name, **query)} == {"文旅融合改革"}


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ({"department": "x"}, "没有这个选项，已忽略。"),
        ({"year": "1066"}, "没有这个选项，已忽略。"),
        ({"month": "13"}, "没有这个选项，已忽略。"),
        ({"state": "submitted"}, "没有这个选项，已忽略。"),
        ({"as_of": "2026-07-16"}, "截至日期不能晚于今天，已按现在的数据列出。"),
        ({"as_of": "1999-12-31"}, "截至日期不能早于 2000 年，已按现在的数据列出。"),
        ({"as_of": "0001-01-01"}, "截至日期不能早于 2000 年，已按现在的数据列出。"),
        ({"as_of": "昨天"}, "请填写日期，例如 2026-06-30。"),
    ],
)
def test_what_means_nothing_is_named_and_does_not_narrow(two, visit, query, sentence):
    answer = visit("office", "plans", **query, q="数字")
    assert answer.status_code == 200
    assert list(answer.context["form"].errors.values()) == [[sentence]]
    assert len(answer.context["lines"]) == 3
    page = answer.content.decode()
    assert sentence in page
    assert 'value="数字"' in page
    assert "导出 Excel" not in page
    refused = answer.client.post(f"/ledgers/plans/export/?{answer.wsgi_request.GET.urlencode()}")
    assert refused.status_code == 422
    assert "查询条件有误，请修改后再导出。" in refused.content.decode()
    assert not LedgerExport.objects.exists()


def header(answer, label):
    return next((sort, order) for column, sort, order in answer.context["heads"] if column.label == label)


def test_a_click_on_a_header_sorts_a_second_one_turns_round(two, visit, table):
    sort, order = header(visit("office", "plans"), "月度")
    assert order == ""
    assert [row["月度"] for row in table("office", "plans", year="", sort=sort)] == ["2", "2", "7", "7", "11", "11"]
    back, order = header(visit("office", "plans", sort=sort), "月度")
    assert (back, order) == (f"-{sort}", "ascending")
    assert [row["月度"] for row in table("office", "plans", year="", sort=back)] == ["11", "11", "7", "7", "2", "2"]
    assert header(visit("office", "plans", sort=back), "月度") == (sort, "descending")


def test_rates_sort_as_they_read_and_what_has_none_stands_last(two, visit, table):
    for month, value in [(1, "12"), (2, "3")]:
        update = factories.target_update(two.issued_map(), two.clerk, month)
        update.values.filter(indicator__name="办件量").update(value=Decimal(value))
        two.bring(update, State.CONFIRMED)
    sort, _ = header(visit("office", "indicators"), "完成累计目标")
    assert [row["完成累计目标"] for row in table("office", "indicators", year="", sort=sort)] == [
        "75.0%",
        "100.0%",
        "",
        "",
    ]
    assert [row["完成累计目标"] for row in table("office", "indicators", year="", sort=f"-{sort}")] == [
        "100.0%",
        "75.0%",
        "",
        "",
    ]


@pytest.mark.parametrize("name", NAMES)
def test_every_header_that_sorts_does_so_both_ways(full, visit, name):
    ledger = visit("office", name).context["ledger"]
    for number, column in ledger.sortable.items():
        for sort, order in ((number, "ascending"), (f"-{number}", "descending")):
            answer = visit("office", name, sort=sort)
            assert header(answer, column.label)[1] == order
            assert len(answer.context["lines"]) == SEEN["office"][NAMES.index(name)]


@pytest.mark.parametrize("name", NAMES)
def test_every_order_of_every_narrowing_answers(full, name):
    full.issued_map().indicators.first().targets.update(target=0)
    full.issued_map().indicators.update(annual_target=0)
    ledger = next(ledger for ledger in LEDGERS if ledger.name == name)
    empty = LedgerForm({}, ledger=ledger, user=full.office)
    queries = [{}] + [
        {field: str(value)}
        for field in ledger.filters
        for value in (
            (full.planning.pk,)
            if field == "department"
            else (full.project.domain_id,)
            if field == "domain"
            else [key for key, _ in empty.fields[field].choices if key]
        )
    ]
    for query in queries:
        for day in ({}, {"as_of": "2026-07-14"}):
            for sort in ("", *ledger.sortable, *(f"-{name}" for name in ledger.sortable)):
                form = LedgerForm(query | day, ledger=ledger, user=full.office)
                list(Extract(ledger, full.office, form, sort).rows.values("pk"))


@pytest.mark.parametrize("sort", ["", "-", "--1", "pk", "password", "0", "999", "measure__content", "1;drop"])
def test_nothing_else_is_sorted_by(two, table, sort):
    assert table("office", "plans", year="", sort=sort) == table("office", "plans", year="")


def test_fifty_rows_a_page_numbered_through(cast, visit, table):
    measure = cast.issued_map().measures.first()
    for _ in range(49):
        measure.plans.create(month=12, type="pilot", content="推进试点")
    assert [row["序号"] for row in table("office", "plans")] == [str(number) for number in range(1, 51)]
    assert [row["序号"] for row in table("office", "plans", page=2)] == ["51", "52"]
    assert [row["序号"] for row in table("office", "plans", page="最后")] == [str(number) for number in range(1, 51)]
    assert "共 52 条，第 2 / 2 页" in visit("office", "plans", page=2).content.decode()


def test_an_empty_ledger_says_why(visit):
    assert "台账里还没有内容。" in visit("office", "brands").content.decode()
    page = visit("office", "brands", q="没有").content.decode()
    assert "没有符合条件的内容。" in page
    assert "导出 Excel" not in page


def test_each_row_leads_to_its_page(full, client, visit):
    for name in NAMES:
        for url, _ in visit("partner", name).context["lines"]:
            assert client.get(url).status_code == 200


def test_the_line_of_a_page_says_for_when_it_speaks(cast, visit):
    assert "数据截至 2026-07-15 09:00，进度只统计改革办已确认的数据。" in visit("office", "plans").content.decode()
    page = visit("office", "plans", as_of="2026-07-14").content.decode()
    assert "数据截至 2026-07-14 24:00，按当日登记和流转记录列出，进度只统计当时已确认的数据。" in page


# --- However many rows, the same few questions; however odd the address, an answer -------------------------

QUERIES = {"projects": 6, "indicators": 6, "plans": 5, "promotions": 5, "brands": 5, "iterations": 8}


def questions(client, url):
    """How many queries a page takes beyond those of session, navigation and messages."""
    taken = []
    for address in (url, reverse("reform:help")):
        with CaptureQueriesContext(connection) as queries:
            client.get(address)
        taken.append(len(queries))
    return taken[0] - taken[1]


def fill(cast, number):
    """That many more projects with something in every ledger."""
    for _ in range(number):
        cast.project = ProjectFactory(department=cast.planning, partners=[cast.science, cast.education])
        for kind in (
            PlanUpdate,
            PromotionUpdate,
            BrandUpdate,
            MeasureIteration,
        ):
            cast.bring(cast.make(kind), State.CONFIRMED)


@pytest.mark.parametrize("as_of", ["", "?as_of=2026-07-15"], ids=["now", "then"])
@pytest.mark.parametrize("name", NAMES)
def test_one_row_or_three_the_same_few_questions(cast, client, name, as_of):
    cast.project.delete()
    url = reverse("reform:ledger", args=[name]) + as_of
    for number in (1, 2):
        fill(cast, number)
        with time_machine.travel("2026-07-16T09:00+08:00"):
            client.force_login(cast.office)
            client.get(url)
            assert questions(client, url) == QUERIES[name]


@pytest.fixture
def anybody(full, client):
    client.force_login(full.office)
    return client


SCRAPS = ["", "0", "-1", "1", "7", "13", "2026", "9" * 30, "-3", "nan", "done", "confirmed", "none", "١", "１"]
SCRAPS += ["2026-07-14", "2026-02-30", "9999-12-31", "0001-01-01", "2000-01-01"]
SCRAPS += ["\x00", "\ud800", "%", "_", "'", '"', "<b>", "=1", "\\"]
FIELDS = ["q", "year", "month", "department", "domain", "state", "as_of", "sort", "page", "x"]
VALUES = st.sampled_from(SCRAPS) | st.text(max_size=20)
ADDRESSES = st.tuples(st.sampled_from(NAMES), st.lists(st.tuples(st.sampled_from(FIELDS), VALUES), max_size=5))


def nonsense(anybody, address):
    name, pairs = address
    query = "&".join(f"{key}={quoted(value)}" for key, value in pairs)
    assert anybody.get(f"/ledgers/{name}/?{query}").status_code == 200


def quoted(text):
    return "".join(f"%{byte:02x}" for byte in text.encode("utf-8", "surrogatepass"))


@settings(max_examples=500, derandomize=True, suppress_health_check=list(HealthCheck))
@given(ADDRESSES)
def test_no_address_breaks_a_ledger(anybody, address):
    """Five thousand, and others each time: tests/bench/ledger_addresses.py."""
    nonsense(anybody, address)


def test_a_ledger_without_anything_this_year_leads_to_every_year(two, visit, table):
    with time_machine.travel("2027-01-04 09:00+08:00"):
        ProjectFactory(start_year=2027, end_year=2027)
        answer = visit("office", "plans")
        assert answer.context["lines"] == []
        assert "2027年度的台账里还没有内容。" in answer.content.decode()
        assert 'href="?year="' in answer.content.decode()
        assert len(table("office", "plans", year="")) == 6
