"""亮灯月末存照: the light of a project at the end of a month, written once it is over."""

from django.db import models
from django.db.models import Q

from .project import Project


class MonthLight(models.Model):
    """Follows from revisions and events (`manage.py check_lights` compares); kept because that takes its time."""

    project = models.ForeignKey(Project, models.CASCADE, verbose_name="项目", related_name="month_lights")
    year = models.PositiveSmallIntegerField("年度")
    month = models.PositiveSmallIntegerField("月份")
    colour = models.CharField("亮灯", max_length=10)
    # The thresholds under which it was lit.
    red_below = models.PositiveSmallIntegerField("红灯线（%）")
    amber_below = models.PositiveSmallIntegerField("黄灯线（%）")

    class Meta:
        verbose_name = verbose_name_plural = "月末亮灯"
        constraints = [
            models.UniqueConstraint(fields=["project", "year", "month"], name="one_light_per_month_end"),
            models.CheckConstraint(condition=Q(month__gte=1, month__lte=12), name="month_light_month_1_to_12"),
        ]
        indexes = [models.Index(fields=["year", "month", "colour"])]

    def __str__(self):
        return f"{self.year}年{self.month}月末 {self.colour}"
