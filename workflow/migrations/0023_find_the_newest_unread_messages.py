from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("workflow", "0022_index_messages_of_many_years")]

    operations = [
        migrations.RemoveIndex("message", "message_unread"),
        migrations.AddIndex(
            "message",
            models.Index(
                fields=["recipient", "-created_at", "-id"],
                condition=models.Q(read_at=None),
                name="message_newest_unread",
            ),
        ),
    ]
