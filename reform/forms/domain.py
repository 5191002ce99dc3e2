"""改革领域 and 专项小组: the lists that base info chooses from."""

from accounts.tracked_forms import TrackedForm
from reform.models import Domain, TaskForce


class DomainForm(TrackedForm):
    widths = {"name": 7, "position": 3}

    class Meta:
        model = Domain
        fields = ["name", "position"]
        error_messages = {"name": {"unique": "已有这个改革领域，请核对。"}}


class TaskForceForm(TrackedForm):
    widths = {"name": 7, "position": 3}

    class Meta:
        model = TaskForce
        fields = ["name", "position"]
        error_messages = {"name": {"unique": "已有这个专项小组，请核对。"}}
