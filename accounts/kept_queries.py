"""Rows of queries whose SQL is kept: putting a query together takes more of the processor here than reading its rows.

Kept is the question alone, never an answer.
"""

from collections.abc import Callable, Hashable
from copy import copy
from types import SimpleNamespace
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connections
from django.db.models import Func, IntegerField, QuerySet

MOST_STATEMENTS, MOST_SHAPES = 12_000, 300  # of a process
NAMED = ("selected", "extra_select", "values_select", "annotation_select")  # how `values` calls its columns

_statements: dict[Hashable, tuple["_Shape", tuple[Any, ...]]] = {}
_shapes: dict[tuple[str, str], "_Shape"] = {}


def kept_rows(name: str, follows_from: Hashable, build: Callable[[], QuerySet[Any, Any]]) -> list[Any]:
    """The rows of that QuerySet, which is built once for the same `name` and `follows_from`.

    These must determine it: what `build` reads of the clock, of the database or of a person belongs to `follows_from`.
    """
    shape, params = _statements.get((name, follows_from)) or _keep(name, follows_from, build())
    return shape.rows(params)


def kept_count(name: str, follows_from: Hashable, build: Callable[[], QuerySet[Any, Any]]) -> int:
    """How many rows that QuerySet has."""

    def number() -> QuerySet[Any, Any]:
        every = Func(function="COUNT", template="COUNT(*)", output_field=IntegerField())
        return build().order_by().values_list(every, flat=True)

    return sum(kept_rows(f"number of {name}", follows_from, number))


class _Shape:
    """What queries of the same SQL share: all but their parameters."""

    def __init__(self, queryset: QuerySet[Any, Any], sql: str, compiler: Any) -> None:
        self._queryset, self._sql, self._compiler = queryset, sql, compiler

    def rows(self, params: tuple[Any, ...]) -> list[Any]:
        if not self._sql:
            return []
        queryset: Any = self._queryset  # also what Django keeps to itself

        def get_compiler(using: str) -> Any:
            compiler = copy(self._compiler)
            compiler.connection = connections[using]  # of this thread
            compiler.as_sql = lambda: (self._sql, params)
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


def _keep(name: str, follows_from: Hashable, queryset: QuerySet[Any, Any]) -> tuple[_Shape, tuple[Any, ...]]:
    compiler = queryset.query.get_compiler(using=queryset.db)
    try:
        sql, params = compiler.as_sql()
    except EmptyResultSet:
        sql, params = "", ()
    if len(_statements) >= MOST_STATEMENTS or len(_shapes) >= MOST_SHAPES:
        _statements.clear()
        _shapes.clear()
    shape = _shapes.setdefault((name, sql), _Shape(queryset, sql, compiler))
    found = _statements[name, follows_from] = shape, tuple(params)
    return found
