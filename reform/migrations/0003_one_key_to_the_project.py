from django.db import migrations, models
from django.db.models import OuterRef, Subquery
from django.db.models.functions import Cast


def fill_slots(apps, schema_editor):
    """A map takes the place of its year; the constraint on the record replaces that on the map."""
    years = apps.get_model("reform", "BattleMap").objects.filter(pk=OuterRef("pk")).values("year")
    Record = apps.get_model("workflow", "Record")
    Record.objects.filter(kind="reform.battlemap").update(
        slot=Cast(Subquery(years[:1]), output_field=models.CharField(max_length=30))
    )


class Migration(migrations.Migration):
    dependencies = [
        ("reform", "0002_domains_and_calendar"),
        ("workflow", "0004_record_slot"),
    ]

    operations = [
        migrations.RunPython(fill_slots, migrations.RunPython.noop),
        migrations.RemoveConstraint(model_name="battlemap", name="one_map_per_project_and_year"),
        migrations.RemoveField(model_name="battlemap", name="project"),
    ]
