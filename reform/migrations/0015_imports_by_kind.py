from collections import Counter

import django.db.models.deletion
import reform.models.identifier
from django.conf import settings
from django.db import migrations, models

from workflow.texts import normal_form


def forget_uploads(apps, schema_editor):
    """They wait for a confirmation and lack what is asked now; their people upload them again."""
    apps.get_model("reform", "PendingImport").objects.all().delete()


def normalise_numbers(apps, schema_editor):
    """Into the one form, except where two would become the same: those the office has to tell apart."""
    project_class = apps.get_model("reform", "Project")
    rows = list(project_class.objects.values_list("pk", "number"))
    counts = Counter(normal_form(number) for _, number in rows)
    for pk, number in rows:
        normal = normal_form(number)
        if normal != number and counts[normal] == 1:
            project_class.objects.filter(pk=pk).update(number=normal)


class Migration(migrations.Migration):
    dependencies = [
        ("reform", "0014_closures"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RunPython(forget_uploads, migrations.RunPython.noop),
        migrations.AddField(
            model_name="pendingimport",
            name="hidden_columns",
            field=models.JSONField(default=list, verbose_name="隐藏的列"),
        ),
        migrations.AddField(
            model_name="pendingimport",
            name="hidden_rows",
            field=models.JSONField(default=list, verbose_name="隐藏的行"),
        ),
        migrations.AddField(
            model_name="pendingimport",
            name="kind",
            field=models.CharField(default="", max_length=20, verbose_name="内容"),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="pendingimport",
            name="sheet",
            field=models.CharField(blank=True, max_length=100, verbose_name="工作表"),
        ),
        migrations.AddField(
            model_name="pendingimport",
            name="takes_hidden",
            field=models.BooleanField(null=True, verbose_name="隐藏的一并导入"),
        ),
        migrations.AlterField(
            model_name="pendingimport",
            name="user",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="上传人员",
            ),
        ),
        migrations.AlterField(
            model_name="project",
            name="number",
            field=reform.models.identifier.IdentifierField(max_length=20, unique=True, verbose_name="项目编号"),
        ),
        migrations.AddConstraint(
            model_name="pendingimport",
            constraint=models.UniqueConstraint(fields=("user", "kind"), name="one_pending_import_of_a_kind"),
        ),
        migrations.RunPython(normalise_numbers, migrations.RunPython.noop),
    ]
