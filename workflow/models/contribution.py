"""配合材料: what partner departments are asked to contribute to a record that is being written."""

from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from accounts import clock
from accounts.models import Department, User
from workflow.states import EDITABLE

from .evidence import StoredFile


class ContributionStatus(models.TextChoices):
    ASKED = "asked", "待提供"
    GIVEN = "given", "已提供"
    TAKEN = "taken", "已采用"
    DECLINED = "declined", "未采用"
    WITHDRAWN = "withdrawn", "已撤回"


ENDED = (ContributionStatus.DECLINED, ContributionStatus.WITHDRAWN)  # from here it may be asked again
IS_OPEN = Q(status=ContributionStatus.ASKED, record__state__in=EDITABLE, record__dossier__closed_at=None)


class ContributionQuerySet(models.QuerySet["Contribution"]):
    def visible_to(self, user: User) -> Self:
        """Those asked of the departments for which this person works; who asked reads them on the record."""
        if not user.is_department_staff:
            return self.none()
        return self.filter(department__in=user.assigned_department_ids)

    def open(self) -> Self:
        """Those that can still be given: while the record can be changed."""
        return self.filter(IS_OPEN)

    def awaiting(self, user: User) -> Self:
        """What waits for this clerk."""
        return self.visible_to(user).open() if user.is_clerk else self.none()

    def with_related(self) -> Self:
        """With what a list shows."""
        return self.select_related("department", "record__dossier__department")


class Contribution(models.Model):
    """A partner department's part of one record; a record asks each department once, and again when it ended."""

    Status = ContributionStatus

    record = models.ForeignKey("workflow.Record", models.PROTECT, verbose_name="填报记录", related_name="contributions")
    department = models.ForeignKey(Department, models.PROTECT, verbose_name="配合单位", related_name="contributions")
    status = models.CharField("状态", max_length=20, choices=Status.choices, default=Status.ASKED)
    version = models.PositiveIntegerField("版本", default=0)
    wanted = models.TextField("需要的材料", blank=True)
    due_on = models.DateField("截止日期")
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, verbose_name="请求人员", related_name="+")
    asked_at = models.DateTimeField("请求时间", default=clock.now)
    text = models.TextField("配合情况", blank=True)
    given_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name="提供人员", related_name="+", null=True
    )
    given_at = models.DateTimeField("提供时间", null=True)
    settled_at = models.DateTimeField("处理时间", null=True)

    objects = ContributionQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "配合材料"
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["record", "department"], name="one_contribution_per_department"),
            models.CheckConstraint(condition=Q(status__in=ContributionStatus.values), name="contribution_status_known"),
        ]
        indexes = [models.Index(fields=["department", "status", "due_on"], name="contribution_by_status")]

    def __str__(self) -> str:
        return f"{self.department}：{self.get_status_display()}"

    @property
    def is_open(self) -> bool:
        """Whether it can still be given."""
        return (
            self.status == self.Status.ASKED and self.record.state in EDITABLE and self.record.dossier.closed_at is None
        )

    @property
    def is_late(self) -> bool:
        """Whether it is overdue, or was given after its day."""
        day = timezone.localdate(self.given_at) if self.given_at else clock.today()
        return self.due_on < day and (self.given_at is not None or self.is_open)

    @property
    def status_words(self) -> str:
        if self.status == self.Status.ASKED and not self.is_open:
            return "不再需要"
        return str(self.get_status_display())

    @property
    def tint(self) -> str:
        """The colour of those words."""
        if self.status == self.Status.ASKED:
            return "" if not self.is_open else "red" if self.is_late else "amber"
        return {self.Status.GIVEN: "blue", self.Status.TAKEN: "green"}.get(ContributionStatus(self.status), "")

    @property
    def matter(self) -> str:
        """What it is for, in the words of messages."""
        return f"{self.record.dossier.name} · {self.record.heading}"


class ContributedFile(StoredFile):
    """A file of a contribution."""

    contribution = models.ForeignKey(Contribution, models.PROTECT, verbose_name="配合材料", related_name="files")

    class Meta:
        verbose_name = verbose_name_plural = "配合材料附件"
        ordering = ["pk"]
