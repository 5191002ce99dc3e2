"""What in 待我审核 asks to be looked at by itself, and what may be ticked in one click."""

from decimal import Decimal

import pytest
import time_machine
from django.urls import reverse

from reform.models import PlanStatus, TargetUpdate
from reform.reporting.doubts import doubts
from tests import factories
from tests.factories import AttachmentFactory
from workflow.models import Record
from workflow.states import State


def words(cast, record, who="reviewer"):
    records = list(Record.objects.filter(pk=record.pk))
    return doubts(records, getattr(cast, who)).get(record.pk, [])


def update_saying(cast, *values):
    update = factories.target_update(cast.issued_map(), cast.clerk)
    for line, value in zip(update.lines(), values, strict=True):
        line.value, line.remark = Decimal(value), "上级政策延后出台。"
        line.save()
    return cast.act(update, "clerk", "submit")


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (("10", "10"), []),
        (("9.5", "10"), []),  # 95 %: the lights are green
        (("9.4", "10"), ["1 项指标滞后"]),
        (("7", "7"), ["2 项指标滞后"]),
        (("100", "10"), ["数据提示 1 条"]),
    ],
)
def test_values_behind_their_target_or_questioned_are_looked_at(cast, values, expected):
    assert words(cast, update_saying(cast, *values)) == expected


def test_a_plan_that_is_overdue_is_looked_at_unless_it_is_completed(cast):
    drawn = cast.issued_map()
    plan = factories.open_plan(drawn)
    update = cast.act(factories.plan_update(plan, cast.clerk), "clerk", "submit")
    with time_machine.travel(f"{drawn.year + 1}-01-05T09:00+08:00"):
        assert words(cast, update) == ["计划已逾期，尚未完成"]
        update.status = PlanStatus.DONE
        update.save()
        AttachmentFactory(record=update)
        assert words(cast, update) == []


def test_a_map_is_looked_at_by_itself(cast):
    assert words(cast, cast.bring(factories.battle_map(cast.project, cast.clerk), State.SUBMITTED)) == ["宜逐件审核"]


def test_facts_leave_no_doubt(cast):
    cast.issued_map()
    assert words(cast, cast.bring(factories.promotion(cast.project, cast.clerk), State.SUBMITTED)) == []


@pytest.mark.parametrize("number", [1, 3])
def test_doubts_of_one_or_three_take_the_same_few_queries(cast, django_assert_num_queries, number):
    updates = []
    for name in ("甲", "乙", "丙")[:number]:
        project = factories.ProjectFactory(name=name, department=cast.planning)
        drawn = cast.bring(factories.battle_map(project, cast.clerk), State.ISSUED)
        updates.append(cast.bring(factories.target_update(drawn, cast.clerk), State.SUBMITTED))
    assert TargetUpdate.objects.count() == number
    records = list(Record.objects.filter(pk__in=[update.pk for update in updates]))
    with django_assert_num_queries(6):
        doubts(records, cast.reviewer)


def test_the_list_names_the_doubts(client, cast):
    update_saying(cast, "7", "10")
    client.force_login(cast.reviewer)
    page = client.get(reverse("workflow:inbox")).content.decode()
    assert "1 项指标滞后" in page
    assert "data-clear>" not in page
