"""The database itself refuses to change the audit log."""

from django.db.backends.base.base import BaseDatabaseWrapper

TABLES = ("accounts_auditentry", "accounts_auditlink")
REFUSAL = "the audit log is append-only"

_POSTGRESQL = f"""
CREATE OR REPLACE FUNCTION refuse_to_rewrite_audit() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION '{REFUSAL}' USING ERRCODE = 'insufficient_privilege'; END $$
"""


def create_triggers(connection: BaseDatabaseWrapper) -> None:
    """UPDATE, DELETE and, where there is one, TRUNCATE of these tables fail."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(_POSTGRESQL)
        for table in TABLES:
            if connection.vendor == "postgresql":
                cursor.execute(
                    f"CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table}"
                    " FOR EACH STATEMENT EXECUTE FUNCTION refuse_to_rewrite_audit()"
                )
                continue
            for verb in ("UPDATE", "DELETE"):
                cursor.execute(
                    f"CREATE TRIGGER {table}_{verb.lower()} BEFORE {verb} ON {table}"
                    f" BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END"
                )


def drop_triggers(connection: BaseDatabaseWrapper) -> None:
    """For whoever owns the tables: to take the migration back, and for tests to empty their database."""
    with connection.cursor() as cursor:
        for table in TABLES:
            if connection.vendor == "postgresql":
                cursor.execute(f"DROP TRIGGER append_only ON {table}")
            else:
                cursor.execute(f"DROP TRIGGER {table}_update")
                cursor.execute(f"DROP TRIGGER {table}_delete")
