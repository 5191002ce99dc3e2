"""Who stands in for an absent person decides at the same moment as another; every race has a control."""

import datetime as dt

import pytest

from accounts.absences import Absence
from accounts.models import User
from reform.models import PromotionUpdate
from tests.tracks import CONTROL_ROUNDS, track
from workflow.actions import perform
from workflow.models import Event, Record
from workflow.refusals import Gone, StaleVersion
from workflow.states import State

pytestmark = pytest.mark.race

DAY = dt.date(2026, 7, 15)


@pytest.fixture
def record(cast):
    return cast.bring(cast.make(PromotionUpdate), State.SUBMITTED)


@pytest.fixture
def absence(cast):
    return Absence.objects.create(person=cast.reviewer, stand_in=cast.strange_reviewer, first_day=DAY, last_day=DAY)


def deciding_rounds(cast, record, *, rounds, **options):
    """For each round: what the absent person's approval and the stand-in's rejection came to, and their events."""

    def deed(person, action, version, **words):
        asking = User.objects.get(pk=person.pk)  # as a request loads them
        return lambda: perform(record.pk, action, asking, version, **words)

    with track('UPDATE "workflow_record"', **options) as two:
        for _round in range(rounds):
            Record.objects.filter(pk=record.pk).update(state=State.SUBMITTED)
            version = Record.objects.values_list("version", flat=True).get(pk=record.pk)
            known = set(record.events.values_list("pk", flat=True))
            outcomes = two.race(
                deed(cast.reviewer, "approve", version),
                deed(cast.strange_reviewer, "reject", version, reason="其他", detail="请核对。"),
            )
            yield outcomes, list(Event.objects.filter(record=record.pk).exclude(pk__in=known))


@pytest.mark.usefixtures("absence")
def test_of_the_absent_and_who_stands_in_one_decides(cast, record, is_full):
    for outcomes, [event] in deciding_rounds(cast, record, rounds=100 if is_full else 20):
        [refusal] = [outcome for outcome in outcomes if isinstance(outcome, StaleVersion)]
        record.refresh_from_db()
        assert (record.state, record.version) == (event.to_state, event.version + 1)
        assert event.acted_for == ("受审核甲委托" if event.actor_id == cast.strange_reviewer.pk else "")
        assert str(refusal).startswith(f"{event.actor_name}已先一步办理")


@pytest.mark.usefixtures("absence")
def test_control_without_locks_both_decide(cast, record):
    for outcomes, events in deciding_rounds(cast, record, rounds=CONTROL_ROUNDS, locks=False):
        assert not any(isinstance(outcome, StaleVersion) for outcome in outcomes)
        assert {event.action for event in events} == {"approve", "reject"}


def test_ended_between_the_page_and_the_decision_nothing_is_decided(cast, record, absence):
    asking = User.objects.get(pk=cast.strange_reviewer.pk)
    Absence.objects.filter(pk=absence.pk).update(ended_at=dt.datetime(2026, 7, 15, tzinfo=dt.UTC))
    with pytest.raises(Gone):
        perform(record.pk, "approve", asking, record.version)
    record.refresh_from_db()
    assert record.state == State.SUBMITTED
