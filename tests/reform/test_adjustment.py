"""目标调整申请: new targets of one indicator, for the months that are not confirmed; the old values are kept."""

from decimal import Decimal

import pytest
import time_machine

from reform.models import DueItem, Indicator, TargetAdjustment, TargetUpdate
from tests import factories
from tests.contracts import EvidenceContract, RecordContract, fields, texts
from tests.work import work_rows
from workflow.actions import create_record
from workflow.refusals import ActionRefused, Incomplete
from workflow.states import State

pytestmark = pytest.mark.usefixtures("due_agrees")


class TestTargetAdjustment(EvidenceContract, RecordContract):
    kind = TargetAdjustment
    label = "目标调整申请"
    missing = ["annual_target", "basis", "files"]

    def key(self, cast):
        return str(cast.issued_map().indicators.first().pk)

    def change(self, record, text):
        TargetAdjustment.objects.filter(pk=record.pk).update(basis=text)


@pytest.fixture
def indicator(cast):
    """120 in the year, 10 in each month; 10 confirmed for January and for March."""
    for month in (1, 3):
        cast.bring(factories.target_update(cast.issued_map(), cast.clerk, month), State.CONFIRMED)
    return cast.issued_map().indicators.first()


@pytest.fixture
def asked(cast, indicator):
    """130 in the year, 20 of it in December."""
    return factories.adjustment(indicator, cast.clerk)


def targets(indicator):
    indicator = Indicator.objects.get(pk=indicator.pk)
    return indicator.annual_target, [indicator.by_month()[month].target for month in range(1, 13)]


def ask(adjustment, **months):
    for month, target in months.items():
        adjustment.months.filter(month=int(month[1:])).update(target=target if target is None else Decimal(target))


def update_of(cast, month, state):
    return cast.bring(factories.target_update(cast.issued_map(), cast.clerk, month), state)


# What follows from 确认


@pytest.mark.sql
def test_confirmed_the_targets_are_the_new_ones_and_the_old_are_kept(cast, indicator, asked):
    before = targets(indicator)
    cast.bring(asked, State.DEPT_APPROVED)
    assert targets(indicator) == before == (120, [10] * 12)
    cast.act(asked, "office", "confirm")
    assert targets(indicator) == (130, [10] * 11 + [20])
    indicator, asked = Indicator.objects.get(pk=indicator.pk), TargetAdjustment.objects.get(pk=asked.pk)
    assert (asked.before["annual_target"], asked.before["months"]["12"], asked.before["unit"]) == ("120", "10", "家")
    assert (indicator.adjusted_words, indicator.original_annual, indicator.original_target(12)) == (
        "已调整 1 次",
        120,
        10,
    )
    assert indicator.original_target(11) is None
    assert [said.annual_target for said in indicator.revisions.order_by("valid_from")] == [120, 130]
    said = indicator.targets.get(month=12).revisions.order_by("valid_from")
    assert [(revision.target, revision.actual) for revision in said] == [(10, None), (20, None)]
    assert indicator.targets.get(month=11).revisions.count() == 1


def test_a_wrong_unit_is_mended_with_it(cast, indicator, asked):
    TargetAdjustment.objects.filter(pk=asked.pk).update(unit="万家")
    cast.bring(asked, State.CONFIRMED)
    assert Indicator.objects.get(pk=indicator.pk).unit == "万家"


def test_adjusted_twice_the_original_is_the_first(cast, indicator, asked):
    cast.bring(asked, State.CONFIRMED)
    again = factories.adjustment(indicator, cast.clerk, annual="125", december="15")
    cast.bring(again, State.CONFIRMED)
    indicator = Indicator.objects.get(pk=indicator.pk)
    assert (indicator.adjusted_words, indicator.annual_target, indicator.original_annual) == ("已调整 2 次", 125, 120)


def test_back_at_the_original_there_is_nothing_beside_it(cast, indicator, asked):
    cast.bring(asked, State.CONFIRMED)
    cast.bring(factories.adjustment(indicator, cast.clerk, annual="120", december="10"), State.CONFIRMED)
    indicator = Indicator.objects.get(pk=indicator.pk)
    assert (indicator.adjusted_words, indicator.original_annual) == ("已调整 2 次", None)


def test_what_is_due_does_not_change(cast, asked):
    before = list(DueItem.objects.order_by("pk").values())
    cast.bring(asked, State.CONFIRMED)
    assert list(DueItem.objects.order_by("pk").values()) == before


# What an application must say


@pytest.mark.parametrize(
    ("annual", "months", "sentence"),
    [
        ("130", {"m12": "20"}, ""),
        ("120", {"m12": "20", "m11": "0"}, ""),
        ("120", {"m12": "10"}, "目标值没有变化，请先修改再上报。"),
        ("131", {"m12": "20"}, "目标值 新增试点企业：各月目标值合计 130，与年度目标值 131 相差 1。"),
        ("130.0001", {"m12": "20.0001"}, ""),
        (None, {"m12": "20"}, "请填写年度目标值。"),
        ("130", {"m12": None}, "目标值：请填写 12 月目标值，没有安排的月份填 0。"),
        ("-120", {"m12": "-230"}, ""),
    ],
)
def test_the_rules_of_the_map_hold_for_the_result(asked, annual, months, sentence):
    asked.annual_target = annual and Decimal(annual)
    ask(asked, **months)
    assert texts(asked) == sentence


def test_a_confirmed_month_keeps_its_target_whatever_is_asked(cast, indicator, asked):
    ask(asked, m1="0", m12="30")
    lines = {line.month: line for line in asked.lines()}
    assert (lines[1].target, lines[1].is_open, lines[2].is_open) == (10, False, True)
    assert "合计 140" in texts(asked)


def test_the_basis_needs_words(asked):
    asked.basis = " \n"
    assert fields(asked) == ["basis"]


def test_nothing_is_left_to_adjust_once_every_month_is_confirmed(cast, indicator):
    indicator.targets.update(actual=1)
    with pytest.raises(ActionRefused, match="各月进度值都已确认"):
        create_record(TargetAdjustment.draft_from_key, str(indicator.pk), cast.clerk)
    assert [row.key for row in work_rows(TargetAdjustment, cast.clerk)] == [str(cast.issued_map().indicators.last().pk)]


def test_only_the_targets_of_an_issued_map_are_adjusted(cast):
    drawn = cast.bring(factories.battle_map(cast.project, cast.clerk), State.CONFIRMED)
    with pytest.raises(ActionRefused, match="下发后"):
        create_record(TargetAdjustment.draft_from_key, str(drawn.indicators.first().pk), cast.clerk)


# Beside updates


@pytest.mark.parametrize("state", [State.SUBMITTED, State.DEPT_APPROVED])
def test_while_a_month_that_it_moves_is_being_decided_on_it_waits(cast, asked, state):
    ask(asked, m6="5", m12="25")
    assert asked.problems() == []
    update = update_of(cast, 7, state)
    assert fields(asked) == ["m6"]
    assert texts(asked) == "7月进度值正在审核，审核结束后才能调整 6 月目标值。"
    cast.act(update, "reviewer" if state == State.SUBMITTED else "office", "reject")
    assert asked.problems() == []


def test_updates_of_earlier_months_are_no_obstacle(cast, asked):
    update_of(cast, 7, State.SUBMITTED)
    assert asked.problems() == []


def test_a_month_confirmed_during_the_review_stops_it_and_nothing_is_applied(cast, indicator, asked):
    ask(asked, m6="0", m12="30")
    cast.bring(asked, State.DEPT_APPROVED)
    update_of(cast, 6, State.CONFIRMED)
    with pytest.raises(ActionRefused, match="6月进度值已确认，目标值不能再调整。请退回后修改。"):
        cast.act(asked, "office", "confirm")
    assert targets(indicator) == (120, [10] * 12)
    cast.act(asked, "office", "send_back")
    with pytest.raises(Incomplete):
        cast.act(asked, "clerk", "submit")
    ask(asked, m12="20")
    cast.act(asked, "clerk", "submit")
    cast.act(asked, "reviewer", "approve")
    cast.act(asked, "office", "confirm")
    assert targets(indicator) == (130, [10] * 11 + [20])


def test_a_confirmed_update_keeps_the_targets_with_which_it_was_confirmed(cast, indicator, asked):
    """February is adjusted when March has been confirmed."""
    march = TargetUpdate.objects.get(month=3)
    ask(asked, m2="20", m12="10")
    cast.bring(asked, State.CONFIRMED)
    figures = march.snapshot()["values"][0]
    assert (figures["target"], figures["cumulative_target"]) == ("10", "30")
    again = factories.target_update(cast.issued_map(), cast.clerk, 3)
    assert again.snapshot()["values"][0]["cumulative_target"] == "40"


@pytest.mark.sql
def test_the_ledger_shows_the_original_target_of_the_day(cast, asked, table):
    with time_machine.travel("2026-07-16T09:00+08:00"):
        cast.bring(asked, State.CONFIRMED)
    with time_machine.travel("2026-07-17T09:00+08:00"):
        labels = ("年度目标值", "原目标", "调整次数")
        assert [table("office", "indicators")[0][label] for label in labels] == ["130", "120", "1"]
        [row, _] = table("office", "indicators", as_of="2026-07-15", year=2026)
        assert [row[label] for label in labels] == ["120", "", ""]


# Where it is seen


def test_reviewers_see_old_and_new_side_by_side(cast, asked):
    asked = cast.bring(asked, State.SUBMITTED).specific
    content = asked.marked_content()
    assert content["annual_target"].__html__() == "<del>120</del><ins>130</ins>"
    changed = [month["id"].now for month in content["months"] if month["target"].changed]
    assert (changed, content["basis"].changed) == (["12"], False)
    cast.act(asked, "reviewer", "approve")
    confirmed = cast.act(asked, "office", "confirm").specific
    assert confirmed.marked_content()["annual_target"].__html__() == "<del>120</del><ins>130</ins>"


@pytest.mark.sql
def test_the_list_names_indicators_and_how_often_they_were_adjusted(cast, indicator, asked):
    first = [(row.title, row.due, row.notes) for row in work_rows(TargetAdjustment, cast.clerk)]
    assert first == [
        ("2026年度 新增试点企业", True, ["年度目标值 120家"]),
        ("2026年度 办件量", False, ["年度目标值 120家"]),
    ]
    cast.bring(asked, State.CONFIRMED)
    assert work_rows(TargetAdjustment, cast.clerk)[0].notes == ["年度目标值 130家", "已调整 1 次"]


def test_the_form_closes_confirmed_months_and_keeps_what_is_typed(client, cast, indicator):
    client.force_login(cast.clerk)
    address = f"/kinds/targetadjustment/new/{indicator.pk}/"
    form = client.get(address).context["form"]
    assert [month for month in range(1, 13) if form.fields[f"m{month}"].disabled] == [1, 3]
    typed = {"version": "0", "token": "a" * 22, "unit": "家", "annual_target": "1２0", "m1": "99", "save": ""}
    typed |= {f"m{month}": "10" for month in range(2, 13)} | {"m12": "１２.5", "m11": "7.5"}
    assert client.post(address, typed).status_code == 302
    kept = TargetAdjustment.objects.get()
    assert (kept.annual_target, [row.target for row in kept.months.all()]) == (
        120,
        [10] * 10 + [Decimal("7.5"), Decimal("12.5")],
    )
    answer = client.post(f"/records/{kept.pk}/edit/", typed | {"version": "1", "m12": "3,5"})
    assert answer.status_code == 422
    assert "逗号只能用作千位分隔" in answer.content.decode()
    assert 'value="3,5"' in answer.content.decode()


def test_the_picture_shows_the_original_target(client, cast, indicator, asked):
    cast.bring(asked, State.CONFIRMED)
    client.force_login(cast.partner)
    page = client.get(f"/maps/{indicator.battle_map_id}/").content.decode()
    assert "已调整 1 次" in page
    assert "原目标 120" in page
