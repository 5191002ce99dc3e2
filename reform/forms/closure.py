"""销号申请: how the project ends, and what becomes of its matter."""

from django import forms

from reform.models import Closure, ClosureWay
from workflow.editing.fields import TextField
from workflow.editing.forms import RecordForm


class ClosureForm(RecordForm):
    must = ("way", "completion", "results", "arrangements")  # reasons with 终止 alone

    way = forms.ChoiceField(
        label="销号方式",
        required=False,
        choices=ClosureWay.choices,
        widget=forms.RadioSelect,
        error_messages={"invalid_choice": "请从列出的销号方式中选择。"},
    )
    completion = TextField(rows=5, label="完成情况", help_text="对照改革方案和作战图，写明目标、举措的完成情况。")
    results = TextField(label="成效", help_text="写明解决的问题和取得的实效，有数据的写数据。")
    arrangements = TextField(label="后续安排", help_text="写明销号后由谁负责、怎样巩固和推进。")
    reasons = TextField(rows=3, label="终止理由", help_text="销号方式为“终止”的填写：终止的依据和原因。")

    class Meta:
        model = Closure
        fields = ["way", "completion", "results", "arrangements", "reasons"]
