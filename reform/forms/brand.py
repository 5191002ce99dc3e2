"""品牌显示度推进更新."""

from django import forms

from reform.models import BrandUpdate
from reform.models.brand import Recognition
from workflow.editing.fields import DayField, TextField

from .hinted import ComparedForm


class BrandUpdateForm(ComparedForm):
    must = BrandUpdate.REQUIRED

    created_on = DayField(label="品牌创建日期")
    recognition = forms.ChoiceField(
        label="获肯定方式",
        required=False,
        choices=Recognition.choices,
        widget=forms.RadioSelect,
        error_messages={"invalid_choice": "请从列出的获肯定方式中选择。"},
    )
    circumstances = TextField(label="具体情形")
    results = TextField(rows=6, label="解决问题、主要举措及取得实效")
    recognition_detail = TextField(rows=6, label="获肯定或报道详情")

    class Meta:
        model = BrandUpdate
        fields = ["created_on", "recognition", "circumstances", "results", "recognition_detail"]
