"""移交工作: all of one person's work goes to another of the same role; read before it is done, then done at once."""

import hashlib
import json
from dataclasses import dataclass
from functools import cached_property

from django.contrib.admin.models import CHANGE
from django.db.models import Q
from django.urls import reverse

from accounts import clock, history
from accounts.absences import Absence
from accounts.models import Department, Role, User
from workflow.actions import locking
from workflow.models import Message, Record
from workflow.models.message import MessageQuerySet
from workflow.refusals import ActionRefused

from .messages import newest_unread, number_text, pass_on


@dataclass(frozen=True)
class PersonHandover:
    """What `source` has to do goes to `target`; what they have done stays theirs."""

    source: User
    target: User

    def again(self) -> "PersonHandover":
        """The same, as it is now."""
        found = User.objects.select_related("department").in_bulk([self.source.pk, self.target.pk])
        return PersonHandover(found[self.source.pk], found[self.target.pk])

    def check(self) -> None:
        """Raises ActionRefused, with the sentence, when it cannot be done."""
        if not self.source.is_active:
            raise ActionRefused(f"{self.source}已停用，职责已经取消，没有需要移交的工作。")
        if self.source == self.target:
            raise ActionRefused("不能移交给本人，请选择承接工作的人员。")
        if not self.target.is_active or self.target.role != self.source.role:
            raise ActionRefused(f"{self.target}已停用或角色不同，请重新选择。")

    # --- Duties -------------------------------------------------------------------------------------

    @cached_property
    def departments(self) -> list[Department]:
        return _entrusted(self.source)

    @cached_property
    def departments_after(self) -> list[Department]:
        """Those for which the successor will do the work; none in particular means all, at the office."""
        own = _entrusted(self.target)
        if self.source.is_office_reviewer and not (self.departments and own):
            return []
        return sorted({*own, *self.departments}, key=lambda department: (department.position, department.name))

    # --- What goes with them --------------------------------------------------------------------------

    @cached_property
    def absences(self) -> list[Absence]:
        """外出委托 that are not over, of the person and with them in somebody's place."""
        open_ones = Absence.objects.overlapping(clock.today(), clock.today().max)
        found = open_ones.filter(Q(person=self.source) | Q(stand_in=self.source))
        return list(found.select_related("person", "stand_in"))

    def absence_words(self) -> list[str]:
        return [
            f"{absence}：改由{self.target}代办" if self.goes_on(absence) else f"{absence}：即行结束"
            for absence in self.absences
        ]

    def goes_on(self, absence: Absence) -> bool:
        """Whether the successor stands in from now on."""
        return absence.stand_in_id == self.source.pk and absence.person_id != self.target.pk

    def messages(self) -> MessageQuerySet:
        return Message.objects.filter(recipient=self.source)

    def messages_text(self) -> str:
        return number_text(self.messages())

    @cached_property
    def warnings(self) -> list[str]:
        """What the successor may not decide on: nobody reviews what they submitted."""
        own = Record.objects.awaiting(self.source).filter(submitter=self.target).count()
        return [f"待审核的记录中有 {own} 件由{self.target}本人上报，须由其他人员审核。"] if own else []

    @cached_property
    def token(self) -> str:
        """Another one when something else would go."""
        facts = [
            [self.source.pk, self.source.role, self.source.department_id, self.target.pk, self.target.department_id],
            [[department.pk for department in found] for found in (self.departments, self.departments_after)],
            self.absence_words(),
            self.warnings,
        ]
        return hashlib.sha256(json.dumps(facts, ensure_ascii=False).encode()).hexdigest()[:32]


def _entrusted(user: User) -> list[Department]:
    return list(Department.objects.filter(entrustments__user=user).distinct())


@locking()
def carry_out(shown: PersonHandover, user: User, token: str) -> tuple[PersonHandover, bool]:
    """The handover as it is now, and whether it was done: not, when it is no longer the one with that token.

    Raises ActionRefused when it cannot be done any more, Busy when something stays locked.
    """
    people = User.objects.select_for_update(no_key=True).filter(pk__in=[shown.source.pk, shown.target.pk])
    list(people.order_by("pk"))
    now = shown.again()
    now.check()
    if now.token != token:
        return now, False
    pass_on({message: [now.target.pk] for message in newest_unread(now.messages())})
    _settle_absences(now)
    _entrust(now)
    now.source.is_active = False
    now.source.save()
    names = "、".join(map(str, now.departments)) or ("全部单位" if now.source.is_office_reviewer else "没有受托单位")
    history.log_all(
        user,
        CHANGE,
        [
            (now.source, f"工作移交给{now.target}（{names}）；启用：是 → 否"),
            (now.target, f"承接{now.source}的工作（{names}）"),
        ],
    )
    text = f"{now.source}的工作（{names}）已移交给您，请查看待办事项。"
    key = f"handover-person-{now.source.pk}-{clock.now():%Y%m%d%H%M%S}"
    Message.objects.deliver([Message(recipient=now.target, key=key, text=text, path=reverse("home"))])
    return now, True


def _entrust(now: PersonHandover) -> None:
    if not now.departments_after and now.target.role == Role.OFFICE_REVIEWER:
        now.target.entrustments.all().delete()  # looks after all, as the predecessor or they themselves did
        return
    for department in now.departments_after:
        now.target.assign(department)


def _settle_absences(now: PersonHandover) -> None:
    for absence in now.absences:
        if now.goes_on(absence):
            absence.stand_in = now.target
        else:
            absence.ended_at = clock.now()
        absence.save()
