"""量化目标推进更新: the month's increments, explained when they lag, and counted once confirmed."""

from decimal import Decimal

import pytest
import time_machine
from django.db import IntegrityError, transaction

from reform.models import MonthlyTarget, TargetUpdate
from tests.contracts import RecordContract, fields, texts
from tests.factories import battle_map, target_update
from workflow.actions import ActionRefused
from workflow.models import Record
from workflow.states import State

pytestmark = pytest.mark.usefixtures("due_agrees")


class TestTargetUpdate(RecordContract):
    kind = TargetUpdate
    label = "量化目标推进更新"
    missing = ["values-0-value", "values-1-value"]

    def key(self, cast):
        return f"{cast.issued_map().pk}-1"

    def change(self, record, text):
        record.values.filter(pk=record.lines()[0].pk).update(remark=text)


@pytest.fixture
def drawn(cast):
    return cast.issued_map()


def report(cast, drawn, month, *values, confirm=True):
    """An update of that month with a value per indicator."""
    update = target_update(drawn, cast.clerk, month)
    for line, value in zip(update.lines(), values, strict=True):
        line.value = Decimal(value)
        line.save()
    return cast.bring(update, State.CONFIRMED).specific if confirm else update


def actuals(drawn, month):
    rows = MonthlyTarget.objects.filter(indicator__battle_map=drawn, month=month).order_by("indicator__position")
    return [row.actual for row in rows]


def test_months_up_to_the_present_one_of_an_issued_map(cast, drawn):
    assert TargetUpdate.create(drawn, 7, cast.clerk).title == "2026年7月进度值"
    for month in (8, 13, 0):
        with pytest.raises(ActionRefused, match="当月及以前"):
            TargetUpdate.create(drawn, month, cast.clerk)


def test_last_year_is_open_for_all_its_months(cast, drawn):
    with time_machine.travel("2027-01-04T09:00+08:00"):
        assert len(TargetUpdate.work_items(cast.clerk)) == 12


@pytest.mark.parametrize("state", [state for state in State if state != State.ISSUED])
def test_only_an_issued_map_is_reported_on(cast, state):
    drawn = cast.bring(battle_map(cast.project, cast.clerk), state)
    assert TargetUpdate.work_items(cast.clerk) == []
    with pytest.raises(ActionRefused, match="下发后"):
        TargetUpdate.create_from_key(f"{drawn.pk}-1", cast.clerk)


@pytest.mark.parametrize("month", [0, 13])
def test_a_year_has_twelve_months(cast, drawn, month):
    with pytest.raises(IntegrityError), transaction.atomic():
        TargetUpdate.objects.create(dossier=cast.project, battle_map=drawn, month=month, creator=cast.clerk)


def test_zero_is_a_value_and_nothing_is_none(cast, drawn):
    update = target_update(drawn, cast.clerk)
    update.values.update(value=0)
    assert update.problems() == []
    update.values.update(value=None)
    assert fields(update) == ["values-0-value", "values-1-value"]


@pytest.mark.parametrize(("value", "lags"), [("8", False), ("7.9999", True), ("0", True), ("-1", True), ("11", False)])
def test_a_remark_is_due_below_80_percent_of_the_cumulative_target(cast, drawn, value, lags):
    update = report(cast, drawn, 1, value, "10", confirm=False)
    update.values.update(remark=" ")
    assert fields(update) == (["values-0-remark"] if lags else [])
    if lags:
        assert f"累计 {value}，不足累计目标 10 的 80%" in texts(update)
    update.values.update(remark="企业申报不足，下月加强宣传。")
    assert update.problems() == []


def test_what_is_confirmed_earlier_counts_and_what_is_not_does_not(cast, drawn):
    report(cast, drawn, 1, "12", "10")
    report(cast, drawn, 2, "99", "10", confirm=False)
    update = report(cast, drawn, 3, "12", "14", confirm=False)
    update.values.update(remark="")
    first, second = update.lines()
    assert (first.cumulative, second.cumulative, first.cumulative_target) == (24, 24, 30)
    assert update.problems() == []
    update.values.update(value=Decimal("11.9999"))
    assert fields(update) == ["values-0-remark", "values-1-remark"]


def test_figures_shown_beside_a_value(cast, drawn):
    report(cast, drawn, 1, "3.50", "10")
    line = report(cast, drawn, 2, "12", "10", confirm=False).lines()[0]
    assert line.snapshot() | {"id": 0, "remark": ""} == {
        "id": 0,
        "name": "新增试点企业",
        "unit": "家",
        "target": "10",
        "cumulative_target": "20",
        "last_month": "3.5",
        "value": "12",
        "cumulative": "15.5",
        "remark": "",
    }


def test_only_confirmed_values_become_actuals(cast, drawn):
    update = report(cast, drawn, 1, "9", "8", confirm=False)
    for who, action in [("clerk", "submit"), ("reviewer", "approve")]:
        cast.act(update, who, action)
        assert actuals(drawn, 1) == [None, None]
    cast.act(update, "office", "confirm")
    assert actuals(drawn, 1) == [9, 8]
    assert actuals(drawn, 2) == [None, None]


def test_a_confirmed_month_may_be_updated_again_as_the_next_revision(cast, drawn):
    first = report(cast, drawn, 1, "9", "8")
    second = TargetUpdate.create_from_key(f"{drawn.pk}-1", cast.clerk2)
    assert (second.revision, second.title) == (2, "2026年1月进度值（第2次更新）")
    assert [line.value for line in second.lines()] == [9, 8]
    second.values.update(value=Decimal(10))
    assert second.marked_content().since.startswith("上一次上报")
    assert [value["value"].now for value in second.marked_content()["values"] if value["value"].changed] == [
        "10",
        "10",
    ]
    assert actuals(drawn, 1) == [9, 8]
    cast.bring(second, State.CONFIRMED)
    assert actuals(drawn, 1) == [10, 10]
    assert [line.value for line in first.lines()] == [9, 8]


def test_one_unfinished_update_per_map_and_month(cast, drawn):
    update = report(cast, drawn, 1, "9", "8", confirm=False)
    for who, action in [("clerk", "submit"), ("reviewer", "approve"), ("office", "send_back"), ("clerk", "submit")]:
        assert TargetUpdate.create(drawn, 1, cast.clerk2) == update
        cast.act(update, who, action)
    assert TargetUpdate.create(drawn, 2, cast.clerk2) != update
    with pytest.raises(IntegrityError), transaction.atomic():
        TargetUpdate.objects.create(
            dossier=cast.project, battle_map=drawn, month=1, revision=1, title="又一份", creator=cast.clerk
        )


def test_what_is_due_stands_first_and_is_counted(cast, drawn):
    assert TargetUpdate.due_count(cast.clerk) == 6  # July's last five working days have not begun
    report(cast, drawn, 7, "9", "8")
    cast.act(report(cast, drawn, 6, "9", "8", confirm=False), "clerk", "submit")
    report(cast, drawn, 5, "9", "8", confirm=False)
    assert TargetUpdate.due_count(cast.clerk) == 5
    rows = TargetUpdate.work_items(cast.clerk)
    assert [(row.title, row.due) for row in rows] == [
        ("2026年5月", True),
        ("2026年4月", True),
        ("2026年3月", True),
        ("2026年2月", True),
        ("2026年1月", True),
        ("2026年7月", False),
        ("2026年6月", False),
    ]
    assert rows[0].record.state == State.DRAFT
    assert TargetUpdate.due_count(cast.stranger) == 0


def test_the_office_knows_the_update_by_its_record(cast, drawn):
    update = report(cast, drawn, 1, "9", "8", confirm=False)
    cast.bring(update, State.DEPT_APPROVED)
    [record] = Record.objects.awaiting(cast.office)
    assert record.specific == update
