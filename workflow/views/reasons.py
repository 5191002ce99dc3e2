"""驳回原因: the list to choose from, kept by the office. Not deleted but switched off."""

import django_filters
from django.db.models import QuerySet

from accounts.listing import SwitchFilter, containing
from accounts.requests import AuthenticatedRequest
from accounts.views import office
from workflow.forms import ReasonForm
from workflow.models import ReasonCategory


class ReasonFilter(SwitchFilter):
    q = django_filters.CharFilter(label="原因", method="search")

    class Meta:
        model = ReasonCategory
        fields: list[str] = []

    def search(self, reasons: QuerySet, name: str, value: str) -> QuerySet:
        return containing(reasons, value, "name")


class Reasons(office.Pages):
    model, form, filter = ReasonCategory, ReasonForm, ReasonFilter
    room, name, names = "workflow", "reason", "reasons"
    title, add_title = "驳回原因", "新增驳回原因"

    def new(self, request: AuthenticatedRequest) -> ReasonCategory:
        return ReasonCategory(position=office.last_place(ReasonCategory))
