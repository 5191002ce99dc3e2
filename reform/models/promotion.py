"""经验复制推广推进更新: how a project's experience has been spread."""

from django.db import models

from .achievement import Achievement


class PromotionMethod(models.TextChoices):
    MEDIA = "media", "组织媒体宣传报道"
    PRESS = "press", "召开新闻发布会"
    OBSERVATION = "observation", "召开现场观摩会"
    SUMMARY = "summary", "召开总结推广会"
    REPORT = "report", "向中央和国家有关部委报送典型经验"
    CASES = "cases", "印发改革典型案例推广"


class PromotionUpdate(Achievement):
    items_of_kind = {"method": "推广方式", "promoted_on": "推广日期", "summary": "具体情况简介"}

    create_label = "经验复制推广更新"
    DATE = "promoted_on"
    REQUIRED = ("method", "promoted_on", "summary")

    method = models.CharField("推广方式", max_length=20, choices=PromotionMethod.choices, blank=True)
    promoted_on = models.DateField("推广日期", null=True, blank=True)
    summary = models.TextField("具体情况简介", blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "经验复制推广推进更新"
        indexes = [models.Index(fields=["promoted_on"])]
