"""The lights of projects, from the database, and the rule that the office keeps for them."""

from datetime import date
from decimal import Decimal

import pytest
import time_machine
from django.contrib.admin.models import LogEntry
from django.db import IntegrityError, transaction
from django.urls import reverse

from reform.lights import lights_for
from reform.models import (
    BattleMap,
    LightRule,
    MeasureIteration,
    MonthlyPlan,
    MonthlyTarget,
    PlanStatus,
    PlanUpdate,
    Project,
)
from tests import factories
from tests.cast import stage
from tests.factories import ClassifiedNoticeFactory, ProjectFactory
from tests.work import due_count, work_rows
from workflow.states import State

pytestmark = [pytest.mark.sql, pytest.mark.usefixtures("due_agrees")]


@pytest.fixture
def drawn(cast):
    """Issued in January 2026; plans in February, July and November."""
    with time_machine.travel("2026-01-10T09:00+08:00"):
        stage("January's map", cast.issued_map)
        return cast.issued_map()


def report(cast, drawn, months=range(1, 7), value=10):
    """Confirmed progress values of those months; the targets are 10 each."""
    for month in months:
        update = factories.target_update(drawn, cast.clerk, month)
        update.values.update(value=value)
        cast.bring(update, State.CONFIRMED)


def finish(cast, plan, to=State.CONFIRMED):
    update = factories.plan_update(plan, cast.clerk, PlanStatus.DONE)
    ClassifiedNoticeFactory(record=update)
    return cast.bring(update, to)


def light(cast, day=date(2026, 7, 15)):
    [found] = lights_for(Project.objects.filter(pk=cast.project.pk), day).values()
    return found


def test_before_the_map_is_issued_a_project_is_grey(cast):
    assert light(cast).word == "未下发"
    cast.bring(factories.battle_map(cast.project, cast.clerk), State.CONFIRMED)
    assert light(cast).word == "未下发"


def test_all_reported_and_done_is_green(cast, drawn):
    report(cast, drawn)
    finish(cast, factories.open_plan(drawn))
    assert light(cast).colour == "green"


def test_only_what_is_confirmed_counts(cast, drawn):
    report(cast, drawn)
    update = finish(cast, factories.open_plan(drawn), State.DEPT_APPROVED)
    assert light(cast).reason == "1 项月度计划逾期。"
    cast.act(update, "office", "confirm")
    assert light(cast).colour == "green"


def test_a_value_under_review_is_submitted_but_adds_nothing(cast, drawn):
    finish(cast, factories.open_plan(drawn))
    report(cast, drawn, range(1, 6))
    assert light(cast).reason == (
        "“新增试点企业”累计 50/60，完成累计目标 83.3%，低于 95%，滞后 8.3 个百分点；"
        "“办件量”累计 50/60，完成累计目标 83.3%，低于 95%，滞后 8.3 个百分点；6月进度值应报未报。"
    )
    cast.bring(factories.target_update(drawn, cast.clerk, 6), State.SUBMITTED)
    assert "应报未报" not in light(cast).reason
    assert light(cast).colour == "amber"


@pytest.mark.parametrize(
    ("total", "colour"), [("47.9999", "red"), ("48", "amber"), ("56.9999", "amber"), ("57", "green")]
)
def test_the_thresholds_are_exact(cast, drawn, total, colour):
    finish(cast, factories.open_plan(drawn))
    report(cast, drawn)
    targets = MonthlyTarget.objects.filter(indicator__battle_map=drawn, month__lte=6)
    targets.update(actual=0)
    targets.filter(month=1).update(actual=Decimal(total))
    assert light(cast).colour == colour


def test_no_target_so_far_asks_for_nothing(cast, drawn):
    finish(cast, factories.open_plan(drawn))
    report(cast, drawn, value=0)
    MonthlyTarget.objects.filter(indicator__battle_map=drawn, month__lte=6).update(target=0)
    assert light(cast).colour == "green"


def test_a_cancelled_plan_lights_nothing(cast, drawn):
    report(cast, drawn)
    measure = drawn.measures.first()
    measure.plans.create(month=8, type="scheme", content="8月制定方案")
    iteration = MeasureIteration.create(drawn, measure, cast.clerk)
    iteration.basis = "市委深改委会议要求。"
    iteration.save()
    iteration.changes.filter(month=2).update(cancelled=True)
    assert light(cast).reason == "1 项月度计划逾期。"
    cast.bring(iteration, State.CONFIRMED)
    assert light(cast).colour == "green"


def test_a_plan_that_is_due_is_amber_until_something_is_submitted(cast, drawn):
    report(cast, drawn, range(1, 8))
    finish(cast, factories.open_plan(drawn))
    assert light(cast, date(2026, 7, 24)).colour == "green"
    assert light(cast, date(2026, 7, 27)).reason == "1 项到期的月度计划未报状态更新。"
    cast.bring(factories.plan_update(factories.open_plan(drawn), cast.clerk), State.SUBMITTED)
    assert light(cast, date(2026, 7, 27)).colour == "green"
    assert light(cast, date(2026, 8, 1)).reason == "1 项月度计划逾期。"


def test_overdue_stays_overdue_when_the_next_years_map_is_issued(cast):
    with time_machine.travel("2025-02-10T09:00+08:00"):
        before = cast.bring(factories.battle_map(cast.project, cast.clerk, 2025), State.ISSUED)
    assert light(cast).reason.startswith("3 项月度计划逾期；")
    with time_machine.travel("2026-07-14T09:00+08:00"):
        cast.bring(factories.battle_map(cast.project, cast.clerk), State.ISSUED)
    found = light(cast)
    assert (found.colour, found.reason[:10]) == ("red", "3 项月度计划逾期；")
    assert "其他年度 12 个月进度值应报未报" in found.reason
    for plan in MonthlyPlan.objects.filter(measure__battle_map=before):
        finish(cast, plan)
    assert "计划逾期" not in light(cast).reason


@pytest.mark.parametrize("told", [False, True])
def test_on_4_january_the_plans_of_last_year_are_overdue_in_the_light_and_in_the_list(cast, told):
    """Whether or not something was told of them in their months."""
    with time_machine.travel("2025-02-10T09:00+08:00"):
        before = cast.bring(factories.battle_map(cast.project, cast.clerk, 2025), State.ISSUED)
    if told:
        with time_machine.travel("2025-12-20T09:00+08:00"):
            for plan in MonthlyPlan.objects.filter(measure__battle_map=before):
                cast.bring(factories.plan_update(plan, cast.clerk), State.CONFIRMED)
    with time_machine.travel("2026-01-02T09:00+08:00"):
        cast.bring(factories.battle_map(cast.project, cast.clerk), State.ISSUED)
    with time_machine.travel("2026-01-04T09:00+08:00"):
        found = light(cast, date(2026, 1, 4))
        assert found.colour == "red"
        assert found.reason.startswith("3 项月度计划逾期；")
        rows = [row for row in work_rows(PlanUpdate, cast.clerk) if row.due]
        assert [row.term_words for row in rows] == [
            "已逾期，截止2025年2月28日",
            "已逾期，截止2025年7月31日",
            "已逾期，截止2025年11月28日",
        ]
        assert due_count(PlanUpdate, cast.clerk) == 3


@pytest.fixture
def three(cast, drawn):
    """A red project (with its February plan overdue), a green one, and one without a map."""
    report(cast, drawn)
    good = ProjectFactory(department=cast.planning)
    with time_machine.travel("2026-01-10T09:00+08:00"):
        other = cast.bring(factories.battle_map(good, cast.clerk), State.ISSUED)
    report(cast, other)
    finish(cast, factories.open_plan(other))
    return [cast.project, good, ProjectFactory(department=cast.planning)]


def test_many_at_once_are_as_each_alone(three):
    day = date(2026, 7, 15)
    together = lights_for(Project.objects.all(), day)
    assert [together[project.pk].word for project in three] == ["红灯", "绿灯", "未下发"]
    alone = [lights_for(Project.objects.filter(pk=project.pk), day) for project in three]
    assert alone == [{project.pk: together[project.pk]} for project in three]


@pytest.mark.parametrize("number", [1, 3])
def test_any_number_of_projects_takes_the_same_seven_queries(three, number, django_assert_num_queries):
    projects = Project.objects.filter(pk__in=[project.pk for project in three[:number]])
    with django_assert_num_queries(7):
        assert len(lights_for(projects, date(2026, 7, 15))) == number


def test_the_list_of_projects_sorts_by_risk(client, cast, three):
    client.force_login(cast.office)
    answer = client.get(reverse("reform:projects"), {"q": "改革"})
    assert answer.context["other_order"] == "?q=%E6%94%B9%E9%9D%A9&sort=risk"
    answer = client.get(reverse("reform:projects"), {"sort": "risk"})
    assert answer.context["other_order"] == "?"
    assert [project.light.word for project in answer.context["page_obj"]] == ["红灯", "绿灯", "未下发"]
    assert list(answer.context["page_obj"]) == three
    assert "1 项月度计划逾期。" in answer.content.decode()


# --- The rule ---------------------------------------------------------------------------------


def rule_page(client, **data):
    return client.post(reverse("reform:light_rule"), data) if data else client.get(reverse("reform:light_rule"))


def test_the_office_sees_what_would_change_before_saving(client, cast, drawn):
    finish(cast, factories.open_plan(drawn))
    report(cast, drawn, value="8.5")  # 85 %: amber
    client.force_login(cast.office)
    answer = rule_page(client, red_below="90", amber_below="98", known="80-95", preview="")
    [change] = answer.context["changes"]
    assert (change.project, change.before.word, change.after.word) == (cast.project, "黄灯", "红灯")
    assert LightRule.objects.count() == 0

    answer = rule_page(client, red_below="90", amber_below="98", known="80-95", save="")
    assert answer.url == reverse("reform:light_rule")
    assert light(cast).word == "红灯"
    entry = LogEntry.objects.get()
    assert (entry.user, entry.get_change_message()) == (
        cast.office,
        "红灯：低于 80%，黄灯：低于 95% → 红灯：低于 90%，黄灯：低于 98%",
    )


@pytest.mark.parametrize(
    ("red", "amber", "errors"),
    [
        ("0", "95", {"red_below": ["红灯线应大于 0。"]}),
        ("95", "95", {"red_below": ["红灯线应小于黄灯线。"]}),
        ("80", "101", {"amber_below": ["黄灯线不超过 100。"]}),
        ("八十", "95", {"red_below": ["请填写 1 到 100 的整数。"]}),
        ("80.5", "95", {"red_below": ["请填写 1 到 100 的整数。"]}),
        ("80", "", {"amber_below": ["请填写 1 到 100 的整数。"]}),
    ],
)
def test_thresholds_out_of_order_are_refused_with_a_sentence(client, cast, red, amber, errors):
    client.force_login(cast.office)
    answer = rule_page(client, red_below=red, amber_below=amber, known="80-95", save="")
    assert answer.status_code == 422
    assert answer.context["form"].errors == errors
    assert f'value="{red}"' in answer.content.decode()
    assert not LightRule.objects.exists()


def test_two_people_who_edit_the_rule_do_not_overwrite_each_other(client, cast):
    LightRule.objects.create(pk=1, red_below=70, amber_below=90)
    client.force_login(cast.office)
    answer = rule_page(client, red_below="60", amber_below="80", known="80-95", save="")
    assert answer.status_code == 409
    assert "刚刚被修改为“红灯：低于 70%，黄灯：低于 90%”" in answer.content.decode()
    assert LightRule.current().red_below == 70


@pytest.mark.parametrize("who", ["clerk", "reviewer", "partner", "admin", "auditor"])
def test_for_others_there_is_no_such_page(client, cast, who):
    client.force_login(getattr(cast, who))
    assert rule_page(client).status_code == 404
    assert rule_page(client, red_below="1", amber_below="2", known="80-95", save="").status_code == 404


@pytest.mark.parametrize("values", [(0, 95), (95, 95), (80, 101)])
def test_the_database_holds_the_order_too(db, values):
    with pytest.raises(IntegrityError), transaction.atomic():
        LightRule.objects.create(pk=1, red_below=values[0], amber_below=values[1])


def test_a_map_not_issued_is_drawn_without_lights(cast):
    drawn = factories.battle_map(cast.project, cast.clerk)
    assert BattleMap.objects.get(pk=drawn.pk).state == State.DRAFT
    assert light(cast).colour == "grey"
