"""The states of a record, the same for every kind (one machine, drawn in `models.Record`)."""

from django.db import models


class State(models.TextChoices):
    DRAFT = "draft", "草稿"
    SUBMITTED = "submitted", "待部门审核"
    DEPT_APPROVED = "dept_approved", "待改革办审核"
    CONFIRMED = "confirmed", "已确认"
    ISSUED = "issued", "已下发"
    REJECTED = "rejected", "已驳回"
    RETURNED = "returned", "退回完善"
    VOIDED = "voided", "已作废"

    @property
    def tint(self) -> str:
        """The soft colour that stands beside the label, never instead of it."""
        return TINTS[self]


TINTS = {
    State.DRAFT: "grey",
    State.SUBMITTED: "amber",
    State.DEPT_APPROVED: "blue",
    State.CONFIRMED: "green",
    State.ISSUED: "green",
    State.REJECTED: "red",
    State.RETURNED: "red",
    State.VOIDED: "grey",
}

CAME_BACK = frozenset({State.REJECTED, State.RETURNED})
EDITABLE = CAME_BACK | {State.DRAFT}
UNDER_REVIEW = frozenset({State.SUBMITTED, State.DEPT_APPROVED})
SETTLED = frozenset({State.CONFIRMED, State.ISSUED})
UNFINISHED = EDITABLE | UNDER_REVIEW
REPORTED = UNDER_REVIEW | SETTLED
STANDING = UNFINISHED | SETTLED  # all but what was laid aside
STANDING_CHOICES = [choice for choice in State.choices if choice[0] in STANDING]
