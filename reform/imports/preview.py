"""What an import will do, shown before it is done; and the import, which does what was shown or nothing."""

import hashlib
import json
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Protocol

import tablib
from django.contrib.admin.models import ADDITION, CHANGE
from django.db import transaction

from accounts import history
from accounts.audit.entries import Action
from accounts.audit.writing import write
from accounts.models import User
from reform.models import PendingImport
from workflow.actions import locking

from .resource import Problem, Row, SheetResource, Warned, problems_of
from .sheets import Layout, error_book


@dataclass(frozen=True)
class Preview:
    """`problems`: all that stands in the way; then the rows do not count."""

    rows: list[Row]
    problems: list[Problem]
    kinds_of_warnings: dict[str, Warned] = field(default_factory=dict)

    @cached_property
    def added(self) -> list[Row]:
        return [row for row in self.rows if row.is_new]

    @cached_property
    def changed(self) -> list[Row]:
        return [row for row in self.rows if not row.is_new and row.changes]

    @cached_property
    def warnings(self) -> dict[str, list[str]]:
        """{name: sentences}, each of which needs its tick."""
        found: dict[str, list[str]] = {}
        for name in self.kinds_of_warnings:
            sentences = [sentence for row in self.rows for sentence in row.warnings.get(name, ())]
            if sentences:
                found[name] = list(dict.fromkeys(sentences))
        return found

    @property
    def same_count(self) -> int:
        return len(self.rows) - len(self.added) - len(self.changed)

    @property
    def changes_anything(self) -> bool:
        return bool(self.added or self.changed)

    @cached_property
    def token(self) -> str:
        """Of the things as they were and as they become: another one when anything of it has changed."""
        facts = [(row.before, row.after) for row in self.rows]
        return hashlib.sha256(json.dumps(facts, ensure_ascii=False).encode()).hexdigest()[:32]


class Import(Protocol):
    """What the pages of an import ask for."""

    @property
    def kind(self) -> str: ...

    @property
    def layout(self) -> Layout: ...

    @property
    def summary(self) -> tuple[str, ...]:
        """Labels of what the preview shows of a new thing, beside its name."""

    def lock(self, user: User, dataset: tablib.Dataset) -> None:
        """What must not change between the comparison and the writing."""

    def preview(self, user: User, dataset: tablib.Dataset) -> Preview:
        """Reads and checks, writes nothing."""

    def write(self, user: User, dataset: tablib.Dataset) -> Preview:
        """The preview as it is now, carried out where it has no problems, with its history."""

    def error_book(self, dataset: tablib.Dataset, problems: dict[Any, list[str]]) -> bytes:
        """What was uploaded, with what is wrong in its rows: {row: sentences}."""


@dataclass(frozen=True)
class ResourceImport:
    """One thing a row, by a resource."""

    kind: str
    resource: type[SheetResource]

    @property
    def layout(self) -> Layout:
        return self.resource.layout

    @property
    def summary(self) -> tuple[str, ...]:
        return self.resource.summary

    def lock(self, user: User, dataset: tablib.Dataset) -> None:
        self.resource.lock(dataset)

    def preview(self, user: User, dataset: tablib.Dataset) -> Preview:
        return self._run(user, dataset, dry_run=True)

    def write(self, user: User, dataset: tablib.Dataset) -> Preview:
        now = self._run(user, dataset, dry_run=False)
        log(user, now)
        return now

    def error_book(self, dataset: tablib.Dataset, problems: dict[Any, list[str]]) -> bytes:
        return error_book(self.layout, dataset, problems)

    def _run(self, user, dataset, *, dry_run):
        result: Any = self.resource(user).import_data(
            dataset,
            dry_run=dry_run,
            use_transactions=not dry_run,  # a preview writes nothing
            rollback_on_validation_errors=not dry_run,
            retain_instance_in_row_result=True,
        )
        found = problems_of(result, dataset, self.resource._meta.model)
        return Preview([] if found else [row.row for row in result.rows], found, self.resource.warnings)


def log(user: User, now: Preview) -> None:
    """Each change in the history of its thing."""
    for rows, flag in ((now.added, ADDITION), (now.changed, CHANGE)):
        history.log_all(user, flag, [(row.instance, row.history) for row in rows])


@locking()
def carry_out(importer: Import, user: User, token: str, accepted: set[str]) -> tuple[Preview, bool]:
    """The preview as it is now of what this person has uploaded, and whether it was carried out: whole, or not at all.

    Not, when it is not the one with that token, when a warning was not accepted, when hidden rows were not decided
    on, or when there are problems. Raises Busy when something stays locked, PendingImport.DoesNotExist when nothing
    waits any more.
    """
    pending = PendingImport.objects.waiting(user, importer.kind).select_for_update().get()
    dataset = pending.dataset
    importer.lock(user, dataset)
    now = importer.write(user, dataset)
    if now.problems or now.token != token or set(now.warnings) - accepted or pending.asks_about_hidden:
        transaction.set_rollback(True)
        return now, False
    pending.delete()
    counts = {"新增": len(now.added), "修改": len(now.changed)}
    write(user, Action.IMPORT, importer.layout.title, after=counts)
    return now, True
