"""Who signs in, and what their role lets them do outside of records."""

from django.conf import settings
from django.contrib.auth.backends import ModelBackend

from accounts.compiled_queries import compiled_rows
from accounts.models import User


class RoleBackend(ModelBackend):
    """Permissions are those that settings give to the role; rows of groups or people count for nothing."""

    def get_user(self, user_id):
        def person(pk):
            # The band of every page names the department.
            return User.objects.select_related("department").filter(pk=pk)

        found = compiled_rows("person", (), person, pk=user_id)
        return found[0] if found and self.user_can_authenticate(found[0]) else None

    def get_all_permissions(self, user_obj, obj=None):
        if obj is not None or user_obj.is_anonymous or not user_obj.is_active:
            return set()
        return settings.ROLE_PERMISSIONS.get(user_obj.role, set())
