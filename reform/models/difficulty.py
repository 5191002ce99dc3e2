"""存在问题: what a settled record says stands in the way, one line of 问题库."""

from typing import Any

from django.db import models

from accounts.models import User
from workflow.models import Dossier, Record
from workflow.states import SETTLED

AT_ONCE = 2000


class DifficultyQuerySet(models.QuerySet["Difficulty"]):
    def visible_to(self, user: User) -> "DifficultyQuerySet":
        """As settled records are: of the dossiers that this person may read."""
        if user.is_office_reviewer:
            return self
        return self.filter(dossier__in=Dossier.objects.visible_to(user).values("pk"))

    def gather(self, kind: Any) -> None:
        """Write those of this kind's settled records, where records were not confirmed one by one."""
        records = kind._default_manager.filter(state__in=SETTLED, stated__isnull=True).exclude(difficulties="")
        found = (Difficulty.of(record) for record in records.iterator(AT_ONCE))
        self.bulk_create(found, batch_size=AT_ONCE)  # type: ignore[arg-type]  # the stub loses the model


class Difficulty(models.Model):
    """Of a record that stays as it is; by itself, because among all records these are not to be found in time."""

    record = models.OneToOneField(
        Record, models.CASCADE, primary_key=True, related_name="stated", verbose_name="来源记录"
    )
    dossier = models.ForeignKey(Dossier, models.CASCADE, related_name="+", verbose_name="项目或督办事项")
    text = models.TextField("存在问题")
    submitted_at = models.DateTimeField("上报时间")

    objects = DifficultyQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "存在问题"
        indexes = [
            models.Index(fields=["-submitted_at", "-record"], name="difficulty_newest"),
            models.Index(fields=["dossier", "-submitted_at"], name="difficulty_of_dossier"),
        ]

    def __str__(self):
        return self.text

    @classmethod
    def of(cls, record: Any) -> "Difficulty":
        """Unsaved; of a record of the kinds that have `difficulties`."""
        text = record.difficulties.strip()
        return cls(record_id=record.pk, dossier_id=record.dossier_id, text=text, submitted_at=record.submitted_at)

    @classmethod
    def note(cls, record: Any) -> None:
        """Call it when the record is confirmed."""
        found = cls.of(record)
        if found.text:
            found.save(force_insert=True)
