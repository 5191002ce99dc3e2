"""A month end: reminders, who has not reported, 催办, and what comes too late."""

import io

import pytest
import time_machine
from django.core.management import call_command
from django.urls import reverse

from accounts import clock
from accounts.models import Role, User
from reform.calendar import Calendar, today
from reform.models import CalendarDay, MonthlyPlan, PlanUpdate, TargetUpdate
from reform.models.due_schedule import follow_calendar
from reform.reporting.reminders import Tally, reminders, stage, tallies
from tests import factories
from tests.factories import ProjectFactory, UserFactory
from workflow.models import Message
from workflow.states import State

pytestmark = [pytest.mark.usefixtures("due_agrees"), pytest.mark.sql]


def issue(cast, project):
    """A map with one plan in November, and two in December."""
    drawn = factories.battle_map(project, cast.clerk)
    MonthlyPlan.objects.filter(measure__battle_map=drawn, month__lt=11).update(month=12)
    return cast.bring(drawn, State.ISSUED)


@pytest.fixture
def november(cast):
    """Two issued maps of 市发展改革委, each with a plan in November; what was said of them is forgotten."""
    with time_machine.travel("2026-01-05T09:00+08:00"):
        maps = [issue(cast, cast.project), issue(cast, ProjectFactory(name="营商环境改革", department=cast.planning))]
    Message.objects.all().delete()
    return maps


@pytest.fixture
def on(client):
    """on("2026-11-23"): the morning of that day."""

    def travel(day, time="09:00"):
        return time_machine.travel(f"{day}T{time}+08:00", tick=False)

    return travel


def run(*options):
    out = io.StringIO()
    call_command("remind", *options, stdout=out, stderr=out)
    return out.getvalue().strip()


def received(person):
    return list(person.messages.order_by("pk").values_list("text", flat=True))


def report_plan(cast, drawn, month=11, **words):
    return factories.plan_update(MonthlyPlan.objects.get(measure__battle_map=drawn, month=month), cast.clerk, **words)


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
        pressed = {"kind": "targetupdate", "department": cast.planning.pk, "month": "2026-11"}
        page = press(**pressed).content.decode()
        assert "已催办市发展改革委量化目标推进更新，通知 2 人。" in page
        assert "今天已催办" in page
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


@pytest.mark.parametrize(
    "case",
    [
        ([], 2, 0),
        (["clerk submit"], 1, 1),
        (["clerk submit", "clerk withdraw"], 2, 0),
        (["clerk submit", "reviewer reject"], 2, 0),
        (["clerk submit", "reviewer approve"], 1, 0),
        (["clerk submit", "reviewer approve", "office send_back"], 2, 0),
        (["clerk submit", "reviewer approve", "office confirm"], 1, 0),
    ],
)
def test_reported_is_what_lies_before_a_reviewer_or_is_confirmed(cast, november, on, case):
    with on("2026-11-24"):
        for record in (factories.target_update(november[0], cast.clerk, 11), report_plan(cast, november[0])):
            for step in case[0]:
                cast.act(record, *step.split())
        found = tallies(2026, 11)
    tally = Tally(expected=2, missing=case[1], at_department=case[2])
    assert found == {kind: {cast.planning.pk: tally} for kind in (TargetUpdate, PlanUpdate)}


def test_a_plan_told_of_before_its_month_is_still_to_be_told_of(cast, november, on):
    with on("2026-10-20"):
        cast.bring(report_plan(cast, november[0]), State.CONFIRMED)
        assert tallies(2026, 11)[PlanUpdate][cast.planning.pk].missing == 2
        done = report_plan(cast, november[1], status="done")
        factories.ClassifiedNoticeFactory(record=done)
        cast.bring(done, State.CONFIRMED)
    assert tallies(2026, 11)[PlanUpdate][cast.planning.pk].missing == 1  # 已完成 needs no more


def test_a_correction_under_way_takes_nothing_back(cast, november, on):
    with on("2026-11-24"):
        cast.bring(factories.target_update(november[0], cast.clerk, 11), State.CONFIRMED)
        correction = factories.target_update(november[0], cast.clerk, 11)
        assert (correction.revision, tallies(2026, 11)[TargetUpdate][cast.planning.pk].missing) == (2, 1)


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
    with on("2026-11-23"), django_assert_num_queries(5):
        assert len(reminders(today())) == 7 + 2 * more


# --- 未报情况 and 催办 --------------------------------------------------------------------------------------


@pytest.fixture
def look(client, cast, november):
    def get(**query):
        client.force_login(cast.office)
        return client.get(reverse("reform:unreported"), query)

    return get


@pytest.fixture
def press(client, cast):
    def post(**posted):
        client.force_login(cast.office)
        return client.post(reverse("reform:urge"), posted, follow=True)

    return post


def test_the_office_sees_who_owes_what(look, cast, november, on):
    with on("2026-11-24"):
        cast.act(factories.target_update(november[0], cast.clerk, 11), "clerk", "submit")
        answer = look()
    [(department, cells, _)] = answer.context["rows"]
    assert (department, [cell.tally for cell in cells]) == (cast.planning, [Tally(2, 1, 1), Tally(2, 2, 0)])
    assert answer.context["totals"] == [Tally(2, 1, 1), Tally(2, 2, 0)]
    words = answer.content.decode()
    assert "<span>截止11月30日</span>" in words
    assert "待部门审核 1" in words


def test_those_who_owe_most_stand_first(look, cast, november, on):
    with on("2026-01-06"):
        drawn = issue(cast, ProjectFactory(department=cast.planning))
    drawn.project.department = cast.education
    drawn.project.save()
    with on("2026-11-24"):
        assert [row[0].name for row in look().context["rows"]] == ["市发展改革委", "市教委"]
        for drawn in november:
            cast.act(factories.target_update(drawn, cast.clerk, 11), "clerk", "submit")
            cast.act(report_plan(cast, drawn), "clerk", "submit")
        assert [row[0].name for row in look().context["rows"]] == ["市教委", "市发展改革委"]


def test_by_name_what_one_department_owes(look, cast, november, on):
    with on("2026-11-24"):
        cast.bring(factories.target_update(november[1], cast.clerk, 11), State.REJECTED)
        owed = look(department=cast.planning.pk).context["owed"]
    assert sorted((row.kind, row.project, row.what, row.until, row.state) for row in owed) == [
        ("月度计划推进更新", "数字经济改革", "11月 制定改革方案：11月制定方案", "截止11月30日", ""),
        ("月度计划推进更新", "营商环境改革", "11月 制定改革方案：11月制定方案", "截止11月30日", ""),
        ("量化目标推进更新", "数字经济改革", "2026年11月", "截止11月30日", ""),
        ("量化目标推进更新", "营商环境改革", "2026年11月", "截止11月30日", "已驳回"),
    ]


@pytest.mark.parametrize("month", ["", "2026-13", "2026-12", "2024-01", "9999-99", "x", "2026-11\x00", "２０２６-11"])
def test_a_month_that_means_nothing_is_this_one(look, on, month):
    with on("2026-11-24"):
        answer = look(month=month, department="x")
    assert (answer.context["year"], answer.context["month"], answer.context["chosen"]) == (2026, 11, None)


def test_a_month_of_before_is_asked_for(look, cast, on):
    with on("2026-11-24"):
        answer = look(month="2026-02")
    assert (answer.context["year"], answer.context["month"]) == (2026, 2)
    assert "已逾期，截止2月28日" in answer.content.decode()


def test_who_has_it_before_them_is_urged_to_review(press, cast, november, on):
    with on("2026-11-24"):
        for drawn in november:
            cast.act(factories.target_update(drawn, cast.clerk, 11), "clerk", "submit")
        Message.objects.all().delete()
        press(kind="targetupdate", department=cast.planning.pk)
    words = "市委改革办催办：市发展改革委2026年11月量化目标推进更新有 2 项等待部门审核，截止11月30日，请抓紧审核。"
    assert received(cast.reviewer) == received(cast.reviewer2) == [words]
    assert received(cast.clerk) == []
    assert cast.reviewer.messages.get().path == "/inbox/?kind=reform.targetupdate"


def test_one_may_press_again_the_next_day_and_of_another_matter_at_once(press, cast, november, on):
    sent = []
    for day, kind in [("24", "targetupdate"), ("24", "planupdate"), ("24", "targetupdate"), ("25", "targetupdate")]:
        with on(f"2026-11-{day}"):
            press(kind=kind, department=cast.planning.pk, month="2026-11")
        sent.append(cast.clerk.messages.count())
    assert sent == [1, 2, 2, 3]


def test_with_nothing_to_press_for_that_is_said(press, cast, on):
    with on("2026-11-24"):
        page = press(kind="targetupdate", department=cast.education.pk).content.decode()
    assert "市教委量化目标推进更新没有可催办的事项" in page


@pytest.mark.parametrize(
    "posted", [{}, {"kind": "brandupdate"}, {"kind": "targetupdate", "department": "x"}, {"department": "9" * 30}]
)
def test_nonsense_is_not_found(press, cast, posted):
    assert press(**{"department": cast.planning.pk} | posted).status_code == 404


def test_a_month_of_earlier_years_can_be_chosen_while_something_is_owed(look, cast, november, on):
    with on("2028-02-10"):
        User.objects.update(password_set_at=clock.now())
        chosen = [f"{month:%Y-%m}" for month, _ in look().context["months"]]
        assert (chosen[0], chosen[13], chosen[14], chosen[-1]) == ("2028-02", "2027-01", "2026-12", "2026-01")
        assert look(month="2026-05").context["rows"][0][1][0].tally.missing == 2
        for drawn in november:
            cast.bring(factories.target_update(drawn, cast.clerk, 1), State.SUBMITTED)
        assert f"{look().context['months'][-1][0]:%Y-%m}" == "2026-02"


@pytest.mark.parametrize("who", ["clerk", "reviewer", "partner", "admin", "auditor"])
def test_it_is_the_offices_page_alone(client, cast, november, who):
    client.force_login(getattr(cast, who))
    assert client.get(reverse("reform:unreported")).status_code == 404
    posted = {"kind": "targetupdate", "department": cast.planning.pk}
    assert client.post(reverse("reform:urge"), posted).status_code == 404
    assert not Message.objects.exists()


@pytest.mark.usefixtures("without_navigation")
@pytest.mark.parametrize("more", [0, 3])
def test_the_page_costs_the_same_however_many_owe(look, cast, on, django_assert_num_queries, more):
    with on("2026-01-06"):
        for number in range(more):
            drawn = issue(cast, ProjectFactory(department=cast.planning))
            drawn.project.department = factories.DepartmentFactory(name=f"第{number}单位")
            drawn.project.save()
    with on("2026-11-24"):
        client = look().client
        # The session (its end 3), the person, the calendar, the departments, what was urged today, the
        # counts, the rates, the months to choose from, and by name what the one department owes.
        with django_assert_num_queries(12):
            answer = client.get(reverse("reform:unreported"), {"department": cast.planning.pk})
    assert len(answer.context["rows"]) == 1 + more


# --- One deadline ---------------------------------------------------------------------------------------------


def test_who_is_urged_of_a_month_over_at_the_issue_is_told_their_own_term(press, cast, on):
    with on("2026-11-25"):
        cast.issued_map()
        Message.objects.all().delete()
        press(kind="targetupdate", department=cast.planning.pk, month="2026-05")
    assert received(cast.clerk) == [
        "市委改革办催办：市发展改革委2026年5月量化目标推进更新还有 1 项未上报，截止11月30日，请抓紧填报。"
    ]


def test_of_two_terms_in_one_month_both_are_told(press, cast, november, on):
    with on("2026-11-25"):
        issue(cast, ProjectFactory(department=cast.planning))
        Message.objects.all().delete()
        press(kind="targetupdate", department=cast.planning.pk, month="2026-05")
    [text] = received(cast.clerk)
    assert "还有 3 项未上报，2 项已逾期，截止5月29日；1 项截止11月30日，请抓紧填报。" in text


def test_a_plan_that_was_not_done_is_asked_for_again_in_each_month_after_it(cast, november, on):
    with on("2026-11-24"):
        cast.bring(report_plan(cast, november[0]), State.CONFIRMED)
        assert tallies(2026, 11)[PlanUpdate][cast.planning.pk].missing == 1
    assert tallies(2026, 12)[PlanUpdate][cast.planning.pk] == Tally(expected=6, missing=6)


def test_what_is_asked_for_again_says_so(look, cast, november, on):
    """The term is that of the month's report; the plan's own is over."""
    with on("2026-12-28"):
        owed = look(department=cast.planning.pk).context["owed"]
    plans = sorted({(row.what[:3], row.until, row.is_again) for row in owed if row.kind == "月度计划推进更新"})
    assert plans == [("11月", "截止12月31日", True), ("12月", "截止12月31日", False)]
