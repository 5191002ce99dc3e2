"""What is to be backed up, and what has come back."""

import hashlib
from pathlib import Path

from django.core.files.base import ContentFile
from django.db import transaction

from tests import factories


def attach(record, content):
    with transaction.atomic():
        return factories.AttachmentFactory(
            record=record,
            file=ContentFile(content, "材料.pdf"),
            size=len(content),
            digest=hashlib.sha256(content).hexdigest(),
        )


def rows(database, query):
    with database.cursor() as cursor:
        cursor.execute(query)
        return cursor.fetchall()


def uploads(settings):
    return {str(path.relative_to(settings.MEDIA_ROOT)) for path in Path(settings.MEDIA_ROOT).rglob("*.pdf")}
