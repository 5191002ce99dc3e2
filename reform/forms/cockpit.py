"""What the cockpit shows: a period, and which projects."""

from django import forms
from django.db.models import Min

from accounts.listing import UNKNOWN
from accounts.models import Department
from reform.calendar import Period, period_choices, today
from reform.models import BattleMap, Domain, Mandate, Project, TaskForce


class CockpitForm(forms.Form):
    period = forms.ChoiceField(label="期间", required=False, error_messages=UNKNOWN)
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

    def __init__(self, data):
        day = today()
        self.opens_on = Period.until(day)
        data = data.copy()
        if not data.get("period"):
            data["period"] = self.opens_on.key
        super().__init__(data)
        first = BattleMap.objects.aggregate(first=Min("year"))["first"] or day.year
        self.fields["period"].choices = period_choices(range(day.year, min(first, day.year) - 1, -1), day)
        projects = Project.objects.filter(closed_at=None)
        leaders = projects.order_by("lead_leader").values_list("lead_leader", flat=True).distinct()
        self.fields["leader"].choices = [("", "全部市领导"), *((name, name) for name in leaders if name)]
        self.fields["department"].queryset = Department.objects.filter(pk__in=projects.values("department"))
        self.is_valid()  # what is wrong is told beside its field, and narrows nothing

    @property
    def chosen_period(self):
        return Period.parse(self.cleaned_data.get("period", "")) or self.opens_on

    @property
    def chosen(self):
        """{field: value} of what narrows the projects."""
        return {name: value for name, value in self.cleaned_data.items() if value and name != "period"}

    @property
    def words(self):
        """2026年1—11月 · 全部领域 · 市教委: what is shown, in a line."""
        domain, department = (self.cleaned_data.get(name) for name in ("domain", "department"))
        others = [
            str(dict(getattr(self.fields[name], "choices", ())).get(value, value)) if name == "mandate" else str(value)
            for name, value in self.chosen.items()
            if name not in ("domain", "department")
        ]
        return " · ".join([self.chosen_period.words, str(domain or "全部领域"), str(department or "全部单位"), *others])

    def projects(self):
        """The projects under way that are asked for."""
        found = Project.objects.filter(closed_at=None)
        return found.filter(
            **{("lead_leader" if name == "leader" else name): self.chosen[name] for name in self.chosen}
        )
