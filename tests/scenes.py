"""What many stories begin with is played once in each process; each story then starts from the rows that it left."""

import pickle

from django.apps import apps
from django.db import connection, transaction

from accounts.audit import triggers


class EmptyStage:
    """The database as migrations left it, to come back to after a test that committed."""

    def __init__(self):
        with transaction.atomic():
            self._statements = [statement for model in _models() for statement in _changes(model, {})]

    def restore(self):
        """One transaction: keys are checked at its end, in whatever order rows went.

        The audit log refuses to be emptied, so whoever owns it takes its triggers away meanwhile.
        """
        tables = [connection.ops.quote_name(model._meta.db_table) for model in _models()]
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"SELECT {', '.join(f'EXISTS (SELECT 1 FROM {table})' for table in tables)}")
            used = [table for table, rows in zip(tables, cursor.fetchone(), strict=True) if rows]
            if is_logged := any(connection.ops.quote_name(table) in used for table in triggers.TABLES):
                triggers.drop_triggers(connection)
            _execute([f"DELETE FROM {table}" for table in used] + self._statements)
        if is_logged:
            triggers.create_triggers(connection)


class Scene:
    """What `play` leaves in the database, as statements that put it there again.

    Keys stay what they were, and no later row is given one of them. `result` is what `play` returned, each time anew.
    """

    def __init__(self, play, after=None):
        """`after`: the scene that must have been restored before."""
        with transaction.atomic():
            if after:
                after.restore()
            before = {model: _rows(model) for model in _models()}
            self._result = pickle.dumps(play())
            self._statements = [statement for model in before for statement in _changes(model, before[model])]
            keys = _last_keys()
            transaction.set_rollback(True)
        _keep_last_keys(keys)

    def restore(self):
        with transaction.atomic():  # keys are checked at its end
            _execute(self._statements)

    @property
    def result(self):
        return pickle.loads(self._result)


def _execute(statements):
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(";".join(statements))
        else:
            for statement in statements:
                cursor.execute(statement)


def _models():
    return [model for model in apps.get_models(include_auto_created=True) if not model._meta.proxy]


def _names(model):
    quote = connection.ops.quote_name
    fields = model._meta.local_concrete_fields
    return quote(model._meta.db_table), quote(model._meta.pk.column), [quote(field.column) for field in fields]


def _rows(model):
    """{key: values}, each as it is written in SQL."""
    table, key, columns = _names(model)
    literal = "quote_nullable({}::text)" if connection.vendor == "postgresql" else "quote({})"
    with connection.cursor() as cursor:
        values = ", ".join(literal.format(column) for column in columns)
        cursor.execute(f"SELECT {literal.format(key)}, {values} FROM {table} ORDER BY {key}")
        return {key: f"({', '.join(row)})" for key, *row in cursor.fetchall()}


def _changes(model, before):
    table, key, columns = _names(model)
    after = _rows(model)
    gone = [name for name, row in before.items() if after.get(name) != row]
    new = [row for name, row in after.items() if before.get(name) != row]
    if gone:
        yield f"DELETE FROM {table} WHERE {key} IN ({', '.join(gone)})"
    if new:
        yield f"INSERT INTO {table} ({', '.join(columns)}) VALUES {', '.join(new)}"


def _last_keys():
    """PostgreSQL's counters are not rolled back; SQLite's are."""
    if connection.vendor != "sqlite":
        return []
    with connection.cursor() as cursor:
        cursor.execute("SELECT name, seq FROM sqlite_sequence")
        return cursor.fetchall()


def _keep_last_keys(keys):
    with connection.cursor() as cursor:
        for name, last in keys:
            cursor.execute("DELETE FROM sqlite_sequence WHERE name = %s", [name])
            cursor.execute("INSERT INTO sqlite_sequence (name, seq) VALUES (%s, %s)", [name, last])
