"""The reasons for a rejection with which every installation starts; the office edits them."""

from django.db import migrations

NAMES = ["内容不完整", "数据有误", "佐证材料不足", "不符合改革方案", "表述不规范", "其他"]


def add(apps, schema_editor):
    category = apps.get_model("workflow", "ReasonCategory")
    category.objects.bulk_create(category(name=name, position=place) for place, name in enumerate(NAMES, 1))


class Migration(migrations.Migration):
    dependencies = [("workflow", "0001_initial")]
    operations = [migrations.RunPython(add, migrations.RunPython.noop)]
