"""Evidence of a record: files, and the statement that classified material was sent elsewhere."""

import secrets
from pathlib import PurePath
from typing import Self

from django.apps import apps
from django.conf import settings
from django.db import models

from accounts import clock
from accounts.audit.entries import Action
from accounts.audit.writing import write
from accounts.models import User


class EvidenceQuerySet(models.QuerySet):
    def current(self) -> Self:
        return self.filter(removed_at=None)


class Evidence(models.Model):
    """Removing hides it, and says who did: an earlier submission may still speak of it."""

    removed_at = models.DateTimeField("移除时间", null=True)
    removed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name="移除人员", related_name="+", null=True
    )

    objects = EvidenceQuerySet.as_manager()

    class Meta:
        abstract = True

    def audit_facts(self) -> dict[str, object]:
        """What the audit log says of it beside its name."""
        return {}

    def remove(self, user: User) -> None:
        self.removed_at, self.removed_by = clock.now(), user
        self.save(update_fields=["removed_at", "removed_by"])
        write(user, Action.REMOVE, self, before=self.audit_facts())


def stored_name(attachment: "StoredFile | None", filename: str) -> str:
    """A random path outside anything that is served; the person's own name is kept in `StoredFile.name`."""
    token = secrets.token_hex(16)
    return f"{token[:2]}/{token}{PurePath(filename).suffix.lower()}"


class StoredFile(Evidence):
    """A file, and under which name somebody sent it."""

    name = models.TextField("文件名")
    file = models.FileField("文件", upload_to=stored_name, max_length=100)
    size = models.PositiveBigIntegerField("大小（字节）")
    digest = models.CharField("校验值", max_length=72)  # SHA-256, or the name of another algorithm before it
    uploader = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, verbose_name="上传人员", related_name="+")
    uploaded_at = models.DateTimeField("上传时间", default=clock.now)

    # Found to be classified later: the bytes are gone for good (see workflow/purging.py).
    purged_at = models.DateTimeField("清除时间", null=True)
    purged_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name="清除人员", related_name="+", null=True
    )
    purge_reason = models.TextField("清除理由", blank=True)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.name

    @property
    def model_name(self) -> str:
        """In addresses."""
        return str(self._meta.model_name)

    @property
    def kind_name(self) -> str:
        return str(self._meta.verbose_name)

    def audit_facts(self) -> dict[str, object]:
        return {"大小（字节）": self.size, "校验值": self.digest}


def stored_models() -> list[type[StoredFile]]:
    """Every kind of row that holds a file."""
    return [model for model in apps.get_models() if issubclass(model, StoredFile)]


class Attachment(StoredFile):
    """A file of evidence."""

    record = models.ForeignKey("workflow.Record", models.PROTECT, verbose_name="填报记录", related_name="attachments")

    class Meta:
        verbose_name = verbose_name_plural = "附件"
        ordering = ["pk"]
        indexes = [
            models.Index(fields=["digest", "id"], name="attachment_same_content"),  # the first of each content
            # Has all that 附件空间 adds up.
            models.Index(fields=["uploader", "size"], condition=models.Q(purged_at=None), name="attachment_sizes"),
        ]

    def audit_facts(self) -> dict[str, object]:
        return {"填报记录": self.record_id} | super().audit_facts()

    def was_shown(self) -> bool:
        """Whether it stands on the record, or did when the record was submitted."""
        if self.removed_at is None:
            return True
        return self.record.events.filter(action="submit", at__range=(self.uploaded_at, self.removed_at)).exists()


class ClassifiedNotice(Evidence):
    """涉密材料报送登记: that classified evidence was sent to the intranet mailbox, never what it says."""

    record = models.ForeignKey(
        "workflow.Record", models.PROTECT, verbose_name="填报记录", related_name="classified_notices"
    )
    title = models.CharField("材料标题", max_length=100)
    sent_on = models.DateField("报送日期")
    registrar = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, verbose_name="登记人员", related_name="+")

    class Meta:
        verbose_name = verbose_name_plural = "涉密材料报送登记"
        ordering = ["pk"]

    def __str__(self) -> str:
        return self.title
