"""What the office keeps in the admin, and the log of exports for the auditor."""

from . import calendar, ledger_exports, projects  # noqa: F401  (they register themselves)
