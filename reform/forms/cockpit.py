"""What the cockpit shows: a period, and which projects."""

from django.db.models import Min

from accounts.models import Department
from reform.calendar import Period, today
from reform.models import BattleMap, Project

from .narrowing import NarrowingForm


class CockpitForm(NarrowingForm):
    narrowed_by = field_order = ("period", "domain", "leader", "department", "mandate", "task_force")

    def __init__(self, data):
        day = today()
        self.opens_on = Period.until(day)
        data = data.copy()
        if not data.get("period"):
            data["period"] = self.opens_on.key
        super().__init__(data)
        first = BattleMap.objects.aggregate(first=Min("year"))["first"] or day.year
        self.offer_periods(range(day.year, min(first, day.year) - 1, -1), day)
        projects = Project.objects.filter(closed_at=None)
        self.offer_leaders(projects.order_by("lead_leader").values_list("lead_leader", flat=True).distinct())
        self.fields["department"].queryset = Department.objects.filter(pk__in=projects.values("department"))
        self.is_valid()  # what is wrong is told beside its field, and narrows nothing

    @property
    def chosen_period(self):
        return self.cleaned_data.get("period") or self.opens_on

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
