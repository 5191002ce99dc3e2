"""杀毒: asks the clamd of the site, where there is one (CLAMD)."""

import errno
import logging
from typing import IO

from django.conf import settings

from workflow.filetypes import Unacceptable

SECONDS = 30  # of each answer
CHUNK = 64 * 1024
FOUND = "杀毒软件查出病毒，文件没有保存。请在本机查杀后再上传。"
SILENT = "杀毒软件没有应答，暂时不能上传附件，请稍后再试；仍不能上传的，请联系系统管理员。"
UNFINISHED = (
    "杀毒软件没有查完，文件没有保存：可能太大，或者层次太多。请压缩或拆分后再上传；仍不能上传的，请联系系统管理员。"
)
# How clamd calls what it has not looked through, where AlertExceedsMax is on; else it calls that clean.
LIMITS = "Heuristics.Limits.Exceeded"

logger = logging.getLogger(__name__)


def check(file: IO[bytes]) -> None:
    """Raises Unacceptable unless the scanner says that the file is clean."""
    if not settings.CLAMD:
        return
    from clamdpy import ClamdNetworkSocket, ClamdUnixSocket  # of those sites alone
    from clamdpy.exceptions import BufferTooLongError, ClamdException

    place = settings.CLAMD
    host, _, port = place.rpartition(":")
    client = (
        ClamdUnixSocket(place.removeprefix("unix:"), SECONDS, CHUNK)
        if place.startswith("unix:")
        else ClamdNetworkSocket(host, int(port), SECONDS, CHUNK)
    )
    file.seek(0)
    try:
        answer = client.instream(file)
    except (ClamdException, OSError, UnicodeError) as error:
        # What is longer than StreamMaxLength it does not read to its end; of its answer to that, little arrives.
        number = getattr(error, "errorno", None) or getattr(error, "errno", None)
        if isinstance(error, BufferTooLongError) or number in (errno.EPIPE, errno.ECONNRESET):
            logger.error("the scanner broke off, see its StreamMaxLength: %r", error)  # noqa: TRY400
            raise Unacceptable(UNFINISHED) from error
        logger.error("the scanner does not answer: %r", error)  # noqa: TRY400 - the trace says nothing more
        raise Unacceptable(SILENT) from error
    finally:
        file.seek(0)
    if answer.status == "FOUND" and (answer.reason or "").startswith(LIMITS):
        logger.error("the scanner has not looked through it: %s", answer.reason)
        raise Unacceptable(UNFINISHED)
    if answer.status == "FOUND":
        logger.warning("the scanner found %s", answer.reason)
        raise Unacceptable(FOUND)
    if answer.status != "OK":
        logger.error("the scanner says %s %s", answer.status, answer.reason)
        raise Unacceptable(SILENT)
