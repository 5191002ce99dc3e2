"""存在问题 of settled records, each by itself."""

import django.db.models.deletion
from django.db import migrations, models

AT_ONCE = 2000


def gather(apps, schema_editor):
    Difficulty = apps.get_model("reform", "Difficulty")
    for kind in ("PlanUpdate", "SupervisionReport"):
        settled = apps.get_model("reform", kind).objects.filter(state__in=("confirmed", "issued"))
        said = settled.exclude(difficulties="").values_list("pk", "dossier", "difficulties", "submitted_at")
        Difficulty.objects.bulk_create(
            (
                Difficulty(record_id=pk, dossier_id=dossier, text=text.strip(), submitted_at=at)
                for pk, dossier, text, at in said.iterator(AT_ONCE)
            ),
            batch_size=AT_ONCE,
        )


class Migration(migrations.Migration):
    dependencies = [
        ("reform", "0032_keep_what_is_said_of_hints"),
        ("workflow", "0011_index_content_of_attachments"),
    ]

    operations = [
        migrations.CreateModel(
            name="Difficulty",
            fields=[
                (
                    "record",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="stated",
                        serialize=False,
                        to="workflow.record",
                        verbose_name="来源记录",
                    ),
                ),
                (
                    "dossier",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="workflow.dossier",
                        verbose_name="项目或督办事项",
                    ),
                ),
                ("text", models.TextField(verbose_name="存在问题")),
                ("submitted_at", models.DateTimeField(verbose_name="上报时间")),
            ],
            options={
                "verbose_name": "存在问题",
                "verbose_name_plural": "存在问题",
                "indexes": [
                    models.Index(fields=["-submitted_at", "-record"], name="difficulty_newest"),
                    models.Index(fields=["dossier", "-submitted_at"], name="difficulty_of_dossier"),
                ],
            },
        ),
        migrations.RemoveIndex(model_name="planupdate", name="plan_update_problems"),
        migrations.RunPython(gather, migrations.RunPython.noop),
    ]
