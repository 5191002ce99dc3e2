"""改革领域."""

from accounts.tracked_forms import TrackedForm
from reform.models import Domain


class DomainForm(TrackedForm):
    widths = {"name": 7, "position": 3}

    class Meta:
        model = Domain
        fields = ["name", "position"]
        error_messages = {"name": {"unique": "已有这个改革领域，请核对。"}}
