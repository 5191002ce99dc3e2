"""Rows by the thousand: made in memory, where they know each other, and written table by table."""

from collections import Counter, defaultdict

from django.core.management.color import no_style
from django.db import connection, transaction
from django.db.models import Max

MOST_AT_ONCE = 2000


class Rows(list):
    """Related rows in memory, in the place of a queryset: models read them as if they had been prefetched."""

    def _all(self, *_relations):
        return self

    select_related = prefetch_related = current = _all

    def standing(self):
        return Rows(row for row in self if row.cancelled_at is None)

    def exclude(self, **conditions):
        return Rows(row for row in self if any(getattr(row, name) != value for name, value in conditions.items()))


def relate(row, **relations):
    """Let `row.name.all()` be these Rows, which may still grow."""
    row._prefetched_objects_cache = getattr(row, "_prefetched_objects_cache", {}) | relations
    return row


class Batch:
    """Rows that wait to be written. Their keys are given here: they name each other before any of them is in."""

    def __init__(self):
        self._last = {}
        self._rows = defaultdict(list)
        self.written = Counter()

    def key(self, model):
        """The next free primary key; a kind of record shares those of all records."""
        root = _tables(model)[0]
        if root not in self._last:
            self._last[root] = root._base_manager.aggregate(last=Max("pk"))["last"] or 0
        self._last[root] += 1
        return self._last[root]

    def make(self, model, **values):
        key = self.key(model)
        return self.add(model(**{"id": key, model._meta.pk.attname: key}, **values))

    def add(self, row):
        self._rows[type(row)].append(row)
        return row

    @transaction.atomic  # each batch by itself: a commit checks all references at once, within a statement's time
    def write(self):
        for model, rows in self._rows.items():
            for table in _tables(model):
                _insert(table, rows)
            self.written[model] += len(rows)
        # PostgreSQL's counters do not see keys that are given.
        models = [table for model in self._rows for table in _tables(model)]
        with connection.cursor() as cursor:
            for statement in connection.ops.sequence_reset_sql(no_style(), models):
                cursor.execute(statement)
        self._rows.clear()


def _tables(model):
    """The model and those that it inherits a table from, the root first."""
    return [*reversed(model._meta.get_parent_list()), model]


def _insert(model, rows):
    # bulk_create refuses a model with a parent table; this is what it does for one without.
    fields = model._meta.local_concrete_fields
    size = min(connection.ops.bulk_batch_size(fields, rows), MOST_AT_ONCE)
    for start in range(0, len(rows), size):
        model._base_manager._insert(rows[start : start + size], fields=fields, using=connection.alias)
