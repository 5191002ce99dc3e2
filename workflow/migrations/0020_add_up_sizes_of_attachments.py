from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("workflow", "0019_find_last_records_and_rejections")]

    operations = [
        migrations.AddIndex(
            "attachment",
            models.Index(fields=["uploader", "size"], condition=models.Q(purged_at=None), name="attachment_sizes"),
        ),
    ]
