"""常用意见: what a reviewer writes again and again, kept for that person alone."""

from django.conf import settings
from django.db import models

LONGEST, MOST = 200, 20


class CommonOpinion(models.Model):
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, verbose_name="人员", related_name="common_opinions"
    )
    text = models.CharField("意见", max_length=LONGEST)

    class Meta:
        verbose_name = verbose_name_plural = "常用意见"
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["person", "text"], name="unique_opinion_per_person")]

    def __str__(self) -> str:
        return self.text
