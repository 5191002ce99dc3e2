"""What watches the product asks: is the process alive, and can it work?

Answered before anything else looks at the request: a probe names no host, has no session, and may come over plain
http. Whoever asks learns yes or no; why not, the log says.
"""

import logging
import secrets
from collections.abc import Callable

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import Error, connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.http import HttpRequest, HttpResponse
from django.templatetags.static import static

INSTANCE = secrets.token_hex(4)  # of the server: its workers are forked after this

logger = logging.getLogger(__name__)


class ProbesMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path_info == "/healthz":
            return _plain_text("alive\n", 200)
        if request.path_info == "/readyz":
            why_not = what_is_missing()
            if why_not:
                logger.warning("not ready: %s", why_not)
            return _plain_text("not ready\n", 503) if why_not else _plain_text("ready\n", 200)
        return self.get_response(request)


def _plain_text(text: str, status: int) -> HttpResponse:
    return HttpResponse(
        text, status=status, content_type="text/plain", headers={"Cache-Control": "no-store", "Instance": INSTANCE}
    )


def what_is_missing() -> str | None:
    try:
        applied = MigrationRecorder(connection).applied_migrations()
    except Error as error:
        return f"database: {error}"
    unapplied = [name for name in MigrationLoader(None).graph.leaf_nodes() if name not in applied]
    if unapplied:
        return f"migrations: {unapplied}"
    try:
        default_storage.delete(default_storage.save(f"ready-{secrets.token_hex(8)}", ContentFile(b"0")))
    except OSError as error:
        return f"storage: {error}"
    try:
        static("favicon.svg")
    except ValueError as error:  # not collected: no page can be drawn
        return f"static files: {error}"
    return None
