"""Unread messages go to those who do the work now."""

from collections.abc import Iterable, Mapping

from workflow.models import Message
from workflow.models.message import MessageQuerySet

MOST = 2_000  # with one handover; older ones only repeat what the pages of their records say


def newest_unread(messages: MessageQuerySet) -> MessageQuerySet:
    """Those that are passed on."""
    return messages.unread()[:MOST]


def number_text(messages: MessageQuerySet) -> str:
    number = newest_unread(messages).count()
    return f"最近 {number} 条（更早的不再移交）" if number == MOST else f"{number} 条"


def pass_on(recipients: Mapping[Message, Iterable[int]]) -> None:
    """Each message to its new recipients, by their keys; for whom it was, it counts as read."""
    Message.objects.deliver([message.passed_on_to(key) for message, keys in recipients.items() for key in keys])
    Message.objects.filter(pk__in=[message.pk for message in recipients]).mark_read()
