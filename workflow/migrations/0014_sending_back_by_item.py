from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("workflow", "0013_event_principals")]

    operations = [
        migrations.AddField("event", "items", models.JSONField(default=list, verbose_name="逐项退回")),
    ]
