"""Adding to the audit log."""

import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import transaction
from django.db.models import Model

from accounts.audit.chain import link_entries, seal_of
from accounts.audit.entries import Action, AuditEntry, Result
from accounts.phones import mask

if TYPE_CHECKING:
    from accounts.models import User

Facts = Mapping[str, object]

LONGEST = 500  # of one value
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
_DIGEST = r"(?<![0-9A-Za-z])[0-9a-f]{32,}(?![0-9A-Za-z])"  # in which eleven digits may stand by chance
# A mobile number, also behind letters (tel139…), but no part of a longer number.
_PHONE = re.compile(rf"({_DIGEST})|(?<![0-9])1[3-9][0-9]{{9}}(?![0-9])")


@dataclass
class Visit:
    """A request: where it comes from, and whether it has written anything into the log."""

    address: str = ""
    is_logged: bool = False


_visit: ContextVar[Visit | None] = ContextVar("visit", default=None)
_unlinked: ContextVar[dict[int, AuditEntry] | None] = ContextVar("unlinked", default=None)


@contextmanager
def coming_from(address: str | None) -> Iterator[Visit]:
    """What is written inside was done from there."""
    visit = Visit(address or "")
    token = _visit.set(visit)
    try:
        yield visit
    finally:
        _visit.reset(token)


def write(
    user: "User | None",
    action: Action,
    thing: Model | str = "",
    *,
    result: Result = Result.DONE,
    before: Facts | None = None,
    after: Facts | None = None,
    address: str | None = None,
) -> None:
    """Write down that this person (None: somebody unknown) did this to the thing, in the current transaction if any."""
    _keep([_entry(user, action, thing, result=result, before=before, after=after, address=address)])


def write_all(user: "User", action: Action, things: Iterable[tuple[Model, Facts]]) -> None:
    """An entry for each (thing, what was done to it), all at once."""
    _keep([_entry(user, action, thing, after=after) for thing, after in things])


def clean(text: str) -> str:
    """One line without control characters, in which no mobile number can be read."""
    text = _CONTROL.sub(lambda found: found[0].encode("unicode_escape").decode(), text)
    return _PHONE.sub(lambda found: found[1] or mask(found[0]), text)


def _entry(user, action, thing, *, result=Result.DONE, before=None, after=None, address=None):
    entry = AuditEntry(
        action=action,
        result=result,
        before=_facts(before),
        after=_facts(after),
        address=address or (visit.address if (visit := _visit.get()) else ""),
        algorithm=settings.AUDIT_ALGORITHM,
    )
    if user is not None:
        entry.person, entry.name, entry.department = user.pk, clean(user.full_name), clean(user.department.name)
        entry.role = user.get_role_display()
    if isinstance(thing, Model):
        entry.kind, entry.key = clean(str(thing._meta.verbose_name))[:50], str(thing.pk)[:40]
    entry.title = clean(str(thing))[:200]
    entry.seal = seal_of(entry)
    return entry


def _facts(facts: Facts | None) -> dict[str, Any] | None:
    return {clean(str(name)): clean(str(value))[:LONGEST] for name, value in facts.items()} if facts else None


def _keep(entries):
    if visit := _visit.get():
        visit.is_logged = True
    unlinked = _unlinked.get()
    if unlinked is None:
        _unlinked.set(unlinked := {})
    unlinked |= {entry.pk: entry for entry in AuditEntry.objects.bulk_create(entries)}
    # The step is done by then: what cannot be linked now is linked by the next anchor.
    transaction.on_commit(_link, robust=True)


def _link():
    """All that this thread has written, at once."""
    unlinked = _unlinked.get()
    if unlinked:
        _unlinked.set({})
        link_entries(unlinked)
