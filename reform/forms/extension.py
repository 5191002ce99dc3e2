"""延期申请: for one plan, until when and why."""

from reform.calendar import MONTHS
from reform.models import Extension
from workflow.editing.fields import TextField
from workflow.editing.forms import RecordForm

from .fields import MonthField


class ExtensionForm(RecordForm):
    must = ("month", "reason", "work_done")

    month = MonthField(label="延期至")
    reason = TextField(label="延期理由", help_text="写明不能按期完成的原因，以及为什么延到这个月能够完成。")
    work_done = TextField(rows=6, label="已开展工作", help_text="条目式列举这项计划到目前为止开展的具体工作。")

    class Meta:
        model = Extension
        fields = ["month", "reason", "work_done"]

    def __init__(self, data=None, *, instance, **kwargs):
        super().__init__(data, instance=instance, **kwargs)
        plan = instance.plan
        later = [month for month in MONTHS if month > plan.month]
        self.fields["month"].of_year(plan.measure.battle_map.year, later)
        self.fields["month"].error_messages["invalid_choice"] = f"请选择 {plan.month} 月以后的月份。"
