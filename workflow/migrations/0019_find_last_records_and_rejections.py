from django.db import migrations, models


def know_the_digests(apps, schema_editor):
    """A column that was widened has no statistics, and gets none before a tenth of its table is new: what looks for a
    sheet that everybody attaches would read all of it.
    """
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("ANALYZE workflow_attachment")


class Migration(migrations.Migration):
    dependencies = [("workflow", "0018_index_what_was_settled_last")]

    operations = [
        migrations.AddIndex(
            "record",
            models.Index(fields=["dossier", "kind", "-submitted_at", "-id"], name="record_last_of_dossier"),
        ),
        migrations.AddIndex(
            "event",
            models.Index(
                fields=["record", "at"],
                condition=models.Q(action__in=("reject", "send_back")),
                name="event_rejections",
            ),
        ),
        migrations.RunPython(know_the_digests, migrations.RunPython.noop),
    ]
