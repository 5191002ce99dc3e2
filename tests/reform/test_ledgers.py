"""台账: who sees what in them, and which figures count."""

import re
from datetime import date
from decimal import Decimal

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from reform.ledgers import LEDGERS
from reform.models import (
    BrandUpdate,
    MeasureIteration,
    PlanStatus,
    PlanUpdate,
    PromotionUpdate,
    SpotCheck,
    SupervisionReport,
    TargetAdjustment,
)
from tests import factories
from tests.factories import AttachmentFactory, ProjectFactory
from workflow.states import State

pytestmark = pytest.mark.sql

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


def test_the_index_names_them_all_and_the_navigation_leads_there(client, cast):
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
        ("changes", "目标调整与延期台账"),
        ("checks", "督察核查台账"),
        ("matters", "督办事项台账"),
        ("letters", "发文登记台账"),
    ]
    assert re.search(r'href="/ledgers/" aria-current="page">.*?台账', page, re.DOTALL)


def test_an_unknown_ledger_is_not_found(visit):
    assert visit("office", "everything").status_code == 404


# rows of: projects, indicators, plans, promotions, brands, iterations, changes, checks, matters, letters
SEEN = {
    "office": [1, 2, 4, 2, 2, 2, 0, 0, 1, 1],
    "office_elsewhere": [1, 2, 4, 2, 2, 2, 0, 0, 1, 1],
    "clerk": [1, 2, 4, 2, 2, 2, 0, 0, 1, 1],
    "reviewer": [1, 2, 4, 2, 2, 2, 0, 0, 1, 1],
    "partner": [1, 2, 4, 1, 1, 1, 0, 0, 1, 0],  # what is settled
    "partner_reviewer": [1, 2, 4, 1, 1, 1, 0, 0, 1, 0],
    "stranger": [0, 0, 0, 0, 0, 0, 0, 0, 0, 0],
    "strange_reviewer": [0, 0, 0, 0, 0, 0, 0, 0, 0, 0],
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


def test_each_row_leads_to_its_page(full, client, visit):
    for name in NAMES:
        for url, _ in visit("partner", name).context["lines"]:
            assert client.get(url).status_code == 200


def test_the_line_of_a_page_says_for_when_it_speaks(cast, visit):
    assert "数据截至 2026-07-15 09:00，进度只统计改革办已确认的数据。" in visit("office", "plans").content.decode()
    page = visit("office", "plans", as_of="2026-07-14").content.decode()
    assert "数据截至 2026-07-14 24:00，按当日登记和流转记录列出，进度只统计当时已确认的数据。" in page


# --- However many rows, the same few questions ---------------------------------------------------------------

QUERIES = {
    "projects": 9,
    "indicators": 9,
    "plans": 11,
    "promotions": 8,
    "brands": 8,
    "iterations": 12,
    "changes": 9,
    "checks": 8,
    "matters": 9,
    "letters": 8,
}


def questions(client, url):
    """How many queries a page takes beyond those of session, navigation and messages."""
    taken = []
    for address in (url, reverse("reform:ledgers")):
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
            SupervisionReport,
            TargetAdjustment,
        ):
            record = cast.bring(cast.make(kind), State.CONFIRMED)
            if kind is SupervisionReport:
                factories.letter(cast, factories.matter(cast, due_on=date(2026, 6, 1)))
            if kind is PlanUpdate:
                SpotCheck.objects.create(plan=record.plan, update=record, opened_by=cast.office)


@pytest.mark.parametrize(
    "as_of",
    [pytest.param("", id="now"), pytest.param("?as_of=2026-07-15", id="then", marks=pytest.mark.full)],
)
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
