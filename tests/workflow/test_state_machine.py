"""Random lives of records of every kind, beside a model that is the specification's table and nothing else."""

from copy import copy

import pytest
from django.db import transaction
from hypothesis import Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from reform.models import BattleMap
from reform.models.due_schedule import differences
from tests.cast import Cast
from workflow.actions import perform
from workflow.models import Record
from workflow.refusals import ActionRefused
from workflow.states import State

# from → action → (role, to)
TABLE = {
    "draft": {"submit": ("entry", "submitted"), "void": ("entry", "voided")},  # void: once submitted
    "rejected": {"submit": ("entry", "submitted"), "void": ("entry", "voided")},
    "returned": {"submit": ("entry", "submitted"), "void": ("entry", "voided")},
    "submitted": {
        "withdraw": ("entry", "draft"),
        "approve": ("dept_reviewer", "dept_approved"),
        "reject": ("dept_reviewer", "rejected"),
    },
    "dept_approved": {
        "take_back": ("dept_reviewer", "submitted"),
        "confirm": ("office_reviewer", "confirmed"),
        "send_back": ("office_reviewer", "returned"),
        "reject": ("office_reviewer", "rejected"),
    },
    "confirmed": {"issue": ("office_reviewer", "issued")},  # battle maps only
    "issued": {},
    "voided": {},
}
ACTIONS = sorted({action for row in TABLE.values() for action in row})

FORWARD = {"submit", "approve", "confirm", "issue"}

# 录入甲 is also tried as a reviewer, for nobody decides on what they submitted.
ACTORS = [
    ("clerk", "entry"),
    ("clerk", "dept_reviewer"),
    ("clerk", "office_reviewer"),
    ("clerk2", "entry"),
    ("reviewer", "dept_reviewer"),
    ("office", "office_reviewer"),
    ("office_elsewhere", "office_reviewer"),
    ("partner", "entry"),
    ("stranger", "entry"),
    ("strange_reviewer", "dept_reviewer"),
    ("admin", "system_admin"),
    ("auditor", "auditor"),
]
OUTSIDERS = {"office_elsewhere", "partner", "stranger", "strange_reviewer", "admin", "auditor"}

# Derandomized: every machine walks the same ways. A failing walk can be read as it is; to shrink it takes minutes.
WALKS = settings(stateful_step_count=30, derandomize=True, phases=[Phase.generate])

REASON = ("数据有误", "请核对数据。")


class RecordSimulator(RuleBasedStateMachine):
    """One record's life. Subclasses say of which `kind`, among whom (`cast`), and where `steps` are counted."""

    kind: type[Record]
    cast: Cast
    steps: list

    def __init__(self):
        super().__init__()
        self.undo = transaction.atomic()
        self.undo.__enter__()
        self.pk = self.cast.make(self.kind).pk
        self.state, self.version, self.submitter, self.story = "draft", 0, None, []

    def teardown(self):
        assert differences() == []
        transaction.set_rollback(True)
        self.undo.__exit__(None, None, None)

    @rule(
        actor=st.sampled_from(ACTORS),
        action=st.sampled_from(ACTIONS),
        lag=st.sampled_from([0, 0, 0, 1, 2]),
        words=st.sampled_from([REASON, REASON, ("", "请核对数据。"), ("数据有误", " ")]),
    )
    def try_anything(self, actor, action, lag, words):
        """Anybody, anything; `lag`: how many versions ago the person looked."""
        who, role = actor
        self.steps.append((self.kind, self.state))
        before = self.everything()
        legal = self.is_legal(who, role, action, words) and lag == 0
        repeated = (who, action, self.version - lag) in {(step[0], step[1], step[4]) for step in self.story}
        try:
            perform(self.pk, action, self.person(who, role), self.version - lag, reason=words[0], detail=words[1])
        except (ActionRefused, Record.DoesNotExist):
            assert not legal
        else:
            assert legal or repeated
        if legal:
            self.note(who, action)
        else:
            assert self.everything() == before

    @rule(place=st.integers(0, 11), second=st.booleans())
    def go_on(self, place, second):
        """What the table allows, forwards twice as often, so that walks get somewhere."""
        row = TABLE[self.state]
        steps = [action for action in row for _ in range(1 + (action in FORWARD)) if self.may_happen(action)]
        if steps:
            self.steps.append((self.kind, self.state))
            action = steps[place % len(steps)]
            role, _to = row[action]
            who = {"entry": ["clerk", "clerk2"], "dept_reviewer": ["reviewer"], "office_reviewer": ["office"]}[role]
            who = who[second % len(who)]
            perform(self.pk, action, self.person(who, role), self.version, reason=REASON[0], detail=REASON[1])
            self.note(who, action)

    def person(self, who, role):
        """The person as of that role, with its duty for their own department."""
        person = copy(getattr(self.cast, who))
        if person.role != role:
            person.role, person.assigned_department_ids = role, frozenset({person.department_id})
        return person

    def may_happen(self, action):
        if action == "void":
            return self.submitter is not None
        return action != "issue" or self.kind is BattleMap

    def is_legal(self, who, role, action, words):
        needed, _to = TABLE[self.state].get(action, ("nobody", None))
        return (
            needed == role
            and who not in OUTSIDERS
            and (role == "entry" or who != self.submitter)
            and (action not in ("reject", "send_back") or all(word.strip() for word in words))
            and (action != "void" or words[1].strip())
            and self.may_happen(action)
        )

    def note(self, who, action):
        _role, to = TABLE[self.state][action]
        self.story.append((who, action, self.state, to, self.version))
        self.state, self.version = to, self.version + 1
        if action == "submit":
            self.submitter = who

    def everything(self):
        return Record.objects.filter(pk=self.pk).values().get(), list(self.events().values())

    def events(self):
        return Record.objects.get(pk=self.pk).events.order_by("pk")

    @invariant()
    def the_record_is_where_the_table_says(self):
        record = Record.objects.get(pk=self.pk)
        assert (record.state, record.version) == (self.state, self.version)
        assert record.submitter == (self.submitter and getattr(self.cast, self.submitter))

    @invariant()
    def its_events_are_a_chain_that_tells_the_story(self):
        events = list(self.events().select_related("actor"))
        told = [(event.actor, event.action, event.from_state, event.to_state, event.version) for event in events]
        assert told == [(getattr(self.cast, who), *rest) for who, *rest in self.story]
        states = ["draft", *(event.to_state for event in events)]
        assert [event.from_state for event in events] == states[:-1]
        assert [event.version for event in events] == list(range(len(events)))
        assert all((event.snapshot is not None) == (event.action == "submit") for event in events)

    @invariant()
    def nobody_decided_on_their_own_submission(self):
        submitter = None
        for event in self.events():
            if event.action == "submit":
                submitter = event.actor_id
            elif event.action not in ("withdraw", "void"):
                assert event.actor_id != submitter


def walk(cast, walks):
    """The steps of so many walks of each kind, as (kind, state) before the step."""
    steps = []
    for kind in Record.kinds():
        life = type("RecordSimulator", (RecordSimulator,), {"kind": kind, "cast": cast, "steps": steps})
        run_state_machine_as_test(life, settings=settings(WALKS, max_examples=walks))
    return steps


def test_no_walk_leaves_the_table(cast):
    assert len(walk(cast, 2)) >= 200


@pytest.mark.full
def test_two_thousand_steps_through_every_state_stay_on_the_table(cast):
    steps = walk(cast, 20)
    assert len(steps) >= 2000
    everywhere = {(kind, state) for kind in Record.kinds() for state in State if state != State.ISSUED}
    assert set(steps) == everywhere | {(BattleMap, State.ISSUED)}
