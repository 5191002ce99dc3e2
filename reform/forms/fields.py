"""Form fields of the domain."""

from django import forms

from reform.calendar import MONTHS


class MonthField(forms.TypedChoiceField):
    """计划月度: one of the twelve months of the map's year."""

    def __init__(self, **kwargs):
        kwargs = {"required": False, "coerce": int, "empty_value": None} | kwargs
        super().__init__(choices=[("", "请选择")], **kwargs)
        self.error_messages["invalid_choice"] = "请选择 1 月至 12 月。"

    def of_year(self, year, months=MONTHS):
        self.choices = [("", "请选择"), *((month, f"{year}年{month}月") for month in months)]
