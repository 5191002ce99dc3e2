import accounts.sealing
from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("reform", "0036_name_algorithms_of_digests"),
    ]

    operations = [
        migrations.AlterField(
            model_name="supervisionletter",
            name="phone",
            field=accounts.sealing.SealedCharField(max_length=220, verbose_name="联系电话"),
        ),
    ]
