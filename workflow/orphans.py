"""Files without a row, and rows without a file: what a crash between the disk and the database leaves behind."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

from django.apps import apps
from django.conf import settings
from django.utils import timezone

from .models.evidence import StoredFile

# What is younger may belong to an upload whose row is just being written.
OLD_ENOUGH = timedelta(days=1)


def files_without_row() -> list[Path]:
    """Kept files that no row names, and what interrupted uploads left in the spool."""
    known = {name for model in _models() for name in model._default_manager.values_list("file", flat=True)}
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
