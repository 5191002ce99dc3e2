"""What an import will do, shown before it is done; and the import, which does what was shown or nothing."""

import hashlib
import json
from dataclasses import dataclass
from functools import cached_property

import tablib
from django.contrib.admin.models import ADDITION, CHANGE
from django.db import transaction

from accounts import history
from accounts.models import User
from reform.models import PendingImport, Project
from workflow.actions import lock_dossiers, locking

from .resources import ProjectResource, Row, problems


@dataclass(frozen=True)
class Preview:
    """`problems`: all that stands in the way; then the rows do not count."""

    rows: list[Row]
    problems: list[str]

    @cached_property
    def added(self) -> list[Row]:
        return [row for row in self.rows if row.is_new]

    @cached_property
    def changed(self) -> list[Row]:
        return [row for row in self.rows if not row.is_new and row.changes]

    @cached_property
    def moved(self) -> list[Row]:
        """Those that another department answers for from then on."""
        return [row for row in self.rows if row.moved_from]

    @property
    def same_count(self) -> int:
        return len(self.rows) - len(self.added) - len(self.changed)

    @property
    def changes_anything(self) -> bool:
        return bool(self.added or self.changed)

    @cached_property
    def token(self) -> str:
        """Of the projects as they were and as they become: another one when anything of it has changed."""
        said = [(row.before, row.after) for row in self.rows]
        return hashlib.sha256(json.dumps(said, ensure_ascii=False).encode()).hexdigest()[:32]


def preview(dataset: tablib.Dataset) -> Preview:
    """Reads and checks, writes nothing."""
    return _run(dataset, dry_run=True)


@locking()
def carry_out(user: User, token: str, *, moves_accepted: bool) -> tuple[Preview, bool]:
    """The preview as it is now of what this person has uploaded, and whether it was carried out: whole, or not at all.

    Not, when it is not the one with that token, when a move was not accepted, or when there are problems. Raises Busy
    when a project stays locked, PendingImport.DoesNotExist when nothing waits any more.
    """
    pending = PendingImport.objects.select_for_update().get(user=user)
    dataset = pending.dataset
    known = Project.objects.filter(number__in=dataset["项目编号"])
    lock_dossiers(list(known.values_list("pk", flat=True)))
    now = _run(dataset, dry_run=False)
    if now.problems or now.token != token or (now.moved and not moves_accepted):
        transaction.set_rollback(True)
        return now, False
    for row in now.added + now.changed:
        history.log(user, row.project, ADDITION if row.is_new else CHANGE, row.history)
    pending.delete()
    return now, True


def _run(dataset, *, dry_run):
    result = ProjectResource().import_data(
        dataset, dry_run=dry_run, rollback_on_validation_errors=True, retain_instance_in_row_result=True
    )
    found = problems(result, dataset)
    return Preview([] if found else [row.row for row in result.rows], found)
