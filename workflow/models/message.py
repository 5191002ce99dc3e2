"""消息: what people are told."""

from collections.abc import Collection
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.lookups import IsNull

from accounts import clock

IS_READ = IsNull(F("read_at"), False)
IS_REMINDER = Q(key__startswith="urge-") | Q(key__startswith="remind-")


class MessageQuerySet(models.QuerySet["Message"]):
    def deliver(self, messages: Collection["Message"]) -> int:
        """Keep those unsaved messages that have not reached their recipients yet; returns how many that were."""
        known = set(
            self.filter(
                key__in={message.key for message in messages},
                recipient__in={message.recipient_id for message in messages},
            ).values_list("recipient_id", "key")
        )
        new = [message for message in messages if (message.recipient_id, message.key) not in known]
        # Somebody else may be delivering the same just now.
        self.bulk_create(new, ignore_conflicts=True)  # type: ignore[arg-type]  # the stub loses the model
        return len(new)

    def unread(self) -> Self:
        return self.filter(read_at=None)

    def reminders(self) -> Self:
        """Those of 催办 and of what is due: few among all that tell of steps, and found by an index."""
        return self.filter(IS_REMINDER)

    def unread_first(self) -> Self:
        """Then the newest: in the order of an index."""
        return self.order_by(IS_READ, "-created_at", "-pk")

    def mark_read(self) -> int:
        return self.unread().update(read_at=clock.now())


class Message(models.Model):
    """A sentence for one person. It leads to its record, or to a page of its own: `path`."""

    recipient = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, verbose_name="收件人", related_name="messages"
    )
    key = models.CharField("事由", max_length=100)  # nothing is said to a person twice
    text = models.TextField("内容")
    record = models.ForeignKey(
        "workflow.Record", models.PROTECT, verbose_name="填报记录", related_name="messages", null=True
    )
    path = models.CharField("页面", max_length=200, blank=True)
    created_at = models.DateTimeField("时间", default=clock.now)
    read_at = models.DateTimeField("阅读时间", null=True)

    objects = MessageQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "消息"
        ordering = ["-created_at", "-pk"]
        constraints = [models.UniqueConstraint(fields=["key", "recipient"], name="unique_message_per_recipient")]
        indexes = [
            models.Index("recipient", IS_READ, F("created_at").desc(), F("id").desc(), name="message_unread_first"),
            # In an order: without one, to find some of many the planner prefers to read the table.
            models.Index(
                fields=["recipient", "-created_at", "-id"], condition=Q(read_at=None), name="message_newest_unread"
            ),
            models.Index(
                fields=["key"], opclasses=["varchar_pattern_ops"], condition=IS_REMINDER, name="message_reminders"
            ),
        ]

    def __str__(self) -> str:
        return self.text

    def passed_on_to(self, person: int) -> "Message":
        """The same for whoever does the work now; unsaved."""
        return Message(
            recipient_id=person,
            key=self.key,
            text=self.text,
            record_id=self.record_id,
            path=self.path,
            created_at=self.created_at,
        )
