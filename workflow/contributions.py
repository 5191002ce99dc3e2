"""配合材料 of a record that is being written: asked, given, taken over or not. Nothing else changes their status."""

from collections.abc import Callable, Iterable, Sequence
from datetime import date
from typing import Any

from django.conf import settings
from django.db.models import Q
from django.urls import reverse

from accounts import clock
from accounts.compiled_prefetch import prefetch_compiled
from accounts.models import Department, Role, User

from . import rules
from .actions import lock_dossier, lock_editable, locking
from .files import Shelf
from .formats import near_day_words
from .models import Attachment, ContributedFile, Contribution, Message, Record
from .models.contribution import ENDED
from .models.contribution import ContributionStatus as Status
from .refusals import ActionRefused, NoSuchMatter
from .states import EDITABLE


def askable(record: Record) -> list[Department]:
    """The partner departments that can be asked now."""
    busy = record.contributions.exclude(status__in=ENDED).values("department")
    return list(record.dossier.partners.filter(is_active=True).exclude(pk__in=busy))


@locking()
def ask(record: Record, user: User, departments: Sequence[Department], due_on: date, wanted: str) -> list[Department]:
    """Ask these departments; returns those of them that have nobody who could answer. Raises ActionRefused."""
    record = lock_editable(record.pk, user)
    known = {found.department_id: found for found in record.contributions.select_related("record__dossier")}
    possible = set(askable(record))
    alone = []
    for department in departments:
        if department not in possible:  # asked already, by a second click or by somebody else
            continue
        contribution = known.get(department.pk) or Contribution(record=record, department=department)
        contribution.status, contribution.wanted, contribution.due_on = Status.ASKED, wanted, due_on
        contribution.asked_by, contribution.asked_at = user, clock.now()
        contribution.given_at = contribution.settled_at = None
        contribution.version += 1
        contribution.save()
        people = department.people_in_charge(Role.ENTRY)
        words = f"{record.department}请贵单位提供配合材料，{until(contribution)}。" + (
            f"需要的材料：{wanted}" if wanted else ""
        )
        _notify(contribution, "asked", people, words)
        if not people.exists():
            alone.append(department)
    return alone


def lock_open(pk: int, user: User) -> Contribution:
    """The contribution, locked to be written by its department (call it inside `locking`); raises ActionRefused."""
    try:
        known = Contribution.objects.visible_to(user).select_related("record").get(pk=pk)
    except Contribution.DoesNotExist as error:
        raise NoSuchMatter from error
    lock_dossier(known.record.dossier_id)
    found = Contribution.objects.with_related().select_for_update(of=("self",)).get(pk=pk)
    if not rules.may_contribute(found, user):
        raise ActionRefused(why_closed(found, user))
    return found


def why_closed(found: Contribution, user: User) -> str:
    """Why this person cannot write it now."""
    if not user.is_clerk:
        return "配合材料由录入人员填写。"
    if found.status == Status.WITHDRAWN:
        return f"{found.record.department}已撤回，不必提供。"
    if found.status != Status.ASKED:
        return f"配合材料{found.get_status_display()}，不能再修改。"
    if found.record.state not in EDITABLE:
        return f"{found.record.department}的这次更新已上报，现在不能再提供配合材料。"
    return "项目已销号，不必再提供配合材料。"


@locking()
def write(pk: int, user: User, version: int, text: str, *, give: bool) -> Contribution:
    """Keep the department's text, and with `give` hand it to who asked; raises ActionRefused."""
    found = lock_open(pk, user)
    if found.version != version:
        raise ActionRefused("本单位的其他同志刚刚修改过，请核对最新内容后再保存。")
    found.text = text
    found.version += 1
    if give:
        if not text and not found.files.current().exists():
            raise ActionRefused("请填写配合情况，或上传附件。")
        found.status, found.given_by, found.given_at = Status.GIVEN, user, clock.now()
    found.save()
    if give:
        people = found.record.department.people_in_charge(Role.ENTRY)
        words = f"{found.department}{user.full_name}已提供配合材料，请决定是否采用。"
        _notify(found, "given", people, words, reverse("editing:edit", args=[found.record_id]))
    return found


def shelf(found: Contribution, user: User) -> Shelf:
    """Where its files are kept."""
    return Shelf(found.files, lambda: lock_open(found.pk, user))


@locking()
def remove_file(found: Contribution, user: User, file_pk: int) -> None:
    """Raises ActionRefused, or ContributedFile.DoesNotExist."""
    lock_open(found.pk, user)
    found.files.current().get(pk=file_pk).remove(user)


def take(found: Contribution, record: Any, user: User) -> str:
    """采用: its text and files become the record's."""
    if found.text:
        record.take_over(found.department, found.text)
    known = set(record.attachments.current().values_list("digest", "name"))
    new = [file for file in found.files.current().filter(purged_at=None) if (file.digest, file.name) not in known]
    if len(known) + len(new) > settings.ATTACHMENT_MAX_COUNT:
        raise ActionRefused(f"采用后附件超过 {settings.ATTACHMENT_MAX_COUNT} 个，请先移除一些附件。")
    for file in new:
        fields = {name: getattr(file, name) for name in ("name", "file", "size", "digest", "uploader")}
        Attachment.objects.create(record_id=record.pk, **fields)
    record.version += 1
    record.save()
    _settle(found, Status.TAKEN)
    _notify(found, "taken", [found.given_by], f"{record.department}已采用贵单位的配合材料。")
    return f"已采用{found.department}的配合材料，请在“已开展工作”和附件中核对。"


def decline(found: Contribution, record: Any, user: User) -> str:
    """不采用."""
    _settle(found, Status.DECLINED)
    _notify(found, "declined", [found.given_by], f"{record.department}没有采用贵单位的配合材料。")
    return f"没有采用{found.department}的配合材料，需要时可以再次请其提供。"


def withdraw(found: Contribution, record: Any, user: User) -> str:
    """撤回 of what was not given yet."""
    _settle(found, Status.WITHDRAWN)
    people = found.department.people_in_charge(Role.ENTRY)
    _notify(found, "withdrawn", people, f"{record.department}已撤回，不必提供配合材料。")
    return f"已撤回，{found.department}不必再提供。"


def urge(found: Contribution, record: Any, user: User) -> str:
    """催办, once a day."""
    people = found.department.people_in_charge(Role.ENTRY)
    text = f"{record.department}催办：{found.matter}的配合材料还未提供，{until(found)}，请抓紧提供。"
    key = f"urge-{clock.today():%Y-%m-%d}-contribution-{found.pk}"
    sent = Message.objects.deliver([_message(found, person, key, text) for person in people])
    return f"已催办{found.department}。" if sent else f"今天已催办过{found.department}，不再重复发送。"


# From which status each is taken.
STEPS: dict[str, tuple[Status, Callable[[Contribution, Any, User], str]]] = {
    "take": (Status.GIVEN, take),
    "decline": (Status.GIVEN, decline),
    "withdraw": (Status.ASKED, withdraw),
    "urge": (Status.ASKED, urge),
}


@locking()
def step(record: Record, user: User, name: str, pk: int) -> str:
    """Do one of STEPS to a contribution of the record; returns what was done. Raises ActionRefused."""
    record = lock_editable(record.pk, user)
    found = record.contributions.with_related().filter(pk=pk).first()
    if found is None or name not in STEPS:
        raise ActionRefused("没有这份配合材料。")
    needed, do = STEPS[name]
    if found.status != needed:
        raise ActionRefused(f"{found.department}的配合材料现在是“{found.get_status_display()}”，请核对后再操作。")
    return do(found, record, user)


def hand_over(dossiers: Iterable[int], source: Department, target: Department) -> None:
    """What is still to be given is its successor's part; none, where that was asked itself or answers for the whole."""
    waiting = Contribution.objects.filter(status=Status.ASKED, record__dossier__in=dossiers)
    twice = Contribution.objects.filter(department=target).values("record")
    waiting.filter(department=source).exclude(record__in=twice).update(department=target)
    own = Q(department=target, record__dossier__department=target)
    waiting.filter(Q(department=source) | own).update(status=Status.WITHDRAWN, settled_at=clock.now())


def until(found: Contribution) -> str:
    return f"截止{near_day_words(found.due_on)}"


def editing_context(record: Any) -> dict[str, Any]:
    """What workflow/_contributions_edit.html shows."""
    if not record.takes_contributions:
        return {}
    found = shown(record) if record.pk else []
    asked = {contribution.department_id for contribution in found if contribution.status not in ENDED}
    partners = record.dossier.partners.filter(is_active=True).values_list("pk", flat=True)
    return {"contributions": found, "may_ask": bool(set(partners) - asked)}


def shown(record: Record) -> list[Contribution]:
    """The record's contributions, each with its `kept_files`: to who sees how the record came about."""
    found = record.every_contribution()
    prefetch_compiled(found, "department")
    files: dict[int, list[ContributedFile]] = {}
    for file in ContributedFile.objects.current().filter(contribution__in=found) if found else ():
        files.setdefault(file.contribution_id, []).append(file)
    for contribution in found:
        contribution.kept_files = files.get(contribution.pk, [])  # type: ignore[attr-defined]  # for the template
    return found


def _settle(found: Contribution, status: Status) -> None:
    found.status, found.settled_at = status, clock.now()
    found.version += 1
    found.save()


def _notify(found: Contribution, what: str, people: Iterable[User | None], words: str, path: str = "") -> None:
    key = f"contribution-{found.pk}-{found.version}-{what}"
    text = f"{found.matter}：{words}"
    Message.objects.deliver([_message(found, person, key, text, path) for person in people if person])


def _message(found: Contribution, person: User, key: str, text: str, path: str = "") -> Message:
    address = path or reverse("workflow:contribution", args=[found.pk])
    return Message(recipient=person, key=key, text=text, path=address)
