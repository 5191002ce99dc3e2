"""The handover itself: all of it in one transaction, or nothing."""

from django.contrib.admin.models import ADDITION, CHANGE
from django.urls import reverse

from accounts import clock, history
from accounts.models import Department, Role, User
from reform.models.project import hand_over, set_partners
from workflow import contributions
from workflow.actions import lock_dossiers, locking
from workflow.models import Message

from . import measures
from .contents import STAFF, Handover
from .messages import newest_unread, pass_on


@locking()
def carry_out(shown: Handover, user: User, token: str) -> tuple[Handover, bool]:
    """The handover as it is now, and whether it was done: not, when it is no longer the one with that token.

    Raises ActionRefused when it cannot be done any more, Busy when something stays locked.
    """
    _lock(shown)
    now = shown.again()
    now.check()
    if now.token != token:
        return now, False
    pending = list(newest_unread(now.messages()).select_related("recipient"))
    if now.target.pk is None:
        now.target.save()
        history.log(user, now.target, ADDITION, f"新增（由{now.source}分设）")
    _move_projects(now)
    for place in now.matter_places:
        place.project.hand_over(*place.after, user, f"{place.sentence}（机构调整）")
    _move_people(now)
    if now.closes:
        now.source.is_active = False
        now.source.save()
    _write_history(now, user)
    _pass_on(pending, now.target)
    _notify(now, user)
    return now, True


def _lock(shown):
    """Departments before dossiers before people, each in the order of their keys, like everybody else.

    `no_key`: what is filed meanwhile may still refer to the departments.
    """
    departments = Department.objects.select_for_update(no_key=True).filter(pk__in=[shown.source.pk, shown.target.pk])
    list(departments.order_by("pk"))
    lock_dossiers([dossier.pk for dossier in [*shown.projects, *shown.matters]])
    people = [user.pk for user in [*shown.people, *shown.entrusted]]
    list(User.objects.select_for_update(no_key=True).filter(pk__in=people).order_by("pk"))


def _move_projects(now):
    keys = [project.pk for project in now.projects]
    set_partners({place.project.pk: place.partners_after for place in now.places})
    hand_over(now.responsible, now.target)
    measures.hand_over(keys, now.source, now.target)
    contributions.hand_over(keys, now.source, now.target)


def _move_people(now):
    for person in now.people:
        person.department = now.target
        person.save()
    for person in now.entrusted:
        person.unassign(now.source)
        person.assign(now.target)


def _write_history(now, user):
    if now.closes:
        gone, come = f"并入{now.target}：{now.counted}；启用：是 → 否", f"{now.source}并入：{now.counted}"
    else:
        gone, come = f"分设：{now.counted}划入{now.target}", f"由{now.source}划入：{now.counted}"
    if now.entrusted:
        come += f"；增加受托人员：{'、'.join(person.full_name for person in now.entrusted)}"
    entries = [(now.source, gone), (now.target, come)]
    entries += [(place.project, f"{place.sentence}（机构调整）") for place in now.places]
    for mover in now.movers:
        lost = mover.lost(now.source)
        words = f"；不再受托办理{'、'.join(map(str, lost))}" if lost else ""
        entries.append((mover.user, f"所属单位：{now.source} → {now.target}{words}（机构调整）"))
    history.log_all(user, CHANGE, entries)


# --- Messages ---------------------------------------------------------------------------------------


def _pass_on(pending, target):
    """What somebody can no longer read concerns those who do their work now."""
    staff = {role: Department.people_by_department(role).get(target.pk, []) for role in STAFF}
    left = [message for message in pending if message.recipient_id not in staff[message.recipient.role]]
    pass_on({message: staff[message.recipient.role] for message in left})


def _notify(now, user):
    """Those who have moved, and those who work for either department."""
    if now.closes:
        words = f"{now.source}已并入{now.target}，{now.counted}由{now.target}承接"
    else:
        words = f"{now.source}的 {now.counted}已划入{now.target}"
    concerned = {person for person in now.people if person.is_active}
    for department in (now.source, now.target):
        for role in (*STAFF, Role.OFFICE_REVIEWER):
            concerned |= {*department.people_in_charge(role)}
    key, text = f"handover-{now.source.pk}-{clock.now():%Y%m%d%H%M%S}", f"机构调整：{words}，请核对职责和在办事项。"
    Message.objects.deliver(
        [
            Message(
                recipient=person,
                key=key,
                text=text,
                path=reverse("reform:projects") if person.reads_records else "",
            )
            for person in sorted(concerned - {user}, key=lambda person: person.pk)
        ]
    )
