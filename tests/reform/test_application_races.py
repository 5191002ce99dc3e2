"""What an application moves is confirmed or submitted at the same moment: neither is lost; every race has a control."""

from contextlib import suppress

import pytest

from accounts.waiting import BUSY
from reform.models import MonthlyPlan, PlanStatus
from reform.models.due_schedule import differences
from tests import factories
from tests.tracks import CONTROL_ROUNDS, track
from workflow.actions import perform
from workflow.models import Record
from workflow.refusals import ActionRefused
from workflow.states import State

pytestmark = pytest.mark.race


def confirming_rounds(cast, table, pair, *, rounds=CONTROL_ROUNDS, **options):
    """For each round: the two records of `pair()`, and the refusals when both are confirmed at once."""

    def confirm(record, user, version):
        def deed():
            try:
                perform(record.pk, "confirm", user, version)
            except ActionRefused as refusal:
                return str(refusal)

        return deed

    with track(f'UPDATE "{table}"', **options) as two:
        for _round in range(rounds):
            records = [cast.bring(record, State.DEPT_APPROVED) for record in pair()]
            deeds = [
                confirm(record, user, record.version)
                for record, user in zip(records, (cast.office, cast.office2), strict=True)
            ]
            yield *records, [refusal for refusal in two.race(*deeds) if refusal]


def extension_and_update(cast):
    """Of one plan: it is to be later, and it is done."""
    measure = cast.issued_map().measures.first()

    def pair():
        plan = factories.add_plan(measure, month=8, type="pilot", content="开展试点")
        done = factories.plan_update(plan, cast.clerk, PlanStatus.DONE)
        factories.ClassifiedNoticeFactory(record=done)
        return factories.extension(plan, cast.clerk, 10), done

    return pair


def test_of_an_extension_and_the_completion_of_its_plan_neither_is_lost(cast):
    for extension, done, refusals in confirming_rounds(cast, "reform_monthlyplan", extension_and_update(cast)):
        plan = MonthlyPlan.objects.get(pk=done.plan_id)
        extension.refresh_from_db()
        assert plan.status == PlanStatus.DONE
        assert (plan.month, extension.state) == ((8, "dept_approved") if refusals else (10, "confirmed"))
        assert refusals in ([], ["这项计划已完成，不能延期。请退回后修改。"])
        assert differences() == []


def test_control_without_locks_one_of_both_is_lost(cast):
    """Or the database stops one that waits for the other."""
    pair = extension_and_update(cast)
    for _extension, done, refusals in confirming_rounds(cast, "reform_monthlyplan", pair, rounds=2, locks=False):
        plan = MonthlyPlan.objects.get(pk=done.plan_id)
        assert refusals == [BUSY] or (plan.month, plan.status) in {(8, PlanStatus.DONE), (10, PlanStatus.NOT_STARTED)}


def adjusting_rounds(cast, **options):
    """For each round: whether July's target was adjusted, and which one July's update, submitted at once, speaks of."""
    drawn = cast.issued_map()
    indicator = drawn.indicators.first()
    for number in range(2):
        asked = factories.adjustment(indicator, cast.clerk, annual=str(131 + number), december="10")
        asked.months.filter(month=7).update(target=21 + number)
        asked = cast.bring(asked, State.DEPT_APPROVED)
        update = factories.target_update(drawn, cast.clerk, 7)

        def confirm(asked=asked):
            with suppress(ActionRefused):
                perform(asked.pk, "confirm", cast.office, asked.version)

        def submit(update=update):
            perform(update.pk, "submit", cast.clerk, update.version)
            drawn.indicators.filter(pk=0).update(unit="")  # where the other waits before it writes

        with track('UPDATE "reform_indicator"', **options) as two:
            two.race(confirm, submit)
        asked.refresh_from_db()
        said = update.events.get().snapshot["values"][0]["target"]
        yield asked.state == State.CONFIRMED, said, str(21 + number)
        for record in (asked, cast.act(update, "clerk", "withdraw")):
            Record.objects.filter(pk=record.pk).update(state=State.VOIDED)


def test_a_target_is_not_adjusted_under_an_update_that_is_being_submitted(cast):
    for is_adjusted, said, wanted in adjusting_rounds(cast):
        assert (said == wanted) is is_adjusted


def test_control_without_locks_an_update_is_reviewed_with_a_target_that_is_gone(cast):
    for is_adjusted, said, wanted in adjusting_rounds(cast, locks=False):
        assert is_adjusted
        assert said != wanted


# Somebody discards the draft that another is writing
