"""驾驶舱: figures of confirmed data that lead to their records, for the office and for a screen on the wall."""

import re
from datetime import timedelta

import pytest
import time_machine
from django.core.cache import cache
from django.urls import reverse

from accounts import clock
from reform.cockpit import month_lights
from reform.cockpit.rows import change_words
from reform.models import BrandUpdate, MonthLight, PlanUpdate, Project, PromotionUpdate
from tests import factories, word
from tests.factories import ProjectFactory
from workflow.states import State

pytestmark = pytest.mark.sql

URL = "/cockpit/"


def look(client, person, query=""):
    client.force_login(person)
    return client.get(f"{URL}{query}")


def figures(response):
    return {tile.label: (tile.number, tile.note) for tile in response.context["cockpit"].tiles}


def test_only_what_is_confirmed_counts(client, cast):
    drawn = cast.issued_map()
    cast.bring(cast.make(PromotionUpdate), State.SUBMITTED)
    update = cast.make(PlanUpdate)
    shown = figures(look(client, cast.office))
    assert shown["重大改革项目"] == ("1", "已下发2026年作战图 1")
    assert shown["经验复制推广"][0] == "0"
    cast.bring(update, State.CONFIRMED)
    cast.bring(cast.make(PromotionUpdate), State.CONFIRMED)
    answer = look(client, cast.office, f"?period={drawn.year}-01-12")
    assert figures(answer)["经验复制推广"][0] == "1"
    assert (
        sum(row.due for row in answer.context["cockpit"].plan_months)
        == drawn.due_items.filter(plan__isnull=False, is_deadline=True).count()
    )


def test_every_figure_leads_to_its_records(client, cast):
    drawn = cast.issued_map()
    cast.bring(cast.make(PromotionUpdate), State.CONFIRMED)
    MonthLight.objects.create(
        project=cast.project, year=drawn.year, month=1, colour="red", red_below=80, amber_below=95
    )
    page = look(client, cast.office).content.decode()
    part = page[page.index('id="cockpit"') : page.index('id="cockpit-charts"')]
    assert not re.search(r"<a(?![^>]*href)", part)
    addresses = {address.replace("&amp;", "&").partition("#")[0] for address in re.findall(r'href="([^"]+)"', part)}
    assert reverse("reform:project", args=[cast.project.pk]) in addresses
    assert {client.get(address).status_code for address in addresses} == {200}


def test_its_links_keep_what_it_is_narrowed_by(client, cast):
    """The list of projects and the ledgers show just the projects that were counted."""
    cast.issued_map()
    cast.bring(cast.make(PromotionUpdate), State.CONFIRMED)
    own = cast.project
    own.lead_leader, own.mandate = "李市长", "own"
    own.save()
    other = ProjectFactory(department=cast.planning, domain=own.domain, lead_leader="张市长")
    cast.bring(factories.battle_map(other, cast.clerk), State.ISSUED)
    query = {"period": "2026-01-12", "leader": "李市长", "mandate": "own", "department": cast.planning.pk}
    client.force_login(cast.office)
    cockpit = client.get(URL, query).context["cockpit"]
    [listed] = client.get(cockpit.list_url()).context["page_obj"].object_list
    assert listed == own
    for name, rows in (("indicators", 2), ("plans", 3), ("promotions", 1), ("brands", 0)):
        answer = client.get(cockpit.ledger_url(name))
        assert answer.context["form"].errors == {}
        assert len(answer.context["lines"]) == rows
        assert {"period", "leader", "mandate", "department"} <= answer.context["extract"].chosen.keys()
    [tenth] = [row for row in cockpit.plan_months if row.month == 10]
    assert len(client.get(tenth.url).context["lines"]) == tenth.due


@pytest.mark.parametrize(("model", "label"), [(PromotionUpdate, "经验复制推广"), (BrandUpdate, "品牌显示度")])
def test_what_is_still_reviewed_is_neither_counted_nor_led_to(client, cast, model, label):
    cast.issued_map()
    confirmed = cast.make(model)
    cast.bring(confirmed, State.CONFIRMED)
    cast.bring(cast.make(model), State.SUBMITTED)
    client.force_login(cast.office)
    [tile] = [tile for tile in client.get(URL).context["cockpit"].tiles if tile.label == label]
    assert tile.number == "1"
    [(url, _cells)] = client.get(tile.url).context["lines"]
    assert url == reverse("workflow:record", args=[confirmed.pk])


def test_it_follows_what_happens_within_a_minute(client, cast, settings):
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
    cache.clear()

    def shown(query=""):
        page = look(client, cast.office, query).content.decode()
        number = re.search(r"经验复制推广</span><b class=\"num\">(\d+)", page)[1]
        return number, re.search(r"数据截至 \S+ (\S+)（", page)[1]

    cast.issued_map()
    with time_machine.travel("2026-07-15T10:00:30+08:00", tick=False) as now:
        assert shown() == ("0", "10:00")
        cast.bring(cast.make(PromotionUpdate), State.CONFIRMED)
        now.shift(50)
        assert shown() == ("0", "10:00")
        assert shown("?period=2026-01-12") == ("1", "10:01")
        now.shift(20)
        assert shown() == ("1", "10:01")
        now.shift(600)
        assert shown() == ("1", "10:01")


def test_it_is_narrowed_to_a_leader_a_department_a_domain_and_a_past_month(client, cast):
    other = ProjectFactory(department=cast.education, lead_leader="李市长")
    MonthLight.objects.create(project=other, year=2026, month=1, colour="amber", red_below=80, amber_below=95)

    def shown(query):
        return [dot.project.pk for dot in look(client, cast.office, query).context["cockpit"].dots]

    assert set(shown("")) == {cast.project.pk, other.pk}
    assert shown("?leader=李市长") == shown(f"?department={cast.education.pk}") == [other.pk]
    assert shown(f"?domain={other.domain_id}&department={cast.planning.pk}") in ([], [cast.project.pk])
    assert shown("?leader=谁也不是") == shown("?department=x")  # said beside the field, and narrows nothing
    with time_machine.travel("2026-07-15T10:00+08:00"):
        answer = look(client, cast.office, "?period=2026-01-01")
    assert [(dot.project.pk, dot.colour) for dot in answer.context["cockpit"].dots] == [(other.pk, "amber")]
    assert answer.context["cockpit"].history == [(1, [0, 1, 0, 0])]


def test_of_a_past_month_it_says_what_is_still_todays(client, cast):
    cast.issued_map()
    with time_machine.travel("2026-07-15T10:00+08:00"):
        then, now = (look(client, cast.office, f"?period={period}") for period in ("2026-03-03", "2026-01-07"))
    assert figures(then)["逾期计划"][1].startswith("现在涉及 ")
    assert figures(now)["逾期计划"][1].startswith("涉及 ")
    assert "<small>现在，按时率为2026年3月</small>" in then.content.decode()
    assert "<small>现在" not in now.content.decode()


@pytest.mark.parametrize(
    ("points", "words"), [(1.26, "较上月 +1.3"), (-0.5, "较上月 −0.5"), (0, "与上月持平"), (-0.04, "与上月持平")]
)
def test_a_rate_is_compared_with_that_of_the_month_before(points, words):
    assert change_words(points) == words


def test_before_a_month_is_over_no_share_is_compared(client, cast):
    cast.issued_map()
    with time_machine.travel("2026-01-15T10:00+08:00"):
        january = look(client, cast.office)
    with time_machine.travel("2026-02-15T10:00+08:00"):
        february = look(client, cast.office)
    assert (figures(january)["核心指标完成率"], figures(february)["核心指标完成率"]) == (
        ("—", "累计完成类 2 项"),
        ("0.0%", "累计完成类 2 项　序时 8.3%　差 8.3"),
    )
    assert "<small>累计完成类</small>" in january.text
    assert ("还没有到期的月份" in january.text, "0.0%" in january.text) == (True, False)
    assert "<small>累计完成类，截至1月</small>" in february.text
    assert ("还没有到期的月份" in february.text, "0.0%" in february.text) == (False, True)


def test_projects_that_ended_are_left_out_and_the_page_says_so(client, cast):
    cast.issued_map()
    cast.bring(cast.make(PromotionUpdate), State.CONFIRMED)
    cast.bring(factories.closure(cast.project, cast.clerk), State.CONFIRMED)
    answer = look(client, cast.office, f"?period={clock.today().year}-01-12")
    assert figures(answer)["重大改革项目"] == ("0", "已下发2026年作战图 0")
    assert figures(answer)["经验复制推广"][0] == "0"
    assert "只统计在办项目；已销号、转为常态推进和终止的项目不计入，通报和台账中仍有。" in answer.content.decode()


def test_the_page_of_a_leader_or_a_department_is_the_offices(client, cast):
    page = f"{URL}page/?department={cast.planning.pk}"
    for who, status in (("office", 200), ("clerk", 404), ("reviewer", 404), ("display", 404)):
        client.force_login(getattr(cast, who))
        assert client.get(page).status_code == status
    client.force_login(cast.office)
    assert cast.project.name in client.get(page).content.decode()
    assert client.get(f"{URL}page/").status_code == client.get(f"{URL}page/?leader=谁也不是").status_code == 404


def test_the_page_of_a_leader_says_in_word_what_it_says_on_the_screen(client, cast):
    cast.issued_map()
    cast.bring(cast.make(PromotionUpdate), State.CONFIRMED)
    client.force_login(cast.office)
    query = {"leader": cast.project.lead_leader}
    page = client.get(f"{URL}page/", query).content.decode()
    shown = " ".join(re.sub(r"<[^>]+>", "", page).split())
    content = client.get(f"{URL}page/word/", query).content
    linked = word.links(content)
    assert {text for text, _ in linked if " ".join(text.split()) not in shown} == {"2026-06-30"}  # there 06-30
    assert {cast.project.name, "1"} <= {text for text, _ in linked}
    assert {client.get(address.removeprefix("http://testserver")).status_code for _, address in linked} == {200}
    client.force_login(cast.reviewer)
    assert client.get(f"{URL}page/word/", query).status_code == 404


def test_the_account_of_a_wall_reads_the_cockpit_and_nothing_else(client, cast):
    cast.issued_map()
    client.force_login(cast.display)
    assert client.get("/").headers["Location"] == URL
    page = client.get(URL).content.decode()
    part = page[page.index('id="cockpit"') : page.index('id="cockpit-charts"')]
    assert cast.project.name in part
    assert "href=" not in part  # nothing of it opens
    project = reverse("reform:project", args=[cast.project.pk])
    others = [project, "/ledgers/", "/inbox/", "/lights/", "/month-end/", f"{URL}page/?department={cast.planning.pk}"]
    assert {client.get(address).status_code for address in others} == {404}
    assert list(Project.objects.visible_to(cast.display)) == []
    assert {look(client, getattr(cast, who)).status_code for who in ("clerk", "reviewer", "admin", "auditor")} == {404}


def test_a_wall_needs_no_hand_for_days(client, cast):
    for person, status in ((cast.display, 200), (cast.office, 302)):
        client.force_login(person)
        first = clock.now()
        with time_machine.travel(first, tick=False) as now:
            assert client.get(URL).status_code == 200
            now.shift(timedelta(hours=13))  # without a network, even
            assert client.get(URL).status_code == status


@pytest.mark.usefixtures("without_navigation")
def test_it_costs_the_same_for_one_project_and_for_three(client, cast, django_assert_max_num_queries):
    client.force_login(cast.office)
    cast.issued_map()
    client.get(URL)
    with django_assert_max_num_queries(60) as first:
        client.get(URL)
    for _ in range(2):
        drawn = factories.battle_map(ProjectFactory(department=cast.planning), cast.clerk)
        cast.bring(drawn, State.ISSUED)
    month_lights.catch_up()
    with django_assert_max_num_queries(len(first)):
        client.get(URL)
