"""销号申请: ends a project; nothing is due any more, it leaves the lists of the current, and stays readable."""

import pytest
import time_machine

from reform.models import (
    BattleMap,
    BrandUpdate,
    Closure,
    DueItem,
    MeasureIteration,
    MonthlyPlan,
    PlanStatus,
    PlanUpdate,
    Project,
    PromotionUpdate,
    Stage,
    TargetUpdate,
)
from reform.models.due_schedule import catch_up
from tests import factories
from tests.contracts import EvidenceContract, RecordContract, fields, texts
from tests.work import due_count, work_rows
from workflow import actions
from workflow.actions import create_record
from workflow.models import Record
from workflow.refusals import ActionRefused
from workflow.states import State

pytestmark = pytest.mark.usefixtures("due_agrees")


class TestClosure(EvidenceContract, RecordContract):
    kind = Closure
    label = "销号申请"
    missing = ["way", "completion", "results", "arrangements", "files"]

    def key(self, cast):
        cast.issued_map()
        return str(cast.project.pk)

    def change(self, record, text):
        Closure.objects.filter(pk=record.pk).update(completion=text)


@pytest.fixture
def drawn(cast):
    return cast.issued_map()


def finish(cast, plan):
    update = factories.plan_update(plan, cast.clerk, PlanStatus.DONE)
    factories.ClassifiedNoticeFactory(record=update)
    cast.bring(update, State.CONFIRMED)


@pytest.fixture
def finished(cast, drawn):
    """The map, each of its plans 已完成."""
    for plan in MonthlyPlan.objects.filter(measure__battle_map=drawn):
        finish(cast, plan)
    return drawn


def end(cast, way="ended"):
    cast.bring(factories.closure(cast.project, cast.clerk, way), State.CONFIRMED)
    return Project.objects.get(pk=cast.project.pk)


def owed():
    return DueItem.objects.owed().count()


# What follows from 确认


@pytest.mark.parametrize(("way", "stage"), [("done", Stage.CLOSED), ("routine", Stage.ROUTINE), ("ended", Stage.ENDED)])
def test_the_stage_follows_from_the_way(cast, finished, way, stage):
    project = end(cast, way)
    assert (project.stage, f"{project.closed_at:%Y-%m-%d}") == (stage, "2026-07-15")
    assert [said.stage for said in project.revisions.order_by("valid_from")] == [Stage.ACCELERATED, stage]


def test_nothing_is_due_any_more(cast, drawn):
    assert owed() > 0
    end(cast)
    with time_machine.travel("2027-02-03T09:00+08:00"):
        catch_up()
        assert owed() == 0
        assert [due_count(kind, cast.clerk) for kind in (TargetUpdate, PlanUpdate)] == [0, 0]


@pytest.mark.sql
def test_what_was_overdue_and_what_was_reported_stay_known(cast):
    with time_machine.travel("2026-01-05T10:00+08:00"):
        drawn = cast.issued_map()
        cast.bring(factories.target_update(drawn, cast.clerk, 1), State.CONFIRMED)
    end(cast)
    kept = DueItem.objects.filter(battle_map=drawn, plan=None).order_by("month")
    assert [(item.month, item.cancelled_at is None) for item in kept] == [
        (1, True),
        *((month, False) for month in range(2, 7)),
    ]


def test_a_completed_project_keeps_what_was_done_in_time(cast, finished):
    before = DueItem.objects.filter(plan__isnull=False, is_deadline=True).count()
    end(cast, "done")
    assert DueItem.objects.standing().filter(plan__isnull=False, is_deadline=True).count() == before == 3


KINDS = [BattleMap, TargetUpdate, PlanUpdate, PromotionUpdate, BrandUpdate, MeasureIteration, Closure]


@pytest.mark.sql
def test_it_leaves_the_lists_of_what_can_be_done(cast, drawn):
    assert all(work_rows(kind, cast.clerk) for kind in KINDS)
    end(cast)
    assert [work_rows(kind, cast.clerk) for kind in KINDS] == [[]] * len(KINDS)


@pytest.mark.parametrize("kind", [PromotionUpdate, Closure, MeasureIteration])
def test_nothing_can_be_begun(client, cast, drawn, kind):
    end(cast)
    key = str(drawn.pk if kind is MeasureIteration else cast.project.pk)
    with pytest.raises(ActionRefused, match="项目已销号"):
        create_record(kind.draft_from_key, key, cast.clerk)
    client.force_login(cast.clerk)
    answer = client.get(f"/kinds/{kind._meta.model_name}/new/{key}/")
    assert (answer.status_code, "项目已销号（督办事项已办结），不再办理填报。" in answer.content.decode()) == (
        409,
        True,
    )


@pytest.mark.parametrize("state", [State.DRAFT, State.REJECTED])
def test_what_is_in_hand_can_only_be_put_away(cast, drawn, state):
    left = cast.bring(factories.target_update(drawn, cast.clerk, 7), state)
    end(cast)
    left = Record.objects.get(pk=left.pk).specific
    assert left not in Record.objects.in_hand(cast.clerk)
    assert [action.name for action in actions.available(left, cast.clerk)] == ([] if state == State.DRAFT else ["void"])
    with pytest.raises(ActionRefused):
        actions.perform(left.pk, "submit", cast.clerk, left.version)
    with pytest.raises(ActionRefused, match="项目已销号"):
        actions.lock_editable_at(left.pk, cast.clerk, left.version)
    if state == State.DRAFT:
        actions.discard(left.pk, cast.clerk, left.version)
    else:
        assert cast.act(left, "clerk", "void").state == State.VOIDED


def test_it_stays_readable_for_all_who_read_it(client, cast, drawn):
    plan = factories.open_plan(drawn)
    project = end(cast)
    for who in ("clerk", "reviewer", "office", "partner"):
        client.force_login(getattr(cast, who))
        page = client.get(f"/projects/{project.pk}/").content.decode()
        assert "已终止" in page
        assert "2026-07-15 销号" in page
        assert client.get(f"/plans/{plan.pk}/").status_code == client.get(f"/maps/{drawn.pk}/").status_code == 200
        assert project.name not in client.get("/projects/").content.decode()
        assert project.name in client.get("/projects/?stage=ended").content.decode()
        assert "不再亮灯" in client.get("/projects/?stage=ended").content.decode()


@pytest.mark.sql
def test_ledgers_hold_it_to_the_year_in_which_it_ended(cast, drawn, table):
    with time_machine.travel("2026-07-16T09:00+08:00"):
        end(cast)
    with time_machine.travel("2027-01-04T09:00+08:00"):
        [row] = table("office", "projects", year=2026)
        assert (row["所处阶段"], row["销号日期"]) == ("已终止", "2026-07-16")
        [row] = table("office", "projects", year=2026, as_of="2026-07-15")
        assert (row["所处阶段"], row["销号日期"]) == ("加快实施", "")
        assert table("office", "projects", year=2027) == []


def test_the_office_cannot_end_or_revive_a_project_by_hand(cast, drawn):
    project = Project.objects.get(pk=cast.project.pk)
    project.stage = Stage.CLOSED
    assert "销号申请" in project._stage_errors()["stage"]
    project = end(cast)
    assert project._stage_errors() == {}
    project.stage = Stage.ACCELERATED
    assert project._stage_errors() == {"stage": "项目已终止，所处阶段不再更改。"}


# What stands in its way


@pytest.mark.parametrize("way", ["done", "routine"])
def test_a_project_is_complete_when_every_plan_is(cast, drawn, way):
    asked = factories.closure(cast.project, cast.clerk, way)
    assert texts(asked).startswith("还有 3 项月度计划未完成（2026年2月 制定改革方案等），全部完成后才能“")
    for plan in MonthlyPlan.objects.filter(measure__battle_map=drawn):
        finish(cast, plan)
    assert asked.problems() == []


def test_ending_it_unfinished_takes_reasons(cast, drawn):
    asked = factories.closure(cast.project, cast.clerk)
    asked.reasons = " "
    assert fields(asked) == ["reasons"]


def test_what_is_under_review_is_decided_on_first(cast, drawn):
    asked = cast.bring(factories.closure(cast.project, cast.clerk), State.DEPT_APPROVED)
    update = cast.bring(factories.target_update(drawn, cast.clerk, 7), State.SUBMITTED)
    with pytest.raises(ActionRefused, match="还有 1 件填报正在审核"):
        cast.act(asked, "office", "confirm")
    cast.act(update, "reviewer", "reject")
    assert cast.act(asked, "office", "confirm").state == State.CONFIRMED


def test_a_confirmed_map_is_issued_first(cast, drawn):
    cast.bring(factories.battle_map(cast.project, cast.clerk, year=2027), State.CONFIRMED)
    assert "已确认、未下发的作战图" in texts(factories.closure(cast.project, cast.clerk))


def test_before_a_map_is_issued_there_is_nothing_to_end(cast):
    cast.bring(factories.battle_map(cast.project, cast.clerk), State.CONFIRMED)
    with pytest.raises(ActionRefused, match="下发后"):
        create_record(Closure.draft_from_key, str(cast.project.pk), cast.clerk)
