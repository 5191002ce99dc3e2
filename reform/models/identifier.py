"""Numbers that people know a thing by."""

from django.db import models

from workflow.texts import normal_form


class IdentifierField(models.CharField):
    """Stores and looks up the normal form, so that two that look alike are one."""

    def to_python(self, value):
        value = super().to_python(value)
        return normal_form(value) if isinstance(value, str) else value
