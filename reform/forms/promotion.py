"""经验复制推广推进更新."""

from django import forms

from reform.models import PromotionUpdate
from reform.models.promotion import PromotionMethod
from workflow.editing.fields import DayField, TextField

from .hinted import ComparedForm


class PromotionUpdateForm(ComparedForm):
    must = PromotionUpdate.REQUIRED

    method = forms.ChoiceField(
        label="推广方式",
        required=False,
        choices=PromotionMethod.choices,
        widget=forms.RadioSelect,
        error_messages={"invalid_choice": "请从列出的推广方式中选择。"},
    )
    promoted_on = DayField(label="推广日期")
    summary = TextField(rows=8, label="具体情况简介")

    class Meta:
        model = PromotionUpdate
        fields = ["method", "promoted_on", "summary"]
