"""Finding experiences and brands."""

from django import forms

from accounts.listing import UNKNOWN
from accounts.models import Department
from reform.calendar import today
from reform.models import Project

from .narrowing import NarrowingForm


class ExperienceForm(NarrowingForm):
    narrowed_by = ("period", "department", "domain")
    field_order = ("q", "kind", *narrowed_by)

    q = forms.CharField(label="项目、内容", required=False, max_length=50)
    kind = forms.ChoiceField(
        label="类别",
        required=False,
        choices=[("", "全部类别"), ("promotion", "经验复制推广"), ("brand", "改革品牌")],
        error_messages=UNKNOWN,
    )

    def __init__(self, data, *, user):
        super().__init__(data)
        projects = Project.objects.visible_to(user)
        first = min(projects.values_list("start_year", flat=True), default=today().year)
        years = range(today().year, first - 1, -1)
        self.offer_periods(years, today(), "全部期间")
        self.fields["department"].queryset = Department.objects.filter(pk__in=projects.values("department"))
