"""What waits for one person, in words, for those who hand it over."""

from django.db.models import Count

from accounts.kept_queries import kept_rows
from accounts.models import User
from reform.models import CoordinationRequest
from workflow.models import Contribution, Record
from workflow.states import State

from .counts import to_report


def waiting_for(person: User) -> list[tuple[str, int]]:
    """(what, how much), without what there is none of."""
    return [(label, number) for label, number in _counts(person) if number]


def in_hand_counts(clerk: User) -> tuple[int, int]:
    """How many drafts, and how many that came back."""

    def by_state():
        return Record.objects.in_hand(clerk).order_by().values_list("state").annotate(number=Count("pk"))

    numbers = dict(kept_rows("in hand by state", clerk.place, by_state))
    drafts = numbers.pop(State.DRAFT, 0)
    return drafts, sum(numbers.values())


def _counts(person: User) -> list[tuple[str, int]]:
    if not person.is_clerk:
        return [
            ("待我审核", Record.objects.awaiting(person).count()),
            ("待下发", Record.objects.awaiting_issue(person).count()),
            ("提请协调", CoordinationRequest.objects.awaiting(person).count()),
        ]
    due = to_report(person)
    drafts, came_back = in_hand_counts(person)
    return [
        *((str(kind._meta.verbose_name), due[kind._meta.label_lower]) for kind in Record.kinds()),
        ("草稿", drafts),
        ("退回、驳回待修改", came_back),
        ("待提供配合材料", Contribution.objects.awaiting(person).count()),
    ]
