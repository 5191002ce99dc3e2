"""The calendar of working days, with what is known of it."""

from chinese_calendar.constants import Holiday, holidays, workdays
from django.db import migrations, models

FIRST_YEAR = 2024


def seed(apps, schema_editor):
    """What the State Council's notices say of the years that the library knows."""
    calendar_day = apps.get_model("reform", "CalendarDay")
    calendar_day.objects.bulk_create(
        calendar_day(day=day, is_working=is_working, note=name(holiday) + ("调休上班" if is_working else ""))
        for days, is_working in ((holidays, False), (workdays, True))
        for day, holiday in days.items()
        if day.year >= FIRST_YEAR
    )


def name(holiday):
    words = Holiday(holiday).chinese
    return words if words.endswith(("节", "元旦")) else f"{words}节"


class Migration(migrations.Migration):
    dependencies = [
        ("reform", "0002_domains"),
    ]

    operations = [
        migrations.CreateModel(
            name="CalendarDay",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "day",
                    models.DateField(
                        error_messages={"unique": "这一天已经在表中，请直接修改那一行。"},
                        unique=True,
                        verbose_name="日期",
                    ),
                ),
                ("is_working", models.BooleanField(default=False, verbose_name="上班")),
                (
                    "note",
                    models.CharField(help_text="例如：国庆节、国庆节调休上班", max_length=50, verbose_name="说明"),
                ),
            ],
            options={
                "verbose_name": "工作日历",
                "verbose_name_plural": "工作日历",
                "ordering": ["day"],
            },
        ),
        migrations.RunPython(seed, migrations.RunPython.noop),
    ]
