"""The machine's guarantees: one way to change a state, all of a step or nothing of it, and a database that says no."""

import ast
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings
from django.db import DatabaseError, IntegrityError, connection, transaction

from reform.models import BattleMap, MeasureIteration, TargetUpdate
from workflow.actions import ACTIONS, perform
from workflow.models import Event, Record
from workflow.states import EDITABLE, SETTLED, STANDING, UNDER_REVIEW, UNFINISHED, State

pytestmark = pytest.mark.sql

KINDS = pytest.mark.parametrize("kind", Record.kinds(), ids=lambda kind: kind._meta.model_name)


def test_the_states_of_the_specification():
    assert dict(State.choices) == {
        "draft": "草稿",
        "submitted": "待部门审核",
        "dept_approved": "待改革办审核",
        "confirmed": "已确认",
        "issued": "已下发",
        "rejected": "已驳回",
        "returned": "退回完善",
        "voided": "已作废",
    }
    assert set(State) == EDITABLE | UNDER_REVIEW | SETTLED | {State.VOIDED}
    assert set(State) - UNFINISHED == {State.CONFIRMED, State.ISSUED, State.VOIDED}
    assert set(State) - STANDING == {State.VOIDED}
    assert all(state.tint for state in State)


def test_the_buttons_of_the_specification():
    assert {action.name: action.label for action in ACTIONS} == {
        "submit": "保存并上报",
        "withdraw": "撤回",
        "approve": "通过",
        "reject": "驳回",
        "take_back": "撤回",
        "confirm": "确认",
        "send_back": "退回完善",
        "issue": "下发",
        "void": "作废",
    }


# All of a step, or nothing of it


class PowerCut(Exception):
    pass


def everything():
    """All rows of the two rooms that a step may write to."""
    models = [model for room in ("workflow", "reform") for model in apps.get_app_config(room).get_models()]
    return {model._meta.label: list(model.objects.order_by("pk").values()) for model in models}


def cut_at(write):
    """Fails instead of the given write (1, 2, …) to the database; counts on `cut.seen`."""

    def cut(execute, sql, params, many, context):
        if sql.startswith(("INSERT", "UPDATE", "DELETE")):
            cut.seen += 1
            if cut.seen == write:
                raise PowerCut
        return execute(sql, params, many, context)

    cut.seen = 0
    return cut


STEPS = [
    (State.DRAFT, "clerk", "submit"),
    (State.SUBMITTED, "clerk", "withdraw"),
    (State.SUBMITTED, "reviewer", "approve"),
    (State.SUBMITTED, "reviewer", "reject"),
    (State.DEPT_APPROVED, "reviewer", "take_back"),
    (State.DEPT_APPROVED, "office", "send_back"),
    (State.DEPT_APPROVED, "office", "confirm"),
    (State.CONFIRMED, "office", "issue"),
    (State.REJECTED, "clerk", "void"),
]


@KINDS
@pytest.mark.parametrize(("state", "who", "action"), STEPS, ids=[action for _state, _who, action in STEPS])
def test_a_failure_at_any_write_leaves_nothing_half_written(cast, kind, state, who, action):
    if action == "issue" and not kind.issuable:
        return
    record = cast.bring(cast.make(kind), state)
    before = everything()
    for write in range(1, 50):
        cut = cut_at(write)
        try:
            with connection.execute_wrapper(cut):
                cast.act(record, who, action)
        except PowerCut:
            assert everything() == before
        else:
            break
    assert cut.seen == write - 1 >= 2  # at least the record and its event were in danger
    assert everything() != before


@pytest.mark.parametrize("kind", [TargetUpdate, MeasureIteration], ids=lambda kind: kind._meta.model_name)
def test_what_follows_from_confirming_stands_or_falls_with_it(cast, kind, monkeypatch):
    record = cast.bring(cast.make(kind), State.DEPT_APPROVED)
    follow = kind.on_confirmed

    def follow_and_fail(self):
        follow(self)
        raise PowerCut

    before = everything()
    monkeypatch.setattr(kind, "on_confirmed", follow_and_fail)
    with pytest.raises(PowerCut):
        cast.act(record, "office", "confirm")
    assert everything() == before
    monkeypatch.undo()
    cast.act(record, "office", "confirm")
    assert everything() != before


# The database and the model say no


def test_the_database_refuses_a_state_that_is_none(cast):
    record = cast.make(BattleMap)
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE workflow_record SET state = 'approved' WHERE id = %s", [record.pk])
    with pytest.raises(DatabaseError), transaction.atomic():
        Record.objects.filter(pk=record.pk).update(state="")
    with connection.cursor() as cursor:  # the control: a state that is one passes
        cursor.execute("UPDATE workflow_record SET state = 'issued' WHERE id = %s", [record.pk])
    assert Record.objects.get(pk=record.pk).state == State.ISSUED


def test_a_state_is_never_assigned(cast):
    record = cast.make(BattleMap)
    for found in (record, Record.objects.get(pk=record.pk)):
        with pytest.raises(AttributeError):
            found.state = State.CONFIRMED


def test_events_are_never_changed_or_deleted(cast):
    record = cast.bring(cast.make(BattleMap), State.SUBMITTED)
    event = record.events.get()
    event.detail = "改一改"
    for change in (event.save, event.delete, Event.objects.all().delete, record.events.all().delete):
        with pytest.raises(TypeError, match="never"):
            change()
    with pytest.raises(TypeError, match="never"):
        record.events.update(detail="改一改")
    with pytest.raises(DatabaseError), transaction.atomic():
        record.delete()
    assert Event.objects.get().detail == ""


# One module writes states


class StateWrites(ast.NodeVisitor):
    """Lines that write an attribute or a column called `state`."""

    WRITERS = {"create", "update", "get_or_create", "update_or_create"}

    def __init__(self, kinds):
        self.kinds, self.lines = kinds, []

    def visit_Attribute(self, node):
        if node.attr == "state" and not isinstance(node.ctx, ast.Load):
            self.lines.append(node.lineno)
        self.generic_visit(node)

    def visit_Call(self, node):
        name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        named = any(keyword.arg == "state" for keyword in node.keywords)
        listed = any(isinstance(part, ast.Constant) and part.value == "state" for part in ast.walk(node))
        writes = named and name in self.WRITERS | self.kinds
        if writes or (listed and name in ("setattr", "bulk_update", "__setattr__")):
            self.lines.append(node.lineno)
        self.generic_visit(node)


def state_writes(source):
    visitor = StateWrites({"Record"} | {kind.__name__ for kind in Record.kinds()})
    visitor.visit(ast.parse(source))
    return visitor.lines


def test_a_state_is_written_by_the_machine_alone():
    found = {}
    for room in ("accounts", "config", "reform", "scripts", "workflow"):
        for path in Path(settings.BASE_DIR, room).rglob("*.py"):
            if lines := state_writes(path.read_text()):
                found[path.relative_to(settings.BASE_DIR).as_posix()] = lines
    assert found == {}


@pytest.mark.parametrize(
    "line",
    [
        "record.state = 'confirmed'",
        "record.state += 'x'",
        "del record.state",
        "records.update(version=1, state=State.ISSUED)",
        "BattleMap(year=2026, state='issued')",
        "models.BattleMap.objects.create(state='issued')",
        "setattr(record, 'state', 'issued')",
        "Record.objects.bulk_update(records, ['state'])",
    ],
)
def test_the_search_finds_what_it_looks_for(line):
    assert state_writes(line) == [1]
    assert state_writes("Record.objects.filter(state='draft').exclude(state=record.state)") == []


def test_nobody_takes_the_protection_off_for_all_threads():
    """django_fsm's `refresh_from_db` unprotects the field itself for a moment: another thread's refresh then fails."""
    found = {
        path.name
        for room in ("accounts", "config", "reform", "workflow")
        for path in Path(settings.BASE_DIR, room).rglob("*.py")
        if "refresh_from_db(" in path.read_text()
    }
    assert found == set()


def test_performing_returns_the_record_as_its_own_kind(cast):
    record = cast.make(BattleMap)
    done = perform(record.pk, "submit", cast.clerk, record.version)
    assert isinstance(done, BattleMap)
    assert (done.state, done.version) == (State.SUBMITTED, 1)
