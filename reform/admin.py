"""What the office keeps in the admin."""

from reform import calendar_admin  # noqa: F401  (registers itself)
