"""提请协调: a department lays a problem of one of its records before the office."""

from django.db import models
from django.db.models import Q
from django.urls import reverse

from accounts import clock
from accounts.models import User
from workflow.models import Dossier, Record
from workflow.states import State

from .plan_update import PlanUpdate
from .supervision_matter import SupervisionMatter
from .supervision_report import SupervisionReport
from .target_update import TargetUpdate

RAISED_FROM = (State.SUBMITTED, State.DEPT_APPROVED, State.CONFIRMED)


def problem_text(record):
    """What a record says that stands in the way, or ""; of a month's progress values, the remarks on them."""
    if isinstance(record, PlanUpdate | SupervisionReport):
        return record.difficulties.strip()
    if isinstance(record, TargetUpdate):
        return "\n".join(f"{value.indicator.name}：{value.remark}" for value in record.lines() if value.remark.strip())
    return ""


class RequestStatus(models.TextChoices):
    OPEN = "open", "已提请"
    TAKEN = "taken", "已列为督办事项"
    ANSWERED = "answered", "已答复"

    @property
    def tint(self):
        return {"open": "amber", "taken": "blue"}.get(self.value, "green")


class CoordinationRequestQuerySet(models.QuerySet["CoordinationRequest"]):
    def visible_to(self, user):
        """Those of this person's departments, all for the office: how a matter arose is not for partners."""
        if user.is_office_reviewer:
            return self
        if not user.is_department_staff:
            return self.none()
        return self.filter(source__dossier__department__in=user.assigned_department_ids)

    def awaiting(self, user):
        """What waits for this office reviewer's decision."""
        if not user.is_office_reviewer:
            return self.none()
        return self.filter(status=RequestStatus.OPEN, source__dossier__department__in=user.assigned_department_ids)


class CoordinationRequest(models.Model):
    """One per record; when the problem stands in the next update again, that can be raised again."""

    source = models.OneToOneField(Record, models.PROTECT, verbose_name="来源记录", related_name="coordination_request")
    text = models.TextField("存在问题")  # as it was said when it was raised
    status = models.CharField("状态", max_length=20, choices=RequestStatus.choices, default=RequestStatus.OPEN)
    raised_by = models.ForeignKey(User, models.PROTECT, verbose_name="提请人", related_name="+")
    raised_at = models.DateTimeField("提请时间", default=clock.now)
    decided_by = models.ForeignKey(User, models.PROTECT, verbose_name="答复人", related_name="+", null=True)
    decided_at = models.DateTimeField("答复时间", null=True)
    answer = models.TextField("答复", blank=True)
    matter = models.OneToOneField(
        SupervisionMatter, models.PROTECT, verbose_name="督办事项", related_name="request", null=True
    )

    objects = CoordinationRequestQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "提请协调"
        ordering = ["-raised_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(status__in=RequestStatus.values)
                & (Q(status=RequestStatus.TAKEN, matter__isnull=False) | Q(matter=None)),
                name="request_taken_as_a_matter",
            ),
        ]
        indexes = [models.Index(fields=["status", "-raised_at"])]

    def __str__(self):
        return self.source.title

    def get_absolute_url(self):
        return reverse("reform:request", args=[self.pk])

    @property
    def tint(self):
        return RequestStatus(self.status).tint

    @property
    def dossier(self) -> Dossier:
        return self.source.dossier
