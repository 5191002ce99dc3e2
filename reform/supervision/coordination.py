"""提请协调: a department raises a problem of a record, the office takes it as a 督办事项 or answers."""

from typing import Any

from django.core.exceptions import ObjectDoesNotExist

from accounts import clock
from accounts.models import Role, User
from reform.models import CoordinationRequest, Origin, RequestStatus, SupervisionMatter
from reform.models.coordination_request import RAISED_FROM, problem_text
from workflow import rules
from workflow.actions import lock_dossier, locking
from workflow.models import Message, Record
from workflow.refusals import ActionRefused, Gone

from .matters import notify_raised

DECIDED = "这件提请已由{name}办理：{status}。"


def may_raise(record: Record, user: User) -> bool:
    """Whether the record's problem is this person's to raise: draws the button and guards the POST."""
    return rules.may_enter(record, user) and record.state in RAISED_FROM and bool(problem_text(record))


@locking()
def raise_problem(pk: int, user: User) -> CoordinationRequest:
    """提请协调, once however often the button is pressed. Raises ActionRefused; Gone for strangers."""
    try:
        known = Record.objects.visible_to(user).get(pk=pk)
        lock_dossier(known.dossier_id)
        record = Record.objects.get(pk=pk).specific
    except ObjectDoesNotExist:
        raise Gone from None
    raised = CoordinationRequest.objects.filter(source=pk).first()
    if raised and rules.may_enter(record, user):
        return raised
    if not may_raise(record, user):
        raise ActionRefused("这条记录现在不能提请协调：须已上报，并填有存在问题。")
    raised = CoordinationRequest.objects.create(source_id=pk, text=problem_text(record), raised_by=user)
    words = f"提请协调 · {record.dossier.name}：{record.department}提请协调解决存在问题（{record.title}）。"
    _notify(record.department.people_in_charge(Role.OFFICE_REVIEWER), raised, words, "raised")
    return raised


def may_decide(raised: CoordinationRequest, user: User) -> bool:
    """Draws the forms and guards the POST."""
    is_theirs = user.is_office_reviewer and rules.is_assigned(raised.source.dossier, user)
    return is_theirs and raised.status == RequestStatus.OPEN


@locking()
def take(pk: int, user: User, *, text: str, **facts: Any) -> SupervisionMatter:
    """列为督办事项: a matter that leads back to the record; `facts` are what the office says of it."""
    raised = _locked(pk, user)
    record = raised.source.specific
    plan = getattr(record, "plan", None)
    matter = SupervisionMatter.objects.raise_matter(
        user,
        text=text,
        origin=Origin.RAISED,
        source_id=raised.source_id,
        of_project=getattr(record.dossier, "project", None),
        plan=plan,
        **facts,
    )
    _decide(raised, user, RequestStatus.TAKEN, matter=matter)
    notify_raised(matter)
    return matter


@locking()
def answer(pk: int, user: User, words: str) -> CoordinationRequest:
    """答复: the office answers without making a matter of it."""
    raised = _locked(pk, user)
    _decide(raised, user, RequestStatus.ANSWERED, answer=words)
    people = raised.source.department.people_in_charge(Role.ENTRY)
    _notify(people, raised, f"提请协调 · {raised.source.dossier.name}：市委改革办答复：{words}", "answered")
    return raised


def _locked(pk: int, user: User) -> CoordinationRequest:
    known = CoordinationRequest.objects.visible_to(user).select_related("source").filter(pk=pk).first()
    if known is None:
        raise Gone
    lock_dossier(known.source.dossier_id)
    raised = CoordinationRequest.objects.select_related("source__dossier__department", "decided_by").get(pk=pk)
    if raised.status != RequestStatus.OPEN and raised.decided_by:
        raise ActionRefused(DECIDED.format(name=raised.decided_by.full_name, status=raised.get_status_display()))
    if not may_decide(raised, user):
        raise ActionRefused("这件提请不由您办理。")
    return raised


def _decide(raised: CoordinationRequest, user: User, status: RequestStatus, **facts: Any) -> None:
    raised.status, raised.decided_by, raised.decided_at = status, user, clock.now()
    for name, value in facts.items():
        setattr(raised, name, value)
    raised.save()


def _notify(people: Any, raised: CoordinationRequest, words: str, key: str) -> None:
    Message.objects.deliver(
        [
            Message(recipient=person, key=f"request-{raised.pk}-{key}", text=words, path=raised.get_absolute_url())
            for person in people
        ]
    )
