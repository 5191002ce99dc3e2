import accounts.phones
from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0006_audit_log"),
    ]

    operations = [
        migrations.AlterModelOptions(
            name="user",
            options={"ordering": ["pk"], "verbose_name": "人员", "verbose_name_plural": "人员"},
        ),
        migrations.AlterField(
            model_name="user",
            name="phone",
            field=accounts.phones.PhoneField(
                error_messages={"unique": "这个手机号已有账号。"}, max_length=60, unique=True, verbose_name="手机号"
            ),
        ),
    ]
