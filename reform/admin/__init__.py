"""What the office keeps in the admin, and the log of exports for the auditor."""

from reform.calendar import admin as calendar_admin  # noqa: F401  (they register themselves)

from . import ledger_exports, projects  # noqa: F401
