"""Working days with 调休, the terms of a month, and the table that the office keeps."""

import re
from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.urls import reverse

from reform.calendar import Calendar, Phase, unknown_years
from reform.models import CalendarDay, DueItem, due_schedule
from tests.reform.calendar.browsers import at_work

pytestmark = pytest.mark.usefixtures("due_agrees")

# From the State Council's notice for 2026: the last working days of its months, the last five begin on …
TERMS = {
    1: ("2026-01-26", "2026-01-30"),
    2: ("2026-02-24", "2026-02-28"),  # a Saturday worked for 春节
    3: ("2026-03-25", "2026-03-31"),
    4: ("2026-04-24", "2026-04-30"),
    5: ("2026-05-25", "2026-05-29"),
    6: ("2026-06-24", "2026-06-30"),
    7: ("2026-07-27", "2026-07-31"),
    8: ("2026-08-25", "2026-08-31"),
    9: ("2026-09-23", "2026-09-30"),  # 中秋 on the 25th: five working days take eight
    10: ("2026-10-26", "2026-10-30"),
    11: ("2026-11-24", "2026-11-30"),
    12: ("2026-12-25", "2026-12-31"),
}


# --- Working days ------------------------------------------------------------------------------------------


def at(text):
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo("Asia/Shanghai"))


@pytest.mark.django_db
def test_a_month_is_due_in_its_last_five_working_days():
    calendar = Calendar()
    found = {month: calendar.term(2026, month) for month in TERMS}
    assert {month: (str(term.opens), str(term.closes)) for month, term in found.items()} == TERMS


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("day", "works"),
    [
        ("2026-02-28", True),  # Saturday, worked for 春节
        ("2026-10-10", True),  # Saturday, worked for 国庆节
        ("2026-10-08", True),
        ("2026-10-07", False),
        ("2026-10-11", False),  # an ordinary Sunday
        ("2024-02-04", True),  # the first year in the table
        ("2023-10-03", True),  # before it, Monday to Friday
        ("2031-10-01", True),  # of which nothing is known yet
    ],
)
def test_exceptions_go_over_monday_to_friday(day, works):
    assert Calendar().works(date.fromisoformat(day)) is works


@pytest.mark.django_db
def test_a_year_is_asked_for_once(django_assert_num_queries):
    calendar = Calendar()
    with django_assert_num_queries(2):
        for month in range(1, 13):
            calendar.term(2025, month)
            calendar.term(2026, month)


@pytest.mark.django_db
def test_a_correction_holds_at_once():
    assert Calendar().term(2026, 11).closes == date(2026, 11, 30)
    CalendarDay.objects.create(day=date(2026, 11, 30), is_working=False, note="临时放假")
    assert Calendar().term(2026, 11).closes == date(2026, 11, 27)


@pytest.mark.django_db
def test_a_month_without_any_working_day_closes_with_its_last_day():
    days = [CalendarDay(day=date(2027, 2, number), note="停工") for number in range(1, 29)]
    CalendarDay.objects.bulk_create(days)
    term = Calendar().term(2027, 2)
    assert term.opens == term.closes == date(2027, 2, 28)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("day", "phase", "words"),
    [
        ("2026-11-23", Phase.NOT_YET, "截止11月30日"),
        ("2026-11-24", Phase.DUE, "本月应报，截止11月30日"),
        ("2026-11-30", Phase.DUE, "本月应报，截止11月30日"),
        ("2026-12-01", Phase.LATE, "已逾期，截止11月30日"),
        ("2027-01-04", Phase.LATE, "已逾期，截止2026年11月30日"),
    ],
)
def test_a_term_says_where_a_day_lies(day, phase, words):
    term, day = Calendar().term(2026, 11), date.fromisoformat(day)
    assert (term.phase(day), term.words(day)) == (phase, words)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("issued", "month", "opens", "closes"),
    [
        ("2026-07-15", 3, "2026-07-15", "2026-07-31"),  # over before the issue: due with its month, from then on
        ("2026-07-15", 7, "2026-07-27", "2026-07-31"),
        ("2026-03-31", 3, "2026-03-25", "2026-03-31"),
        ("2026-10-31", 3, "2026-10-31", "2026-11-30"),  # issued on a Saturday after October's last working day
        ("2027-01-30", 12, "2027-01-30", "2027-02-26"),
    ],
)
def test_a_month_over_before_the_map_was_issued_is_due_with_the_month_of_the_issue(issued, month, opens, closes):
    term = Calendar().term(2026, month, at(issued))
    assert (str(term.opens), str(term.closes)) == (opens, closes)


# --- The table -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("day", "years"),
    [
        ("2026-07-15", []),
        ("2026-11-30", []),
        ("2026-12-01", [2027]),
        ("2027-01-02", [2027]),
        ("2027-12-05", [2027, 2028]),
    ],
)
def test_the_office_is_told_of_a_year_without_notice(client, cast, day, years):
    with time_machine.travel(f"{day}T09:00+08:00"):
        at_work(client, cast)
        assert unknown_years() == years
        for url in (reverse("home"), reverse("reform:calendar")):
            page = client.get(url).content.decode()
            assert ("导入放假安排" in page.partition("暂按周一至周五")[2]) is bool(years)
            for year in years:
                assert f"{year} 年" in page


def test_a_day_entered_by_hand_does_not_make_a_year_known(client, office, cast):
    with time_machine.travel("2026-12-01T09:00+08:00"):
        at_work(client, cast)
        sent_day(client, day="2027-01-01", is_working="False", note="元旦")
        assert CalendarDay.objects.filter(day__year=2027).count() == 1
        assert unknown_years() == [2027]
        assert "还没有 2027 年的放假安排" in client.get(reverse("home")).content.decode()
        client.post(reverse("reform:calendar_complete", args=[2027]))
        assert unknown_years() == []
        assert "还没有 2027 年" not in client.get(reverse("home")).content.decode()
        page = client.get(reverse("reform:calendar_year", args=[2027])).content.decode()
        assert "2027年放假安排：确认已录入完整" in page
        assert "2027-01-01 元旦：新增" in page


def test_others_are_not_bothered_with_it(client, cast):
    with time_machine.travel("2026-12-05T09:00+08:00"):
        client.force_login(cast.clerk)
        assert "暂按周一至周五" not in client.get(reverse("home")).content.decode()


def sent_day(client, pk=None, **facts):
    url = reverse("reform:calendar_day", args=[pk]) if pk else reverse("reform:calendar_day_add")
    return client.post(url, facts)


def test_the_office_corrects_a_day(office):
    page = office.get(reverse("reform:calendar_year", args=[2026])).content.decode()
    assert re.search(r'title="春节调休上班">28<span class="day-work">班</span>', page)
    row = CalendarDay.objects.get(day=date(2026, 2, 28))
    facts = {"day": "2026-02-28", "is_working": "False", "note": "改为休息"}
    assert sent_day(office, row.pk, **facts).status_code == 302
    assert Calendar().term(2026, 2).closes == date(2026, 2, 27)
    twice = sent_day(office, **facts)
    assert "这一天已经在表中，请直接修改那一天。" in twice.content.decode()
    page = office.get(reverse("reform:calendar_day", args=[row.pk])).content.decode()
    assert "安排：上班 → 休息" in page


def test_a_correction_says_first_how_many_matters_it_moves(office, cast):
    """A map issued on 15 July: the values of January to July, and the plans of February and July, close on the 31st."""
    cast.issued_map()
    july = DueItem.objects.standing().filter(due_on=date(2026, 7, 31))
    number = 9
    assert july.count() == number
    facts = {"day": "2026-07-31", "is_working": "False", "note": "临时放假"}
    asked = sent_day(office, **facts)
    assert asked.status_code == 422
    assert f"{number} 项尚未上报的应报事项，截止日期将随之变动。" in asked.content.decode()
    assert july.count() == number
    assert not CalendarDay.objects.filter(day=date(2026, 7, 31)).exists()
    done = office.post(reverse("reform:calendar_day_add"), facts | {"accepted": "on"}, follow=True)
    assert f"{number} 项尚未上报的应报事项，截止日期已随之变动。" in done.content.decode()
    assert (july.count(), DueItem.objects.standing().filter(due_on=date(2026, 7, 30)).count()) == (0, number)
    row = CalendarDay.objects.get(day=date(2026, 7, 31))
    page = office.get(reverse("reform:calendar_day", args=[row.pk])).content.decode()
    assert f"删除后，这一天按周一至周五上班计算。{number} 项尚未上报的应报事项" in page
    office.post(reverse("reform:calendar_day_delete", args=[row.pk]))
    assert july.count() == number
    log = office.get(reverse("reform:calendar_year", args=[2026])).context["log"]
    assert [(entry.object_repr, entry.get_change_message()) for entry in log] == [
        ("2026-07-31 临时放假", "删除"),
        ("2026-07-31 临时放假", "新增"),
    ]


def test_a_day_far_from_any_notice_is_refused(office):
    answer = sent_day(office, day="2126-01-01", is_working="False", note="元旦")
    assert "日期应在 2013 至 2028 年之间。" in answer.content.decode()


@pytest.mark.parametrize("who", ["clerk", "reviewer", "admin", "auditor"])
def test_for_everybody_else_it_is_not_there(client, cast, who):
    client.force_login(getattr(cast, who))
    row = CalendarDay.objects.first()
    for url in (
        reverse("reform:calendar"),
        reverse("reform:calendar_year", args=[2026]),
        reverse("reform:calendar_day", args=[row.pk]),
        reverse("reform:calendar_day_add"),
        reverse("reform:calendar_import"),
        reverse("reform:calendar_template"),
        reverse("admin:reform_calendarday_changelist"),
    ):
        assert client.get(url).status_code == 404, url
    for url in (
        reverse("reform:calendar_day_delete", args=[row.pk]),
        reverse("reform:calendar_complete", args=[2027]),
    ):
        assert client.post(url).status_code == 404, url


def test_a_correction_that_lets_things_lapse_says_so_first(office, cast):
    """Today was the last day; with today off, yesterday was, and nothing moves what is past."""
    cast.issued_map()
    facts = {"day": "2026-07-31", "is_working": "False", "note": "临时放假"}
    with time_machine.travel("2026-07-31T09:00+08:00", tick=False):
        office.force_login(cast.office)
        asked = sent_day(office, **facts).content.decode()
        assert "9 项尚未上报的应报事项，截止日期将随之变动。其中 9 项随即逾期，再改回日历也不恢复。" in asked
        office.post(reverse("reform:calendar_day_add"), facts | {"accepted": "on"})
        CalendarDay.objects.filter(day=date(2026, 7, 31)).delete()
        assert due_schedule.follow_calendar() == 0
        assert DueItem.objects.standing().filter(due_on=date(2026, 7, 30)).count() == 9


def test_the_admin_corrects_a_day_by_the_same_form(office, cast):
    cast.issued_map()
    url = reverse("admin:reform_calendarday_add")
    facts = {"day": "2026-07-31", "is_working": "False", "note": "临时放假"}
    assert "截止日期将随之变动" in office.post(url, facts).content.decode()
    assert office.post(url, facts | {"accepted": "on"}).status_code == 302
    assert not DueItem.objects.standing().filter(due_on=date(2026, 7, 31)).exists()
