"""Two people do to one matter, 提请 or plan what only one of them can: one thing happens; every race has a control."""

from datetime import date
from threading import Event

import pytest
from django.db import connection

from accounts.waiting import BUSY
from reform.inspections import checks
from reform.models import CoordinationRequest, MonthlyPlan, PlanStatus, SupervisionMatter
from reform.models.due_schedule import differences
from reform.supervision.coordination import raise_problem, take
from reform.supervision.matters import take_step
from tests import factories
from tests.tracks import track
from workflow.actions import perform
from workflow.refusals import ActionRefused
from workflow.states import State

pytestmark = pytest.mark.race


def tried(do, *args, **facts):
    """A deed that returns its refusal, or None."""

    def run():
        try:
            do(*args, **facts)
        except ActionRefused as refusal:
            return str(refusal)

    return run


# --- 办结, and a report on the same matter ----------------------------------------------------------------


def closing_rounds(cast, action, state, *, rounds=2, **options):
    """For each round: the matter, the report, and what was refused when one is closed and the other goes on."""
    user = {"submit": cast.clerk, "confirm": cast.office2}[action]
    with track('UPDATE "workflow_', **options) as two:
        for _round in range(rounds):
            matter = factories.matter(cast)
            cast.bring(factories.supervision_report(matter, cast.clerk, "under_way"), State.CONFIRMED)
            report = cast.bring(factories.supervision_report(matter, cast.clerk), state)
            matter.refresh_from_db()
            close = tried(take_step, matter.pk, "closed", cast.office, matter.version, "同意办结")
            go_on = tried(perform, report.pk, action, user, report.version)
            refusals = two.race(close, go_on)
            matter.refresh_from_db()
            report.refresh_from_db()
            yield matter, report, refusals


def test_a_matter_is_closed_or_a_report_on_it_submitted(cast):
    for matter, report, refusals in closing_rounds(cast, "submit", State.DRAFT):
        assert (matter.closed_at is None, report.state == State.DRAFT) == tuple(map(bool, refusals))
        assert sum(map(bool, refusals)) == 1


def test_a_report_that_is_being_confirmed_keeps_its_matter_open(cast):
    for matter, report, (closing, confirming) in closing_rounds(cast, "confirm", State.DEPT_APPROVED):
        assert closing
        assert (matter.progress, report.state, confirming) == ("reported", State.CONFIRMED, None)


def test_control_without_locks_a_report_is_submitted_on_a_matter_that_is_closed(cast):
    for matter, report, refusals in closing_rounds(cast, "submit", State.DRAFT, locks=False):
        assert refusals == [None, None]
        assert matter.closed_at
        assert report.state == State.SUBMITTED


# --- Two who take one 提请协调 --------------------------------------------------------------------------------


def taking_rounds(cast, *, rounds=2, **options):
    """For each round: how many matters came of one 提请, and what was refused."""
    drawn = cast.issued_map()
    with track('INSERT INTO "workflow_dossier"', **options) as two:
        for _round in range(rounds):
            plan = factories.add_plan(drawn.measures.first(), month=8, type="pilot", content="开展试点")
            update = factories.plan_update(plan, cast.clerk)
            type(update).objects.filter(pk=update.pk).update(difficulties="数据接口没有开放。")
            cast.bring(type(update).objects.get(pk=update.pk), State.CONFIRMED)
            raised = raise_problem(update.pk, cast.clerk)
            facts = {"text": "协调接口", "department": cast.planning, "due_on": date(2026, 8, 31), "level": "office"}
            before = SupervisionMatter.objects.count()
            deeds = [tried(take, raised.pk, user, **facts) for user in (cast.office, cast.office2)]
            refusals = [refusal for refusal in two.race(*deeds) if refusal]
            assert CoordinationRequest.objects.get(pk=raised.pk).matter
            yield SupervisionMatter.objects.count() - before, refusals


def test_of_two_who_take_one_request_one_is_told_of_the_other(cast):
    for made, [refusal] in taking_rounds(cast):
        assert made == 1
        assert refusal == BUSY or "已由改革办" in refusal


def test_control_without_locks_two_matters_come_of_one_request(cast):
    assert list(taking_rounds(cast, locks=False)) == [(2, []), (2, [])]


# --- 不属实, and an update of the plan ------------------------------------------------------------------------


def checking_rounds(cast, *, rounds=2, **options):
    """For each round: the plan, its check and a later update, confirmed once the check is about to reopen the plan."""
    measure = cast.issued_map().measures.first()
    plans = MonthlyPlan.objects

    def update_of(plan, state):
        update = factories.plan_update(plan, cast.clerk, PlanStatus.DONE)
        factories.ClassifiedNoticeFactory(record=update)
        return cast.bring(update, state)

    def deeds(check, later, patience):
        reached, confirmed = Event(), Event()

        def pause(execute, sql, *rest):
            if sql.startswith('UPDATE "reform_monthlyplan"'):
                reached.set()
                confirmed.wait(patience)
            return execute(sql, *rest)

        def write():
            found = {"way": "phone", "checked_on": date(2026, 7, 15), "text": "没有开展。", "finding": "untrue"}
            with connection.execute_wrapper(pause):
                checks.write(check.pk, cast.office, found | {"version": check.version}, conclude=True)

        def confirm():
            reached.wait(5)
            perform(later.pk, "confirm", cast.office2, later.version)
            confirmed.set()

        return write, confirm

    with track("nothing", **options) as two:
        for _round in range(rounds):
            plan = factories.add_plan(measure, month=8, type="pilot", content="开展试点")
            update_of(plan, State.CONFIRMED)
            check = checks.pick(plan.pk, cast.office)
            plans.filter(pk=plan.pk).update(status=PlanStatus.IN_PROGRESS)
            later = update_of(plans.get(pk=plan.pk), State.DEPT_APPROVED)
            plans.filter(pk=plan.pk).update(status=PlanStatus.DONE)
            two.race(*deeds(check, later, two.patience))
            check.refresh_from_db()
            later.refresh_from_db()
            assert (check.reopened, later.state) == (True, State.CONFIRMED)
            yield plans.get(pk=plan.pk)


def test_an_update_confirmed_after_a_finding_says_how_far_the_plan_is(cast):
    for plan in checking_rounds(cast):
        assert plan.status == PlanStatus.DONE
        assert differences() == []


def test_control_without_locks_the_finding_overwrites_what_was_confirmed_after_it(cast):
    assert [plan.status for plan in checking_rounds(cast, locks=False)] == [PlanStatus.IN_PROGRESS] * 2
