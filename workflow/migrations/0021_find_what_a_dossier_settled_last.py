from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("workflow", "0020_add_up_sizes_of_attachments")]

    operations = [
        migrations.RemoveIndex("record", "record_settled_latest"),
        migrations.AddIndex(
            "record",
            models.Index(
                fields=["dossier", "-updated_at", "-id"],
                condition=models.Q(state__in=("confirmed", "issued")),
                name="record_settled_of_dossier",
            ),
        ),
    ]
