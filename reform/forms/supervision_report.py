"""办理反馈: what was done about a 督办事项."""

from django import forms

from reform.models import Outcome, SupervisionReport
from workflow.editing.fields import TextField
from workflow.editing.forms import RecordForm


class SupervisionReportForm(RecordForm):
    must = ("outcome", "work_done")  # next_steps with 正在办理 alone

    outcome = forms.ChoiceField(
        label="办理结果",
        required=False,
        choices=Outcome.choices,
        widget=forms.RadioSelect,
        error_messages={"invalid_choice": "请从列出的办理结果中选择。"},
    )
    work_done = TextField(
        rows=6, label="办理情况", help_text="对照督办内容，写明做了哪些工作、取得什么结果，有数据的写数据。"
    )
    difficulties = TextField(label="存在问题", help_text="写明还需要协调解决的问题；没有的可以不填。")
    next_steps = TextField(label="下一步打算", help_text="正在办理的，写明下一步措施和完成时间。")

    class Meta:
        model = SupervisionReport
        fields = ["outcome", "work_done", "difficulties", "next_steps"]
