from django.conf import settings
from django.db import migrations, models
from django.db.models.lookups import IsNull


class Migration(migrations.Migration):
    dependencies = [
        ("workflow", "0021_find_what_a_dossier_settled_last"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveIndex("message", "workflow_me_recipie_e05970_idx"),
        migrations.AddIndex(
            "message",
            models.Index(
                models.F("recipient"),
                IsNull(models.F("read_at"), False),
                models.F("created_at").desc(),
                models.F("id").desc(),
                name="message_unread_first",
            ),
        ),
        migrations.AddIndex(
            "message",
            models.Index(
                fields=["key"],
                opclasses=["varchar_pattern_ops"],
                condition=models.Q(key__startswith="urge-") | models.Q(key__startswith="remind-"),
                name="message_reminders",
            ),
        ),
    ]
