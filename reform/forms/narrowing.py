"""The fields by which lists and figures are narrowed, each stated once."""

from django import forms

from accounts.listing import UNKNOWN
from accounts.models import Department
from reform.calendar import Period, period_choices
from reform.models import Domain, Mandate, TaskForce


class NarrowingForm(forms.Form):
    """A subclass names in `narrowed_by` which of these it asks for, and offers their choices."""

    narrowed_by: tuple[str, ...] = ()

    year = forms.TypedChoiceField(label="年度", required=False, coerce=int, error_messages=UNKNOWN)
    period = forms.TypedChoiceField(
        label="期间", required=False, coerce=Period.parse, empty_value=None, error_messages=UNKNOWN
    )
    domain = forms.ModelChoiceField(
        label="改革领域", required=False, queryset=Domain.objects.all(), empty_label="全部领域", error_messages=UNKNOWN
    )
    leader = forms.ChoiceField(label="领衔市领导", required=False, error_messages=UNKNOWN)
    department = forms.ModelChoiceField(
        label="责任单位",
        required=False,
        queryset=Department.objects.all(),
        empty_label="全部单位",
        error_messages=UNKNOWN,
    )
    mandate = forms.ChoiceField(
        label="牵引来源", required=False, choices=[("", "全部来源"), *Mandate.choices], error_messages=UNKNOWN
    )
    task_force = forms.ModelChoiceField(
        label="专项小组",
        required=False,
        queryset=TaskForce.objects.all(),
        empty_label="全部小组",
        error_messages=UNKNOWN,
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        for name in NarrowingForm.base_fields.keys() - set(self.narrowed_by):
            del self.fields[name]

    def offer_periods(self, years, until, every=""):
        """Those that have begun by that day; `every` stands first, where none needs to be chosen."""
        first = [("", every)] if every else []
        self.fields["period"].choices = [*first, *period_choices(years, until)]

    def offer_leaders(self, names):
        self.fields["leader"].choices = [("", "全部市领导"), *((name, name) for name in names if name)]
