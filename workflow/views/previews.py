"""预览: a file seen in place. The answer holds what we have drawn of it, and may do nothing but be looked at."""

import logging
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts import clock
from accounts.requests import AuthenticatedRequest
from workflow.models.evidence import StoredFile
from workflow.previews import reader
from workflow.texts import parse_pk
from workflow.views.files import readable

GONE = "服务器上没有找到这个文件，请联系系统管理员。"
# Neither scripts nor forms; the same origin, for the stylesheet and the links from page to page.
POLICY = (
    "sandbox allow-same-origin allow-downloads; default-src 'none'; img-src data:; style-src 'self'; "
    "object-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'self'"
)

logger = logging.getLogger(__name__)


@require_safe
def attachment(request: AuthenticatedRequest, pk: int) -> HttpResponse:
    """Of a record: for whom may download it."""
    found = readable(request.user, pk)
    return shown(
        request,
        found,
        download=reverse("workflow:download", args=[pk]),
        back=reverse("workflow:record", args=[found.record_id]),
    )


def shown(request: AuthenticatedRequest, stored: StoredFile, *, download: str, back: str) -> HttpResponse:
    """The page with it: `view` is a thumbnail, a frame of another page, or empty for a page of its own."""
    view = request.GET.get("view", "")
    zoom = request.GET.get("zoom", "")
    zoom = zoom if zoom in reader.ZOOMS else "100"
    width = reader.THUMBNAIL if view == "thumbnail" else reader.ZOOMS[zoom]
    status = 200
    try:
        if stored.purged_at:
            raise FileNotFoundError(stored.name)
        found = reader.look(stored, parse_pk(request.GET.get("page", "")), width)
    except OSError:
        logger.exception("%s %s cannot be read", type(stored).__name__, stored.pk)
        found, status = {"problem": GONE}, 404
    context = {
        "file": stored,
        "found": found,
        "unit": "表" if "title" in found else "页",
        "view": view,
        "zoom": zoom,
        "links": _links(found, view, zoom),
        "download": download,
        "back": back,
        "watermark": _watermark(request),
    }
    response = render(request, "workflow/preview.html", context, status=status)
    response["Content-Security-Policy"] = POLICY
    response["X-Frame-Options"] = "SAMEORIGIN"
    return response


def _links(found: dict[str, Any], view: str, zoom: str) -> dict[str, Any]:
    """To the other pages of the file, and other sizes of this one."""

    def to(page: int, size: str) -> str:
        return "?" + urlencode({"page": page, "zoom": size} | ({"view": view} if view else {}))

    page, pages = found.get("page", 1), found.get("pages", 1)
    zoomed = "picture" in next(iter(found.get("blocks", [])), {})
    return {
        "previous": to(page - 1, zoom) if page > 1 else "",
        "next": to(page + 1, zoom) if page < pages else "",
        "zooms": [(size, to(page, size)) for size in reader.ZOOMS] if zoomed else [],
    }


def _watermark(request: AuthenticatedRequest) -> str:
    if not settings.PREVIEW_WATERMARK:
        return ""
    return f"{request.user.full_name} {timezone.localtime(clock.now()):%Y-%m-%d %H:%M}"
