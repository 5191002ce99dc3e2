"""What every installation starts with; the office edits it."""

from chinese_calendar.constants import Holiday, holidays, workdays
from django.db import migrations

DOMAINS = ["经济体制", "民主法治", "文化体制", "社会体制", "生态文明体制", "党的建设制度", "纪检监察体制", "其他"]
FIRST_YEAR = 2024


def add_domains(apps, schema_editor):
    domain = apps.get_model("reform", "Domain")
    domain.objects.bulk_create(domain(name=name, position=place) for place, name in enumerate(DOMAINS, 1))


def add_calendar(apps, schema_editor):
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
    dependencies = [("reform", "0001_initial")]
    operations = [
        migrations.RunPython(add_domains, migrations.RunPython.noop),
        migrations.RunPython(add_calendar, migrations.RunPython.noop),
    ]
