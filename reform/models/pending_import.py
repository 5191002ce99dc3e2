"""An uploaded workbook, between its preview and its confirmation."""

from datetime import timedelta
from typing import Self

import tablib
from django.conf import settings
from django.db import models

from accounts import clock

KEPT = timedelta(hours=24)  # people's data does not lie about


class PendingImportQuerySet(models.QuerySet["PendingImport"]):
    def waiting(self, user, kind: str) -> Self:
        """What this person has uploaded of that kind and not yet confirmed."""
        return self.filter(user=user, kind=kind, uploaded_at__gt=clock.now() - KEPT)

    def keep(self, user, kind: str, **facts) -> "PendingImport":
        """Keep these facts in the place of what the person has uploaded before; what has expired goes."""
        self.filter(uploaded_at__lte=clock.now() - KEPT).delete()
        facts |= {"uploaded_at": clock.now(), "takes_hidden": None}
        return self.update_or_create(user=user, kind=kind, defaults=facts)[0]


class PendingImport(models.Model):
    """One of a kind for each person, who alone may see it.

    Gone when it is imported, given up, replaced by another, or a day old.
    """

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, verbose_name="上传人员", related_name="+")
    kind = models.CharField("内容", max_length=20)
    file_name = models.CharField("文件名", max_length=255)
    sheet = models.CharField("工作表", max_length=100, blank=True)
    headings = models.JSONField("表头")
    rows = models.JSONField("内容")  # the texts of the cells, row by row
    hidden_rows = models.JSONField("隐藏的行", default=list)  # their numbers
    hidden_columns = models.JSONField("隐藏的列", default=list)  # their letters and headings
    takes_hidden = models.BooleanField("隐藏的一并导入", null=True)
    uploaded_at = models.DateTimeField("上传时间", default=clock.now)

    objects = PendingImportQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "待确认的导入"
        constraints = [models.UniqueConstraint(fields=["user", "kind"], name="one_pending_import_of_a_kind")]

    def __str__(self):
        return self.file_name

    @property
    def has_hidden(self) -> bool:
        return bool(self.hidden_rows or self.hidden_columns)

    @property
    def asks_about_hidden(self) -> bool:
        """Whether the person has yet to say what happens with what they may not have seen."""
        return self.has_hidden and self.takes_hidden is None

    @property
    def everything(self) -> tablib.Dataset:
        return tablib.Dataset(*self.rows, headers=self.headings)

    @property
    def dataset(self) -> tablib.Dataset:
        """What is to be imported: without what is hidden, where the person has said so."""
        if self.takes_hidden is not False:
            return self.everything
        # A row begins with its number on the sheet.
        hidden_columns = {heading for _, heading in self.hidden_columns}
        return tablib.Dataset(
            *(
                ["" if heading in hidden_columns else cell for heading, cell in zip(self.headings, row, strict=True)]
                for row in self.rows
                if row[0] not in self.hidden_rows
            ),
            headers=self.headings,
        )
