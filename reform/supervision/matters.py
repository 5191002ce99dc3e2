"""What the office does with a 督办事项, and whom it tells."""

from collections.abc import Sequence

from accounts import clock
from accounts.models import Department, Role, User
from reform.models import Progress, Step, SupervisionMatter, SupervisionReport
from workflow import rules
from workflow.actions import lock_dossier, locking
from workflow.models import Message
from workflow.refusals import ActionRefused, Gone
from workflow.states import SETTLED, UNDER_REVIEW, State

STALE = "这个督办事项刚刚有新的进展，请核对后再办理。"


def may_supervise(matter: SupervisionMatter, user: User) -> bool:
    """Whether the matter is this person's to close, to send back and to write letters about."""
    return user.is_office_reviewer and rules.is_assigned(matter, user)


def reports(matter: SupervisionMatter):
    return SupervisionReport.objects.filter(dossier=matter)


def steps_open(matter: SupervisionMatter, user: User) -> list[Step]:
    """What this person can do to the matter now: draws the buttons and guards the POST."""
    if not may_supervise(matter, user) or matter.closed_at or not reports(matter).filter(state__in=SETTLED).exists():
        return []
    if reports(matter).filter(state__in=UNDER_REVIEW).exists():
        return []
    return [Step.CLOSED, Step.RETURNED] if matter.progress == "reported" else [Step.CLOSED]


def locked(pk, user, version=None):
    """The matter, as the person saw it where a `version` is named, its dossier locked (call it inside `locking`)."""
    matter = SupervisionMatter.objects.visible_to(user).filter(pk=pk).first()
    if matter is None:
        raise Gone
    lock_dossier(pk)
    matter = SupervisionMatter.objects.select_related("department").get(pk=pk)
    if version is not None and matter.version != version:
        raise ActionRefused(STALE)
    return matter


@locking()
def take_step(pk: int, step: str, user: User, version: int, words: str) -> SupervisionMatter:
    """办结 or 退回, with words; raises ActionRefused."""
    matter = locked(pk, user, version)
    if step not in steps_open(matter, user):
        raise ActionRefused("这个督办事项现在不能进行这项操作，请核对办理情况。")
    if not words:
        raise ActionRefused("请填写意见。")
    matter.move(Step(step), user, words)
    notify(
        matter, f"市委改革办{'已办结' if step == Step.CLOSED else '退回继续办理'}：{words}", f"step-{matter.version}"
    )
    return matter


def waits_for(matter: SupervisionMatter) -> Role | None:
    """Whom in the department the matter waits for; None when it waits for the office or is closed."""
    if matter.progress != Progress.OPEN:
        return None
    state = reports(matter).filter(state__in=UNDER_REVIEW).values_list("state", flat=True).first()
    return {None: Role.ENTRY, State.SUBMITTED: Role.DEPT_REVIEWER}.get(state)


def may_urge(matter: SupervisionMatter, user: User) -> bool:
    """Draws the button 催办 and guards the POST."""
    return may_supervise(matter, user) and waits_for(matter) is not None


@locking()
def urge(pk: int, user: User) -> int:
    """催办: notify those whom the matter waits for, once a day; how many were told. Raises ActionRefused."""
    matter = locked(pk, user)
    role = waits_for(matter)
    if role is None or not may_supervise(matter, user):
        raise ActionRefused("这个督办事项现在不在责任单位，不需要催办。")
    what = "填写办理反馈" if role == Role.ENTRY else "审核办理反馈"
    words = f"市委改革办催办，办理时限 {matter.due_on:%Y-%m-%d}，请抓紧办理并{what}。"
    return notify(matter, words, f"urge-{clock.today():%Y-%m-%d}", roles=[role])


def notify(
    matter: SupervisionMatter,
    words: str,
    key: str,
    departments: Sequence[Department] = (),
    roles: Sequence[Role] = (Role.ENTRY, Role.DEPT_REVIEWER),
) -> int:
    """Tell those people of the department that leads, or of these, once for a `key`; how many were told."""
    people = {
        person.pk: person
        for department in (departments or [matter.department])
        for role in roles
        for person in department.people_in_charge(role)
    }
    return Message.objects.deliver(
        [
            Message(
                recipient=person,
                key=f"matter-{matter.pk}-{key}",
                text=f"督办事项 · {matter.name}：{words}",
                path=matter.get_absolute_url(),
            )
            for person in people.values()
        ]
    )


def notify_raised(matter: SupervisionMatter) -> None:
    """Those who lead and those who assist learn of a new matter."""
    words = f"市委改革办交{matter.department}牵头办理，办理时限 {matter.due_on:%Y-%m-%d}。"
    notify(matter, words, "raised", [matter.department, *matter.partners.all()])
