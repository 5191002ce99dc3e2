import django.db.models.deletion
from django.db import migrations, models
from django.db.models import OuterRef, Subquery


def fill(apps, schema_editor):
    """Until now no matter has changed its departments."""
    steps = apps.get_model("reform", "MatterStep").objects
    matters = apps.get_model("reform", "SupervisionMatter").objects
    steps.update(department=Subquery(matters.filter(pk=OuterRef("matter")).values("department")[:1]))
    for matter in matters.prefetch_related("partners"):
        if names := "、".join(partner.name for partner in matter.partners.all()):
            steps.filter(matter=matter).update(partner_names=names)
    if schema_editor.connection.vendor == "postgresql":  # the table is not altered before its keys are checked
        schema_editor.execute("SET CONSTRAINTS ALL IMMEDIATE")


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0001_initial"),
        ("reform", "0027_coordination_requests"),
    ]

    operations = [
        migrations.AddField(
            model_name="matterstep",
            name="department",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="accounts.department",
                verbose_name="牵头单位",
            ),
        ),
        migrations.AddField(
            model_name="matterstep",
            name="partner_names",
            field=models.TextField(blank=True, default="", verbose_name="配合单位"),
            preserve_default=False,
        ),
        migrations.RunPython(fill, migrations.RunPython.noop),
        migrations.AlterField(
            model_name="matterstep",
            name="department",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="accounts.department",
                verbose_name="牵头单位",
            ),
        ),
        migrations.AlterField(
            model_name="matterstep",
            name="step",
            field=models.CharField(
                choices=[
                    ("raised", "列为督办事项"),
                    ("reported", "办理反馈已确认"),
                    ("returned", "退回继续办理"),
                    ("closed", "办结"),
                    ("moved", "机构调整"),
                ],
                max_length=20,
                verbose_name="环节",
            ),
        ),
    ]
