"""What the office keeps in the admin, and the log of exports for the auditor."""

from reform import calendar_admin, ledger_admin, project_admin  # noqa: F401  (they register themselves)
