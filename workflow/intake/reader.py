"""Has a file looked through by `child`, and says what came of it."""

import logging
from pathlib import Path
from threading import BoundedSemaphore
from typing import IO, Any, NamedTuple

from django.core.files.uploadedfile import UploadedFile

from workflow import confined
from workflow.filetypes import Unacceptable, extension_of

WALL_SECONDS = 30
AT_ONCE, PATIENCE = 2, 20  # of one process of the server; the others wait so many seconds
BUSY = "同时上传的人较多，请稍后再试。"
TOO_COMPLEX = "文件内容过于复杂，不能在限定的时间内检查，请拆分或重新另存后再上传。"

logger = logging.getLogger(__name__)
_turns = BoundedSemaphore(AT_ONCE)


class Examined(NamedTuple):
    """What the file is in truth, and which mark of secrecy was found in it ("": none)."""

    extension: str
    rule: str


def examine(name: str, file: UploadedFile) -> Examined:
    """Raises Unacceptable where the file is not taken."""
    if not _turns.acquire(timeout=PATIENCE):
        raise Unacceptable(BUSY)
    try:
        answer = _ask(name, file)
    except confined.TooMuch as error:
        logger.info("a file of %s bytes cannot be looked through within the limits", file.size)
        raise Unacceptable(TOO_COMPLEX) from error
    finally:
        _turns.release()
    if "problem" in answer:
        raise Unacceptable(answer["problem"])
    return Examined(**answer)


def _ask(name: str, file: UploadedFile) -> dict[str, Any]:
    # The kind is all that it needs of a name, which would stand in the list of processes.
    kind = f".{extension_of(name)}"
    if hasattr(file, "temporary_file_path"):
        with Path(file.temporary_file_path()).open("rb") as content:  # with a position of its own
            return _run(kind, content)
    file.seek(0)
    return _run(kind, file.read())


def _run(kind: str, content: bytes | IO[bytes]) -> dict[str, Any]:
    found: dict[str, Any] = confined.run("workflow.intake.child", kind, content=content, wall_seconds=WALL_SECONDS)
    return found
