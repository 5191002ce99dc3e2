"""The reform domains with which every installation starts; the office edits them."""

from django.db import migrations

NAMES = ["经济体制", "民主法治", "文化体制", "社会体制", "生态文明体制", "党的建设制度", "纪检监察体制", "其他"]


def add(apps, schema_editor):
    domain = apps.get_model("reform", "Domain")
    domain.objects.bulk_create(domain(name=name, position=place) for place, name in enumerate(NAMES, 1))


class Migration(migrations.Migration):
    dependencies = [("reform", "0001_initial")]
    operations = [migrations.RunPython(add, migrations.RunPython.noop)]
