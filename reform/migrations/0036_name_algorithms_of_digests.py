from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("reform", "0035_matter_step_principals")]

    operations = [
        operation
        for model in ("spotcheckfile", "bulletinfile", "wordtemplate")
        for operation in (
            migrations.RenameField(model, "sha256", "digest"),
            migrations.AlterField(model, "digest", models.CharField("校验值", max_length=72)),
        )
    ]
