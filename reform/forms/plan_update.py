"""月度计划推进更新: three parts, of which the last is filled in."""

from django import forms

from reform.models import PlanStatus, PlanUpdate
from reform.quality.records import FILES
from workflow.editing.fields import TextField
from workflow.editing.forms import Part

from .hinted import ComparedForm, HintedForm


class PlanUpdateForm(HintedForm, ComparedForm):
    must = ("status", "work_done", "next_steps")

    status = forms.ChoiceField(
        label="推进状态",
        required=False,
        choices=PlanStatus.choices,
        widget=forms.RadioSelect,
        error_messages={"invalid_choice": "请从列出的推进状态中选择。"},
    )
    work_done = TextField(
        rows=6,
        label="已开展工作",
        help_text="写明推动落实该项重大改革任务作了哪些工作部署，条目式列举具体的工作，按次详细梳理。",
    )
    difficulties = TextField(
        label="存在问题", help_text="写明影响改革目标实现面临的主要困难，比如体制机制问题、政策法规问题等。"
    )
    next_steps = TextField(
        label="下一步工作计划", help_text="写明具体的时间安排和具体内容；推进状态为“已完成”的可以不填。"
    )

    class Meta:
        model = PlanUpdate
        fields = ["status", "work_done", "difficulties", "next_steps"]

    def subjects(self):
        return {"": FILES}

    def parts(self, problems):
        times = self.instance.history().count()
        wrong = len(problems)
        details = ("bad", f"{wrong} 处待修改") if wrong else ("", self.instance.get_status_display() or "填写本次情况")
        return [
            Part("base", "重大改革项目基础信息", "改革办已录入", "ok"),
            Part("history", "月度计划历史状态更新", f"{times} 次" if times else "还没有更新"),
            Part("details", "月度计划本次更新详情", details[1], details[0]),
        ]
