"""亮灯规则: the thresholds of the lights, kept by the office."""

from django.db import models
from django.db.models import F, Q

from accounts.compiled_queries import compiled_first

RED_BELOW, AMBER_BELOW = 80, 95  # until the office edits them


class LightRule(models.Model):
    """One row. Percentages of the cumulative target under which an indicator is red, or amber."""

    red_below = models.PositiveSmallIntegerField("红灯：低于累计目标值的（%）", default=RED_BELOW)
    amber_below = models.PositiveSmallIntegerField("黄灯：低于累计目标值的（%）", default=AMBER_BELOW)

    class Meta:
        verbose_name = verbose_name_plural = "亮灯规则"
        constraints = [
            models.CheckConstraint(condition=Q(pk=1), name="one_light_rule"),
            models.CheckConstraint(
                condition=Q(red_below__gt=0, red_below__lt=F("amber_below"), amber_below__lte=100),
                name="light_thresholds_in_order",
                violation_error_message="红灯线应大于 0、小于黄灯线，黄灯线不超过 100。",
            ),
        ]

    def __str__(self):
        return f"红灯：低于 {self.red_below}%，黄灯：低于 {self.amber_below}%"

    @property
    def token(self):
        """Tells this rule from another on the way through a form."""
        return f"{self.red_below}-{self.amber_below}"

    @classmethod
    def current(cls):
        """The row as the office left it; the defaults until they edit it first."""
        return compiled_first("light rule", (), cls.objects.all) or cls(pk=1)
