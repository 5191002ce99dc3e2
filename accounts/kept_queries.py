"""Rows of queries whose SQL is kept: putting a query together takes more of the processor here than reading its rows.

Kept is the question alone, never an answer; and of the question all but the keys of whoever asks, so that it is put
together once for all whose duties have the same form.
"""

from collections.abc import Callable, Collection, Hashable, Mapping, Sequence
from copy import copy
from datetime import datetime
from types import MappingProxyType, SimpleNamespace
from typing import TYPE_CHECKING, Any

from django.core.exceptions import EmptyResultSet
from django.db import connection, connections
from django.db.models import BigIntegerField, DateTimeField, Expression, Field, Func, IntegerField, QuerySet, TextField

if TYPE_CHECKING:
    from accounts.models import User

MOST = 2_000  # of a process
NAMED = ("selected", "extra_select", "values_select", "annotation_select")  # how `values` calls its columns
FIRST_STAND_IN = -2_000_000_000  # in the place of a key; no key and no other number of a query is near it

Keys = Sequence[int]
Query = QuerySet[Any, Any]

_statements: dict[Hashable, "_Statement"] = {}


def kept_rows(name: str, follows_from: Hashable, build: Callable[[Keys], Query], keys: Keys = ()) -> list[Any]:
    """The rows of `build(keys)`, which is put together once for the same `name`, `follows_from` and number of keys.

    `build` is given numbers that stand in for the keys, so it must not do more with them than to filter by them; what
    else it reads of the clock, of the database or of a person belongs to `follows_from`.
    """
    of = name, follows_from, len(keys)
    statement = _statements.get(of) or _keep(of, build, keys)
    return statement.rows(keys)


def rows_for(
    user: "User", name: str, build: Callable[..., Query], *follows_from: Hashable, keys: Keys = ()
) -> list[Any]:
    """The rows of `build(user, *keys)`: see `kept_rows`. Of the person `build` may use key, role and duties."""
    form, own = user.duties_as_keys

    def build_for(stand_ins: Keys) -> Query:
        return build(user.with_keys(stand_ins[: len(own)]), *stand_ins[len(own) :])

    return kept_rows(name, (form, *follows_from), build_for, (*own, *keys))


def number_for(user: "User", name: str, build: Callable[["User"], Query], *follows_from: Hashable) -> int:
    """How many rows `build(user)` has."""

    def number(person: "User") -> Query:
        every = Func(function="COUNT", template="COUNT(*)", output_field=IntegerField())
        return build(person).order_by().values_list(every, flat=True)

    return sum(rows_for(user, f"number of {name}", number, *follows_from))


class Given(Expression):
    """A value that a kept question leaves open."""

    def __init__(self, place: tuple[str, int], field: Field) -> None:
        super().__init__(output_field=field)
        self.place = place

    def __repr__(self) -> str:
        return f"Given{self.place}"

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, Any]:
        return "%s", (self,)


FIELDS: dict[type, Field] = {int: BigIntegerField(), datetime: DateTimeField(), str: TextField()}
Value = int | datetime | str


def rows_given(
    name: str,
    follows_from: Hashable,
    build: Callable[..., Query],
    /,
    user: "User | None" = None,
    **values: Value | Collection[Value],
) -> list[Any]:
    """`kept_rows` of a QuerySet that is put together once for all `values`, which need not be keys.

    `build` takes them as expressions to compare columns with: an expression for each, a list for what is several (keys,
    where a column is in them); and first the `user`, as in `rows_for`, if one is given.
    """
    given = {key: _several(value) for key, value in values.items()}
    form, own = user.duties_as_keys if user else ((), [])
    of = name, (follows_from, form), *((key, len(all_)) for key, all_ in given.items())
    statement = _statements.get(of)
    if statement is None:
        left_open = {key: [_given(key, place, one) for place, one in enumerate(all_)] for key, all_ in given.items()}
        asked = {key: all_[0] if isinstance(values[key], Value) else all_ for key, all_ in left_open.items()}

        def build_for(stand_ins: Keys) -> Query:
            return build(*([user.with_keys(stand_ins)] if user else []), **asked)

        statement = _keep(of, build_for, own)
    return statement.rows(own, given)


def _several(value: Value | Collection[Value]) -> list[Value]:
    """Of several so many that few questions differ by their number alone: the last stands there again."""
    if isinstance(value, Value):
        return [value]
    found = list(value)
    return found + found[-1:] * ((1 << max(len(found) - 1, 0).bit_length()) - len(found))


def _given(name: str, place: int, value: Value) -> Given:
    return Given((name, place), next(field for kind, field in FIELDS.items() if isinstance(value, kind)))


def _value(given: Given, values: Mapping[str, Sequence[Value]]) -> Any:
    """What the database takes for it."""
    name, place = given.place
    value = values[name][place]
    return value if isinstance(value, int) else given.output_field.get_db_prep_value(value, connection)


class _Statement:
    """A query put together, with places for keys among its parameters."""

    def __init__(self, queryset: Query) -> None:
        self._queryset = queryset
        self._compiler: Any = queryset.query.get_compiler(using=queryset.db)
        try:
            self.sql, params = self._compiler.as_sql()
        except EmptyResultSet:
            self.sql, params = "", ()
        self._params = list(params)
        self._places = [  # and of which type of the database
            (place, FIRST_STAND_IN - param, type(param))
            for place, param in enumerate(params)
            if isinstance(param, int) and param <= FIRST_STAND_IN
        ]

    def params(self, keys: Keys, given: Mapping[str, Sequence[Value]] = MappingProxyType({})) -> tuple[Any, ...]:
        params = self._params.copy()
        for place, number, of_type in self._places:
            params[place] = of_type(keys[number])
        return (
            tuple(_value(one, given) if isinstance(one, Given) else one for one in params) if given else tuple(params)
        )

    def rows(self, keys: Keys, given: Mapping[str, Sequence[Value]] = MappingProxyType({})) -> list[Any]:
        if not self.sql:
            return []
        queryset: Any = self._queryset  # also what Django keeps to itself

        def get_compiler(using: str) -> Any:
            compiler = copy(self._compiler)
            compiler.connection = connections[using]  # of this thread
            compiler.as_sql = lambda: (self.sql, self.params(keys, given))
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


def _keep(of: Hashable, build: Callable[[Keys], Query], keys: Keys) -> _Statement:
    if len(_statements) >= MOST:
        _statements.clear()
    statement = _statements[of] = _Statement(build([FIRST_STAND_IN - number for number in range(len(keys))]))
    return statement
