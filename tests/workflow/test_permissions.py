"""Who may do what to a record of which kind, in which state: one literal table, and nobody may do anything else."""

import pytest

from accounts.models import Role
from reform.models import BattleMap, Project
from tests.factories import ProjectFactory
from workflow.actions import ACTIONS, available, perform
from workflow.models import Event, Record
from workflow.refusals import ActionRefused
from workflow.states import State

OWN = "clerk clerk2"
REVIEWERS = "reviewer reviewer2"
OFFICE = "office office2"

# In the order of the buttons. Who is not named may do nothing: 市发展改革委's own people and the office act,
# the partner's, other departments', an office reviewer of other departments, administrators, auditors and the
# account of a wall do not.
MATRIX = {
    State.DRAFT: {OWN: ["submit"]},
    State.SUBMITTED: {OWN: ["withdraw"], REVIEWERS: ["approve", "reject"]},
    State.DEPT_APPROVED: {REVIEWERS: ["take_back"], OFFICE: ["confirm", "send_back", "reject"]},
    State.CONFIRMED: {},
    State.ISSUED: {},
    State.REJECTED: {OWN: ["submit", "void"]},
    State.RETURNED: {OWN: ["submit", "void"]},
    State.VOIDED: {},
}
CONFIRMED_MAP = {OFFICE: ["issue"]}  # battle maps alone are issued

EVERYBODY_OF_THE_DEPARTMENT = {"clerk", "clerk2", "reviewer", "reviewer2"}
THE_OFFICE = {"office", "office2", "office_elsewhere"}
PARTNERS = {"partner", "partner_reviewer"}
READERS = {
    State.DRAFT: EVERYBODY_OF_THE_DEPARTMENT | THE_OFFICE,
    State.SUBMITTED: EVERYBODY_OF_THE_DEPARTMENT | THE_OFFICE,
    State.DEPT_APPROVED: EVERYBODY_OF_THE_DEPARTMENT | THE_OFFICE,
    State.CONFIRMED: EVERYBODY_OF_THE_DEPARTMENT | THE_OFFICE | PARTNERS,
    State.ISSUED: EVERYBODY_OF_THE_DEPARTMENT | THE_OFFICE | PARTNERS,
    State.REJECTED: EVERYBODY_OF_THE_DEPARTMENT | THE_OFFICE,
    State.RETURNED: EVERYBODY_OF_THE_DEPARTMENT | THE_OFFICE,
    State.VOIDED: EVERYBODY_OF_THE_DEPARTMENT | THE_OFFICE,
}

CELLS = [
    pytest.param(kind, state, id=f"{kind._meta.model_name}-{state}")
    for kind in Record.kinds()
    for state in State
    if state != State.ISSUED or kind is BattleMap
]


def expected(kind, state):
    """The row of the table: who → the actions open to them."""
    row = CONFIRMED_MAP if (kind, state) == (BattleMap, State.CONFIRMED) else MATRIX[state]
    return {who: actions for names, actions in row.items() for who in names.split()}


def everything():
    """All that a refused action must leave as it was."""
    return list(Record.objects.order_by("pk").values()), list(Event.objects.order_by("pk").values())


@pytest.mark.parametrize(("kind", "state"), CELLS)
def test_who_may_do_what(cast, kind, state):
    """Asked of the record as its kind, and of the row of a list."""
    record = cast.bring(cast.make(kind), state).specific
    for asked in (record, Record.objects.get(pk=record.pk)):
        found = {who: [action.name for action in available(asked, person)] for who, person in cast.people.items()}
        assert {who: actions for who, actions in found.items() if actions} == expected(kind, state)


@pytest.mark.parametrize(("kind", "state"), CELLS)
def test_who_may_read_it(cast, kind, state):
    record = cast.bring(cast.make(kind), state)
    readers = {who for who, person in cast.people.items() if Record.objects.visible_to(person).filter(pk=record.pk)}
    assert readers == READERS[state]
    for person in cast.people.values():
        seen = Record.objects.visible_to(person)
        assert seen.found_by_dossier(person).count() == seen.count()
        parts = [key for part in Record.objects.parts_visible_to(person) for key in part.values_list("pk", flat=True)]
        assert sorted(parts) == sorted(seen.values_list("pk", flat=True))


@pytest.mark.parametrize(
    ("kind", "state"),
    [
        cell if cell.values[0] is BattleMap else pytest.param(*cell.values, id=cell.id, marks=pytest.mark.full)
        for cell in CELLS
    ],
)
def test_whatever_is_not_in_the_table_is_refused_and_leaves_no_trace(cast, kind, state):
    record = cast.bring(cast.make(kind), state)
    before = everything()
    for who, person in cast.people.items():
        refusal = ActionRefused if who in READERS[state] else Record.DoesNotExist
        for action in ACTIONS:
            if action.name not in expected(kind, state).get(who, []):
                with pytest.raises(refusal):
                    perform(record.pk, action.name, person, record.version, reason="其他", detail="试试看")
    assert everything() == before


@pytest.mark.parametrize("kind", Record.kinds(), ids=lambda kind: kind._meta.model_name)
@pytest.mark.parametrize("state", [State.SUBMITTED, State.DEPT_APPROVED, State.CONFIRMED])
def test_nobody_decides_on_what_they_submitted_themselves(cast, kind, state):
    record = cast.bring(cast.make(kind), state).specific
    for role in (Role.DEPT_REVIEWER, Role.OFFICE_REVIEWER):
        cast.clerk.role = role
        cast.clerk.save()
        if role == Role.OFFICE_REVIEWER:
            cast.clerk.assign(cast.planning)
        assert available(record, cast.clerk) == []
        for action in ACTIONS:
            with pytest.raises(ActionRefused):
                perform(record.pk, action.name, cast.clerk, record.version, reason="其他", detail="试试看")
        assert not Record.objects.awaiting(cast.clerk).filter(pk=record.pk).exists()


@pytest.mark.parametrize("kind", Record.kinds(), ids=lambda kind: kind._meta.model_name)
def test_a_draft_that_was_ever_submitted_may_be_laid_aside(cast, kind):
    record = cast.act(cast.bring(cast.make(kind), State.SUBMITTED), "clerk", "withdraw").specific
    found = {who: [action.name for action in available(record, person)] for who, person in cast.people.items()}
    assert {who: actions for who, actions in found.items() if actions} == {
        "clerk": ["submit", "void"],
        "clerk2": ["submit", "void"],
    }


def test_what_somebody_else_submitted_again_may_be_decided_by_who_submitted_it_first(cast):
    record = cast.bring(cast.make(BattleMap), State.REJECTED)
    cast.act(record, "clerk2", "submit")
    cast.clerk.role = Role.DEPT_REVIEWER
    cast.clerk.save()
    assert cast.act(record, "clerk", "approve").state == State.DEPT_APPROVED


def test_a_duty_for_a_sister_department_opens_its_records(cast):
    record = cast.make(BattleMap)
    cast.stranger.assign(cast.planning)
    assert cast.act(record, "stranger", "submit").state == State.SUBMITTED
    cast.strange_reviewer.assign(cast.planning)
    assert cast.act(record, "strange_reviewer", "approve").state == State.DEPT_APPROVED


def test_a_transfer_closes_the_records_of_the_old_department_at_once(cast):
    record = cast.bring(cast.make(BattleMap), State.SUBMITTED)
    cast.reviewer.department = cast.education
    cast.reviewer.save()
    with pytest.raises(Record.DoesNotExist):
        cast.act(record, "reviewer", "approve")


def test_office_reviewers_with_duties_read_everything_but_decide_for_their_departments_alone(cast):
    elsewhere = ProjectFactory(department=cast.education)
    assert set(Project.objects.visible_to(cast.office_elsewhere)) == {cast.project, elsewhere}
    record = cast.bring(cast.make(BattleMap), State.DEPT_APPROVED)
    assert record not in Record.objects.awaiting(cast.office_elsewhere)
    with pytest.raises(ActionRefused):
        cast.act(record, "office_elsewhere", "confirm")


@pytest.mark.parametrize("who", ["admin", "auditor", "display"])
def test_administrators_auditors_and_walls_see_no_records_and_decide_nothing(cast, who):
    person = getattr(cast, who)
    cast.bring(cast.make(BattleMap), State.CONFIRMED)
    for records in (Record.objects.visible_to(person), Record.objects.awaiting(person)):
        assert list(records) == []
    assert list(Project.objects.visible_to(person)) == []
