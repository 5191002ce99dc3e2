from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0010_leavers")]

    operations = [
        migrations.AddIndex(
            "auditentry",
            models.Index(fields=["result", "-id"], condition=~models.Q(result="done"), name="audit_result"),
        ),
    ]
