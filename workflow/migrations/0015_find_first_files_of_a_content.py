from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("workflow", "0014_sending_back_by_item")]

    operations = [
        migrations.RemoveIndex("attachment", name="attachment_content"),
        migrations.AddIndex("attachment", models.Index(fields=["sha256", "id"], name="attachment_same_content")),
    ]
