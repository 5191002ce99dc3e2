"""What is put on the lists of records, and read from them."""

import datetime as dt

import time_machine
from django.utils import timezone

from tests import factories
from workflow.states import State


def shown(answer):
    return [record.pk for record in answer.context["page_obj"]]


def promotions(cast, number, to=State.SUBMITTED):
    """Promotions in that state, oldest first."""
    cast.issued_map()
    made = []
    for hours in range(number, 0, -1):
        with time_machine.travel(timezone.now() - dt.timedelta(hours=hours)):
            made.append(cast.bring(factories.promotion(cast.project, cast.clerk), to))
    return [record.pk for record in made]


def another_project(cast, name, department=None):
    return factories.ProjectFactory(name=name, department=department or cast.planning)


def confirmed_maps(cast, number):
    projects = [another_project(cast, name) for name in ("改革一", "改革二", "改革三")[:number]]
    return [cast.bring(factories.battle_map(project, cast.clerk), State.CONFIRMED) for project in projects]
