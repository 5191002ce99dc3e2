"""What a 通报 says, in Word and on its page: every figure leads to the rows that it counts; checked templates."""

import re
from datetime import date
from decimal import Decimal
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import pytest
import time_machine
from django.urls import reverse

from reform.bulletins import documents, sources
from reform.bulletins.draft import to
from reform.bulletins.facts import PeriodFacts
from reform.bulletins.tables import behind_rows
from reform.calendar import Period
from reform.models import DueItem, ForecastQuality, Indicator, MonthlyPlan, Series, WordTemplate
from reform.reporting.rates import rates
from tests import factories
from tests.reform.bulletins.figures import rows_behind
from tests.uploads import sent
from tests.word import links, paragraphs, template
from workflow.states import State

GOLDEN = Path(__file__).parent
SITE = "https://reform.example.cn"


def golden(name, content):
    """Compares with the kept text of the document; a line per paragraph, links in brackets."""
    said = "\n".join(paragraphs(content)) + "\n"
    assert said == (GOLDEN / f"{name}.txt").read_text()


@pytest.mark.parametrize("series", [Series.PROGRESS, pytest.param(Series.UNREPORTED, marks=pytest.mark.full)])
def test_the_document_says_what_it_has_always_said(cast, story, series):
    golden(series, documents.bulletin_document(factories.bulletin(cast.office, series=series), SITE))


def test_projects_that_ended_are_counted_and_named_beside_the_number(cast, story):
    with time_machine.travel("2026-08-01T00:30+08:00", tick=False):  # in London it is still July
        cast.bring(factories.closure(cast.project, cast.clerk), State.CONFIRMED)

    def first_paragraph(period):
        content = documents.bulletin_document(factories.bulletin(cast.office, period), SITE)
        return next(said for said in paragraphs(content) if "已下发作战图的市级" in said)

    july, august = first_paragraph("2026-01-07"), first_paragraph("2026-01-08")
    assert "项目 1 个（含已销号、转为常态推进和终止的 1 个），涉及责任单位 1 个" in august
    assert ("项目销号" in july, "项目销号" in august) == (False, True)


@pytest.mark.parametrize(
    ("period", "words"),
    [
        ("2026-08-08", "2026年8月的应报事项还没有过截止日期，到期后统计。"),
        ("2025-08-08", "2025年8月没有应报事项。"),
    ],
)
@pytest.mark.usefixtures("story")
def test_without_anything_overdue_it_says_whether_something_is_still_to_come(cast, period, words):
    draft = factories.bulletin(cast.office, period, series=Series.UNREPORTED)
    assert words in paragraphs(documents.bulletin_document(draft, SITE))


@pytest.mark.usefixtures("story")
def test_that_nothing_is_overdue_is_said_of_the_period_alone(cast):
    """Plans of the year before may still be."""
    with time_machine.travel("2027-01-04T09:00+08:00", tick=False):
        assert DueItem.objects.overdue_plans(date(2027, 1, 4)).exists()
        said = paragraphs(documents.bulletin_document(factories.bulletin(cast.office, "2027-01-01"), SITE))
    assert "本期没有进展滞后的核心指标和逾期未完成的月度计划。" in said


def test_a_plan_that_is_still_owed_is_named_with_its_own_month(cast, story):
    """It is due again in each month after it: the list would name it as a plan of those months."""
    with time_machine.travel("2026-11-05T09:00+08:00", tick=False):
        content = documents.bulletin_document(factories.bulletin(cast.office, "2026-01-10", Series.UNREPORTED), SITE)
    said = [text for text in paragraphs(content) if text.startswith("月度计划推进更新：")]
    assert said == [
        f"月度计划推进更新：7月 制定改革方案{again}" for again in ("", "（8月续报）", "（9月续报）", "（10月续报）")
    ]


def recounted(story):
    """What the database says by itself, {figure: rows}."""
    half = MonthlyPlan.objects.filter(measure__battle_map=story, month__lte=7)
    due = DueItem.objects.filter(battle_map=story, month__lte=7, due_on__lt=date(2026, 8, 5))
    behind = [
        pk
        for (pk,) in Indicator.objects.filter(battle_map=story).values_list("pk")
        if (4 / Decimal(70)) < Decimal("0.95")
    ]
    return {
        "projects": 1,
        "departments": 1,
        "measures": 3,
        "plans": half.count(),
        "plans_done": half.filter(status="done").count(),
        "plans_in_progress": half.filter(status="in_progress").count(),
        "plans_not_started": half.filter(status="not_started").count(),
        "overdue": 1,
        "indicators": 2,
        "green": 0,
        "amber": 0,
        "red": len(behind),
        "behind": len(behind),
        "main": 1,
        "main_ahead": 0,
        "open_matters": 2,
        "overdue_matters": 1,
        "closed_matters": 0,
        "letters": 1,
        "letters_remind": 1,
        "promotions": 1,
        "brands": 1,
        "due": due.count(),
        "in_time": due.filter(first_reported_at__isnull=False, late=False).count(),
        "submitted": due.filter(owed=False).count(),
        "unreported": due.filter(owed=True).count(),
    }


UNSOURCED = re.compile(r"\d{4}年(?:\d+—\d+月|\d+月\d+日|上半年|度)?|第\d+期|附件\s*\d|\d{4}-\d\d-\d\d \d\d:\d\d")


def test_every_number_is_that_of_the_rows_to_which_it_leads(cast, story, issuing):
    bulletin = factories.bulletin(cast.office)
    content = documents.bulletin_document(bulletin, SITE)
    expected = recounted(story)
    seen = set()
    for text, address in links(content):
        parts = urlsplit(address)
        assert f"{parts.scheme}://{parts.netloc}" == SITE
        found = re.search(r"/figures/(\w+)/", parts.path)
        if found:
            seen.add(found[1])
            part = {name: int(key) for name, key in parse_qsl(parts.query)}
            count = sources.rows_of(bulletin.sources[found[1]], cast.office, **part).count()
            assert count == expected[found[1]], "there is one department and one domain"
            assert text.endswith("%") or text == str(count), address
    addresses = {address.removeprefix(SITE) for _, address in links(content)}
    assert [
        address for address in addresses if "/figures/" not in address and issuing.get(address).status_code != 200
    ] == []
    assert rows_behind(issuing, reverse("reform:bulletin_figure", args=[bulletin.pk, "plans"])) == 2
    assert seen == expected.keys()
    parts = {"plans_done": "plans", "green": "indicators", "amber": "indicators", "red": "indicators"}
    parts |= {"main_ahead": "main", "in_time": "due", "submitted": "due"}
    counted = {share(expected[part], expected[whole]) for part, whole in parts.items()}
    figures = {share(4, 120), share(70, 120), share(7, 12)}  # of the year: achieved, planned, over
    assert {text for text, _ in links(content) if text.endswith("%")} == counted | figures


def share(part, whole):
    """Rounded down."""
    return f"{Decimal(int(Decimal(1000) * part / whole)) / 10:g}%"


def test_no_number_stands_without_a_source(cast, story):
    content = documents.bulletin_document(factories.bulletin(cast.office), SITE)
    sourced = {text for text, _ in links(content)}
    for text in paragraphs(content):
        if text in sourced or re.fullmatch(r"\d+", text):  # a cell that leads; the running number of a row
            continue
        rest = UNSOURCED.sub("", text)
        for linked in sorted(sourced, key=len, reverse=True):
            rest = rest.replace(linked, "")
        assert not re.search(r"\d", rest), text


def test_the_lagging_list_names_the_forecast_with_its_band(cast):
    drawn = cast.issued_map()
    for month in (1, 2):
        cast.bring(factories.target_update(drawn, cast.clerk, month), State.CONFIRMED)
    drawn.indicators.first().targets.filter(month__lte=2).update(actual=Decimal(4))
    ForecastQuality.objects.create(type="cumulative", month=2, cases=20, low="0.9", high="1.1", error="0.05")
    with time_machine.travel("2026-08-05T09:00+08:00"):
        bulletin, facts = factories.bulletin(cast.office), PeriodFacts(Period(2026, 1, 7))
        one_month = PeriodFacts(Period(2026, 1, 1))
    assert [row[7] for row in behind_rows(facts)] == [
        [to("48家（43—52）", f"/projects/{cast.project.pk}/#map")],  # 8 of a planned 20, of a year's 120
        [to("120家（108—132）", f"/projects/{cast.project.pk}/#map")],  # values of two months, as planned
    ]
    assert [row[7] for row in behind_rows(one_month)] == [["无"]]
    said = " ".join(paragraphs(documents.bulletin_document(bulletin, SITE)))
    assert "可预测年底完成情况的 2 项中，按目前进度预计达不到年度目标的 1 项。" in said
    assert [sources.rows_of(bulletin.sources[name], cast.office).count() for name in ("forecast", "short")] == [2, 1]


def test_of_a_year_that_is_over_nothing_is_forecast(cast):
    drawn = cast.issued_map()
    for month in (1, 2):
        cast.bring(factories.target_update(drawn, cast.clerk, month), State.CONFIRMED)
    for day, heads in (
        ("2026-12-31T23:50+08:00", ["滞后", "预计年底完成", "原因"]),
        ("2027-01-01T00:10+08:00", ["累计完成", "滞后", "原因"]),
    ):
        with time_machine.travel(day):
            bulletin = factories.bulletin(cast.office, period="2026-01-12")
        text = " ".join(paragraphs(documents.bulletin_document(bulletin, SITE)))
        assert ("年底" in text) is ("2026" in day), day
        [section] = [found for found in bulletin.content["sections"] if found["title"] == "进展滞后核心指标清单"]
        [table] = section["tables"]
        assert [head["text"] for head in table["heads"]][-3:] == heads
        assert {len(row) for row in table["rows"]} == {len(table["heads"])}


def test_rates_are_those_of_the_month_end_room(cast, story):
    bulletin = factories.bulletin(cast.office)
    [found] = rates((2026, 1), (2026, 7), date(2026, 8, 5)).values()
    sizes = {name: len(source["ids"]) for name, source in bulletin.sources.items()}
    assert (sizes["due"], sizes["submitted"], sizes["in_time"]) == (found.due, found.submitted, found.in_time)


def test_the_page_shows_what_the_document_says(cast, story, issuing):
    bulletin = factories.bulletin(cast.office)
    page = issuing.get(reverse("reform:bulletin", args=[bulletin.pk])).content.decode()
    shown = " ".join(re.sub(r"<[^>]+>", "", page).split())
    for text in paragraphs(documents.bulletin_document(bulletin, SITE)):
        for line in re.split(r"\t", text):
            assert " ".join(line.split()) in shown, line


def test_the_office_replaces_a_template_by_one_that_works(cast, story, issuing):
    replace = reverse("reform:word_template_replace", args=["bulletin"])
    wrong = issuing.post(replace, {"bulletin-file": sent("模板.docx", template("{{ titel }}").read())})
    assert wrong.status_code == 422
    assert "“titel”不是可用的名称" in wrong.content.decode()
    assert not WordTemplate.objects.exists()
    page = wrong.content.decode()
    assert [name for name in documents.sample("bulletin") if f"<code>{name}</code>" not in page] == []
    assert "发文单位" in page
    own = template("{{ title }}", "{%p for section in sections %}", "{{ section.title }}", "{%p endfor %}").read()
    for name in ("甲.docx", "乙.docx"):
        issuing.post(replace, {"bulletin-file": sent(name, own + name.encode())})
    assert [found.name for found in WordTemplate.objects.current()] == ["乙.docx"]
    bulletin = factories.bulletin(cast.office)
    assert paragraphs(documents.bulletin_document(bulletin, SITE))[:2] == [bulletin.title, "一、总体情况"]
    issuing.post(reverse("reform:word_template_restore", args=["bulletin"]))
    assert len(paragraphs(documents.bulletin_document(bulletin, SITE))) > 50


def test_before_anything_is_issued_a_draft_says_so(cast):
    bulletin = factories.bulletin(cast.office)
    assert "2026年度还没有下发项目作战图。" in paragraphs(documents.bulletin_document(bulletin, SITE))
