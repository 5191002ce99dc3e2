"""目标调整申请: the indicator's year and the months that are still open."""

from reform.models import TargetAdjustment
from reform.models.target_adjustment import AdjustedTarget
from workflow.editing.fields import NumberField, TextField
from workflow.editing.forms import RecordForm
from workflow.formats import plain


class TargetAdjustmentForm(RecordForm):
    must = ("unit", "annual_target", "annual_words", "basis")

    unit = TextField(rows=None, max_length=20, label="计量单位")
    annual_target = NumberField(label="年度目标值")
    annual_words = TextField(rows=2, max_length=500, label="年度目标")
    basis = TextField(rows=5, label="调整依据", help_text="写明依据的会议、文件，以及原目标为什么需要调整。")

    class Meta:
        model = TargetAdjustment
        fields = ["unit", "annual_target", "annual_words", "basis"]

    def __init__(self, data=None, *, instance, **kwargs):
        self.lines = {}
        super().__init__(data, instance=instance, **kwargs)
        indicator = instance.indicator
        for name in ("unit", "annual_target") if indicator.is_qualitative else ("annual_words",):
            del self.fields[name]
        self.lines = {line.month: line for line in instance.lines() if line.month in indicator.months}
        for month, line in self.lines.items():
            self.fields[self._name(month)] = (
                TextField(rows=2, max_length=500, label=f"{month}月", disabled=not line.is_open)
                if indicator.is_qualitative
                else NumberField(label=f"{month}月", disabled=not line.is_open)
            )
            self.initial[self._name(month)] = line.target
        self.close_fields()

    def address_of(self, name):
        months = {self._name(month): month for month in self.lines}
        return f"months.{months[name]}" if name in months else super().address_of(name)

    def _name(self, month):
        return f"{self.instance.prefix}{month}"

    def months(self):
        """[(field, what stands under it)] of the months that are asked for."""
        return [(self[self._name(month)], _words(line)) for month, line in self.lines.items()]

    def months_opened(self):
        """What was said of all months together."""
        return self.opened.at("months")

    def current_annual(self):
        indicator = self.instance.indicator
        return f"现目标 {plain(indicator.annual_target)}{indicator.unit}"

    def total(self):
        """The sum of what can be read in the months."""
        source = self.cleaned_data if self.is_bound else self.initial
        if not self.instance.indicator.adds_up:
            return ""
        return plain(sum(source.get(self._name(month)) or 0 for month in self.lines))

    def save_rows(self, record):
        kept = {row.month: getattr(row, record.month_field) for row in record.months.all()}
        asked = {month: self.cleaned_data[self._name(month)] for month, line in self.lines.items() if line.is_open}
        changed = [
            AdjustedTarget(adjustment=record, month=month, **{record.month_field: target})
            for month, target in asked.items()
            if month not in kept or kept[month] != target
        ]
        if changed:
            AdjustedTarget.objects.bulk_create(
                changed,
                update_conflicts=True,
                unique_fields=["adjustment", "month"],
                update_fields=[record.month_field],
            )
        return bool(changed)


def _words(line):
    value = line.current if line.is_open else line.actual
    text = value if isinstance(value, str) else plain(value)
    return f"{'现' if line.is_open else '进度'} {text or '—'}"
