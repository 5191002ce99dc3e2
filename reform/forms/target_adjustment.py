"""目标调整申请: the indicator's year and the months that are still open."""

from reform.calendar import MONTHS
from reform.models import TargetAdjustment
from reform.models.target_adjustment import AdjustedTarget
from workflow.editing.fields import NumberField, TextField
from workflow.editing.forms import RecordForm
from workflow.formats import plain


class TargetAdjustmentForm(RecordForm):
    must = ("unit", "annual_target", "basis")

    unit = TextField(rows=None, max_length=20, label="计量单位")
    annual_target = NumberField(label="年度目标值")
    basis = TextField(rows=5, label="调整依据", help_text="写明依据的会议、文件，以及原目标为什么需要调整。")

    class Meta:
        model = TargetAdjustment
        fields = ["unit", "annual_target", "basis"]

    def __init__(self, data=None, *, instance, **kwargs):
        super().__init__(data, instance=instance, **kwargs)
        self.lines = {line.month: line for line in instance.lines()}
        for month, line in self.lines.items():
            name = f"m{month}"
            self.fields[name] = NumberField(label=f"{month}月", disabled=not line.is_open)
            self.initial[name] = line.target

    def months(self):
        """[(field, what stands under it)]."""
        return [(self[f"m{month}"], _words(line)) for month, line in self.lines.items()]

    def current_annual(self):
        return plain(self.instance.indicator.annual_target)

    def total(self):
        """The sum of what can be read in the twelve months."""
        source = self.cleaned_data if self.is_bound else self.initial
        if not self.instance.indicator.adds_up:
            return ""
        return plain(sum(source.get(f"m{month}") or 0 for month in MONTHS))

    def save_rows(self, record):
        kept = {row.month: row.target for row in record.months.all()}
        asked = {month: self.cleaned_data[f"m{month}"] for month in MONTHS if self.lines[month].is_open}
        changed = [
            AdjustedTarget(adjustment=record, month=month, target=target)
            for month, target in asked.items()
            if month not in kept or kept[month] != target
        ]
        if changed:
            AdjustedTarget.objects.bulk_create(
                changed, update_conflicts=True, unique_fields=["adjustment", "month"], update_fields=["target"]
            )
        return bool(changed)


def _words(line):
    return f"现 {plain(line.current) or '—'}" if line.is_open else f"进度 {plain(line.actual) or '—'}"
