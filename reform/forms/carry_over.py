"""从上年作战图复制: what a new map's form starts from, chosen from an earlier map of the project."""

from django import forms

from reform.models import PlanStatus

from .battle_map import TARGETS, BattleMapForm
from .filled import counted, typed


class CarryOverForm(forms.Form):
    """Indicators, measures and plans of the earlier map to tick; sent to the form of the new map as a query."""

    indicators = forms.TypedMultipleChoiceField(required=False, coerce=int)
    with_targets = forms.BooleanField(label="同时带入各月目标值", required=False)
    measures = forms.TypedMultipleChoiceField(required=False, coerce=int)
    plans = forms.TypedMultipleChoiceField(required=False, coerce=int)

    def __init__(self, data, *, earlier):
        super().__init__(data)
        self.earlier = earlier
        self.own_indicators = list(earlier.indicators.prefetch_related("targets"))
        self.own_measures = sorted(
            (Choice(measure) for measure in earlier.measures.prefetch_related("partners", "plans__extensions")),
            key=lambda choice: not choice.is_unfinished,
        )
        plans = [plan for choice in self.own_measures for plan in choice.plans]
        for name, rows in (
            ("indicators", self.own_indicators),
            ("measures", [choice.measure for choice in self.own_measures]),
            ("plans", plans),
        ):
            self.fields[name].choices = [(row.pk, str(row)) for row in rows]

    def starting_data(self):
        """All that the new map's form would send with what was ticked in it; {} for nothing."""
        if not self.is_valid():
            return {}
        chosen = {name: set(self.cleaned_data[name]) for name in ("indicators", "measures", "plans")}
        source = BattleMapForm(instance=self.earlier)
        indicators = [row for row in source.indicators if row.instance.pk in chosen["indicators"]]
        measures = [row for row in source.measures if _is_chosen(row, chosen)]
        data = {"version": "0"} | counted("indicators", indicators) | counted("measures", measures)
        left_out = set() if self.cleaned_data["with_targets"] else TARGETS
        for number, row in enumerate(indicators):
            data |= typed(row, f"indicators-{number}", left_out)
        for number, row in enumerate(measures):
            prefix = f"measures-{number}"
            plans = [plan for plan in row.plans if plan.instance.pk in chosen["plans"]]
            data |= typed(row, prefix) | counted(f"{prefix}-plans", plans)
            for place, plan in enumerate(plans):
                # What was not done in its month needs another.
                late = set() if plan.instance.status == PlanStatus.DONE else {"month"}
                data |= typed(plan, f"{prefix}-plans-{place}", late)
        return data if indicators or measures else {}


class Choice:
    """A measure to tick, and its standing plans: the unfinished first."""

    def __init__(self, measure):
        self.measure = measure
        standing = [plan for plan in measure.plans.all() if plan.cancelled_at is None]
        self.plans = sorted(standing, key=lambda plan: plan.status == PlanStatus.DONE)

    @property
    def is_unfinished(self):
        return any(plan.status != PlanStatus.DONE for plan in self.plans)


def _is_chosen(row, chosen):
    return row.instance.pk in chosen["measures"] or any(plan.instance.pk in chosen["plans"] for plan in row.plans)
