from django.db import migrations, models


class Migration(migrations.Migration):
    """By itself: PostgreSQL builds no index in the transaction that has written its rows."""

    dependencies = [("reform", "0010_due_items_that_wait")]

    operations = [
        migrations.AddIndex(
            model_name="dueitem",
            index=models.Index(
                fields=["dossier", "waits_from"],
                condition=models.Q(waits_from__isnull=False),
                name="due_item_waits",
            ),
        ),
    ]
