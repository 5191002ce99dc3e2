from django.db import migrations, models
from django.db.models import Q

LIMIT = 10**11
FIELDS = [
    ("indicator", "annual_target", "年度目标值"),
    ("monthlytarget", "target", "目标值"),
    ("monthlytarget", "actual", "进度值"),
    ("targetvalue", "value", "进度值"),
]


def refuse_longer_numbers(apps, schema_editor):
    """A number cut to fit would be another number: whoever runs this decides what it should have been."""
    for model, field, _ in FIELDS:
        rows = apps.get_model("reform", model).objects.using(schema_editor.connection.alias)
        beyond = Q(**{f"{field}__gte": LIMIT}) | Q(**{f"{field}__lte": -LIMIT})
        if keys := list(rows.filter(beyond).order_by("pk").values_list("pk", flat=True)[:20]):
            raise ValueError(f"reform_{model}.{field} holds more than 11 digits before the point; correct rows {keys}.")


def quantity(label):
    return models.DecimalField(label, max_digits=15, decimal_places=4, null=True, blank=True)


class Migration(migrations.Migration):
    dependencies = [("reform", "0006_first_revisions")]
    operations = [
        migrations.RunPython(refuse_longer_numbers, migrations.RunPython.noop),
        *(migrations.AlterField(model, field, quantity(label)) for model, field, label in FIELDS),
    ]
