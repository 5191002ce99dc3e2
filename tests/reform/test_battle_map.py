"""项目作战图: what it must contain, for which projects and years it is drawn, and what its issue opens."""

from decimal import Decimal

import pytest
import time_machine
from django.db import IntegrityError, transaction

from reform.models import BattleMap, PlanType, Project, Stage
from tests.contracts import RecordContract, fields, texts
from tests.factories import YEAR, ProjectFactory, add_indicator, battle_map
from tests.work import work_rows
from workflow.actions import create_record
from workflow.models import Record
from workflow.refusals import ActionRefused
from workflow.states import State


class TestBattleMap(RecordContract):
    kind = BattleMap
    label = "项目作战图"
    missing = ["indicators", "measures"]

    def key(self, cast):
        return f"{cast.project.pk}-{YEAR}"

    def change(self, record, text):
        record.measures.filter(pk=record.measures.first().pk).update(content=text)


@pytest.fixture
def drawn(cast):
    return battle_map(cast.project, cast.clerk)


def set_target(drawn, month, value):
    drawn.indicators.first().targets.filter(month=month).update(target=value and Decimal(value))


# Indicators


def test_twelve_months_add_up_to_the_year(drawn):
    set_target(drawn, 6, "10.0001")
    assert fields(drawn) == ["indicators-0-m12"]
    assert "合计 120.0001，与年度目标值 120 相差 0.0001" in texts(drawn)
    set_target(drawn, 7, "9.9999")
    assert drawn.problems() == []


def test_thirds_of_a_percentage_add_up_exactly(drawn):
    indicator = add_indicator(drawn, "满意度", annual="1", monthly="0.0833")
    assert fields(drawn) == ["indicators-2-m12"]
    indicator.targets.filter(month=12).update(target=Decimal("0.0837"))
    assert drawn.problems() == []


def test_a_month_left_empty_is_named_and_zero_is_no_gap(drawn):
    set_target(drawn, 3, None)
    drawn.indicators.first().targets.filter(month=5).delete()
    assert fields(drawn) == ["indicators-0-m3"]
    assert "3、5 月目标值" in texts(drawn)
    drawn.indicators.first().targets.create(month=5, target=Decimal(20))
    set_target(drawn, 3, "0")
    assert drawn.problems() == []


def test_negative_and_large_figures_are_figures(drawn):
    set_target(drawn, 1, "-50000000000.0001")
    set_target(drawn, 2, "50000000020.0001")
    assert drawn.problems() == []


@pytest.mark.parametrize("month", [0, 13])
def test_a_year_has_twelve_months(drawn, month):
    with pytest.raises(IntegrityError), transaction.atomic():
        drawn.indicators.first().targets.create(month=month, target=Decimal(1))
    with pytest.raises(IntegrityError), transaction.atomic():
        drawn.measures.first().plans.create(month=month, type="scheme", content="方案")


def test_one_indicator_needs_a_written_reason(drawn):
    drawn.indicators.last().delete()
    assert fields(drawn) == ["single_indicator_reason"]
    drawn.single_indicator_reason = "  \n"
    assert fields(drawn) == ["single_indicator_reason"]
    drawn.single_indicator_reason = "改革内容单一，一个指标即可反映成效。"
    assert drawn.problems() == []


def test_a_reason_does_not_replace_the_last_indicator(drawn):
    drawn.single_indicator_reason = "改革内容单一。"
    drawn.indicators.all().delete()
    assert fields(drawn) == ["indicators"]


def test_names_of_indicators_are_unique(drawn):
    drawn.indicators.update(name="办件量")
    assert fields(drawn) == ["indicators-0-name", "indicators-1-name"]


def test_an_indicator_has_a_name_a_unit_and_a_target(drawn):
    drawn.indicators.filter(position=1).update(name="", unit="", annual_target=None)
    assert fields(drawn) == ["indicators-1-name", "indicators-1-unit", "indicators-1-annual_target"]


# Measures and plans


@pytest.mark.parametrize(("length", "accepted"), [(0, False), (1, True), (300, True), (301, False)])
def test_a_measure_has_one_to_300_characters(drawn, length, accepted):
    drawn.measures.filter(position=1).update(content="实" * length)
    assert fields(drawn) == ([] if accepted else ["measures-1-content"])
    if length > 300:
        assert "不超过 300 字，现有 301 字" in texts(drawn)


def test_blanks_around_a_measure_are_not_counted_and_do_not_fill_it(drawn):
    drawn.measures.filter(position=0).update(content=f" {'实' * 300}\n")
    drawn.measures.filter(position=2).update(content=" \n ")
    assert fields(drawn) == ["measures-2-content"]


def test_there_are_at_least_three_measures(drawn):
    drawn.measures.last().delete()
    assert fields(drawn) == ["measures"]
    assert "至少 3 条，现有 2 条" in texts(drawn)


def test_every_measure_has_a_plan(drawn):
    drawn.measures.all()[1].plans.all().delete()
    assert fields(drawn) == ["measures-1-plans"]


def test_a_plan_says_when_what_and_how(drawn):
    drawn.measures.first().plans.update(month=None, type="", content=" ")
    prefix = "measures-0-plans-0"
    assert fields(drawn) == [f"{prefix}-month", f"{prefix}-type", f"{prefix}-content"]


def test_a_plan_of_another_type_names_it(drawn):
    drawn.measures.first().plans.update(type=PlanType.OTHER)
    assert fields(drawn) == ["measures-0-plans-0-type_name"]
    drawn.measures.first().plans.update(type_name="跨省协作")
    assert drawn.problems() == []
    assert drawn.snapshot()["measures"][0]["plans"][0]["type"] == "跨省协作"


def test_the_manuals_twelve_types():
    assert PlanType.labels == [
        "组建工作专班", "开展调查研究", "向上争取支持", "制定改革方案", "开展试点示范", "出台配套政策",
        "搭建重要平台", "上线重大应用", "开展督导指导", "开展成效评估", "总结推广经验", "其他",
    ]  # fmt: skip


def test_everything_wrong_is_said_at_once(drawn):
    drawn.indicators.filter(position=0).update(unit="")
    set_target(drawn, 12, "11")
    drawn.measures.filter(position=1).update(content="")
    drawn.measures.last().plans.update(content="")
    assert fields(drawn) == [
        "indicators-0-unit",
        "indicators-0-m12",
        "measures-1-content",
        "measures-2-plans-0-content",
    ]


# Which maps are drawn


@pytest.mark.parametrize("stage", [Stage.ANALYSIS, Stage.GENERATED])
def test_only_a_project_at_acceleration_is_drawn(cast, stage):
    early = ProjectFactory(department=cast.planning, stage=stage, recognised_on=None)
    [row] = [row for row in work_rows(BattleMap, cast.clerk) if row.project == early]
    assert not row.due
    assert stage.label in row.obstacle
    with pytest.raises(ActionRefused, match="加快实施"):
        create_record(BattleMap.draft_from_key, row.key, cast.clerk)


def test_the_stage_that_counts_is_the_one_of_now(cast):
    Project.objects.filter(pk=cast.project.pk).update(stage=Stage.GENERATED, recognised_on=None)
    assert cast.project.stage == Stage.ACCELERATED
    with pytest.raises(ActionRefused, match="加快实施"):
        BattleMap.create(cast.project, YEAR, cast.clerk)


@pytest.mark.parametrize(("year", "accepted"), [(2024, False), (2025, True), (2027, True), (2028, False)])
def test_a_map_is_drawn_for_a_year_of_its_project(cast, year, accepted):
    if accepted:
        assert BattleMap.create(cast.project, year, cast.clerk).year == year
    else:
        with pytest.raises(ActionRefused, match=f"2025—2027 年，不能绘制 {year} 年度"):
            BattleMap.create(cast.project, year, cast.clerk)


def test_one_map_per_project_and_year(cast, drawn):
    again = BattleMap.create(cast.project, YEAR, cast.clerk2)
    assert again == drawn
    assert BattleMap.create(cast.project, YEAR + 1, cast.clerk) != drawn
    with pytest.raises(IntegrityError), transaction.atomic():
        BattleMap.objects.create(dossier=cast.project, slot=str(YEAR), year=YEAR, title="又一张", creator=cast.clerk)


@pytest.mark.parametrize(
    ("day", "years"),
    [("2026-01-01", [2026]), ("2026-10-31", [2026]), ("2026-11-01", [2026, 2027]), ("2027-12-31", [2027])],
)
def test_next_years_map_is_drawn_from_november_and_within_the_projects_years(cast, day, years):
    with time_machine.travel(f"{day}T09:00+08:00"):
        assert [row.title for row in work_rows(BattleMap, cast.clerk)] == [f"{year}年度" for year in years]


# After the office has spoken


def test_what_is_confirmed_waits_for_issue_and_then_stands(cast, drawn):
    cast.bring(drawn, State.CONFIRMED)
    assert [record.pk for record in Record.objects.awaiting_issue(cast.office)] == [drawn.pk]
    assert list(Record.objects.awaiting_issue(cast.office_elsewhere)) == []
    assert list(Record.objects.awaiting_issue(cast.clerk)) == []
    cast.act(drawn, "office2", "issue")
    drawn.refresh_from_db()
    assert drawn.is_open
    assert f"{drawn.issued_at:%Y-%m-%d}" == "2026-07-15"
    assert list(Record.objects.awaiting_issue(cast.office)) == []


def test_a_confirmed_map_cannot_be_begun_or_written_again(cast, drawn):
    cast.bring(drawn, State.CONFIRMED)
    assert create_record(BattleMap.draft_from_key, f"{cast.project.pk}-{YEAR}", cast.clerk) == drawn
    [row] = work_rows(BattleMap, cast.clerk)
    assert (row.record, row.due) == (drawn, False)


def test_measures_and_plans_in_order_in_the_snapshot(drawn):
    last = drawn.measures.last()
    last.position = 0
    last.save()
    drawn.measures.exclude(pk=last.pk).update(position=1)
    last.plans.create(month=1, type="research", content="先调研")
    [first, *_] = drawn.snapshot()["measures"]
    assert first["id"] == last.pk
    assert [plan["month"] for plan in first["plans"]] == ["1月", "11月"]
