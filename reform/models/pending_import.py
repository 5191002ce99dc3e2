"""An uploaded workbook of base info, between its preview and its confirmation."""

import tablib
from django.conf import settings
from django.db import models

from accounts import clock


class PendingImport(models.Model):
    """One for each person, who alone may see it; gone when it is imported, given up, or replaced by another."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE, verbose_name="上传人员", related_name="+")
    file_name = models.CharField("文件名", max_length=255)
    headings = models.JSONField("表头")
    rows = models.JSONField("内容")  # the texts of the cells, row by row
    uploaded_at = models.DateTimeField("上传时间", default=clock.now)

    class Meta:
        verbose_name = verbose_name_plural = "待确认的导入"

    def __str__(self):
        return self.file_name

    @classmethod
    def keep(cls, user, file_name, dataset):
        """Keep what this dataset says, in the place of what the person has uploaded before."""
        said = {"file_name": file_name, "headings": dataset.headers, "rows": dataset[:], "uploaded_at": clock.now()}
        return cls.objects.update_or_create(user=user, defaults=said)[0]

    @property
    def dataset(self):
        return tablib.Dataset(*self.rows, headers=self.headings)
