"""A ledger as of a past day is what it was at the end of that day, whatever has happened since."""

from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise

import pytest
import time_machine

from reform.forms.ledger import LedgerForm
from reform.inspections import checks
from reform.ledgers import LEDGERS, Extract
from reform.models import MeasureIteration, PlanStatus
from reform.supervision.matters import take_step
from tests import factories
from tests.factories import AttachmentFactory, ProjectFactory
from workflow.actions import discard
from workflow.states import State

pytestmark = pytest.mark.sql

READERS = ["office", "clerk", "partner", "stranger"]
QUERIES = [
    (("q", "旧"),),
    (("q", "新"),),
    (("month", "7"),),
    (("month", "8"),),
    (("year", "2026"), ("state", "confirmed")),
    (("state", "submitted"),),
    (("state", PlanStatus.DONE),),
]


def extract(ledger, user, query=(), sort=""):
    return Extract(ledger, user, LedgerForm(dict(query), ledger=ledger, user=user), sort)


def table(ledger, user, query=(), sort=""):
    """All that the ledger says, cell by cell."""
    asked = extract(ledger, user, query, sort)
    return [[column.text(column.of(row)) for column in asked.columns] for row in asked.numbered(asked.rows)]


def questions(*, thoroughly):
    """Ledger, reader, query and order: every ledger; `thoroughly` by every reader, narrowed and sorted in many ways."""
    for ledger in LEDGERS:
        for who in READERS if thoroughly else ("office", "partner"):
            yield ledger, who, (), ""
        for query in QUERIES if thoroughly else ():
            yield ledger, "office", query, ""
        for sort in ledger.sortable if thoroughly and ledger.name in ("plans", "promotions") else ():
            yield ledger, "office", (), sort


def answers(cast, asked, **as_of):
    return {
        (ledger, who, query, sort): table(ledger, getattr(cast, who), dict(query) | as_of, sort)
        for ledger, who, query, sort in asked
    }


def change(record, **values):
    for name, value in values.items():
        setattr(record, name, value)
    record.save()


class City:
    """What happened, a step a day; each goes through the functions that the pages use."""

    def __init__(self, cast):
        self.cast = cast
        ProjectFactory(name="别的改革", department=cast.education)

    def a_map_is_drawn(self):
        self.map = factories.battle_map(self.cast.project, self.cast.clerk)
        self.measure = self.map.measures.first()
        change(self.measure, content="旧的举措")
        self.moved = self.measure.plans.get()
        self.cancelled = self.measure.plans.create(month=7, type="pilot", content="旧的试点")
        self.kept = self.measure.plans.create(month=5, type="other", type_name="旧类型", content="不变的计划")

    def it_is_submitted(self):
        self.cast.bring(self.map, State.SUBMITTED)

    def it_is_confirmed(self):
        self.cast.act(self.map, "reviewer", "approve")
        self.cast.act(self.map, "office", "confirm")

    def it_is_issued(self):
        self.cast.act(self.map, "office", "issue")
        self.map.refresh_from_db()

    def progress_is_submitted(self):
        self.january = factories.target_update(self.map, self.cast.clerk, 1)
        self.promotion = factories.promotion(self.cast.project, self.cast.clerk)
        change(self.promotion, summary="旧的简介")
        self.draft = factories.brand(self.cast.project, self.cast.clerk)
        for record in (self.january, self.promotion):
            self.cast.bring(record, State.SUBMITTED)

    def some_is_confirmed_some_rejected_and_rewritten(self):
        self.cast.act(self.january, "reviewer", "approve")
        self.cast.act(self.january, "office", "confirm")
        self.cast.act(self.promotion, "reviewer", "reject")
        change(self.promotion, summary="新的简介", promoted_on=date(2026, 7, 3), method="media")

    def what_was_rejected_comes_again_and_plans_move(self):
        self.cast.bring(self.promotion, State.DEPT_APPROVED)
        self.cast.bring(factories.plan_update(self.moved, self.cast.clerk), State.CONFIRMED)
        self.cast.bring(factories.target_update(self.map, self.cast.clerk, 2), State.SUBMITTED)

    def iterations_are_submitted(self):
        self.cast.act(self.promotion, "office", "confirm")
        self.edit = MeasureIteration.create(self.map, self.measure, self.cast.clerk)
        change(self.edit, content="新的举措", basis="旧的依据")
        change(self.edit.changes.get(plan=self.moved), month=8, content="新的计划")
        change(self.edit.changes.get(plan=self.cancelled), cancelled=True)
        self.edit.changes.create(month=9, type="policy", content="新增的计划")
        self.new = factories.new_measure(self.map, self.cast.clerk)
        for record in (self.edit, self.new):
            self.cast.bring(record, State.SUBMITTED)
        discard(self.draft.pk, self.cast.clerk, self.draft.version)

    def one_is_withdrawn_and_one_confirmed(self):
        self.cast.act(self.new, "clerk", "withdraw")
        self.cast.act(self.edit, "reviewer", "approve")
        self.cast.act(self.edit, "office", "confirm")

    def january_is_corrected(self):
        self.new.changes.update(month=12)
        self.cast.bring(self.new, State.CONFIRMED)
        again = factories.target_update(self.map, self.cast.clerk, 1)
        again.values.update(value=Decimal("12.5"))
        self.cast.bring(again, State.CONFIRMED)
        update = factories.plan_update(self.moved, self.cast.clerk, PlanStatus.DONE)
        change(update, work_done="新的工作已完成。")
        AttachmentFactory(record=update)
        self.cast.bring(update, State.CONFIRMED)

    def the_measure_is_changed_again(self):
        again = MeasureIteration.create(self.map, self.measure, self.cast.clerk2)
        change(again, content="更新的举措", basis="再次调整")
        change(again.changes.get(plan=self.kept), month=8, type="pilot", type_name="")
        self.cast.bring(again, State.CONFIRMED)

    def brands_are_confirmed_and_returned(self):
        self.cast.bring(factories.brand(self.cast.project, self.cast.clerk), State.CONFIRMED)
        self.cast.bring(factories.brand(self.cast.project, self.cast.clerk), State.RETURNED)

    def a_matter_is_raised_and_a_plan_checked(self):
        self.matter = factories.matter(self.cast, due_on=date(2026, 7, 28), of_project=self.cast.project)
        self.moved.refresh_from_db()
        self.check = checks.pick(self.moved.pk, self.cast.office)

    def what_was_checked_is_untrue(self):
        found = {"way": "phone", "checked_on": date(2026, 7, 27), "text": "没有开展。", "finding": "untrue"}
        checks.write(self.check.pk, self.cast.office, found | {"version": 0}, conclude=True)

    def the_plan_that_is_owed_again_is_put_off_and_a_letter_sent(self):
        self.cast.bring(factories.extension(self.moved, self.cast.clerk, 11), State.CONFIRMED)
        self.letter = factories.letter(self.cast, self.matter)

    def the_matter_is_reported_and_closed(self):
        self.cast.bring(factories.supervision_report(self.matter, self.cast.clerk), State.CONFIRMED)
        self.matter.refresh_from_db()
        take_step(self.matter.pk, "closed", self.cast.office, self.matter.version, "同意办结")


STEPS = [name for name in vars(City) if not name.startswith("_")]


def test_each_day_can_be_asked_for_again(cast, is_full):
    """In full every question of every day; else what had changed on a day."""
    city, asked = City(cast), list(questions(thoroughly=is_full))
    days = [date(2026, 7, 15) + timedelta(days=number) for number in range(len(STEPS))]
    shown = []
    for day, step in zip(days, STEPS, strict=True):
        with time_machine.travel(f"{day}T09:30+08:00"):
            getattr(city, step)()
        with time_machine.travel(f"{day}T23:59:59.5+08:00", tick=False):  # not into the next day
            shown.append(answers(cast, asked))
    changed = {
        ledger.name: sum(
            one[ledger, "office", (), ""] != other[ledger, "office", (), ""] for one, other in pairwise(shown)
        )
        for ledger in LEDGERS
    }
    supervised = {"changes": 1, "checks": 3, "matters": 4, "letters": 2}
    assert changed == supervised | {
        "projects": 11,
        "indicators": 3,
        "plans": 7,
        "promotions": 4,
        "brands": 1,
        "iterations": 4,
    }
    with time_machine.travel(f"{days[-1] + timedelta(days=400)}T09:30+08:00"):
        for day, step, before, then in zip(days, STEPS, [{}, *shown], shown, strict=False):
            again = [question for question in asked if is_full or then[question] != before.get(question)]
            for question, found in answers(cast, again, as_of=day.isoformat()).items():
                assert found == then[question], (step, question)
