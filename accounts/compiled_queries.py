"""Rows of queries that are compiled once: compiling takes more of the processor here than reading the rows.

Cached is the SQL alone, never a result; its values are parameters, so that it is compiled once for all records, and
once for all people whose duties have the same form.
"""

from collections.abc import Callable, Collection, Hashable, Sequence
from copy import copy
from datetime import datetime
from itertools import chain, islice
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

from django.core.exceptions import EmptyResultSet
from django.db import connection, connections
from django.db.models import DateTimeField, Expression, Field, Func, IntegerField, QuerySet, TextField

if TYPE_CHECKING:
    from accounts.models import User

MOST = 2_000  # of a process
NAMED = ("selected", "extra_select", "values_select", "annotation_select")  # how `values` calls its columns
FIRST_STAND_IN = -2_000_000_000  # in the place of a key; no key and no other number of a query is near it

Query = QuerySet[Any, Any]
Value = int | datetime | str

_cache: dict[Hashable, "_CompiledQuery"] = {}


def compiled_rows(
    name: str,
    follows_from: Hashable,
    build: Callable[..., Query],
    /,
    user: "User | None" = None,
    **values: Value | Collection[int],
) -> list[Any]:
    """The rows of `build(user, **values)`, which is compiled once for the same `name` and `follows_from`.

    `build` is given a person whose duties have the same form, if a `user` is given, and what stands in for the values:
    it may compare columns with them and nothing else. Of the person it may use key, role and duties; what else it reads
    of the clock, of the database or of anybody belongs to `follows_from`.
    """
    form, own = user.duties_as_keys if user else (None, [])
    groups = {key: [value] if isinstance(value, Value) else _padded(value) for key, value in values.items()}
    given = [*own, *chain.from_iterable(groups.values())]
    of = name, follows_from, form, tuple((key, len(group)) for key, group in groups.items())

    def build_for(stand_ins: Sequence[Any]) -> Query:
        rest = iter(stand_ins[len(own) :])
        asked = {
            key: next(rest) if isinstance(values[key], Value) else [*islice(rest, len(group))]
            for key, group in groups.items()
        }
        return build(*([user.with_keys(stand_ins[: len(own)])] if user else []), **asked)

    compiled = _cache.get(of) or _compile(of, build_for, given)
    return compiled.rows(given)


def compiled_first(
    name: str, follows_from: Hashable, build: Callable[..., Query], /, user: "User | None" = None, **values: Value
) -> Any:
    """The first of these rows, or None."""
    return next(iter(compiled_rows(name, follows_from, build, user=user, **values)), None)


def compiled_count(
    name: str, follows_from: Hashable, build: Callable[..., Query | list[Query]], /, user: "User", **values: Value
) -> int:
    """How many rows `build(user, **values)` has; of several queries, all together."""

    def number(person: "User", **values: Any) -> Query:
        found = build(person, **values)
        first, *others = map(number_of, found if isinstance(found, list) else [found])
        return first.union(*others, all=True) if others else first

    return sum(compiled_rows(f"number of {name}", follows_from, number, user=user, **values))


def number_of(rows: Query) -> Query:
    """How many these are, as a query of one row."""
    every = Func(function="COUNT", template="COUNT(*)", output_field=IntegerField())
    return rows.order_by().values_list(every, flat=True)


def _padded(keys: Collection[int]) -> list[int]:
    """With some that nothing has, up to a power of two: so that there are not as many statements as numbers of keys."""
    size = 1 << (len(keys) - 1).bit_length() if keys else 0
    return [*keys, *range(-1, len(keys) - size - 1, -1)]


class Given(Expression):
    """What stands in for a value that is no key."""

    def __init__(self, place: int, field: Field) -> None:
        super().__init__(output_field=field)
        self.place = place

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, Any]:
        return "%s", (self,)


def _stand_in(place: int, value: Value) -> Any:
    if isinstance(value, int):
        return FIRST_STAND_IN - place
    return Given(place, DateTimeField() if isinstance(value, datetime) else TextField())


class _CompiledQuery:
    """A query's SQL, with places for values among its parameters."""

    def __init__(self, queryset: Query) -> None:
        self._queryset = queryset
        self._compiler: Any = queryset.query.get_compiler(using=queryset.db)
        try:
            self.sql, params = self._compiler.as_sql()
        except EmptyResultSet:
            self.sql, params = "", ()
        self._params = list(params)
        self._given = {place: param for place, param in enumerate(params) if isinstance(param, Given)}
        self._keys = {  # with their type in the database
            place: (FIRST_STAND_IN - param, type(param))
            for place, param in enumerate(params)
            if isinstance(param, int) and param <= FIRST_STAND_IN
        }

    def params(self, values: Sequence[Value]) -> tuple[Any, ...]:
        params = self._params.copy()
        for place, (number, of_type) in self._keys.items():
            params[place] = of_type(cast(int, values[number]))
        for place, given in self._given.items():
            params[place] = given.output_field.get_db_prep_value(values[given.place], connection)
        return tuple(params)

    def rows(self, values: Sequence[Value]) -> list[Any]:
        if not self.sql:
            return []
        queryset: Any = self._queryset  # also what Django keeps to itself

        def get_compiler(using: str) -> Any:
            compiler = copy(self._compiler)
            compiler.connection = connections[using]  # of this thread
            compiler.as_sql = lambda: (self.sql, self.params(values))
            return compiler

        named = {name: getattr(queryset.query, name) for name in NAMED}
        asked = SimpleNamespace(
            db=queryset.db,
            model=queryset.model,
            query=SimpleNamespace(get_compiler=get_compiler, **named),
            _fields=queryset._fields,
            _known_related_objects={},
        )
        return list(queryset._iterable_class(asked))


def _compile(of: Hashable, build: Callable[[Sequence[Any]], Query], values: Sequence[Value]) -> _CompiledQuery:
    if len(_cache) >= MOST:
        _cache.clear()
    compiled = _cache[of] = _CompiledQuery(build([_stand_in(place, value) for place, value in enumerate(values)]))
    return compiled
