"""Lists: narrowed by a FilterSet, one page at a time."""

from collections.abc import Callable, Hashable, Iterable, Mapping
from functools import cache
from typing import Any

import django_filters
from django.core.paginator import Paginator
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.choices import CallableChoiceIterator
from django.utils.functional import cached_property

from .compiled_queries import compiled_count, compiled_rows
from .models import User

UNKNOWN = {"invalid_choice": "没有这个选项，已忽略。"}
PAGE_SIZE = 20


class SwitchFilter(django_filters.FilterSet):
    """By 启用 and 停用, after whatever else narrows."""

    is_active = django_filters.ChoiceFilter(
        label="状态",
        choices=[("true", "启用"), ("false", "停用")],
        empty_label="全部状态",
        error_messages=UNKNOWN,
        method="by_state",
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.filters["is_active"] = self.filters.pop("is_active")

    def by_state(self, found, name, value):
        return found.filter(is_active=value == "true")


def is_asked(chosen: type[django_filters.FilterSet], data: Mapping[str, Any]) -> bool:
    """Whether the form was sent; a later page of what is shown until then says only which page."""
    return any(name in data for name in chosen.base_filters)


def offer(
    chosen: django_filters.FilterSet, name: str, build: Callable[..., QuerySet], *, user: User | None = None
) -> None:
    """Let the filter of that name choose among the rows of `build(user)`; a compiled query finds their names."""
    field = chosen.form.fields[name]
    field.queryset = build(user) if user else build()
    names = cache(lambda: compiled_choices(name, str(type(chosen)), build, user))
    field.widget.choices = CallableChoiceIterator(lambda: [("", field.empty_label), *names()])


def compiled_choices(
    name: str, follows_from: Hashable, build: Callable[..., QuerySet], user: User | None = None, /, **values: Any
) -> list[tuple[int, str]]:
    """(key, name) of the rows of `build(user, **values)`; its conditions are those of `compiled_rows`."""

    def named(*who: User, **values: Any) -> QuerySet:
        return build(*who, **values).values_list("pk", "name")

    return compiled_rows(f"choices of {name}", follows_from, named, user, **values)


def containing(found: QuerySet, text: str, *fields: str) -> QuerySet:
    """Those of `found` that have each word of the text in one of these fields."""
    for word in text.split():
        found = found.filter(Q(*((f"{field}__icontains", word) for field in fields), _connector=Q.OR))
    return found


class ByKeyPaginator(Paginator):
    """Pages of rows whose keys `keys` gives in the same order: what is looked up for each row is not for all."""

    def __init__(self, *args: Any, keys: Callable[[Any], QuerySet], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.keys = keys

    def page(self, number):
        number = self.validate_number(number)
        start = (number - 1) * self.per_page
        keys = list(self.keys(self.object_list)[start : start + self.per_page])
        return self._get_page(self.object_list.filter(pk__in=keys), number, self)


class CompiledPaginator(Paginator):
    """Pages of what `build(user, **values)` finds, by compiled queries; counted by what `parts` finds, if it is given,
    and by the keys that `keys` gives, as above.
    """

    def __init__(
        self,
        name: str,
        build: Callable[..., QuerySet],
        user: User,
        parts: Callable[..., list[QuerySet]] | None = None,
        keys: Callable[..., QuerySet] | None = None,
        **values: int,
    ) -> None:
        super().__init__((), PAGE_SIZE)
        self.name, self.build, self.user, self.values = name, build, user, values
        self.parts, self.keys = parts, keys

    @cached_property
    def count(self) -> int:
        return compiled_count(self.name, (), self.parts or self.build, user=self.user, **self.values)

    def page(self, number):
        number = self.validate_number(number)
        start = (number - 1) * self.per_page

        def rows(user: User, **values: Any) -> QuerySet:
            return (self.keys or self.build)(user, **values)[start : start + self.per_page]

        def meant(user: User, keys: Any, **values: Any) -> QuerySet:
            return self.build(user, **values).filter(pk__in=keys)

        found = compiled_rows(f"page of {self.name}", start, rows, user=self.user, **self.values)
        if self.keys:
            found = compiled_rows(f"rows of {self.name}", (), meant, user=self.user, keys=found, **self.values)
        return self._get_page(found, number, self)


class CountedInPartsPaginator(Paginator):
    """Pages of rows that are counted in `parts`: QuerySets that share nothing and are all of the rows together."""

    def __init__(self, *args: Any, parts: Callable[[], Iterable[QuerySet]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.parts = parts

    @cached_property
    def count(self) -> int:
        first, *others = (part.order_by().values("pk") for part in self.parts())
        return first.union(*others, all=True).count() if others else first.count()


def list_context(
    request: HttpRequest,
    chosen: django_filters.FilterSet,
    paginator: Callable[..., Paginator] = Paginator,
    *,
    whole: Paginator | None = None,
) -> dict:
    """What a page of the list shows that this FilterSet has narrowed; `whole` is the list that nothing narrows."""
    is_narrowed = any(request.GET.get(name) for name in chosen.filters)
    pages = whole if whole and not is_narrowed else paginator(chosen.qs, PAGE_SIZE)
    return {"filter": chosen, "is_narrowed": is_narrowed, "page_obj": pages.get_page(request.GET.get("page"))}
