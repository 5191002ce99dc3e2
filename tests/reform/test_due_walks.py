"""Random years of a project: after every step what is due follows from the records, and lists agree with counts."""

from datetime import timedelta
from random import Random

import pytest
import time_machine

from accounts import clock
from reform.models import BattleMap, CalendarDay, MonthlyPlan, PlanStatus, PlanUpdate, TargetUpdate
from reform.models.due_schedule import catch_up, differences, follow_calendar
from tests import factories
from tests.work import due_count, work_rows
from workflow.models import Record
from workflow.refusals import ActionRefused
from workflow.states import State

STEPS = {
    State.DRAFT: ["clerk submit"],
    State.SUBMITTED: ["clerk withdraw", "reviewer approve", "reviewer approve", "reviewer reject"],
    State.DEPT_APPROVED: ["reviewer take_back", "office confirm", "office send_back", "office reject"],
    State.REJECTED: ["clerk submit", "clerk void"],
    State.RETURNED: ["clerk submit", "clerk void"],
}


class Years:
    """What happens to the project of the cast, one `step` after another."""

    def __init__(self, cast, seed, traveller):
        self.cast, self.random, self.traveller, self.story = cast, Random(seed), traveller, []
        with_spare = factories.battle_map(cast.project, cast.clerk)
        cast.bring(with_spare, State.ISSUED)

    def step(self):
        often = [self.go_on, self.go_on, self.go_on, self.report_month, self.report_plan, self.time_passes]
        what = self.random.choice([*often, self.iterate, self.extend, self.correct_calendar, self.lend_project])
        self.traveller.shift(timedelta(minutes=1))
        self.story.append(f"{clock.today()} {what.__name__}")
        try:
            what()
        except ActionRefused as refusal:
            self.story.append(str(refusal))

    def time_passes(self):
        self.traveller.shift(timedelta(days=self.random.choice([1, 3, 10, 25, 40])))
        catch_up()

    def report_month(self):
        factories.target_update(self.any(BattleMap), self.cast.clerk, self.random.randint(1, clock.today().month))

    def report_plan(self):
        plan = self.any(MonthlyPlan)
        update = factories.plan_update(plan, self.cast.clerk, self.random.choice(PlanStatus.values))
        factories.ClassifiedNoticeFactory(record=update)

    def go_on(self):
        records = Record.objects.filter(state__in=STEPS).exclude(kind="reform.battlemap").order_by("pk")
        if records:
            record = self.random.choice(records)
            who, action = self.random.choice(STEPS[record.state]).split()
            self.story.append(f"{record.pk} {record.title} {action}")
            self.cast.act(record, who, action)

    def iterate(self):
        iteration = factories.iteration(self.any(MonthlyPlan).measure, self.cast.clerk)
        for change in iteration.changes.all():
            change.month = self.random.randint(1, 12)
            change.cancelled = change.plan is not None and self.random.random() < 0.2
            change.save()
        self.cast.bring(iteration, State.CONFIRMED)

    def extend(self):
        factories.extension(self.any(MonthlyPlan), self.cast.clerk, self.random.randint(2, 12))

    def correct_calendar(self):
        day = clock.today() + timedelta(days=self.random.randint(-40, 60))
        is_working = self.random.random() < 0.3
        CalendarDay.objects.update_or_create(day=day, defaults={"is_working": is_working, "note": "调整"})
        follow_calendar()

    def lend_project(self):
        """To another department, and back."""
        for department in (self.cast.education, self.cast.planning):
            self.cast.project.department = department
            self.cast.project.save()
            assert differences() == [], self.story

    def any(self, model):
        return self.random.choice(model.objects.order_by("pk"))


def walk(cast, seed, steps):
    with time_machine.travel("2026-07-16T09:00+08:00", tick=False) as traveller:
        years = Years(cast, seed, traveller)
        for _ in range(steps):
            years.step()
            assert differences() == [], years.story
            for kind in (TargetUpdate, PlanUpdate):
                listed = sum(row.due for row in work_rows(kind, cast.clerk))
                assert listed == due_count(kind, cast.clerk), years.story


def test_a_random_half_year_leaves_no_difference(cast):
    walk(cast, seed=1, steps=40)


@pytest.mark.full
@pytest.mark.parametrize("seed", range(2, 8))
def test_random_years_leave_no_difference(cast, seed):
    walk(cast, seed, steps=150)
