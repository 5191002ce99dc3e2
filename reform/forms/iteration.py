"""措施迭代申请: a measure that is new or edited, and 月度计划录入."""

from django import forms

from reform.models import MeasureIteration, PlanChange
from reform.models.measure import MEASURE_LENGTH
from workflow.editing.fields import TextField
from workflow.editing.forms import RecordForm
from workflow.editing.rows import RowFormSet, rows_of

from .battle_map import PlanRow
from .fields import LeadField, PartnersField


class ChangeRow(PlanRow):
    """A plan to add, or one of the map's: that can be changed or cancelled, but not taken out of the list."""

    cancelled = forms.BooleanField(label="取消这项计划", required=False)

    class Meta(PlanRow.Meta):
        model = PlanChange  # type: ignore[assignment]  # a plan and its change share their fields
        fields = [*PlanRow.Meta.fields, "cancelled"]

    @staticmethod
    def name_of(child):
        return f"plan{child.plan_id}" if child.plan_id else child.pk

    @classmethod
    def key_of(cls, child):
        return child.pk

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.obstacle = self.instance.obstacle()
        # Browsers leave disabled fields out. What was typed before the obstacle came up is kept, and 上报 complains.
        typed = self.is_bound and self.add_prefix("content") in self.data
        self.is_locked = bool(self.obstacle) and not self.instance.touches and not typed
        if not self.instance.plan_id:
            del self.fields["cancelled"]
        if self.is_locked:
            for name in self.Meta.fields:
                self.fields[name].disabled = True
                self.initial[name] = getattr(self.instance, name)

    @property
    def was(self):
        """The map's plan, where this row says something else."""
        plan = self.instance.plan
        return plan if plan and not self.instance.same_content(plan) else None


class ChangeRows(RowFormSet):
    def may_go(self, child):
        return child.plan_id is None


class MeasureIterationForm(RecordForm):
    must = ("content", "basis")

    content = TextField(rows=5, label="具体举措")
    lead = LeadField()
    partners = PartnersField()
    basis = TextField(label="迭代依据", help_text="写明新增或修改的依据，比如会议要求、政策变化、推进中的实际情况。")

    class Meta:
        model = MeasureIteration
        fields = ["content", "lead", "basis"]

    def __init__(self, data=None, *, instance, **kwargs):
        super().__init__(data, instance=instance, **kwargs)
        self.fields["content"].widget.attrs["data-count"] = MEASURE_LENGTH
        departments = instance.battle_map.project.departments()
        self.fields["lead"].of_project(departments, instance.lead)
        self.known_partners = instance.chosen_partners()
        PartnersField.put_into(self, departments, self.known_partners)
        children = instance.lines()
        self.plans = self.rows["plans"] = rows_of(ChangeRow, ChangeRows)(
            self.data if self.is_bound else None,
            prefix="plans",
            children=children,
            blank=int(self.blank == "plans" or not children),
            label="计划",
            opened=self.opened,
            form_kwargs={"year": instance.battle_map.year},
        )

    def known_value(self, name):
        return list(self.known_partners) if name == "partners" else super().known_value(name)

    def save_rows(self, record):
        return any([PartnersField.save(self, self.known_partners), self.plans.save(iteration=record)])
