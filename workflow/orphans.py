"""Files without a row, and rows without a file: what a crash between the disk and the database leaves behind."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import NamedTuple

from django.conf import settings
from django.core.files.storage import default_storage
from django.db import connection
from django.db.backends.base.base import BaseDatabaseWrapper
from django.utils import timezone

from accounts import clock

from .models.evidence import StoredFile, stored_models

# What is younger may belong to an upload whose row is just being written.
OLD_ENOUGH = timedelta(days=1)


def stored_names(database: BaseDatabaseWrapper) -> set[str]:
    """The files of which some row of this database speaks, as the default storage names them.

    In SQL: a copy that is being verified is none of Django's databases.
    """
    names: set[str] = set()
    with database.cursor() as cursor:
        for model in stored_models():
            cursor.execute(f"SELECT file FROM {database.ops.quote_name(model._meta.db_table)} WHERE file <> ''")  # noqa: S608
            names.update(name for (name,) in cursor.fetchall())
    return names


class Orphan(NamedTuple):
    place: str
    delete: Callable[[], None]


def files_without_row() -> Iterator[Orphan]:
    """Kept files that no row names, and what interrupted uploads left in the spool of this machine."""
    known = stored_names(connection)
    for name in sorted(set(_stored_names()) - known):
        if _is_old(partial(default_storage.get_modified_time, name)):
            yield Orphan(name, partial(default_storage.delete, name))
    for path in sorted(Path(settings.FILE_UPLOAD_TEMP_DIR).iterdir()):
        if _is_old(partial(clock.changed_at, path)):
            yield Orphan(str(path), partial(path.unlink, missing_ok=True))


def rows_without_file() -> Iterator[StoredFile]:
    """Nothing here can mend them: the file has to come from a backup."""
    for model in stored_models():
        for row in model._default_manager.filter(purged_at=None).order_by("pk").iterator():
            if not row.file.storage.exists(str(row.file.name)):
                yield row


def _stored_names(folder: str = "") -> Iterator[str]:
    try:
        folders, names = default_storage.listdir(folder)
    except FileNotFoundError:  # nothing has been kept yet
        return
    yield from (f"{folder}/{name}".lstrip("/") for name in names)
    for inner in folders:
        yield from _stored_names(f"{folder}/{inner}".lstrip("/"))


def _is_old(changed: Callable[[], datetime]) -> bool:
    try:
        return changed() < timezone.now() - OLD_ENOUGH
    except FileNotFoundError:  # removed this moment
        return False
