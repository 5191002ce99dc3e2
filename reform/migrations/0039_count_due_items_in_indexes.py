from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0010_leavers"),
        ("reform", "0038_purge_classified_files"),
        ("workflow", "0019_find_last_records_and_rejections"),
    ]

    operations = [
        migrations.RemoveIndex(
            model_name="dueitem",
            name="reform_duei_year_f82ece_idx",
        ),
        migrations.RemoveIndex(
            model_name="dueitem",
            name="reform_duei_due_on_f2f7b7_idx",
        ),
        migrations.RemoveIndex(
            model_name="dueitem",
            name="due_item_owed",
        ),
        migrations.AddIndex(
            model_name="dueitem",
            index=models.Index(
                condition=models.Q(("cancelled_at", None), ("owed", True)),
                fields=["due_on", "department", "kind"],
                name="due_item_owed",
            ),
        ),
        migrations.AddIndex(
            model_name="dueitem",
            index=models.Index(
                condition=models.Q(("cancelled_at", None)),
                fields=["year", "month", "due_on", "department", "owed", "late", "first_reported_at"],
                name="due_item_months",
            ),
        ),
        migrations.AddIndex(
            model_name="dueitem",
            index=models.Index(
                condition=models.Q(("cancelled_at", None)),
                fields=["due_on", "department", "kind", "settled_at", "first_reported_at"],
                name="due_item_days",
            ),
        ),
    ]
