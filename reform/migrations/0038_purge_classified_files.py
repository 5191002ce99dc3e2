import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("reform", "0037_seal_phones_of_letters"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(model, name, field)
        for model in ("bulletinfile", "spotcheckfile", "wordtemplate")
        for name, field in (
            ("purge_reason", models.TextField("清除理由", blank=True)),
            ("purged_at", models.DateTimeField("清除时间", null=True)),
            (
                "purged_by",
                models.ForeignKey(
                    settings.AUTH_USER_MODEL,
                    django.db.models.deletion.PROTECT,
                    verbose_name="清除人员",
                    related_name="+",
                    null=True,
                ),
            ),
        )
    ]
