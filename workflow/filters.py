"""Narrowing a list of records."""

import django_filters
from django.core.paginator import Paginator
from django.db.models import Q

from accounts.models import Department

from .models import Record
from .states import State

UNKNOWN = {"invalid_choice": "没有这个选项，已忽略。"}
PAGE_SIZE = 20


def containing(found, text, *fields):
    """Those of `found` that have each word of the text in one of these fields."""
    for word in text.split():
        found = found.filter(Q(*((f"{field}__icontains", word) for field in fields), _connector=Q.OR))
    return found


def list_context(request, chosen):
    """What a page of the list shows that this FilterSet has narrowed."""
    return {
        "filter": chosen,
        "is_narrowed": any(request.GET.get(name) for name in chosen.filters),
        "page_obj": Paginator(chosen.qs, PAGE_SIZE).get_page(request.GET.get("page")),
    }


def _kinds():
    return [(model._meta.label_lower, model._meta.verbose_name) for model in Record.kinds()]


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

    def __init__(self, data, queryset, *, departments, without=()):
        """`departments`: those to choose from; `without`: filters that this list has no use for."""
        super().__init__(data, queryset)
        self.filters["department"].queryset = departments
        for name in without:
            del self.filters[name]

    def search(self, records, name, value):
        return containing(records, value, "dossier__name", "title")
