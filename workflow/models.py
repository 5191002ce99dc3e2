"""A record and what surrounds it: the dossier it is filed in, its events, attachments and notices."""

import secrets
from dataclasses import dataclass
from pathlib import PurePath

from django.apps import apps
from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.functional import cached_property
from django_fsm import FSMField, FSMModelMixin, transition

from accounts.models import Department, Role

from .changes import Earlier, compare
from .states import EDITABLE, SETTLED, UNFINISHED, State

READS_ALONG = (Role.ENTRY, Role.DEPT_REVIEWER)


class DossierQuerySet(models.QuerySet):
    def visible_to(self, user):
        """Dossiers of the departments entrusted to this person, or of which their department is a partner."""
        if user.role == Role.OFFICE_REVIEWER:
            return self
        if user.role not in READS_ALONG:
            return self.none()
        shared = Dossier.partners.through.objects.filter(department=user.department_id).values("dossier")
        return self.filter(Q(department__in=user.entrusted) | Q(pk__in=shared))


class Dossier(models.Model):
    """What records are about: one department answers for it, partner departments may read along."""

    name = models.CharField("项目名称", max_length=100)
    department = models.ForeignKey(Department, models.PROTECT, verbose_name="责任单位", related_name="dossiers")
    partners = models.ManyToManyField(Department, verbose_name="配合单位", related_name="shared_dossiers", blank=True)

    objects = DossierQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "案卷"

    def __str__(self):
        return self.name


@dataclass(frozen=True)
class Problem:
    """Something to mend before 上报: the name of the form field, and a sentence for the clerk."""

    field: str
    text: str


class RecordQuerySet(models.QuerySet):
    def visible_to(self, user):
        """What this person may read: all for the office; else their departments', and what partners have settled."""
        if user.role == Role.OFFICE_REVIEWER:
            return self
        if user.role not in READS_ALONG:
            return self.none()
        shared = Dossier.partners.through.objects.filter(department=user.department_id).values("dossier")
        return self.filter(Q(dossier__department__in=user.entrusted) | Q(state__in=SETTLED, dossier__in=shared))

    def awaiting(self, user):
        """What waits for this reviewer's decision."""
        state = {Role.DEPT_REVIEWER: State.SUBMITTED, Role.OFFICE_REVIEWER: State.DEPT_APPROVED}.get(user.role)
        if state is None:
            return self.none()
        return self.filter(state=state, dossier__department__in=user.entrusted).exclude(submitter=user)

    def awaiting_issue(self, user):
        """待下发: confirmed records of the kinds that are issued, for the office."""
        if user.role != Role.OFFICE_REVIEWER:
            return self.none()
        kinds = [model._meta.label_lower for model in Record.kinds() if model.issuable]
        return self.filter(state=State.CONFIRMED, kind__in=kinds, dossier__department__in=user.entrusted)

    def in_hand(self, user):
        """What this clerk can still change: drafts, and what came back."""
        if user.role != Role.ENTRY:
            return self.none()
        return self.filter(state__in=EDITABLE, dossier__department__in=user.entrusted)

    def decided_by(self, user):
        """已审核: what this person has decided on at some time."""
        decisions = Event.objects.filter(actor=user, action__in=Event.DECISIONS)
        return self.filter(pk__in=decisions.values("record"))

    def submitted_by(self, user):
        """我上报的."""
        return self.filter(pk__in=Event.objects.filter(actor=user, action="submit").values("record"))

    def unfinished(self):
        return self.filter(state__in=UNFINISHED)

    def settled(self):
        return self.filter(state__in=SETTLED)


class Record(FSMModelMixin, models.Model):
    """The concrete parent of every kind of record: its life, whatever it contains.

    Kinds override the hooks at the end. Their state is changed by `actions.perform` alone.
    """

    issuable = False  # whether 下发 follows 确认

    kind = models.CharField("类型", max_length=50, editable=False)
    dossier = models.ForeignKey(Dossier, models.PROTECT, verbose_name="项目", related_name="records")
    title = models.CharField("标题", max_length=120)
    state = FSMField("状态", choices=State.choices, default=State.DRAFT, protected=True)
    version = models.PositiveIntegerField("版本", default=0)
    creator = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name="录入人员", related_name="created_records"
    )
    submitter = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name="上报人员", related_name="+", null=True
    )
    created_at = models.DateTimeField("创建时间", default=timezone.now)
    updated_at = models.DateTimeField("更新时间", auto_now=True)
    submitted_at = models.DateTimeField("上报时间", null=True)

    objects = RecordQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "填报记录"
        constraints = [
            models.CheckConstraint(condition=Q(state__in=State.values), name="record_state_known"),
        ]
        indexes = [
            models.Index(fields=["state", "kind"]),
            models.Index(fields=["dossier", "kind", "state"]),
            models.Index(fields=["-submitted_at"]),
        ]

    def __str__(self):
        return self.title

    def save(self, *args, **kwargs):
        if not self.kind:
            self.kind = self._meta.label_lower
        super().save(*args, **kwargs)

    @classmethod
    def kinds(cls):
        """Every kind of record, as model classes in the order in which they are defined."""
        return [model for model in apps.get_models() if issubclass(model, Record) and model is not Record]

    @property
    def kind_model(self):
        return apps.get_model(self.kind)

    @property
    def kind_label(self):
        return self.kind_model._meta.verbose_name

    @property
    def tint(self):
        """The colour that stands beside the state's label."""
        return State(self.state).tint

    @cached_property
    def specific(self):
        """This record as the kind that it is."""
        if type(self) is not Record:
            return self
        return self.kind_model.objects.select_related("dossier__department").get(pk=self.pk)

    @property
    def department(self):
        return self.dossier.department

    @property
    def has_evidence(self):
        """A file, or the statement that classified evidence went to the intranet mailbox."""
        return self.attachments.current().exists() or self.classified_notices.exists()

    def full_snapshot(self):
        """All that a reviewer decides on, as plain JSON: the kind's own snapshot and the evidence."""
        return self.snapshot() | {
            "attachments": [{"id": file.pk, "name": file.name} for file in self.attachments.current()],
            "classified_notices": [
                {"id": notice.pk, "title": notice.title, "sent_on": notice.sent_on.isoformat()}
                for notice in self.classified_notices.all()
            ],
        }

    def as_earlier(self):
        """The content, without its evidence, as that with which a later record of the same thing is compared."""
        return Earlier(self.snapshot(), f"上一次上报（{timezone.localtime(self.submitted_at):%m-%d}）")

    def marked_content(self):
        """The content with what changed since the submission before this one marked (see `changes.compare`)."""
        submissions = list(self.events.filter(action="submit").only("snapshot", "at")[:2])
        if self.state not in EDITABLE:
            del submissions[:1]
        return compare(self.full_snapshot(), submissions[0].as_earlier() if submissions else self.baseline())

    # The machine: spec section 3. Each method only moves the state; `actions.perform` does all the rest.

    @transition(state, source=[State.DRAFT, State.REJECTED, State.RETURNED], target=State.SUBMITTED)
    def submit(self):
        """保存并上报."""

    @transition(state, source=State.SUBMITTED, target=State.DRAFT)
    def withdraw(self):
        """撤回, by the department that submitted."""

    @transition(state, source=State.SUBMITTED, target=State.DEPT_APPROVED)
    def approve(self):
        """通过."""

    @transition(state, source=State.DEPT_APPROVED, target=State.SUBMITTED)
    def take_back(self):
        """撤回 of a pass on which the office has not acted."""

    @transition(state, source=State.DEPT_APPROVED, target=State.CONFIRMED)
    def confirm(self):
        """确认."""

    @transition(state, source=State.DEPT_APPROVED, target=State.RETURNED)
    def send_back(self):
        """退回完善."""

    @transition(state, source=[State.SUBMITTED, State.DEPT_APPROVED], target=State.REJECTED)
    def reject(self):
        """驳回."""

    @transition(state, source=State.CONFIRMED, target=State.ISSUED, conditions=[lambda record: record.issuable])
    def issue(self):
        """下发."""

    # What kinds say of themselves.

    def problems(self):
        """All that stands in the way of 上报, as `Problem`s."""
        return []

    def snapshot(self):
        """The content as plain JSON (see `changes`), kept with each submission."""
        return {}

    def baseline(self):
        """What a first submission is compared with, as `changes.Earlier`; None: nothing came before."""
        return

    def on_confirmed(self):
        """What follows from 确认; may raise `actions.Refused`."""

    def on_issued(self):
        """What follows from 下发."""


class AppendOnlyQuerySet(models.QuerySet):
    def update(self, **kwargs):
        raise TypeError("Events are never changed.")

    def delete(self):
        raise TypeError("Events are never deleted.")


class Event(models.Model):
    """One step in the life of a record; written once, with names as they were then."""

    DECISIONS = ("approve", "confirm", "send_back", "reject", "issue")
    LABELS = {
        "submit": "上报",
        "withdraw": "撤回",
        "approve": "部门审核通过",
        "take_back": "撤回部门审核",
        "confirm": "改革办确认",
        "send_back": "退回完善",
        "reject": "驳回",
        "issue": "下发",
    }

    record = models.ForeignKey(Record, models.PROTECT, verbose_name="填报记录", related_name="events")
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, verbose_name="办理人员", related_name="+")
    actor_name = models.CharField("姓名", max_length=50)
    actor_department = models.CharField("单位", max_length=50)
    at = models.DateTimeField("时间", default=timezone.now)
    action = models.CharField("操作", max_length=20)
    from_state = models.CharField("原状态", max_length=20, choices=State.choices)
    to_state = models.CharField("新状态", max_length=20, choices=State.choices)
    version = models.PositiveIntegerField("所办版本")
    reason = models.CharField("驳回原因", max_length=50, blank=True)
    detail = models.TextField("详细描述", blank=True)
    address = models.GenericIPAddressField("来源地址", null=True)
    snapshot = models.JSONField("上报内容", null=True)

    objects = AppendOnlyQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "流转记录"
        ordering = ["-at", "-pk"]
        indexes = [
            models.Index(fields=["record", "-at"]),
            models.Index(fields=["actor", "action"]),
            models.Index(fields=["-at"]),
        ]

    def __str__(self):
        return f"{self.actor_name} {self.at:%Y-%m-%d %H:%M}"

    @property
    def label(self):
        """What was done, in the words of the timeline."""
        return self.LABELS.get(self.action, self.action)

    def as_earlier(self):
        """A submission as that with which later content is compared."""
        return Earlier(self.snapshot, f"上一次上报（{timezone.localtime(self.at):%m-%d}）")

    def save(self, *args, **kwargs):
        if self.pk:
            raise TypeError("Events are never changed.")
        super().save(*args, **kwargs)

    def delete(self, *args, **kwargs):
        raise TypeError("Events are never deleted.")


class ReasonCategory(models.Model):
    """驳回原因, kept by the office; events copy the words."""

    name = models.CharField("驳回原因", max_length=50, unique=True)
    position = models.PositiveSmallIntegerField("排序", default=0)
    is_active = models.BooleanField("启用", default=True)

    class Meta:
        verbose_name = verbose_name_plural = "驳回原因"
        ordering = ["position", "pk"]

    def __str__(self):
        return self.name


class AttachmentQuerySet(models.QuerySet):
    def current(self):
        return self.filter(removed_at=None)


def stored_name(attachment, filename):
    """A random path outside anything that is served; the person's own name is kept in `Attachment.name`."""
    token = secrets.token_hex(16)
    return f"{token[:2]}/{token}{PurePath(filename).suffix.lower()}"


class Attachment(models.Model):
    """A file of evidence. Removing hides it: an earlier submission may still speak of it."""

    record = models.ForeignKey(Record, models.PROTECT, verbose_name="填报记录", related_name="attachments")
    name = models.TextField("文件名")
    file = models.FileField("文件", upload_to=stored_name, max_length=100)
    size = models.PositiveBigIntegerField("大小（字节）")
    sha256 = models.CharField("校验值", max_length=64)
    uploader = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, verbose_name="上传人员", related_name="+")
    uploaded_at = models.DateTimeField("上传时间", default=timezone.now)
    removed_at = models.DateTimeField("移除时间", null=True)

    objects = AttachmentQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "附件"
        ordering = ["pk"]

    def __str__(self):
        return self.name

    def was_shown(self):
        """Whether it stands on the record, or did when the record was submitted."""
        if self.removed_at is None:
            return True
        return self.record.events.filter(action="submit", at__range=(self.uploaded_at, self.removed_at)).exists()


class ClassifiedNotice(models.Model):
    """涉密材料报送登记: that classified evidence was sent to the intranet mailbox, never what it says."""

    record = models.ForeignKey(Record, models.PROTECT, verbose_name="填报记录", related_name="classified_notices")
    title = models.CharField("材料标题", max_length=100)
    sent_on = models.DateField("报送日期")
    registrar = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, verbose_name="登记人员", related_name="+")

    class Meta:
        verbose_name = verbose_name_plural = "涉密材料报送登记"
        ordering = ["pk"]

    def __str__(self):
        return self.title
