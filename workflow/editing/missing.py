"""What 上报 needs of a form of which something cannot be read: all of it is said at once."""

from copy import copy
from typing import Any

from django.db import transaction

from workflow.models import Problem

from .forms import RecordForm


def also_missing(form: RecordForm) -> list[Problem]:
    """What would stand in the way of 上报 if the rest of it had been saved; nothing of that is kept.

    Call it where the form would be saved, with the record locked. Of a row with something unreadable nothing else is
    said: it may stem from that.
    """
    unreadable = [problem.field for problem in form.input_errors()]
    rows = tuple(f"{row}-" for field in unreadable if (row := field.rpartition("-")[0]))
    data: Any = copy(form.data)
    for field in unreadable:
        data.pop(field, None)
    kind, found = type(form.instance).objects, []
    with transaction.atomic():
        trial = type(form)(data, instance=kind.get(pk=form.instance.pk))
        if trial.is_valid():
            trial.save()
            saved = type(form)(instance=kind.get(pk=form.instance.pk))
            found = trial.located(saved.instance.problems(), saved)
        transaction.set_rollback(True)
    return [problem for problem in found if problem.field not in unreadable and not problem.field.startswith(rows)]
