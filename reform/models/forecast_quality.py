"""往年预测情况: what the forecast of the year's end was worth in past years, by type and month."""

from django.db import models

from reform.indicators import IndicatorType


class ForecastQuality(models.Model):
    """Written by reform/cockpit/forecasting.py from all years that are complete."""

    type = models.CharField("指标类型", max_length=20, choices=IndicatorType.choices)
    month = models.PositiveSmallIntegerField("预测月份")
    cases = models.PositiveIntegerField("往年例数")
    low = models.DecimalField("实际与预测之比（低）", max_digits=12, decimal_places=4)
    high = models.DecimalField("实际与预测之比（高）", max_digits=12, decimal_places=4)
    error = models.DecimalField("误差中位数", max_digits=12, decimal_places=4)

    class Meta:
        verbose_name = verbose_name_plural = "往年预测情况"
        constraints = [models.UniqueConstraint(fields=["type", "month"], name="one_quality_per_type_and_month")]

    def __str__(self):
        return f"{self.get_type_display()} {self.month}月"
