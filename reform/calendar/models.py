"""Where the year departs from Monday to Friday: holidays, and the days worked in their stead."""

from django.db import models


class CalendarDayQuerySet(models.QuerySet):
    def years(self):
        """The years whose notice of the State Council is in the table."""
        return {day.year for day in self.dates("day", "year")}


class CalendarDay(models.Model):
    day = models.DateField("日期", unique=True, error_messages={"unique": "这一天已经在表中，请直接修改那一行。"})
    is_working = models.BooleanField("上班", default=False)
    note = models.CharField("说明", max_length=50, help_text="例如：国庆节、国庆节调休上班")

    objects = CalendarDayQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "工作日历"
        ordering = ["day"]

    def __str__(self):
        return f"{self.day:%Y-%m-%d} {self.note}"
