"""逾期未审: what has waited for more working days than reviewers have."""

import datetime as dt

import pytest
import time_machine
from django.urls import reverse

from reform.calendar.models import CalendarDay
from reform.reporting.review_time import overdue_before
from tests import factories
from tests.workflow.record_pages import address, words
from workflow.models import Record
from workflow.states import State


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("now", "before"),
    [
        ("2026-07-15T09:00+08:00", "2026-07-13T00:00+08:00"),  # a Wednesday: what came on Sunday or earlier
        ("2026-07-16T00:00+08:00", "2026-07-14T00:00+08:00"),
        ("2026-07-13T09:00+08:00", "2026-07-09T00:00+08:00"),  # over the weekend
        ("2026-07-19T09:00+08:00", "2026-07-16T00:00+08:00"),
    ],
)
def test_two_working_days_lie_between_the_day_it_came_and_today(now, before):
    with time_machine.travel(now):
        assert overdue_before() == dt.datetime.fromisoformat(before)


@pytest.mark.django_db
def test_days_off_and_days_worked_instead_count_as_the_calendar_says(settings):
    CalendarDay.objects.update_or_create(day=dt.date(2026, 7, 14), defaults={"is_working": False})
    CalendarDay.objects.update_or_create(day=dt.date(2026, 7, 12), defaults={"is_working": True})
    with time_machine.travel("2026-07-15T09:00+08:00"):
        assert overdue_before() == dt.datetime.fromisoformat("2026-07-12T00:00+08:00")
        settings.REVIEW_WORKING_DAYS = 1
        assert overdue_before() == dt.datetime.fromisoformat("2026-07-13T00:00+08:00")


@pytest.fixture
def left(cast):
    """A record that came on a Friday at noon, and waits."""
    cast.issued_map()
    with time_machine.travel("2026-07-10T12:00+08:00"):
        return cast.bring(factories.promotion(cast.project, cast.clerk), State.SUBMITTED)


@pytest.mark.parametrize(("now", "late"), [("2026-07-14T23:59+08:00", False), ("2026-07-15T00:00+08:00", True)])
def test_it_is_shown_wherever_the_record_waits(client, cast, left, now, late):
    with time_machine.travel(now):
        for who, page in (
            ("reviewer", reverse("workflow:inbox")),
            ("reviewer", address(left)),
            ("reviewer", address(left, "desk_record")),
            ("office", address(left)),
        ):
            client.force_login(getattr(cast, who))
            answer = client.get(page, headers={"X-Requested-With": "XMLHttpRequest"})
            assert ("逾期未审" in answer.content.decode()) is late, (who, page)
        for who in ("reviewer", "office"):
            client.force_login(getattr(cast, who))
            page = words(client.get("/").content.decode())
            assert ("没有逾期未审的记录。" not in page) is late, who


def test_each_level_has_its_own_two_days(cast, left):
    with time_machine.travel("2026-07-15T09:00+08:00"):
        found = Record.objects.waiting_since_before(overdue_before())
        assert [record.pk for record in found] == [left.pk]
        cast.act(left, "reviewer", "approve")
        assert not found.all().exists()
    with time_machine.travel("2026-07-20T09:00+08:00"):
        assert Record.objects.waiting_since_before(overdue_before()).filter(pk=left.pk).exists()
        cast.act(left, "office", "confirm")
        assert not Record.objects.waiting_since_before(overdue_before()).filter(pk=left.pk).exists()


def test_the_office_sees_what_is_overdue_in_the_departments_that_it_looks_after(client, cast, left):
    with time_machine.travel("2026-07-15T09:00+08:00"):
        client.force_login(cast.office_elsewhere)
        assert "没有逾期未审的记录。" in client.get("/").content.decode()


def test_the_month_end_room_says_so_beside_the_matter(client, cast):
    update = factories.target_update(cast.issued_map(), cast.clerk, 7)
    for line in update.lines():
        line.value, line.remark = 1, "前期手续较慢。"
        line.save()
    cast.bring(update, State.SUBMITTED)
    room = reverse("reform:month_end")
    for day, late in (("2026-07-17T09:00+08:00", False), ("2026-07-20T09:00+08:00", True)):
        with time_machine.travel(day):
            client.force_login(cast.office)
            page = client.get(room, {"period": "2026-07", "open": cast.planning.pk}).content.decode()
            assert "已停留" in page
            assert ("逾期未审" in page) is late
