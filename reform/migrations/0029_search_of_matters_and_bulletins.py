from django.db import migrations, models

from reform.search.gram_index import gram_index


def lines_of(section):
    """What a section says, links as their words."""
    lines = [[section["title"]], *section["paragraphs"]]
    for table in section["tables"]:
        lines += [[table["caption"]], *(cell for row in table["rows"] for cell in row)]
    for line in lines:
        yield "".join(piece if isinstance(piece, str) else piece["text"] for piece in line)


def fill(apps, schema_editor):
    for bulletin in apps.get_model("reform", "Bulletin").objects.all():
        sections = bulletin.content.get("sections", [])
        bulletin.words = "\n".join(line for section in sections for line in lines_of(section))
        bulletin.save(update_fields=["words"])


class Migration(migrations.Migration):
    dependencies = [("reform", "0028_keep_departments_in_matter_steps")]

    operations = [
        migrations.AddField(
            model_name="bulletin",
            name="words",
            field=models.TextField(blank=True, default="", editable=False, verbose_name="通报内容"),
            preserve_default=False,
        ),
        migrations.RunPython(fill, migrations.RunPython.noop),
        gram_index("reform_supervisionreport", "work_done", "difficulties", "next_steps"),
    ]
