"""The steps in the life of a record, and the reasons to choose from."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.conf import settings
from django.db import models
from django.utils import timezone

from accounts import clock
from accounts.absences import acted_for
from accounts.append_only import AppendOnly
from workflow.changes import Earlier
from workflow.formats import short_day
from workflow.items import Item, Opened
from workflow.states import State

DECISIONS = ("approve", "confirm", "send_back", "reject", "issue")
REJECTIONS = ("reject", "send_back")  # 驳回, 退回完善
IS_DECISION = models.Q(action__in=DECISIONS)


class Event(AppendOnly):
    """One step in the life of a record; written once, with names as they were then."""

    SETTLING = ("confirm", "issue")
    REJECTIONS = REJECTIONS
    LABELS = {
        "submit": "上报",
        "withdraw": "撤回",
        "approve": "部门审核通过",
        "take_back": "撤回部门审核",
        "confirm": "改革办确认",
        "send_back": "退回完善",
        "reject": "驳回",
        "issue": "下发",
        "void": "作废",
        "open_item": "另行要求打开",
        "reopen": "督察核查不属实，计划重新办理",
    }

    record = models.ForeignKey("workflow.Record", models.PROTECT, verbose_name="填报记录", related_name="events")
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, verbose_name="办理人员", related_name="+")
    actor_name = models.CharField("姓名", max_length=50)
    actor_department = models.CharField("单位", max_length=50)
    principal_name = models.CharField("委托人", max_length=50, blank=True)  # in whose place
    at = models.DateTimeField("时间", default=clock.now)
    action = models.CharField("操作", max_length=20)
    from_state = models.CharField("原状态", max_length=20, choices=State.choices)
    to_state = models.CharField("新状态", max_length=20, choices=State.choices)
    version = models.PositiveIntegerField("所办版本")
    reason = models.CharField("驳回原因", max_length=50, blank=True)
    detail = models.TextField("详细描述", blank=True)
    address = models.GenericIPAddressField("来源地址", null=True)
    snapshot = models.JSONField("上报内容", null=True)
    items = models.JSONField("逐项退回", default=list)  # of what sends back or opens: `Item.as_json` of each

    class Meta:
        verbose_name = verbose_name_plural = "流转记录"
        ordering = ["-at", "-pk"]
        indexes = [
            models.Index(fields=["record", "-at"]),
            models.Index(fields=["actor", "action"]),
            models.Index(fields=["actor", "record", "at"], condition=IS_DECISION, name="event_decisions"),
            models.Index(fields=["actor", "-at", "-record"], condition=IS_DECISION, name="event_last_decisions"),
            models.Index(fields=["-at"]),
            models.Index(fields=["record", "at"], condition=models.Q(action__in=REJECTIONS), name="event_rejections"),
        ]

    def __str__(self) -> str:
        return f"{self.actor_name} {timezone.localtime(self.at):%Y-%m-%d %H:%M}"

    @property
    def acted_for(self) -> str:
        """受…委托; "" of what somebody did by their own duty."""
        return acted_for(self.principal_name)

    @property
    def label(self) -> str:
        """What was done, in the words of the timeline."""
        return self.LABELS.get(self.action, self.action)

    @property
    def opened_items(self) -> list[Item]:
        return [Item(**item, asked=self.action == "open_item") for item in self.items]

    def says(self, reason: str, detail: str, items: Mapping[str, str]) -> bool:
        """Whether it has all of these words, so that none is lost with them."""
        own = {item["address"]: item["words"] for item in self.items}
        return (
            reason in ("", self.reason)
            and detail.strip() in ("", self.detail)
            and all(own.get(address) == words.strip() for address, words in items.items())
        )

    def as_earlier(self) -> Earlier:
        """A submission as that with which later content is compared."""
        snapshot: dict[str, Any] = self.snapshot  # type: ignore[assignment]  # submissions have one
        return Earlier(snapshot, f"上一次上报（{short_day(self.at)}）")


OPENING = (*Event.REJECTIONS, "open_item")


def opened_by(events: Iterable[Event], along: Mapping[str, str]) -> Opened:
    """What is open of a record with these events, the newest first: its last 驳回 or 退回完善 says it, and what was
    asked for since.
    """
    asked: list[Item] = []
    for event in events:
        if event.action in Event.REJECTIONS:
            items = event.opened_items
            return Opened((*items, *reversed(asked)) if items else (), event.pk, along)
        if event.action == "open_item":
            asked += event.opened_items
    return Opened(along=along)


class ReasonCategory(models.Model):
    """驳回原因, kept by the office; events copy the words."""

    name = models.CharField("驳回原因", max_length=50, unique=True)
    position = models.PositiveSmallIntegerField("排序", default=0)
    is_active = models.BooleanField("启用", default=True)

    class Meta:
        verbose_name = verbose_name_plural = "驳回原因"
        ordering = ["position", "pk"]

    def __str__(self) -> str:
        return self.name
