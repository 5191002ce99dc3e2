"""Finding experiences and brands."""

from django import forms

from accounts.listing import UNKNOWN
from accounts.models import Department
from reform.calendar import Period, period_choices, today
from reform.models import Domain, Project


class ExperienceForm(forms.Form):
    q = forms.CharField(label="项目、内容", required=False, max_length=50)
    kind = forms.ChoiceField(
        label="类别",
        required=False,
        choices=[("", "全部类别"), ("promotion", "经验复制推广"), ("brand", "改革品牌")],
        error_messages=UNKNOWN,
    )
    period = forms.ChoiceField(label="期间", required=False, error_messages=UNKNOWN)
    department = forms.ModelChoiceField(
        label="责任单位",
        required=False,
        queryset=Department.objects.none(),
        empty_label="全部单位",
        error_messages=UNKNOWN,
    )
    domain = forms.ModelChoiceField(
        label="改革领域",
        required=False,
        queryset=Domain.objects.all(),
        empty_label="全部领域",
        error_messages=UNKNOWN,
    )

    def __init__(self, data, *, user):
        super().__init__(data)
        projects = Project.objects.visible_to(user)
        first = min(projects.values_list("start_year", flat=True), default=today().year)
        years = range(today().year, first - 1, -1)
        self.fields["period"].choices = [("", "全部期间"), *period_choices(years, today())]
        self.fields["department"].queryset = Department.objects.filter(pk__in=projects.values("department"))

    def clean_period(self):
        return Period.parse(self.cleaned_data["period"])
