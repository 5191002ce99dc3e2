"""How much waits for a person, for the frame of every page: one query, whatever the role."""

from collections import Counter

from django.db.models import CharField, Count, F, Value

from accounts.compiled_queries import compiled_rows
from reform.calendar import today
from reform.models import (
    BattleMap,
    CoordinationRequest,
    DueItem,
    PlanUpdate,
    SupervisionMatter,
    SupervisionReport,
    TargetUpdate,
)
from reform.models.due_item import MATTERS
from reform.models.project import CAN_BE_DRAWN
from workflow.models import Contribution, Message, Record

from .supervision_items import matters_to_report
from .work_items import projects_without_map

AWAITING, TO_ISSUE, UNREAD = "awaiting", "to_issue", "unread"
TO_CONTRIBUTE, TO_ANSWER, TO_CLOSE = "to_contribute", "to_answer", "to_close"
# Counted for each page: nobody has to read their messages, and in years they are hundreds of thousands.
MOST_UNREAD = 99
DATED = [  # what is due of them has rows
    kind._meta.label_lower for kind in (TargetUpdate, PlanUpdate, SupervisionReport)
]


def frame_counts(user):
    """{AWAITING, TO_ISSUE, UNREAD or a kind: how many}, for the navigation and the band; one beyond MOST_UNREAD."""
    return _sum(compiled_rows("frame", today(), frame_query, user=user))


def counts_of(request):
    """The same for a page that shows them itself, too: asked once."""
    if not hasattr(request, "frame_counts"):
        request.frame_counts = frame_counts(request.user)
    return request.frame_counts


def frame_query(user):
    """Of the person, their duties and the day alone."""
    unread = user.messages.unread().values("pk")[: MOST_UNREAD + 1]
    return _union(
        _number(Message.objects.filter(pk__in=unread), UNREAD),
        _number(Record.objects.awaiting(user), AWAITING),
        _number(Record.objects.awaiting_issue(user), TO_ISSUE),
        _number(Contribution.objects.awaiting(user), TO_CONTRIBUTE),
        _number(CoordinationRequest.objects.awaiting(user), TO_ANSWER),
        _number(SupervisionMatter.objects.awaiting(user), TO_CLOSE),
        *_to_report(user),
    )


def to_report(user):
    """{kind: how much waits for this clerk}: as many as are marked due in the list of its work items."""
    return _sum(_union(*_to_report(user)))


def _to_report(user):
    """What is due and the maps to begin; of kinds without a due date what is in hand."""
    if not user.is_clerk:
        return []
    departments = user.assigned_department_ids
    due = DueItem.objects.waiting(today()).filter(dossier__department__in=departments)
    in_hand = Record.objects.in_hand(user).exclude(kind__in=DATED)
    to_begin = projects_without_map(today().year).filter(CAN_BE_DRAWN, department__in=departments)
    return [
        due.order_by().values(of=F("kind")).annotate(number=MATTERS),
        in_hand.order_by().values(of=F("kind")).annotate(number=Count("pk")),
        _number(to_begin, BattleMap._meta.label_lower),
        _number(matters_to_report(user), SupervisionReport._meta.label_lower),
    ]


def _number(things, name):
    return things.order_by().annotate(of=Value(name, CharField())).values("of").annotate(number=Count("pk"))


def _union(first, *others):
    return first.union(*others, all=True).values_list("of", "number")


def _sum(rows):
    found = Counter()
    for name, number in rows:
        found[name] += number
    return found
