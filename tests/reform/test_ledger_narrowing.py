"""台账: how they are narrowed, sorted and paged, and that no address breaks them."""

from decimal import Decimal

import pytest
import time_machine
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from reform.forms.ledger import LedgerForm
from reform.ledgers import LEDGERS, Extract
from reform.models import Domain, LedgerExport, TaskForce
from tests import factories
from tests.factories import ProjectFactory
from tests.reform.test_ledgers import NAMES, SEEN
from workflow.states import State

pytestmark = pytest.mark.sql


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
        ({"period": "2026-10-12"}, {"数字经济改革"}),
        ({"period": "2025-07-12", "year": "2026"}, {"文旅融合改革"}),  # the period says which year
        ({"period": "2026-12"}, set()),
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


def test_a_period_of_this_year_can_be_asked_for_before_there_is_a_project_of_it(cast):
    """As 驾驶舱 does from its first day on."""
    plans = next(ledger for ledger in LEDGERS if ledger.name == "plans")
    with time_machine.travel("2031-02-01T09:00+08:00"):
        for period, is_unknown in [("2031-01-02", False), ("2032-01-02", True)]:
            form = LedgerForm({"period": period}, user=cast.office, ledger=plans)
            assert bool(form.errors) == is_unknown, period


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
        ({"period": "2026-02-03"}, "没有这个选项，已忽略。"),
        ({"state": "submitted"}, "没有这个选项，已忽略。"),
        ({"as_of": "2026-07-16"}, "截至日期不能晚于今天，已按现在的数据列出。"),
        ({"as_of": "2012-12-31"}, "截至日期不能早于 2013 年，已按现在的数据列出。"),
        ({"as_of": "0001-01-01"}, "截至日期不能早于 2013 年，已按现在的数据列出。"),
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


@pytest.mark.parametrize(
    "name", [name if name == "plans" else pytest.param(name, marks=pytest.mark.full) for name in NAMES]
)
def test_every_header_that_sorts_does_so_both_ways(full, visit, name):
    ledger = visit("office", name).context["ledger"]
    for number, column in ledger.sortable.items():
        for sort, order in ((number, "ascending"), (f"-{number}", "descending")):
            answer = visit("office", name, sort=sort)
            assert header(answer, column.label)[1] == order
            assert len(answer.context["lines"]) == SEEN["office"][NAMES.index(name)]


@pytest.mark.parametrize("name", NAMES)
def test_every_order_of_every_narrowing_answers(full, name, is_full):
    """Each order by itself and each narrowing by itself; in full, each with each."""
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
            else (TaskForce.objects.create(name="经济体制改革专项小组").pk,)
            if field == "task_force"
            else ("2026-01-12", "2026-04-06", "2026-07-07")
            if field == "period"
            else [key for key, _ in empty.fields[field].choices if key]
        )
    ]
    orders = ("", *ledger.sortable, *(f"-{column}" for column in ledger.sortable))
    for query in queries:
        for day in ({}, {"as_of": "2026-07-14"}):
            for sort in orders if is_full or not query else ("",):
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


def test_a_ledger_without_anything_this_year_leads_to_every_year(two, visit, table):
    with time_machine.travel("2027-01-04 09:00+08:00"):
        ProjectFactory(start_year=2027, end_year=2027)
        answer = visit("office", "plans")
        assert answer.context["lines"] == []
        assert "2027年度的台账里还没有内容。" in answer.content.decode()
        assert 'href="?year="' in answer.content.decode()
        assert len(table("office", "plans", year="")) == 6


# --- However odd the address, an answer ----------------------------------------------------------------------


@pytest.fixture
def anybody(full, client):
    client.force_login(full.office)
    return client


SCRAPS = ["", "0", "-1", "1", "7", "13", "2026", "9" * 30, "-3", "nan", "done", "confirmed", "none", "١", "１"]
SCRAPS += ["2026-01-11", "2026-07", "2026-07-14", "2026-02-30", "9999-12-31", "0001-01-01", "2000-01-01"]
SCRAPS += ["\x00", "\ud800", "%", "_", "'", '"', "<b>", "=1", "\\"]
FIELDS = ["q", "year", "period", "month", "department", "domain", "state", "as_of", "sort", "page", "x"]
VALUES = st.sampled_from(SCRAPS) | st.text(max_size=20)
ADDRESSES = st.tuples(st.sampled_from(NAMES), st.lists(st.tuples(st.sampled_from(FIELDS), VALUES), max_size=5))


def nonsense(anybody, address):
    name, pairs = address
    query = "&".join(f"{key}={quoted(value)}" for key, value in pairs)
    assert anybody.get(f"/ledgers/{name}/?{query}").status_code == 200


def quoted(text):
    return "".join(f"%{byte:02x}" for byte in text.encode("utf-8", "surrogatepass"))


@settings(derandomize=True, suppress_health_check=list(HealthCheck))
@given(ADDRESSES)
def test_no_address_breaks_a_ledger(anybody, address):
    """As many as the profile says (tests/conftest.py); others each time: tests/bench/ledger_addresses.py."""
    nonsense(anybody, address)
