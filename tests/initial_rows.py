"""What migrations write into a new database beside its tables, for one whose tables were made from the models."""

from importlib import import_module

from django.apps import apps
from django.db import connection
from django.db.migrations import RunPython

from reform.models import Domain

MIGRATIONS = [
    "accounts.migrations.0006_audit_log",  # triggers
    "workflow.migrations.0002_reason_categories",
    "reform.migrations.0002_domains_and_calendar",
    "reform.migrations.0006_first_revisions",
    "reform.migrations.0009_known_calendar_years",
    "reform.migrations.0023_search",
    "reform.migrations.0029_search_of_matters_and_bulletins",
]


def write():
    if Domain.objects.exists():  # a database kept with --reuse-db
        return
    with connection.schema_editor() as editor:
        for name in MIGRATIONS:
            for operation in import_module(name).Migration.operations:
                if isinstance(operation, RunPython):
                    operation.code(apps, editor)
