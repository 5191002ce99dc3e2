"""A month end: reminders, who has not reported, 催办, and what comes too late."""

import io
from unittest.mock import Mock

import pytest
from django.core.cache import cache
from django.core.management import call_command
from django.urls import reverse

from accounts.models import Role
from reform.calendar import Calendar, today
from reform.cockpit import figures, situation
from reform.models import CalendarDay, PlanUpdate, TargetUpdate
from reform.models.due_schedule import follow_calendar
from reform.reporting.reminders import missing, reminders, stage
from tests import factories
from tests.factories import ProjectFactory, UserFactory
from tests.reform.month_end_pages import issue, received, report_plan
from workflow.models import Message
from workflow.states import State

pytestmark = [pytest.mark.usefixtures("due_agrees"), pytest.mark.sql]


def run(*options):
    out = io.StringIO()
    call_command("remind", *options, stdout=out, stderr=out)
    return out.getvalue().strip()


# --- The story ---------------------------------------------------------------------------------------------


def test_a_month_end_from_the_first_reminder_to_a_late_report(client, press, cast, november, on):
    first, second = november
    with on("2026-11-20"):  # six working days are left
        assert run() == "已发送 0 条，0 条此前已发送。"

    with on("2026-11-23"):
        assert run() == "已发送 7 条，0 条此前已发送。"  # two clerks, two kinds each; three at the office
        left = "截止11月30日，还剩5个工作日"
        assert received(cast.clerk) == [
            "2026年11月量化目标推进更新还有 2 项未上报，截止11月30日，还剩5个工作日。",
            "2026年11月月度计划推进更新还有 2 项未上报，截止11月30日，还剩5个工作日。",
        ]
        assert received(cast.office) == [
            f"2026年11月未报情况（{left}）：市发展改革委：量化目标推进更新 2 项、月度计划推进更新 2 项。"
        ]
        assert received(cast.reviewer) == received(cast.stranger) == received(cast.admin) == []
        assert run() == "已发送 0 条，7 条此前已发送。"

    with on("2026-11-25"):
        cast.bring(factories.target_update(first, cast.clerk, 11), State.CONFIRMED)
        cast.act(report_plan(cast, first), "clerk", "submit")
        Message.objects.exclude(key__startswith="remind").delete()
        assert run() == "已发送 7 条，0 条此前已发送。"
        assert received(cast.clerk2)[-1] == "2026年11月月度计划推进更新还有 1 项未上报，截止11月30日，还剩3个工作日。"

    with on("2026-11-27"):
        run()
        assert "还剩1个工作日" in received(cast.clerk)[-1]
        pressed = {"only": f"targetupdate-{cast.planning.pk}", "period": "2026-11"}
        page = press(**pressed).content.decode()
        assert "已催办市发展改革委量化目标推进更新，通知 2 人次。" in page
        assert "今天 09:00" in page
        assert "今天已经催办过" in press(**pressed).content.decode()
        assert received(cast.clerk)[-1] == (
            "市委改革办催办：市发展改革委2026年11月量化目标推进更新还有 1 项未上报，截止11月30日，请抓紧填报。"
        )

    with on("2026-11-30", "17:00"):
        run()
        assert received(cast.clerk)[-1].endswith("截止11月30日，今天是最后一天。")
        assert cast.act(report_plan(cast, second), "clerk", "submit").late is False

    with on("2026-12-01"):
        assert run() == "已发送 0 条，0 条此前已发送。\n工作日历中没有 2027 年的放假安排，请市委改革办导入。"
        tardy = cast.act(factories.target_update(second, cast.clerk, 11), "clerk", "submit")
        assert tardy.late is True
        client.force_login(cast.reviewer)
        assert ">迟报<" in client.get(reverse("workflow:record", args=[tardy.pk])).content.decode()

    keys = [tuple(row) for row in Message.objects.values_list("recipient", "key")]
    assert len(keys) == len(set(keys))


# --- When ---------------------------------------------------------------------------------------------------


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("day", "reached"),
    [
        ("2026-11-20", None),
        ("2026-11-23", 5),
        ("2026-11-24", 5),  # on the 23rd nothing ran: made up for
        ("2026-11-25", 3),
        ("2026-11-26", 3),
        ("2026-11-27", 1),
        ("2026-11-29", 1),  # Sunday
        ("2026-11-30", 0),
        ("2026-10-31", None),  # Saturday after October's last working day
        ("2026-02-13", None),
        ("2026-02-14", 5),  # a Saturday worked before 春节, which lasts until the 23rd; the 28th is worked too
        ("2026-02-24", 5),
        ("2026-02-25", 3),
        ("2026-02-27", 1),
        ("2026-02-28", 0),
        ("2027-02-26", 0),  # a year without notice: Monday to Friday
    ],
)
def test_the_days_are_counted_in_working_days(day, reached, on):
    with on(day):
        assert stage(Calendar(), today()) == reached


def test_a_notice_that_comes_late_moves_the_reminder(cast, november, on):
    with on("2026-11-30"):
        CalendarDay.objects.create(day="2026-11-30", note="临时放假")
        follow_calendar()
        assert reminders(today()) == []


# --- Whom, and of what --------------------------------------------------------------------------------------


def test_a_dry_run_says_what_it_would_send_and_sends_nothing(cast, november, on):
    with on("2026-11-23"):
        lines = run("--dry-run").splitlines()
    assert lines[0] == "录入甲：2026年11月量化目标推进更新还有 2 项未上报，截止11月30日，还剩5个工作日。"
    assert lines[-1] == "共 7 条，未发送。"
    assert not Message.objects.exists()


def test_one_message_for_all_departments_entrusted(cast, november, on):
    with on("2026-01-06"):
        theirs = ProjectFactory(name="科技体制改革", department=cast.science)
        drawn = factories.battle_map(theirs, cast.partner)
        drawn = cast.bring(drawn, State.DRAFT)
    cast.partner.assign(cast.planning)
    with on("2026-11-23"):
        run()
    assert drawn.state == State.DRAFT  # not issued: nothing to report
    assert received(cast.partner)[0].startswith("2026年11月量化目标推进更新还有 2 项未上报")


def test_nothing_is_said_when_all_have_reported(cast, november, on):
    with on("2026-11-24"):
        for drawn in november:
            cast.act(factories.target_update(drawn, cast.clerk, 11), "clerk", "submit")
            cast.act(report_plan(cast, drawn), "clerk", "submit")
        assert reminders(today()) == []


def test_a_plan_told_of_before_its_month_is_still_to_be_told_of(cast, november, on):
    with on("2026-10-20"):
        cast.bring(report_plan(cast, november[0]), State.CONFIRMED)
        assert missing(2026, 11)[PlanUpdate][cast.planning.pk] == 2
        done = report_plan(cast, november[1], status="done")
        factories.ClassifiedNoticeFactory(record=done)
        cast.bring(done, State.CONFIRMED)
    assert missing(2026, 11)[PlanUpdate][cast.planning.pk] == 1  # 已完成 needs no more


def test_a_correction_under_way_takes_nothing_back(cast, november, on):
    with on("2026-11-24"):
        cast.bring(factories.target_update(november[0], cast.clerk, 11), State.CONFIRMED)
        correction = factories.target_update(november[0], cast.clerk, 11)
        assert (correction.revision, missing(2026, 11)[TargetUpdate][cast.planning.pk]) == (2, 1)


@pytest.mark.parametrize("more", [0, 3])
def test_reminding_costs_the_same_however_many_there_are(cast, november, on, django_assert_num_queries, more):
    with on("2026-01-06"):
        for number in range(more):
            department = factories.DepartmentFactory(name=f"第{number}单位")
            UserFactory(department=department, role=Role.ENTRY)
            drawn = issue(cast, ProjectFactory(department=cast.planning))
            drawn.project.department = department
            drawn.project.save()
    # The calendar, what is due, the clerks, the departments and the office.
    with on("2026-11-23"), django_assert_num_queries(6):
        assert len(reminders(today())) == 7 + 2 * more


def test_a_plan_that_was_not_done_is_asked_for_again_in_each_month_after_it(cast, november, on):
    with on("2026-11-24"):
        cast.bring(report_plan(cast, november[0]), State.CONFIRMED)
        assert missing(2026, 11)[PlanUpdate][cast.planning.pk] == 1
    assert missing(2026, 12)[PlanUpdate][cast.planning.pk] == 6


def test_it_prepares_the_cockpit_for_the_day(cast, client, settings, monkeypatch):
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
    cache.clear()
    cast.issued_map()
    run()
    for module, name in ((situation, "_standings"), (figures, "shares"), (figures, "rates"), (figures, "plan_months")):
        monkeypatch.setattr(module, name, Mock(__name__=name, side_effect=AssertionError))
    client.force_login(cast.office)
    assert cast.project.name in client.get("/cockpit/").content.decode()
