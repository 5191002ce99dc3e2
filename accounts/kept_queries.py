"""Rows of queries whose SQL is kept: putting a query together takes more of the processor here than reading its rows.

Kept is the question alone, never an answer; and of the question all but the keys of whoever asks, so that it is put
together once for all whose duties have the same form.
"""

from collections.abc import Callable, Hashable, Sequence
from copy import copy
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from django.core.exceptions import EmptyResultSet
from django.db import connections
from django.db.models import Func, IntegerField, QuerySet

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

    def params(self, keys: Keys) -> tuple[Any, ...]:
        params = self._params.copy()
        for place, number, of_type in self._places:
            params[place] = of_type(keys[number])
        return tuple(params)

    def rows(self, keys: Keys) -> list[Any]:
        if not self.sql:
            return []
        queryset: Any = self._queryset  # also what Django keeps to itself

        def get_compiler(using: str) -> Any:
            compiler = copy(self._compiler)
            compiler.connection = connections[using]  # of this thread
            compiler.as_sql = lambda: (self.sql, self.params(keys))
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
