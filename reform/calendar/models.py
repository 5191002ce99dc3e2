"""Where the year departs from Monday to Friday: holidays, and the days worked in their stead."""

from django.db import models


class CalendarDay(models.Model):
    day = models.DateField("日期", unique=True, error_messages={"unique": "这一天已经在表中，请直接修改那一天。"})
    is_working = models.BooleanField("安排", choices=[(False, "休息"), (True, "上班")], default=False)
    note = models.CharField("说明", max_length=50, help_text="例如：国庆节、国庆节调休上班")

    class Meta:
        verbose_name = verbose_name_plural = "工作日历"
        ordering = ["day"]

    def __str__(self):
        return f"{self.day:%Y-%m-%d} {self.note}"


class CalendarYear(models.Model):
    """A year of which the whole notice of the State Council is in the table: imported, or confirmed as complete."""

    year = models.PositiveSmallIntegerField("年度", unique=True)

    class Meta:
        verbose_name = verbose_name_plural = "放假安排"
        ordering = ["year"]

    def __str__(self):
        return f"{self.year}年放假安排"
