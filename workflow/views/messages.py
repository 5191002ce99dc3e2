"""消息: the list, the way to what a message is about, and what has been read."""

import django_filters
from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST, require_safe

from accounts.listing import UNKNOWN, containing, list_context
from accounts.requests import AuthenticatedRequest
from workflow.texts import parse_pk

MOST_AT_ONCE = 20_000  # marked as read: a second or two


class MessageFilter(django_filters.FilterSet):
    q = django_filters.CharFilter(label="消息内容", method="search")
    unread = django_filters.ChoiceFilter(
        label="阅读情况",
        choices=[("yes", "未读"), ("no", "已读")],
        empty_label="全部消息",
        method="by_unread",
        error_messages=UNKNOWN,
    )

    def search(self, found: QuerySet, name: str, value: str) -> QuerySet:
        return containing(found, value, "text")

    def by_unread(self, found: QuerySet, name: str, value: str) -> QuerySet:
        return found.filter(read_at__isnull=value == "yes")


@require_safe
def inbox(request: AuthenticatedRequest) -> HttpResponse:
    """One's own, unread first, then the newest."""
    own = request.user.messages.unread_first()
    return render(request, "workflow/messages.html", list_context(request, MessageFilter(request.GET, own)))


@require_POST
def follow(request: AuthenticatedRequest, pk: int) -> HttpResponse:
    """Read it, and go where it leads."""
    message = get_object_or_404(request.user.messages, pk=pk)
    request.user.messages.filter(pk=pk).mark_read()
    if message.record_id:
        return redirect("workflow:record", message.record_id)
    return redirect(message.path or "workflow:messages")


@require_POST
def read(request: AuthenticatedRequest) -> HttpResponse:
    """Mark the one that is named as read, or all of them; of very many the newest."""
    own = request.user.messages
    if pk := request.POST.get("message"):
        own.filter(pk=parse_pk(pk)).mark_read()
    else:
        newest = own.unread().values("pk")[:MOST_AT_ONCE]
        number = own.filter(pk__in=newest).mark_read()
        # The next one in the order of an index, which exists() would drop.
        following = own.unread()[:1] if number == MOST_AT_ONCE else []
        more = "还有更早的未读消息，请再标一次。" if following else ""
        messages.success(request, f"{number} 条消息已标为已读。{more}" if number else "没有未读消息。")
    return redirect(_back(request))


def _back(request: HttpRequest) -> str:
    """The list as it was narrowed; never elsewhere."""
    own, asked = reverse("workflow:messages"), request.POST.get("back", "")
    is_own = asked == own or asked.startswith(f"{own}?")
    return asked if is_own and url_has_allowed_host_and_scheme(asked, request.get_host()) else own
