from django.db import migrations, models
from django.db.models import F, Q


class Migration(migrations.Migration):
    dependencies = [("reform", "0010_ledgers")]

    operations = [
        migrations.CreateModel(
            name="LightRule",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("red_below", models.PositiveSmallIntegerField(default=80, verbose_name="红灯：低于累计目标值的（%）")),
                (
                    "amber_below",
                    models.PositiveSmallIntegerField(default=95, verbose_name="黄灯：低于累计目标值的（%）"),
                ),
            ],
            options={
                "verbose_name": "亮灯规则",
                "verbose_name_plural": "亮灯规则",
                "constraints": [
                    models.CheckConstraint(condition=Q(pk=1), name="one_light_rule"),
                    models.CheckConstraint(
                        condition=Q(red_below__gt=0, red_below__lt=F("amber_below"), amber_below__lte=100),
                        name="light_thresholds_in_order",
                        violation_error_message="红灯线应大于 0、小于黄灯线，黄灯线不超过 100。",
                    ),
                ],
            },
        ),
    ]
