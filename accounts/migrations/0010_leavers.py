from django.db import migrations, models
from django.utils import timezone


def date_those_out_of_use(apps, schema_editor):
    """From the day in the history on which they were closed; where none is known, from today."""
    users = apps.get_model("accounts", "User").objects.filter(is_active=False, inactive_since=None)
    closed = apps.get_model("admin", "LogEntry").objects.filter(
        content_type__app_label="accounts", content_type__model="user", change_message__contains="启用：是 → 否"
    )
    for user in users:
        last = closed.filter(object_id=str(user.pk)).order_by("-action_time").first()
        user.inactive_since = last.action_time if last else timezone.now()
        user.save(update_fields=["inactive_since"])


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0009_adopt_former_logs"),
        ("admin", "0003_logentry_add_action_flag_choices"),
        ("contenttypes", "0002_remove_content_type_name"),
    ]

    operations = [
        migrations.AddField(
            model_name="user",
            name="anonymised_at",
            field=models.DateTimeField(editable=False, null=True, verbose_name="清除个人信息时间"),
        ),
        migrations.AddField(
            model_name="user",
            name="inactive_since",
            field=models.DateTimeField(editable=False, null=True, verbose_name="停用时间"),
        ),
        migrations.RunPython(date_those_out_of_use, migrations.RunPython.noop),
    ]
