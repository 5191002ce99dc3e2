"""Where a request comes from."""

from ipaddress import ip_address

from django.conf import settings
from django.http import HttpRequest


def client_address(request: HttpRequest) -> str | None:
    """The caller's address as our own outermost proxy saw it, or None.

    Only the last PROXY_COUNT entries of X-Forwarded-For are ours; whatever stands before them anybody can write.
    """
    seen = request.META.get("REMOTE_ADDR", "")
    if settings.PROXY_COUNT:
        hops = request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")
        if len(hops) >= settings.PROXY_COUNT:
            seen = hops[-settings.PROXY_COUNT].strip()
    try:
        return str(ip_address(seen))
    except ValueError:
        return None


def administers_here(request: HttpRequest) -> bool:
    """Whether the pages of administration answer where this request comes from."""
    if not settings.ADMIN_ADDRESSES:
        return True
    address = ip_address(client_address(request) or "::")
    address = getattr(address, "ipv4_mapped", None) or address
    return any(address in network for network in settings.ADMIN_ADDRESSES)
