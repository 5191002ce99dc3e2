from datetime import timedelta

from django.db import migrations, models
from django.db.models import F
from django.utils import timezone

UNDER_REVIEW = ("submitted", "dept_approved")
AT_ONCE = 500


def write_since_when_they_wait(apps, schema_editor):
    item = apps.get_model("reform", "DueItem")
    standing = item.objects.filter(cancelled_at=None)
    standing.filter(owed=True, came_back=False).update(waits_from=F("opens_on"))
    came_back = list(standing.filter(came_back=True).select_related("battle_map"))
    for row in came_back:
        row.waits_from = timezone.localdate(row.battle_map.issued_at)
    open_plans = standing.filter(owed=False, came_back=False, is_deadline=True, settled_at=None, plan__isnull=False)
    unfinished = list(open_plans.exclude(record__state__in=UNDER_REVIEW))
    for row in unfinished:
        row.waits_from = row.due_on + timedelta(days=1)
    item.objects.bulk_update([*came_back, *unfinished], ["waits_from"], batch_size=AT_ONCE)


class Migration(migrations.Migration):
    dependencies = [
        ("reform", "0009_known_calendar_years"),
        ("workflow", "0007_index_lists_of_records"),
    ]

    operations = [
        migrations.RemoveIndex(model_name="dueitem", name="due_item_waiting"),
        migrations.RemoveIndex(model_name="dueitem", name="due_item_unsettled"),
        migrations.AddField(
            model_name="dueitem",
            name="waits_from",
            field=models.DateField(null=True, verbose_name="待办起始日期"),
        ),
        migrations.RunPython(write_since_when_they_wait, migrations.RunPython.noop, elidable=True),
    ]
