"""品牌显示度推进更新: national recognition and deep coverage by central media."""

from django.db import models

from .achievement import Achievement


class Recognition(models.TextChoices):
    NATIONAL = "national", "获全国性肯定评价"
    MEDIA = "media", "被5家中央级媒体深度报道"


class BrandUpdate(Achievement):
    items_of_kind = {
        "created_on": "品牌创建日期",
        "recognition": "获肯定方式",
        "circumstances": "具体情形",
        "results": "解决问题、主要举措及取得实效",
        "recognition_detail": "获肯定或报道详情",
    }

    create_label = "品牌显示度推进更新"
    DATE = "created_on"
    REQUIRED = ("created_on", "recognition", "circumstances", "results", "recognition_detail")

    created_on = models.DateField("品牌创建日期", null=True, blank=True)
    recognition = models.CharField("获肯定方式", max_length=20, choices=Recognition.choices, blank=True)
    circumstances = models.TextField("具体情形", blank=True)
    results = models.TextField("解决问题、主要举措及取得实效", blank=True)
    recognition_detail = models.TextField("获肯定或报道详情", blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "品牌显示度推进更新"
        indexes = [models.Index(fields=["created_on"])]
