from django.db import migrations, models

SAME_CONTENT = "attachment_same_content"


class Migration(migrations.Migration):
    dependencies = [("workflow", "0015_find_first_files_of_a_content")]

    operations = [
        migrations.RemoveIndex("attachment", SAME_CONTENT),
        *(
            operation
            for model in ("attachment", "contributedfile")
            for operation in (
                migrations.RenameField(model, "sha256", "digest"),
                migrations.AlterField(model, "digest", models.CharField("校验值", max_length=72)),
            )
        ),
        migrations.AddIndex("attachment", models.Index(fields=["digest", "id"], name=SAME_CONTENT)),
    ]
