"""The issues of 通报: made and issued in a few clicks, numbers without gaps, checked files, who sees what."""

from datetime import date

import pytest
import time_machine
from django.urls import reverse

from reform.calendar import Period
from reform.models import Bulletin, Series
from tests import factories
from tests.documents import PDF, macro_enabled
from tests.reform.bulletins.figures import rows_behind
from tests.tracks import CONTROL_ROUNDS, track
from tests.uploads import sent
from tests.word import links


def test_a_draft_is_made_seen_and_issued_in_a_few_clicks(cast, story, issuing):
    said = {"series": "progress", "period": "2026-01-07", "dated": "2026-08-05", "addressed_to": "各责任单位"}
    wrong = issuing.post(reverse("reform:bulletin_make"), said | {"period": "2026-02-05", "dated": "明天"})
    assert {*wrong.context["form"].errors} == {"period", "dated"}
    answer = issuing.post(reverse("reform:bulletin_make"), said, follow=True)
    bulletin = Bulletin.objects.get()
    assert "已生成2026年第1期草稿" in answer.content.decode()
    word = issuing.get(reverse("reform:bulletin_word", args=[bulletin.pk]))
    assert links(word.content)[0][1].startswith("http://testserver/bulletins/")

    issue = reverse("reform:bulletin_issue", args=[bulletin.pk])
    for file, sentence in (
        (sent("通报.docx", macro_enabled("docx")), "文件含有宏"),
        (sent("通报.exe", PDF), "可以上传：docx、pdf"),
        (sent("机密★通报.pdf", PDF), "密级标志"),
    ):
        refused = issuing.post(issue, {"file": file, "unclassified": "on"})
        assert (refused.status_code, refused.context["form"].errors["file"][0].count(sentence)) == (422, 1)
    assert issuing.post(issue, {"file": sent("通报.pdf")}).status_code == 422  # not ticked
    issuing.post(issue, {"file": sent("通报（印发）.docx", word.content), "unclassified": "on"})
    bulletin.refresh_from_db()
    assert (bulletin.is_issued, bulletin.file.name) == (True, "通报（印发）.docx")
    assert {person.full_name for person in cast.people.values() if person.messages.filter(text__contains="已印发")} == {
        *("录入甲", "录入乙", "审核甲", "审核乙", "配合录入", "配合审核", "外单位录入", "外单位审核")
    }
    for again in ("renew", "discard", "issue"):
        page = issuing.post(
            reverse(f"reform:bulletin_{again}", args=[bulletin.pk]),
            {"file": sent("改.pdf"), "unclassified": "on"},
            follow=True,
        )
        assert "已印发，不再更改" in page.content.decode()
    assert bulletin.files.count() == 1


def test_departments_see_what_was_issued_to_them(client, cast, story):
    bulletin = factories.issued_bulletin(cast.office, "x/x.pdf")
    page, figure = (
        reverse("reform:bulletin", args=[bulletin.pk]),
        reverse("reform:bulletin_figure", args=[bulletin.pk, "projects"]),
    )

    def seen(person):
        client.force_login(person)
        return client.get(page).status_code

    assert [seen(who) for who in (cast.clerk, cast.stranger)] == [200, 200]
    assert rows_behind(client, figure) == 0  # the stranger sees that there is one, not which
    matters, letters = (reverse("reform:bulletin_figure", args=[bulletin.pk, f]) for f in ("open_matters", "letters"))
    assert [rows_behind(client, address) for address in (matters, letters)] == [0, 0]
    client.force_login(cast.partner)
    assert [rows_behind(client, address) for address in (matters, letters)] == [2, 0]  # letters go to who leads
    bulletin.departments.set([cast.planning])
    assert [seen(who) for who in (cast.clerk, cast.partner, cast.stranger, cast.admin)] == [200, 404, 404, 404]
    Bulletin.objects.update(issued_at=None, issued_by=None)
    assert [seen(who) for who in (cast.clerk, cast.office)] == [404, 200]


def test_numbers_leave_no_gap(cast, issuing):
    first, second = factories.bulletin(cast.office), factories.bulletin(cast.office)
    other = factories.bulletin(cast.office, series=Series.UNREPORTED)
    assert [found.number for found in (first, second, other)] == [1, 2, 1]
    refused = issuing.post(reverse("reform:bulletin_discard", args=[first.pk]), follow=True)
    assert "以免期号中断" in refused.content.decode()
    issuing.post(reverse("reform:bulletin_discard", args=[second.pk]))
    assert factories.bulletin(cast.office).number == 2
    with time_machine.travel("2027-01-05T09:00+08:00"):
        assert factories.bulletin(cast.office, "2026-01-12").issue_words == "2027年第1期"


@pytest.mark.parametrize(
    ("made", "dated", "words"),
    [
        ("2026-12-31", "2027-01-04", "2027年第1期"),
        ("2027-01-04", "2026-12-31", "2026年第2期"),
        ("2027-01-04", "2062-01-04", "印发日期的年份有误，请核对。"),
    ],
)
def test_the_number_is_of_the_year_of_the_date(cast, issuing, made, dated, words):
    cast.issued_map()
    factories.bulletin(cast.office)
    with time_machine.travel(f"{made}T09:00+08:00"):
        issuing.force_login(cast.office)
        said = {"series": "progress", "period": "2026-01-12", "dated": dated, "addressed_to": "各责任单位"}
        assert words in issuing.post(reverse("reform:bulletin_make"), said, follow=True).text


def beginning(cast, **options):
    with track('INSERT INTO "reform_bulletin" ', **options) as two:

        def deed():
            try:
                return Bulletin.begin(cast.office, Series.PROGRESS, Period(2026, 1, 7), dated=date(2026, 7, 15)).number
            except Exception as error:  # noqa: BLE001 - of the control
                return type(error).__name__

        return [two.race(deed, deed) for _round in range(CONTROL_ROUNDS)]


@pytest.mark.race
def test_two_who_begin_at_once_get_two_numbers(cast):
    assert [sorted(pair) for pair in beginning(cast)] == [[2 * n + 1, 2 * n + 2] for n in range(CONTROL_ROUNDS)]


@pytest.mark.race
def test_control_without_locks_both_want_the_same_number(cast):
    assert any("IntegrityError" in pair for pair in beginning(cast, locks=False))
