"""What people are told of a transition: kept in its transaction, so that both happen or neither."""

from collections.abc import Iterable

from django.db.models import QuerySet
from django.utils.text import Truncator

from accounts.models import Role, User

from .models import Event, Message, Record
from .states import State

DETAIL_SHOWN = 200  # the rest stands on the record, one click away

WORDS = {
    "submit": "{who}已上报，请审核。",
    "withdraw": "{who}已撤回，不必审核。",
    "approve": "{who}已审核通过，请市委改革办审核。",
    "take_back": "{who}已撤回部门审核，不必审核。",
    "confirm": "市委改革办已确认。",
    "send_back": "{who}退回完善：{why}",
    "reject": "{who}驳回：{why}",
    "issue": "市委改革办已下发，可以开展各项推进更新。",
    "void": "{who}已作废：{why}",
}


def notify(record: Record, event: Event) -> None:
    """Tell those whom the event concerns, save the one whose doing it is."""
    why = "。".join(filter(None, [event.reason, Truncator(event.detail).chars(DETAIL_SHOWN)]))
    acted_for = f"（{event.acted_for}）" if event.acted_for else ""
    words = WORDS[event.action].format(who=f"{event.actor_department}{event.actor_name}{acted_for}", why=why)
    Message.objects.deliver(
        [
            Message(  # type: ignore[misc]  # what was submitted has a submitter
                recipient_id=person,
                key=f"event-{event.pk}",
                text=f"{record.dossier.name} · {record.heading}：{words}",
                record_id=record.pk,
                created_at=event.at,
            )
            for person in {*_concerned(record, event)} - {event.actor_id}
        ]
    )


def _concerned(record: Record, event: Event) -> Iterable[int | None]:
    """The ids of these people."""
    match event.action:
        case "submit":
            return _ids(record.department.people_in_charge(Role.DEPT_REVIEWER))
        case "approve":
            return _ids(record.department.people_in_charge(Role.OFFICE_REVIEWER))
        case "withdraw":
            return _notified_of(record, "submit")
        case "take_back":
            return _notified_of(record, "approve")
        case "void":
            # Whoever sent it back last would else wait for it.
            came_back = record.events.filter(action__in=Event.REJECTIONS)
            return list(came_back.values_list("actor_id", flat=True)[:1])
        case "reject" | "send_back" if event.from_state == State.DEPT_APPROVED:
            passed = record.events.filter(action="approve").values_list("actor_id", flat=True).first()
            return [record.submitter_id, passed]
        case _:
            return [record.submitter_id]


def _notified_of(record: Record, action: str) -> Iterable[int]:
    last = record.events.filter(action=action).values_list("pk", flat=True).first()
    return record.messages.filter(key=f"event-{last}").values_list("recipient_id", flat=True)


def _ids(people: QuerySet[User]) -> Iterable[int]:
    return people.values_list("pk", flat=True)
