"""Files without a row, and rows without a file: what a crash between the disk and the database leaves behind."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

from django.apps import apps
from django.conf import settings
from django.db import connection
from django.db.backends.base.base import BaseDatabaseWrapper
from django.utils import timezone

from .models.evidence import StoredFile

# What is younger may belong to an upload whose row is just being written.
OLD_ENOUGH = timedelta(days=1)


def stored_names(database: BaseDatabaseWrapper) -> set[str]:
    """The files of which some row of this database speaks, as the default storage names them.

    In SQL: a copy that is being verified is none of Django's databases.
    """
    names: set[str] = set()
    with database.cursor() as cursor:
        for model in _models():
            cursor.execute(f"SELECT file FROM {database.ops.quote_name(model._meta.db_table)}")  # noqa: S608
            names.update(name for (name,) in cursor.fetchall())
    return names


def files_without_row() -> list[Path]:
    """Kept files that no row names, and what interrupted uploads left in the spool."""
    known = stored_names(connection)
    kept = Path(settings.MEDIA_ROOT)
    return [path for path in _old(kept) if path.relative_to(kept).as_posix() not in known] + _old(
        Path(settings.FILE_UPLOAD_TEMP_DIR)
    )


def rows_without_file() -> Iterator[StoredFile]:
    """Nothing here can mend them: the file has to come from a backup."""
    for model in _models():
        for row in model._default_manager.order_by("pk").iterator():
            if not row.file.storage.exists(str(row.file.name)):
                yield row


def _models() -> list[type[StoredFile]]:
    return [model for model in apps.get_models() if issubclass(model, StoredFile)]


def _old(folder: Path) -> list[Path]:
    latest = timezone.now() - OLD_ENOUGH
    return sorted(path for path in folder.rglob("*") if path.is_file() and _changed(path) < latest)


def _changed(path: Path) -> datetime:
    return datetime.fromtimestamp(path.stat().st_mtime, tz=timezone.get_default_timezone())
