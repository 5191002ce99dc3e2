"""What the office keeps in the admin."""

from reform import calendar_admin, ledger_admin, project_admin  # noqa: F401  (they register themselves)
