"""清除涉密文件: a file that is found to be classified later is gone for good; its row stays and says why."""

import json
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import models, transaction
from django.utils import timezone

from accounts import clock
from accounts.algorithms import digests_of
from accounts.audit.entries import Action
from accounts.audit.writing import write
from accounts.models import User

from . import secrecy
from .models import Attachment, ContributedFile, Event
from .models.evidence import StoredFile, stored_models
from .refusals import ActionRefused

NOT_DELETED = "存储没有应答，文件还没有清除，请稍后再试；仍不能清除的，请联系系统管理员。"
MOST_FOUND = 50  # of each kind


def search(words: str) -> list[StoredFile]:
    """The latest files of any kind whose name has all these words."""
    found: list[StoredFile] = []
    for model in stored_models():
        rows = model._default_manager.select_related("uploader__department", "purged_by")
        for word in words.split():
            rows = rows.filter(name__icontains=word)
        found += rows.order_by("-pk")[:MOST_FOUND]
    return sorted(found, key=lambda row: row.uploaded_at, reverse=True)


def of_kind(kind: str, pk: int) -> StoredFile | None:
    """The row of that model (its name in addresses) and key."""
    model = next((model for model in stored_models() if model._meta.model_name == kind), None)
    return model._default_manager.filter(pk=pk).first() if model else None


def with_same_content(stored: StoredFile) -> list[StoredFile]:
    """All rows that hold these bytes, wherever they were uploaded or taken over, this one included."""
    return [row for rows in _same_content(stored) for row in rows.select_related("uploader__department")]


def _same_content(stored: StoredFile) -> list[models.QuerySet[StoredFile]]:
    """Of each kind, whichever algorithm was on when they came; where the file is missing, by its own digest."""
    digests = {stored.digest}
    with suppress(OSError), stored.file.open() as file:
        digests |= digests_of(file)
    return [
        model._default_manager.filter(digest__in=digests, purged_at=None).order_by("pk") for model in stored_models()
    ]


def purge(stored: StoredFile, user: User, reason: str, *, hide_name: bool) -> list[StoredFile]:
    """Take the bytes away wherever they are kept; returns the rows. Raises ActionRefused if they could not be.

    `hide_name`: the name is classified too, and is masked in rows and snapshots.
    """
    with transaction.atomic():
        rows = [row for same in _same_content(stored) for row in same.select_for_update()]
        # First the bytes: what fails afterwards is mended by asking once more.
        for storage, path in {(row.file.storage, str(row.file.name)) for row in rows}:
            try:
                storage.delete(path)
            except OSError as error:
                raise ActionRefused(NOT_DELETED) from error
        for row in rows:
            before = row.audit_facts()
            if hide_name or secrecy.is_marked(row.name):
                _mask(row)
            row.file, row.purged_at, row.purged_by, row.purge_reason = "", clock.now(), user, reason
            row.save(update_fields=["name", "file", "purged_at", "purged_by", "purge_reason"])
            write(user, Action.DELETE, row, before=before, after={"清除涉密文件": reason})
    return rows


def backups_with(stored: StoredFile) -> list[tuple[str, datetime]]:
    """Backups in the usual folder made while the file was kept, and uploads that a restore has put aside: by name, with
    their time.
    """
    until = stored.purged_at or timezone.now()
    var = Path(settings.VAR_DIR)
    made = [(path.name, clock.changed_at(path)) for path in var.glob("backups/*") if path.is_file()]
    for path in var.glob("uploads-*"):
        with suppress(ValueError):  # another folder of such a name
            put_aside = datetime.strptime(path.name, "uploads-%Y%m%d-%H%M%S").astimezone()
            made.append((f"{path.name}（恢复时留下的原附件）", put_aside))
    since = stored.uploaded_at.replace(microsecond=0)  # a name says no more
    return sorted((name, at) for name, at in made if since <= at <= until)


def _mask(row: StoredFile) -> None:
    """The name of a file in its row and wherever earlier submissions of its record say it."""
    name, row.name = row.name, secrecy.masked(row.name)
    for event in _events_about(row):
        snapshot, items = _replaced(event.snapshot, name, row.name), _replaced(event.items, name, row.name)
        if (snapshot, items) != (event.snapshot, event.items):
            # What is logged is never changed, but by this: a classified name may not stay.
            models.QuerySet(Event).filter(pk=event.pk).update(snapshot=snapshot, items=items)


def _events_about(row: StoredFile) -> Iterator[Event]:
    record = None
    if isinstance(row, Attachment):
        record = row.record_id
    elif isinstance(row, ContributedFile):
        record = row.contribution.record_id
    if record:
        yield from Event.objects.filter(record=record)


def _replaced(value: Any, name: str, masked: str) -> Any:
    quoted, hidden = (json.dumps(text, ensure_ascii=False)[1:-1] for text in (name, masked))
    return json.loads(json.dumps(value, ensure_ascii=False).replace(quoted, hidden))
