"""确认无误: what a clerk said of a 数据提示, kept with the record."""

from django.conf import settings
from django.db import models

from accounts import clock
from workflow.models import Record


class HintAnswer(models.Model):
    """It holds while the record says what it was about; another value is asked about again."""

    record = models.ForeignKey(Record, models.CASCADE, verbose_name="填报记录", related_name="hint_answers")
    subject = models.CharField("对象", max_length=30)  # the key of an indicator, or the name of a field
    rule = models.CharField("规则", max_length=20)
    about = models.CharField("内容", max_length=100)  # the value, or what else was questioned
    text = models.TextField("数据提示")  # as it was shown
    word = models.CharField("说明", max_length=60)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, verbose_name="确认人", related_name="+")
    at = models.DateTimeField("确认时间", default=clock.now)

    class Meta:
        verbose_name = verbose_name_plural = "数据提示确认"
        ordering = ["at", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["record", "subject", "rule", "about"], name="one_answer_per_hint"),
        ]

    def __str__(self):
        return self.text
