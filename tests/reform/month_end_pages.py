"""Maps with something due in November, and what is done about it."""

import time_machine

from reform.models import MonthlyPlan
from tests import factories
from workflow.actions import perform
from workflow.models import Record
from workflow.states import State


def issue(cast, project):
    """A map with one plan in November, and two in December."""
    drawn = factories.battle_map(project, cast.clerk)
    MonthlyPlan.objects.filter(measure__battle_map=drawn, month__lt=11).update(month=12)
    return cast.bring(drawn, State.ISSUED)


def issue_by(project, clerk, reviewer, office):
    """The same, by these people."""
    drawn = factories.battle_map(project, clerk)
    MonthlyPlan.objects.filter(measure__battle_map=drawn, month__lt=11).update(month=12)
    for action, person in (("submit", clerk), ("approve", reviewer), ("confirm", office), ("issue", office)):
        version = Record.objects.values_list("version", flat=True).get(pk=drawn.pk)
        drawn = perform(drawn.pk, action, person, version)
    return drawn


def on_day(day, time="09:00"):
    """That time of that day."""
    return time_machine.travel(f"{day}T{time}+08:00", tick=False)


def received(person):
    return list(person.messages.order_by("pk").values_list("text", flat=True))


def report_plan(cast, drawn, month=11, by=None, **words):
    plan = MonthlyPlan.objects.get(measure__battle_map=drawn, month=month)
    return factories.plan_update(plan, by or cast.clerk, **words)
