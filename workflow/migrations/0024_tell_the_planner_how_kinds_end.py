from django.db import migrations


def add_statistics(apps, schema_editor):
    """Most records end confirmed, maps do not: taken for independent, kind and state let the planner expect thousands
    of confirmed maps where there are a few, and read all maps to count them on each page of the office.
    """
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("CREATE STATISTICS record_kind_state (mcv) ON kind, state FROM workflow_record")
        schema_editor.execute("ANALYZE workflow_record")


def remove_statistics(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("DROP STATISTICS IF EXISTS record_kind_state")


class Migration(migrations.Migration):
    dependencies = [("workflow", "0023_find_the_newest_unread_messages")]

    operations = [migrations.RunPython(add_statistics, remove_statistics)]
