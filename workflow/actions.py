"""What a person can do to a record now, and the one function that does it."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from django.core.exceptions import ObjectDoesNotExist
from django.db import OperationalError, transaction
from django_fsm import can_proceed

from accounts.audit.entries import Action as Audited
from accounts.audit.writing import write
from accounts.models import User
from accounts.waiting import waited_in_vain

from . import notifications, rules
from .items import Item, first_closed_change
from .models import ContributedFile, Dossier, Event, Record
from .models.contribution import ENDED
from .refusals import CLOSED, ActionRefused, Busy, Closed, ClosedItem, Gone, Incomplete, NotAll, StaleVersion
from .states import EDITABLE, UNDER_REVIEW, State

Permission = Callable[[Record, User], bool]


@dataclass(frozen=True)
class Action:
    """A transition as a button: `name` is the method of Record that moves the state."""

    name: str
    label: str
    allowed: Permission
    tone: str = "plain"  # primary, plain or danger
    needs_reason: bool = False  # one of the list
    needs_detail: bool = False

    @property
    def takes_items(self) -> bool:
        """Whether it may open some of the content alone."""
        return self.name in Event.REJECTIONS

    def missing_words(self, reason: str, detail: str) -> dict[str, str]:
        """{field: what is still to be given} before it can be done."""
        missing = {}
        if self.needs_reason and not reason:
            missing["reason"] = "请选择驳回原因。"
        if self.needs_detail and not detail.strip():
            missing["detail"] = "请填写详细描述。" if self.needs_reason else f"请填写{self.label}理由。"
        return missing


ACTIONS = (
    Action("submit", "保存并上报", rules.may_enter, "primary"),
    Action("withdraw", "撤回", rules.may_enter),
    Action("approve", "通过", rules.may_review, "primary"),
    Action("confirm", "确认", rules.may_confirm, "primary"),
    Action("send_back", "退回完善", rules.may_confirm, needs_reason=True, needs_detail=True),
    Action("reject", "驳回", rules.may_reject, "danger", needs_reason=True, needs_detail=True),
    Action("take_back", "撤回", rules.may_review),
    Action("issue", "下发", rules.may_confirm, "primary"),
    Action("void", "作废", rules.may_void, "danger", needs_detail=True),
)


def available(record: Record, user: User) -> list[Action]:
    """The actions open to this person on this record now: draws the buttons and guards the POST."""
    return [action for action in ACTIONS if can_proceed(getattr(record, action.name)) and action.allowed(record, user)]


def why_nothing(record: Record, user: User) -> str:
    """To somebody with nothing to do on this record: why, in a sentence."""
    if not rules.may_see_history(record, user):
        return "您所在单位是配合单位，可以查看，不办理。"
    if record.state in UNDER_REVIEW:
        at_its_level = user.is_dept_reviewer if record.state == State.SUBMITTED else user.is_office_reviewer
        if at_its_level and record.submitter_id == user.pk:
            return "本人上报的内容不能由本人审核。"
        if at_its_level:
            return f"{record.department}的填报内容由市委改革办其他同志审核。"
        if record.state == State.SUBMITTED:
            return "等待部门审核人员审核，通过后转市委改革办。"
        return "部门审核已通过，等待市委改革办审核，现在不能撤回。"
    if record.state in EDITABLE and record.dossier.closed_at:
        return CLOSED
    if record.state in EDITABLE:
        return f"等待{record.department}录入人员修改后上报。"
    if record.state == State.CONFIRMED and record.issuable:
        return "已确认，等待市委改革办下发。"
    if record.state == State.ISSUED:
        return "已下发，内容不再更改；有变化的，通过“措施迭代申请”等申请办理。"
    return f"{record.get_state_display()}，内容不再更改。"


# What `locking` looks at before it ends: records of which some items alone are open, as they were when locked.
_watched: ContextVar[list[tuple[Record, dict[str, Any]]]] = ContextVar("watched")


@contextmanager
def locking() -> Iterator[None]:
    """A transaction that waits for locks; Busy when it waits in vain, ClosedItem when something closed has changed."""
    try:
        with transaction.atomic():
            token = _watched.set([])
            try:
                yield
                for record, before in _watched.get():
                    _check_closed(record, before)
            finally:
                _watched.reset(token)
    except OperationalError as error:
        if waited_in_vain(error):
            raise Busy from error
        raise


def _check_closed(record: Record, before: dict[str, Any]) -> None:
    after = type(record).objects.get(pk=record.pk).full_snapshot()
    name = first_closed_change(record.item_patterns, before, after, record.opened)
    if name is not None:
        raise ClosedItem(name)


@locking()
def perform(
    pk: int,
    name: str,
    user: User,
    version: int,
    *,
    reason: str = "",
    detail: str = "",
    items: Mapping[str, str] = MappingProxyType({}),
    address: str | None = None,
) -> Record:
    """Do the action `name` on the record as the person saw it (its `version`), and return the record as it is then.

    `items`, of what sends back: {address: words} of what alone is opened.

    Raises Gone (for strangers too), StaleVersion, Incomplete, Busy, or ActionRefused with the reason.
    Doing the same thing to the same version twice does it once; with other words, it is a StaleVersion.
    """
    record = _locked(pk, user)
    if record.version != version:
        before = record.events.filter(actor=user, action=name, version=version).first()
        if before is not None and before.says(reason, detail, items):
            return record
        raise StaleVersion(record, user)
    action = next((action for action in available(record, user) if action.name == name), None)
    if action is None:
        raise ActionRefused(f"这条记录现在是“{record.get_state_display()}”，您不能进行这项操作。")
    if missing := action.missing_words(reason, detail):
        raise ActionRefused("".join(missing.values()))
    submitting = name == "submit"
    if submitting and (problems := record.problems()):
        raise Incomplete(problems)

    event = Event(record_id=pk, actor=user, actor_name=user.full_name, actor_department=user.department.name)
    event.principal_name = _principal_name(record, user)
    event.action, event.version, event.from_state = name, version, record.state
    event.reason = reason if action.needs_reason else ""
    event.detail, event.address = detail.strip(), address
    event.items = _named(record, items if action.takes_items else {})
    getattr(record, name)()
    event.to_state = record.state
    record.version += 1
    if submitting:
        record.submitter, record.submitted_at = user, event.at
        event.snapshot = record.full_snapshot()
    elif name == "void":
        record.slot = None
    record.save()
    event.save()
    _audit(record, event, user)
    if name == "confirm":
        record.on_confirmed()
    elif name == "issue":
        record.on_issued()
    record.on_step()
    notifications.notify(record, event)
    return record


def _principal_name(record: Record, user: User) -> str:
    return user.principal_name(record.dossier.department_id, lambda: rules.holders(record, user))


def _named(record: Record, asked: Mapping[str, str]) -> list[dict[str, str]]:
    """What an event says of these items of the record; raises ActionRefused for what is none."""
    names = record.items() if asked else {}
    if asked.keys() - names.keys():
        raise ActionRefused("勾选的内容已不在这条记录中，请核对最新内容后再操作。")
    return [Item(place, name, asked[place].strip()).as_json() for place, name in names.items() if place in asked]


@locking()
def open_item(pk: int, user: User, version: int, place: str, words: str, *, address: str | None = None) -> Record:
    """另行要求打开: what was not sent back, for a reason. Raises ActionRefused."""
    record = lock_editable_at(pk, user, version)
    asked = _named(record, {place: words})
    if not words.strip():
        raise ActionRefused("请填写要求打开的理由。")
    if record.opened.covers(place):
        raise ActionRefused("这一项已经打开，可以直接修改。")
    remark(record, "open_item", user, detail=f"{asked[0]['label']}：{words.strip()}", address=address, items=asked)
    record.version += 1
    record.save()
    return record


@locking()
def perform_all(asked: Mapping[int, int], name: str, user: User, *, address: str | None = None) -> list[Record]:
    """Do the action to all of {record: version}, in that order, or to none; returns the records as they are then.

    Raises NotAll, with every record that stands in the way.
    """
    known = Record.objects.visible_to(user).filter(pk__in=asked)
    lock_dossiers(known.values_list("dossier", flat=True))
    done, refusals = [], []
    for pk, version in asked.items():
        try:
            done.append(perform(pk, name, user, version, address=address))
        except ActionRefused as refusal:
            refusals.append((pk, refusal))
    if refusals:
        raise NotAll(refusals)
    return done


def remark(
    record: Record, name: str, user: User, *, detail: str, address: str | None, items: Sequence[dict[str, str]] = ()
) -> Event:
    """Write down what befell a record without moving its state (call it with its dossier locked)."""
    event = Event.objects.create(
        record_id=record.pk,
        actor=user,
        actor_name=user.full_name,
        actor_department=user.department.name,
        principal_name=_principal_name(record, user),
        action=name,
        from_state=record.state,
        to_state=record.state,
        version=record.version,
        detail=detail,
        address=address,
        items=list(items),
    )
    _audit(record, event, user)
    return event


def _audit(record: Record, event: Event, user: User) -> None:
    """The step in the audit log; what was written in it stays in the Event."""
    write(
        user,
        Audited.STEP,
        record,
        before={"状态": event.get_from_state_display(), "版本": event.version},
        after={"步骤": event.label, "状态": event.get_to_state_display(), "事件": event.pk}
        | ({"委托人": event.principal_name} if event.principal_name else {}),
        address=event.address,
    )


def create_record(draft: Callable[..., Record], *args: object) -> Record:
    """The record that `draft(*args)` gives, saved if it was not yet (call it inside `locking`).

    `draft` is asked twice: whoever was quicker is seen once the dossier is locked.
    """
    dossier = lock_dossier(draft(*args).dossier_id)
    record = draft(*args)
    if record.pk is None:
        if dossier.closed_at:
            raise Closed
        record.save()
        record.save_first_rows()
    return record


def lock_editable(pk: int, user: User, may: Permission = rules.may_edit) -> Record:
    """The record locked for changing its evidence, whatever its version (call it inside `locking`).

    Raises Gone (for strangers too), or ActionRefused when it cannot be edited.
    """
    record = _locked(pk, user)
    if not may(record, user):
        is_closed = record.dossier.closed_at and record.state in EDITABLE
        raise Closed if is_closed else ActionRefused(f"这条记录现在是“{record.get_state_display()}”，不能再修改。")
    if record.opened.items:
        _watched.get().append((record, record.full_snapshot()))
    return record


def lock_editable_at(pk: int, user: User, version: int, may: Permission = rules.may_edit) -> Record:
    """`lock_editable`, for writing the content as the form saw it; StaleVersion for a stale version."""
    record = lock_editable(pk, user, may)
    if record.version != version:
        raise StaleVersion(record, user)
    return record


@locking()
def discard(pk: int, user: User, version: int) -> None:
    """Throw away a draft that was never submitted, with its files."""
    record = lock_editable_at(pk, user, version, rules.may_tidy)
    if not rules.may_discard(record, user):
        raise ActionRefused("已经上报过的记录不能删除。")
    if record.contributions.exclude(status__in=ENDED).exists():
        raise ActionRefused("已请配合单位提供材料，请先撤回，或决定不采用，再删除草稿。")
    contributed = ContributedFile.objects.filter(contribution__record=record.pk)
    write(user, Audited.DISCARD, record, before={"状态": record.get_state_display(), "版本": record.version})
    files = [kept.file for kept in [*record.attachments.all(), *contributed] if kept.file]
    contributed.delete()
    record.contributions.all().delete()
    record.attachments.all().delete()
    record.classified_notices.all().delete()
    record.delete()

    def throw_away() -> None:
        for file in files:
            file.delete(save=False)

    transaction.on_commit(throw_away)


def lock_dossier(pk: int) -> Dossier:
    """Hold the dossier until the transaction ends: what happens in one project happens in turn."""
    return Dossier.objects.select_for_update().get(pk=pk)


def lock_dossiers(pks: Iterable[int]) -> list[Dossier]:
    """`lock_dossier` for several, in the order of their keys, so that nobody waits for anybody who waits for them."""
    return list(Dossier.objects.select_for_update().filter(pk__in=pks).order_by("pk"))


def _locked(pk: int, user: User) -> Record:
    # Confirming one record changes what its siblings are checked against, so the dossier is locked before the record.
    try:
        known = Record.objects.visible_to(user).get(pk=pk)
        lock_dossier(known.dossier_id)
        return Record.objects.select_for_update().get(pk=pk).specific
    except ObjectDoesNotExist:
        raise Gone from None
