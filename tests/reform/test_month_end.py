"""月末收官台: where each matter of a month stands, with whom, how long; 催办, telephones, the list of what is late."""

import io
from datetime import date

import pytest
from django.contrib.admin.models import LogEntry
from django.urls import reverse
from openpyxl import load_workbook

from accounts import clock
from accounts.models import Role, User
from reform.calendar.periods import Period
from reform.ledgers.late_list import LateList
from reform.models import LedgerExport, PlanUpdate, due_schedule
from reform.reporting.matters import Matters
from reform.reporting.rates import Rates
from reform.reporting.steps import Step, of_period, tallies
from tests import factories
from tests.factories import ProjectFactory, UserFactory
from tests.reform.month_end_pages import issue, received, report_plan
from workflow.models import Message
from workflow.states import State

NOVEMBER = Period(2026, 11, 11)


@pytest.fixture
def look(client, cast, november):
    """look(open=…): what the office sees."""

    def get(**query):
        client.force_login(cast.office)
        return client.get(reverse("reform:month_end"), query)

    return get


def steps_of(cast, period=NOVEMBER):
    """How many matters of 市发展改革委 are at each step, without the zeros."""
    tally = tallies(of_period(period), clock.today())[cast.planning.pk]
    return {step: number for step, number in tally.steps.items() if number}


def listed(answer):
    """[(label, kind, project, with whom)] of the matters on the page."""
    return [
        (matter.label, matter.item.kind, matter.item.dossier.name, matter.names)
        for matter in answer.context["page_obj"].object_list
    ]


# --- Where each matter stands ----------------------------------------------------------------------------------


@pytest.mark.sql
@pytest.mark.parametrize(
    ("ways", "step"),
    [
        (None, Step.UNTOUCHED),
        ([], Step.DRAFT),
        (["clerk submit"], Step.DEPARTMENT),
        (["clerk submit", "clerk withdraw"], Step.DRAFT),
        (["clerk submit", "reviewer reject"], Step.DRAFT),
        (["clerk submit", "reviewer approve"], Step.OFFICE),
        (["clerk submit", "reviewer approve", "office send_back"], Step.DRAFT),
        (["clerk submit", "reviewer approve", "office confirm"], Step.CONFIRMED),
    ],
)
def test_a_matter_is_at_the_step_that_its_record_has_reached(cast, november, on, ways, step):
    with on("2026-11-24"):
        if ways is not None:
            for record in (factories.target_update(november[0], cast.clerk, 11), report_plan(cast, november[0])):
                for way in ways:
                    cast.act(record, *way.split())
        untouched = {} if step == Step.UNTOUCHED else {Step.UNTOUCHED: 2}
        assert steps_of(cast) == {step: 4 if step == Step.UNTOUCHED else 2} | untouched


def test_a_correction_that_came_back_leaves_confirmed_what_was(cast, november, on):
    with on("2026-11-24"):
        cast.bring(report_plan(cast, november[0]), State.CONFIRMED)
        cast.bring(report_plan(cast, november[0]), State.REJECTED)
        assert steps_of(cast) == {Step.UNTOUCHED: 3, Step.CONFIRMED: 1}


def test_the_office_sees_what_is_stuck_where_and_how_long(look, cast, november, on):
    with on("2026-11-24"):
        cast.act(factories.target_update(november[0], cast.clerk, 11), "clerk", "submit")
        cast.bring(report_plan(cast, november[0]), State.DEPT_APPROVED)
    with on("2026-11-27"):
        answer = look()
        [unit] = answer.context["units"]
        assert list(unit.stuck) == [
            ("red", "录入 2", "owed"),
            ("amber", "部门审核 1 · 3 天", "department"),
            ("blue", "改革办 1 · 3 天", "office"),
        ]
    assert unit.bar == [("blue", "0.00", "25.00"), ("amber", "25.00", "25.00"), ("red", "50.00", "50.00")]
    assert (unit.contact, unit.others) == (cast.clerk, 1)
    assert [(tile.label, tile.number, tile.note) for tile in answer.context["tiles"]] == [
        ("应报", 4, "进度值 2 · 月度计划 2"),
        ("未上报（在录入人员）", 2, "1 个单位"),
        ("待部门审核", 1, "最久 3 天 · 市发展改革委"),
        ("待改革办审核", 1, "其中归我 1"),
        ("已确认", 0, "0% · 已上报 50%，上月同日 0%"),
    ]
    page = answer.content.decode()
    assert "<span>截止11月30日</span>" in page
    assert "还剩 1 个工作日" in page


@pytest.mark.sql
def test_single_matters_say_with_whom_and_what_a_draft_still_lacks(look, cast, november, on):
    with on("2026-11-23"):
        draft = PlanUpdate.create(report_plan(cast, november[0]).plan, cast.clerk)
        PlanUpdate.objects.filter(pk=draft.pk).update(next_steps="")
        update = factories.target_update(november[0], cast.clerk, 11)
        update.values.filter(indicator__name="办件量").update(value=None)
        cast.act(factories.target_update(november[1], cast.clerk, 11), "clerk", "submit")
        Message.objects.create(recipient=cast.clerk, key="remind-2026-11-5-planupdate", text="提醒")
    with on("2026-11-24"):
        answer = look(open=cast.planning.pk)
        assert listed(answer) == [
            ("未动", "reform.planupdate", "营商环境改革", "录入甲、录入乙"),
            ("草稿 50%", "reform.targetupdate", "数字经济改革", "录入甲、录入乙"),
            ("草稿 67%", "reform.planupdate", "数字经济改革", "录入甲、录入乙"),
            ("待部门审核", "reform.targetupdate", "营商环境改革", "审核甲、审核乙"),
        ]
        page = answer.content.decode()
        urls = [matter.url for matter in answer.context["page_obj"].object_list]
        assert [answer.client.get(url).status_code for url in urls] == [200] * 4
    assert "还缺“下一步工作计划”" in page
    assert "还缺“办件量”" in page
    assert "已提醒 1 次" in page
    assert "已停留 1 天" in page
    assert urls[2] == reverse("workflow:record", args=[draft.pk])


def test_a_figure_leads_to_its_matters_in_one_click(look, cast, november, on):
    with on("2026-11-24"):
        cast.act(factories.target_update(november[0], cast.clerk, 11), "clerk", "submit")
        assert [row[0] for row in listed(look(step="owed"))] == ["未动"] * 3
        assert [row[0] for row in listed(look(step="department"))] == ["待部门审核"]
        assert listed(look(step="confirmed", open=cast.planning.pk)) == []
        assert look(step="nonsense").context["page_obj"] is None


def test_what_is_asked_for_again_says_so(cast, november, on):
    """The term is that of the month's report; the plan's own is over."""
    with on("2026-12-28"):
        matters = Matters(of_period(Period(2026, 12, 12)).filter(plan__isnull=False))[:9]
        found = sorted({(matter.title, matter.term_words) for matter in matters})
    assert found == [
        ("11月 制定改革方案（12月续报）", "截止12月31日"),
        ("12月 制定改革方案", "截止12月31日"),
    ]


def test_a_plan_of_another_year_is_named_with_it(cast, november, on):
    with on("2027-01-20"):
        due_schedule.catch_up()
        period = Period(2027, 1, 1)
        matters = Matters(of_period(period).filter(plan__isnull=False))[:9]
        late = LateList(period, date(2027, 1, 20), clock.now())
        matter = next(column for column in late.columns if column.label == "事项")
        rows = [matter.value(item) for item in late.rows if item.plan]
    assert {matter.title for matter in matters} == {
        "2026年11月 制定改革方案（1月续报）",
        "2026年12月 制定改革方案（1月续报）",
    }
    assert {words.partition("：")[0] for words in rows} == {matter.title for matter in matters}


def test_who_is_furthest_behind_stands_first(look, cast, november, on):
    with on("2026-01-06"):
        drawn = issue(cast, ProjectFactory(department=cast.planning))
    drawn.project.department = cast.education
    drawn.project.save()
    with on("2026-11-24"):
        assert [unit.department.name for unit in look().context["units"]] == ["市发展改革委", "市教委"]
        for drawn in november:
            cast.act(factories.target_update(drawn, cast.clerk, 11), "clerk", "submit")
            cast.act(report_plan(cast, drawn), "clerk", "submit")
        assert [unit.department.name for unit in look().context["units"]] == ["市教委", "市发展改革委"]


# --- Periods ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "asked", ["", "2026-13", "2027-02", "2027-01-12", "9999-99", "x", "2026-11\x00", "２０２６-11", "2026-02-05"]
)
def test_a_period_that_means_nothing_is_this_month(look, on, asked):
    with on("2026-11-24"):
        answer = look(period=asked, open="x", page="x")
    assert answer.context["period"] == NOVEMBER
    assert ("没有这个选项，已忽略。" in answer.content.decode()) == bool(asked)


def test_a_month_to_come_says_what_it_will_ask_for_and_urges_nobody(look, press, cast, november, on):
    with on("2026-11-24"):
        answer = look(period="2026-12", step="owed")
        assert answer.context["choices"][0] == ("还未到的月份", [("2026-12-12", "2026年12月")])
        # Of each map the progress values, two plans of December and that of November unless it is completed by then.
        assert [answer.context["total"].owed, answer.context["page_obj"].paginator.count] == [8, 8]
        page = answer.content.decode()
        assert not any(words in page for words in ("催办选中", "生成未报通报", "通报草稿"))
        assert press(department=cast.planning.pk, period="2026-12").status_code == 404


@pytest.mark.sql
def test_any_period_can_be_asked_for_and_has_its_own_rates(look, cast, november, on):
    with on("2026-02-27"):
        cast.act(factories.target_update(november[0], cast.clerk, 2), "clerk", "submit")
    with on("2026-11-24"):
        answer = look(period="2026-01-03")
        assert (str(answer.context["period"]), answer.context["total"].due) == ("2026年第一季度", 6)
        assert answer.context["overall"] == Rates(due=6, submitted=1, in_time=1)
        assert "催办选中" not in answer.content.decode()  # one month at a time is urged
        assert look(period="2026-02").context["overall"] == Rates(due=4, submitted=1, in_time=1)
        assert "已逾期，截止2月28日" in look(period="2026-02").content.decode()


def test_months_of_earlier_years_can_be_chosen_while_something_is_owed(look, cast, november, on):
    with on("2028-02-10"):
        User.objects.update(password_set_at=clock.now())
        answer = look(period="2026-05")
        assert [year for year, _ in answer.context["choices"]] == ["2028年", "2027年", "2026年"]
        assert answer.context["total"].owed == 2


def test_the_list_of_periods_holds_the_one_that_is_shown(look, on):
    with on("2028-02-10"):
        User.objects.update(password_set_at=clock.now())
        answer = look(period="2025-05")
        assert '<option value="2025-05-05" selected>' in answer.content.decode()


def test_the_old_address_still_leads_here(client, cast, on):
    with on("2026-11-24"):
        client.force_login(cast.office)
        answer = client.get(reverse("reform:unreported"), {"month": "2026-10"})
    assert answer.url == "/month-end/?period=2026-10-10"


# --- 催办 ------------------------------------------------------------------------------------------------------


@pytest.mark.sql
def test_ticked_departments_are_urged_at_once_each_matter_once_a_day(press, cast, november, on):
    with on("2026-01-06"):
        drawn = issue(cast, ProjectFactory(department=cast.planning))
        drawn.project.department = cast.education
        drawn.project.save()
    both = [cast.planning.pk, cast.education.pk]
    with on("2026-11-24"):
        for project in november:
            cast.act(factories.target_update(project, cast.clerk, 11), "clerk", "submit")
        Message.objects.all().delete()
        press(department=both)
        assert received(cast.reviewer) == [
            "市委改革办催办：市发展改革委2026年11月量化目标推进更新有 2 项等待部门审核，截止11月30日，请抓紧审核。"
        ]
        assert len(received(cast.clerk)) == 1
        assert received(cast.stranger) == [
            "市委改革办催办：市教委2026年11月量化目标推进更新还有 1 项未上报，截止11月30日，请抓紧填报。",
            "市委改革办催办：市教委2026年11月月度计划推进更新还有 1 项未上报，截止11月30日，请抓紧填报。",
        ]
        page = press(department=both).content.decode()
        assert "今天已经催办过" in page
        assert Message.objects.count() == 6
    with on("2026-11-25"):
        assert "昨天 09:00" in press(only=f"planupdate-{cast.education.pk}").content.decode()
    assert len(received(cast.stranger)) == 3


def test_with_nothing_to_urge_that_is_said(press, cast, on):
    with on("2026-11-24"):
        page = press(only=f"targetupdate-{cast.education.pk}").content.decode()
        assert "市教委量化目标推进更新没有可催办的事项" in page
        assert "请先勾选要催办的单位" in press().content.decode()


@pytest.mark.parametrize("posted", [{"department": "x"}, {"department": "9" * 30}, {"only": "targetupdate-x"}])
def test_nonsense_is_not_found(press, cast, posted):
    assert press(**posted).status_code == 404


def test_of_two_terms_in_one_month_both_are_told(press, cast, november, on):
    with on("2026-11-25"):
        issue(cast, ProjectFactory(department=cast.planning))
        Message.objects.all().delete()
        press(only=f"targetupdate-{cast.planning.pk}", period="2026-05")
    [text] = received(cast.clerk)
    assert "还有 3 项未上报，2 项已逾期，截止5月29日；1 项截止11月30日，请抓紧填报。" in text


# --- Telephones ------------------------------------------------------------------------------------------------


def test_a_number_is_masked_until_asked_for_and_the_auditor_reads_who_asked(client, look, cast, november, on):
    with on("2026-11-24"):
        assert cast.clerk.phone not in look().content.decode()
        posted = {"person": cast.clerk.pk, "period": "2026-11"}
        assert cast.clerk.phone in client.post(reverse("reform:phone"), posted).content.decode()
        answer = client.post(reverse("reform:phone"), posted, headers={"accept": "application/json"})
        assert answer.json() == {"phone": cast.clerk.phone}
    assert [(entry.user, entry.object_repr) for entry in LogEntry.objects.all()] == [(cast.office, "录入甲")] * 2
    client.force_login(cast.auditor)
    log = client.get(reverse("admin:admin_logentry_changelist")).content.decode()
    assert "在月末收官台查看手机号，来源地址 127.0.0.1" in log


@pytest.mark.parametrize("who", ["admin", "office2"])
def test_only_numbers_of_department_staff_are_shown(client, cast, who):
    client.force_login(cast.office)
    assert client.post(reverse("reform:phone"), {"person": getattr(cast, who).pk}).status_code == 404
    assert not LogEntry.objects.exists()


# --- 生成未报通报 ----------------------------------------------------------------------------------------------


@pytest.mark.sql
def test_the_list_of_what_is_late_has_what_is_owed_and_is_registered(client, cast, november, on):
    with on("2026-12-02"):
        client.force_login(cast.office)
        cast.bring(factories.target_update(november[0], cast.clerk, 11), State.REJECTED)
        answer = client.post(reverse("reform:late_list"), {"period": "2026-11"})
    book = load_workbook(io_of(answer))
    title, note, _, *rows = book.active.iter_rows(values_only=True)
    assert title[0] == "2026年11月未报情况通报"
    assert "1 个单位，4 件未上报" in note[0]
    assert rows[0][:4] == (1, "市发展改革委", "月度计划推进更新", "数字经济改革")
    assert [(row[4], row[6], row[7]) for row in rows if row[2] == "量化目标推进更新"] == [
        ("2026年11月进度值", 2, "已驳回"),  # as on the page
        ("2026年11月进度值", 2, "未动"),
    ]
    export = LedgerExport.objects.get()
    assert (export.ledger, export.conditions, export.rows) == ("未报通报", "2026年11月", 4)


@pytest.mark.sql
def test_the_list_of_what_is_late_may_have_become_empty(client, cast, november, on):
    """Somebody reported the last of it while the office looked at the page."""
    with on("2025-12-02"):
        client.force_login(cast.office)
        answer = client.post(reverse("reform:late_list"), {"period": "2025-11"})
    assert answer.status_code == 200
    title, note, *_ = load_workbook(io_of(answer)).active.iter_rows(values_only=True)
    assert title[0] == "2025年11月未报情况通报"
    assert "0 个单位，0 件未上报" in note[0]


def io_of(answer):
    return io.BytesIO(b"".join(answer.streaming_content))


# --- Whose, and at what price ----------------------------------------------------------------------------------


@pytest.mark.parametrize("who", ["clerk", "reviewer", "partner", "admin", "auditor"])
def test_it_is_the_offices_page_alone(client, cast, november, who):
    client.force_login(getattr(cast, who))
    assert client.get(reverse("reform:month_end")).status_code == 404
    assert client.get(reverse("reform:unreported")).status_code == 404
    posted = {"department": cast.planning.pk, "person": cast.clerk.pk, "period": "2026-11"}
    for name in ("urge", "phone", "late_list"):
        assert client.post(reverse(f"reform:{name}"), posted).status_code == 404
    assert not Message.objects.exists()
    assert not LogEntry.objects.exists()


@pytest.mark.sql
@pytest.mark.usefixtures("without_navigation")
@pytest.mark.parametrize("more", [0, 2])
def test_the_room_costs_the_same_however_many_are_behind(look, cast, on, django_assert_num_queries, more):
    with on("2026-01-06"):
        for number in range(more):
            drawn = issue(cast, ProjectFactory(department=cast.planning))
            drawn.project.department = factories.DepartmentFactory(name=f"第{number}单位")
            drawn.project.save()
            UserFactory(department=drawn.project.department, role=Role.ENTRY)
    with on("2026-11-24"):
        client = look().client
        # The session, the person and their departments; the counts (2), the rates, the people
        # (3), what was urged, the departments; the deadlines, the calendar, last month; the months to choose; and of
        # the one department the count, a page, its people (3), reminders and the drafts (2).
        with django_assert_num_queries(24):
            answer = client.get(reverse("reform:month_end"), {"open": cast.planning.pk})
    assert len(answer.context["units"]) == 1 + more


def test_nothing_due_says_what_would_be_here(client, cast, on):
    with on("2026-11-24"):
        client.force_login(cast.office)
        assert "这段时间没有应报的事项。" in client.get(reverse("reform:month_end")).content.decode()
