"""A workbook as an answer, written down as the export that it is."""

from collections.abc import Callable
from tempfile import TemporaryFile
from typing import Any

from django.http import FileResponse

from accounts import clock
from accounts.addresses import client_address
from accounts.requests import AuthenticatedRequest
from reform.excel import CONTENT_TYPE
from reform.models import LedgerExport


def workbook(
    request: AuthenticatedRequest, write: Callable[[Any], int], *, name: str, ledger: str, conditions: str
) -> FileResponse:
    """`write` fills the file and returns how many rows it has."""
    file = TemporaryFile()  # noqa: SIM115 - the response closes it
    LedgerExport.register(
        request.user,
        client_address(request),
        ledger=ledger,
        as_of=clock.now(),
        conditions=conditions,
        rows=write(file),
    )
    file.seek(0)
    return FileResponse(file, as_attachment=True, filename=name, content_type=CONTENT_TYPE)
