"""Maps with something due in November, and what is done about it."""

import time_machine

from reform.models import MonthlyPlan
from tests import factories
from workflow.states import State


def issue(cast, project):
    """A map with one plan in November, and two in December."""
    drawn = factories.battle_map(project, cast.clerk)
    MonthlyPlan.objects.filter(measure__battle_map=drawn, month__lt=11).update(month=12)
    return cast.bring(drawn, State.ISSUED)


def on_day(day, time="09:00"):
    """That time of that day."""
    return time_machine.travel(f"{day}T{time}+08:00", tick=False)


def received(person):
    return list(person.messages.order_by("pk").values_list("text", flat=True))


def report_plan(cast, drawn, month=11, **words):
    return factories.plan_update(MonthlyPlan.objects.get(measure__battle_map=drawn, month=month), cast.clerk, **words)
