"""What waits for one person, in words, for those who hand it over."""

from collections import Counter

from django.db.models import Count, Q

from accounts.compiled_queries import compiled_rows
from accounts.models import User
from reform.models import CoordinationRequest
from workflow.models import Contribution, Record
from workflow.states import CAME_BACK, UNDER_REVIEW, UNFINISHED, State

from .counts import to_report


def waiting_for(person: User) -> list[tuple[str, int]]:
    """(what, how much), without what there is none of."""
    return [(label, number) for label, number in _counts(person) if number]


def own_counts(clerk: User) -> tuple[int, int, int]:
    """How many drafts, how many that came back, and how many are under review."""

    def by_state(person):
        own = Record.objects.filter(dossier__department__in=person.assigned_department_ids)
        own = own.filter(state__in=UNFINISHED).order_by()
        # Counted, not filtered, by what else is asked of them: an index has states.
        number = Count("pk", filter=Q(state__in=UNDER_REVIEW) | Q(dossier__closed_at=None))
        return own.values_list("state").annotate(number=number)

    numbers = Counter(dict(compiled_rows("own by state", (), by_state, user=clerk)))
    came_back, under_review = (sum(numbers[state] for state in states) for states in (CAME_BACK, UNDER_REVIEW))
    return numbers[State.DRAFT], came_back, under_review


def _counts(person: User) -> list[tuple[str, int]]:
    if not person.is_clerk:
        return [
            ("待我审核", Record.objects.awaiting(person).count()),
            ("待下发", Record.objects.awaiting_issue(person).count()),
            ("提请协调", CoordinationRequest.objects.awaiting(person).count()),
        ]
    due = to_report(person)
    drafts, came_back, _ = own_counts(person)
    return [
        *((str(kind._meta.verbose_name), due[kind._meta.label_lower]) for kind in Record.kinds()),
        ("草稿", drafts),
        ("退回、驳回待修改", came_back),
        ("待提供配合材料", Contribution.objects.awaiting(person).count()),
    ]
