"""量化目标推进更新: one table, a row for each indicator of the map."""

from django import forms

from reform.indicators import QualitativeState
from reform.models import TargetUpdate, TargetValue
from workflow.editing.fields import NumberField, TextField
from workflow.editing.rows import RowForm, RowFormSet, rows_of
from workflow.formats import MAX_DECIMALS, plain

from .hinted import HintedForm


def in_steps(value):
    """A decimal as the whole number that scripts calculate with."""
    return int(value.scaleb(MAX_DECIMALS))


class ValueRow(RowForm):
    must = ("value", "state")

    value = NumberField(label="当月进度值")
    state = forms.ChoiceField(label="进展状态", required=False, choices=[("", "请选择"), *QualitativeState.choices])
    remark = TextField(rows=1, label="备注")

    class Meta:
        model = TargetValue
        fields = ["value", "state", "remark"]

    @staticmethod
    def name_of(child):
        return child.indicator_id

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if self.instance.indicator_id:
            self.label = self.instance.indicator.name
        self.fields["state"].error_messages["invalid_choice"] = "请从列表中选择进展状态。"
        # The one that the type does not have is neither shown nor read.
        self.fields["value" if self.is_qualitative else "state"].disabled = True

    @property
    def is_qualitative(self):
        return bool(self.instance.indicator_id) and self.instance.indicator.is_qualitative

    def figures(self):
        """What stands beside the fields, as text."""
        if not self.instance.indicator_id:
            return {}
        indicator, value = self.instance.indicator, self.instance
        bound = value.progress.bound(value.red_below)
        return value.snapshot() | {
            "annual_target": indicator.annual_words or plain(indicator.annual_target),
            "earlier": in_steps(value.earlier),
            "bound": "" if bound is None else in_steps(bound),
            "adds_up": indicator.adds_up,
            "is_falling": value.progress.is_falling,
            "shortfall": value.shortfall,
            "lag": value.lag_words if value.lags else "",
        }


class ValueRows(RowFormSet):
    """The map says which indicators there are."""

    fixed = True


class TargetUpdateForm(HintedForm):
    class Meta:
        model = TargetUpdate
        fields: list[str] = []

    def __init__(self, data=None, *, instance, **kwargs):
        super().__init__(data, instance=instance, **kwargs)
        self.values = self.rows["values"] = rows_of(ValueRow, ValueRows)(
            self.data if self.is_bound else None,
            prefix="values",
            children=instance.lines(),
            label="指标",
            opened=self.opened,
        )

    def save_rows(self, record):
        return self.values.save(update=record)

    def subjects(self):
        return {f"{row.prefix}-": str(row.instance.indicator_id) for row in self.values}
