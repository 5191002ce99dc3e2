"""The index by which PostgreSQL finds words of any length, for migrations. It needs no extension and no rights of a
superuser; pg_trgm finds nothing shorter than three characters. SQLite looks through the texts.
"""

from collections.abc import Callable

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

# The characters of some texts, and their pairs, in lower case; the index takes each once.
CREATE_FUNCTION = """
CREATE FUNCTION search_grams(texts text[]) RETURNS text[]
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE COST 1000 AS $$
DECLARE
    signs text[] := string_to_array(lower(array_to_string(texts, E'\\n')), NULL);
BEGIN
    RETURN signs || ARRAY(SELECT sign || following FROM unnest(signs, signs[2:]) AS pairs (sign, following)
                          WHERE following IS NOT NULL);
END
$$
"""
DROP_FUNCTION = "DROP FUNCTION search_grams(text[])"

Step = Callable[[Apps, BaseDatabaseSchemaEditor], None]


def _on_postgresql(statement: str) -> Step:
    def run(apps: Apps, editor: BaseDatabaseSchemaEditor) -> None:
        if editor.connection.vendor == "postgresql":
            # The texts of years take longer than a page may; this ends with the migration's transaction.
            editor.execute("SET LOCAL statement_timeout = 0")
            editor.execute(statement)

    return run


def gram_function() -> migrations.RunPython:
    return migrations.RunPython(_on_postgresql(CREATE_FUNCTION), _on_postgresql(DROP_FUNCTION))


def gram_index(table: str, *columns: str) -> migrations.RunPython:
    """An index of the texts in these columns, in the order in which the `Source` names its fields."""
    name, texts = f"{table}_grams", ", ".join(f'"{column}"' for column in columns)
    create = f'CREATE INDEX "{name}" ON "{table}" USING gin (search_grams(ARRAY[{texts}]::text[]))'
    return migrations.RunPython(_on_postgresql(create), _on_postgresql(f'DROP INDEX "{name}"'))
