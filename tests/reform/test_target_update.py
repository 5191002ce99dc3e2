"""量化目标推进更新: the month's increments, explained when they lag, and counted once confirmed."""

from decimal import Decimal

import pytest
import time_machine
from django.db import IntegrityError, transaction

from reform.models import LightRule, MonthlyTarget, TargetUpdate
from tests.contracts import RecordContract, fields, texts
from tests.factories import battle_map, target_update
from tests.work import due_count, work_rows
from workflow.actions import create_record
from workflow.models import Record
from workflow.refusals import ActionRefused
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
        assert len(work_rows(TargetUpdate, cast.clerk)) == 12


@pytest.mark.parametrize("state", [state for state in State if state != State.ISSUED])
def test_only_an_issued_map_is_reported_on(cast, state):
    drawn = cast.bring(battle_map(cast.project, cast.clerk), state)
    assert work_rows(TargetUpdate, cast.clerk) == []
    with pytest.raises(ActionRefused, match="下发后"):
        create_record(TargetUpdate.draft_from_key, f"{drawn.pk}-1", cast.clerk)


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
        assert f"累计进度 {value}，不足累计目标值 10 的 80%" in texts(update)
    update.values.update(remark="企业申报不足，下月加强宣传。")
    assert update.problems() == []


def test_a_month_that_waits_for_its_reviewers_counts_and_is_marked(cast, drawn):
    report(cast, drawn, 1, "10", "10")
    waiting = report(cast, drawn, 2, "10", "2", confirm=False)
    update = report(cast, drawn, 3, "10", "10", confirm=False)
    update.values.update(remark="")
    assert fields(update) == ["values-0-remark", "values-1-remark"]  # nothing is submitted for February
    for who, action in [("clerk", "submit"), ("reviewer", "approve")]:
        cast.act(waiting, who, action)
        first, second = (line.snapshot() for line in update.lines())
        assert (first["last_month"], first["last_month_note"]) == ("10", "待审核")
        assert (first["cumulative"], first["cumulative_note"]) == ("30", "含2月待审核")
        assert (second["last_month"], second["cumulative"]) == ("2", "22")
        assert fields(update) == ["values-1-remark"]
    assert actuals(drawn, 2) == [None, None]
    cast.act(waiting, "office", "confirm")
    first, _ = (line.snapshot() for line in update.lines())
    assert (first["last_month"], first["last_month_note"]) == ("10", "")
    assert (first["cumulative"], first["cumulative_note"]) == ("30", "")


@pytest.mark.parametrize("action", ["reject", "send_back"])
def test_what_came_back_does_not_count(cast, drawn, action):
    report(cast, drawn, 1, "10", "10")
    waiting = cast.bring(report(cast, drawn, 2, "10", "10", confirm=False), State.SUBMITTED)
    if action == "send_back":
        cast.act(waiting, "reviewer", "approve")
    cast.act(waiting, "reviewer" if action == "reject" else "office", action)
    update = report(cast, drawn, 3, "10", "10", confirm=False)
    assert update.lines()[0].snapshot() | {"id": 0} == {
        "id": 0,
        "name": "新增试点企业",
        "unit": "家",
        "note": "",
        "target": "10",
        "cumulative_target": "30",
        "last_month": "",
        "last_month_note": "",
        "value": "10",
        "cumulative": "20",
        "cumulative_note": "",
        "remark": "按计划推进",
    }


def test_a_correction_under_review_stands_for_its_month(cast, drawn):
    report(cast, drawn, 1, "3", "10")
    update = report(cast, drawn, 2, "10", "10", confirm=False)
    correction = report(cast, drawn, 1, "10", "10", confirm=False)
    update.values.update(remark="")
    assert fields(update) == ["values-0-remark"]
    cast.act(correction, "clerk", "submit")
    assert update.problems() == []
    assert update.lines()[0].snapshot()["cumulative"] == "20"


def test_a_settled_update_speaks_of_what_is_settled(cast, drawn):
    report(cast, drawn, 1, "3", "10")
    settled = report(cast, drawn, 2, "10", "10")
    cast.bring(report(cast, drawn, 1, "10", "10", confirm=False), State.SUBMITTED)
    first = settled.lines()[0].snapshot()
    assert (first["last_month"], first["last_month_note"]) == ("3", "")
    assert (first["cumulative"], first["cumulative_note"]) == ("13", "")


@pytest.mark.parametrize(
    ("target", "value", "words"),
    [
        # A reduction: 120 less in the year, 10 less each month.
        ("-10", "-10", ""),
        ("-10", "-12", ""),
        ("-10", "-8", ""),
        ("-10", "-7.9999", "累计进度 -7.9999，不足累计目标值 -10 的 80%"),
        ("-10", "0", "累计进度 0，不足累计目标值 -10 的 80%"),
        ("-10", "3", "累计进度 3，不足累计目标值 -10 的 80%"),
        # A target of nothing is a target.
        ("0", "0", ""),
        ("0", "5", ""),
        ("0", "-0.0001", "累计进度 -0.0001，未达到累计目标值 0"),
    ],
)
def test_zero_and_negative_targets_are_judged_in_their_direction(cast, drawn, target, value, words):
    indicators = drawn.indicators.all()
    indicators.update(annual_target=Decimal(target) * 12)
    MonthlyTarget.objects.filter(indicator__in=indicators).update(target=Decimal(target))
    update = report(cast, drawn, 1, value, target, confirm=False)
    update.values.update(remark="")
    assert fields(update) == (["values-0-remark"] if words else [])
    if words:
        assert f"新增试点企业：{words}，请在备注中说明原因。" in texts(update)


def test_a_plan_that_first_falls_is_judged_as_the_year_that_grows(cast, drawn):
    indicator = drawn.indicators.first()
    indicator.targets.filter(month=1).update(target=-5)
    indicator.targets.filter(month=2).update(target=25)
    update = report(cast, drawn, 1, "-4", "10", confirm=False)
    update.values.update(remark="")
    assert update.problems() == []
    update.values.filter(indicator=indicator).update(value=-6)
    assert texts(update) == "新增试点企业：累计进度 -6，未达到累计目标值 -5，请在备注中说明原因。"


def test_the_office_sets_the_line_below_which_a_remark_is_due(cast, drawn):
    update = report(cast, drawn, 1, "7", "10", confirm=False)
    update.values.update(remark="")
    assert fields(update) == ["values-0-remark"]
    LightRule.objects.create(pk=1, red_below=70, amber_below=90)
    assert update.problems() == []
    update.values.filter(indicator=drawn.indicators.first()).update(value=Decimal("6.9999"))
    assert "累计进度 6.9999，不足累计目标值 10 的 70%" in texts(update)


def test_figures_shown_beside_a_value(cast, drawn):
    report(cast, drawn, 1, "3.50", "10")
    line = report(cast, drawn, 2, "12", "10", confirm=False).lines()[0]
    assert line.snapshot() | {"id": 0, "remark": ""} == {
        "id": 0,
        "name": "新增试点企业",
        "unit": "家",
        "note": "",
        "target": "10",
        "cumulative_target": "20",
        "last_month": "3.5",
        "last_month_note": "",
        "value": "12",
        "cumulative": "15.5",
        "cumulative_note": "",
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
    second = create_record(TargetUpdate.draft_from_key, f"{drawn.pk}-1", cast.clerk2)
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
    assert due_count(TargetUpdate, cast.clerk) == 6  # July's last five working days have not begun
    report(cast, drawn, 7, "9", "8")
    cast.act(report(cast, drawn, 6, "9", "8", confirm=False), "clerk", "submit")
    report(cast, drawn, 5, "9", "8", confirm=False)
    assert due_count(TargetUpdate, cast.clerk) == 5
    rows = work_rows(TargetUpdate, cast.clerk)
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
    assert due_count(TargetUpdate, cast.stranger) == 0


def test_the_office_knows_the_update_by_its_record(cast, drawn):
    update = report(cast, drawn, 1, "9", "8", confirm=False)
    cast.bring(update, State.DEPT_APPROVED)
    [record] = Record.objects.awaiting(cast.office)
    assert record.specific == update
