"""Narrowing a list of records."""

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

import django_filters
from django.db.models import QuerySet

from accounts.listing import UNKNOWN, containing, offer
from accounts.models import Department, User

from .models import NEWEST_FIRST, Record, RecordQuerySet
from .states import State


def _kinds() -> list[tuple[str, str]]:
    return [(model._meta.label_lower, str(model._meta.verbose_name)) for model in Record.kinds()]


def _departments(user: User) -> QuerySet[Department]:
    departments = Department.objects.all()
    return departments if user.is_office_reviewer else departments.filter(pk__in=user.assigned_department_ids)


class RecordFilter(django_filters.FilterSet):
    """By words, kind, department and state. A value that means nothing is named, and does not narrow."""

    q = django_filters.CharFilter(label="项目名称、标题", method="search")
    kind = django_filters.ChoiceFilter(label="类型", choices=_kinds, empty_label="全部类型", error_messages=UNKNOWN)
    department = django_filters.ModelChoiceFilter(
        label="责任单位",
        field_name="dossier__department",
        queryset=Department.objects.all(),
        empty_label="全部单位",
        error_messages=UNKNOWN,
    )
    state = django_filters.ChoiceFilter(
        label="状态", choices=State.choices, empty_label="全部状态", error_messages=UNKNOWN
    )

    def __init__(
        self,
        data: Mapping[str, Any],
        queryset: RecordQuerySet,
        *,
        user: User,
        without: Sequence[str] = (),
    ) -> None:
        """`without`: filters that this list has no use for."""
        super().__init__(data, queryset)
        for name in without:
            del self.filters[name]
        if "department" in self.filters:
            offer(self, "department", _departments, user=user)

    @property
    def query(self) -> str:
        """What narrows, as the end of an address: "?kind=…", or nothing. Values that mean nothing are left out."""
        self.form.is_valid()
        chosen = {name: self.data[name] for name, value in self.form.cleaned_data.items() if value}
        return f"?{urlencode(chosen)}" if chosen else ""

    @property
    def narrows(self) -> bool:
        """Whether anything is left out by it."""
        self.form.is_valid()
        return any(value for name, value in self.form.cleaned_data.items() if name != "order")

    def search(self, records: QuerySet, name: str, value: str) -> QuerySet:
        return containing(records, value, "dossier__name", "title")


class WaitingFilter(RecordFilter):
    """The same for 待我审核, whose records all have one state, in the order that the reviewer likes."""

    order = django_filters.ChoiceFilter(
        label="排序",
        choices=[("newest", "最近上报在前")],
        empty_label="最早上报在前",
        error_messages=UNKNOWN,
        method="newest_first",
    )

    def newest_first(self, records: QuerySet, name: str, value: str) -> QuerySet:
        return records.order_by(*NEWEST_FIRST)

    @property
    def is_newest_first(self) -> bool:
        self.form.is_valid()
        return bool(self.form.cleaned_data.get("order"))
