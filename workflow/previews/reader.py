"""Has a file looked at by `child`, and says what came of it."""

import logging
from threading import BoundedSemaphore
from typing import Any

from workflow import confined
from workflow.filetypes import extension_of
from workflow.models.evidence import StoredFile

from .child import LOOKING, PROBLEM

WALL_SECONDS = 10
AT_ONCE, PATIENCE = 2, 8  # of one process of the server; the others wait so many seconds
ZOOMS = {"100": 900, "150": 1350, "200": 1800}  # percent: pixels across a page
THUMBNAIL = 480
BUSY = "同时预览的人较多，请稍后再打开，或下载查看。"

logger = logging.getLogger(__name__)
_turns = BoundedSemaphore(AT_ONCE)


def is_shown(name: str) -> bool:
    """Whether files of this kind can be looked at."""
    return extension_of(name) in LOOKING


def look(stored: StoredFile, page: int, width: int) -> dict[str, Any]:
    """What `child` says, or why there is nothing to see; raises OSError where the file is gone from the disk."""
    extension = extension_of(stored.name)
    with stored.file.open("rb") as content:
        if extension not in LOOKING:
            return {"problem": PROBLEM}
        if not _turns.acquire(timeout=PATIENCE):
            return {"problem": BUSY}
        try:
            found: dict[str, Any] = confined.run(
                "workflow.previews.child",
                extension,
                str(page),
                str(width),
                content=content.file,
                wall_seconds=WALL_SECONDS,
            )
        except confined.TooMuch:
            logger.info("%s %s cannot be looked at within the limits", type(stored).__name__, stored.pk)
            return {"problem": PROBLEM}
        finally:
            _turns.release()
    return found
