"""The lists of records that a person works through, and one's place in the first of them."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Q, Value
from django.urls import reverse

from accounts.compiled_queries import compiled_rows
from accounts.models import Role, User

from .models import NEWEST_FIRST, OLDEST_FIRST, Record, RecordQuerySet


@dataclass(frozen=True)
class Listing:
    """One list: whose it is, what is in it, and in which order."""

    name: str  # of its URL
    label: str
    roles: tuple[Role, ...]
    select: Callable[[RecordQuerySet, User], RecordQuerySet]
    order: tuple[str, str]
    empty: str
    hint: str
    is_waiting: bool = False  # whether its records wait for this person
    without: tuple[str, ...] = ()  # filters of records that it has no use for
    row_action: str = ""  # the action that a row offers by itself
    section: str = "审核"  # of the navigation

    def records(self, user: User) -> RecordQuerySet:
        """Only what the person may still see: duties may have changed since."""
        return self.select(Record.objects.visible_to(user), user)

    def page(self, user: User) -> RecordQuerySet:
        """The records in order, with all that a row shows."""
        records = self.records(user).order_by(*self.order).select_related("dossier__department", "submitter")
        return records.with_waiting_since() if self.is_waiting else records

    def beside(self, user: User) -> RecordQuerySet:
        """The same beside one of them, with what stands there."""
        return self.records(user).order_by(*self.order).select_related("dossier__department").with_waiting_since()

    @property
    def url(self) -> str:
        return reverse(f"workflow:{self.name}")


LAST_DECIDED_FIRST = ("-decided_at", "-pk")

REVIEWERS = (Role.DEPT_REVIEWER, Role.OFFICE_REVIEWER)

LISTINGS = (
    Listing(
        "inbox",
        "待我审核",
        REVIEWERS,
        lambda records, user: records.awaiting(user),
        OLDEST_FIRST,
        "没有等待您审核的记录。",
        "责任单位上报后，会按上报先后列在这里。",
        is_waiting=True,
        without=("state",),
    ),
    Listing(
        "reviewed",
        "已审核",
        REVIEWERS,
        lambda records, user: records.decided_by(user),
        LAST_DECIDED_FIRST,
        "您还没有审核过记录。",
        "审核过的记录会列在这里，可以查看后续办理情况。",
        row_action="take_back",
    ),
    Listing(
        "submitted",
        "我上报的",
        (Role.ENTRY,),
        lambda records, user: records.submitted_by(user),
        NEWEST_FIRST,
        "您还没有上报过记录。",
        "在左侧选择要填报的内容，填写后点击“保存并上报”。",
        row_action="withdraw",
        section="重大改革项目",
    ),
    Listing(
        "under_review",
        "审核中",
        (Role.ENTRY,),
        lambda records, user: records.under_review(user),
        NEWEST_FIRST,
        "没有正在审核的记录。",
        "本单位上报后等待审核的记录会列在这里，不论由谁上报。",
        row_action="withdraw",
        section="重大改革项目",
    ),
    Listing(
        "issuable",
        "待下发",
        (Role.OFFICE_REVIEWER,),
        lambda records, user: records.awaiting_issue(user),
        OLDEST_FIRST,
        "没有等待下发的项目作战图。",
        "项目作战图确认后，会列在这里等待下发。",
        is_waiting=True,
        without=("kind", "state"),
        row_action="issue",
    ),
)


def listings(user: User) -> list[Listing]:
    """The lists that this person has."""
    return [listing for listing in LISTINGS if user.role in listing.roles]


@dataclass(frozen=True)
class Place:
    """Where a record stands in 待我审核: 第 `number` 件，共 `total` 件, and its neighbours' keys or None."""

    number: int
    total: int
    previous: int | None
    next: int | None


Waiting = Callable[[User], RecordQuerySet]  # 待我审核 of that person, or some of it


def place(
    record: Record, user: User, waiting: Waiting, *, newest_first: bool = False, keeps: bool = False
) -> Place | None:
    """The record's Place in what is waiting, by comparing keys: no list is ever loaded.

    None: it is not among them. `keeps`: whether `waiting` asks the same of everybody, see `compiled_rows`.
    """
    given: dict[str, Any] = {"at": record.submitted_at, "pk": record.pk}

    def asked(name: str, of: Callable[..., Any]) -> list[Any]:
        def build(person: User, **record: Any) -> Any:
            return of(waiting(person), **record)

        return compiled_rows(name, (), build, user=user, **given) if keeps else list(build(user, **given))

    total, before, here = next(iter(asked("place", _counts)), (0, 0, 0))
    if not here:
        return None
    older = next(iter(asked("older", _older)), None)
    newer = next(iter(asked("newer", _newer)), None)
    if newest_first:
        return Place(total - before, total, newer, older)
    return Place(before + 1, total, older, newer)


def _counts(waiting: RecordQuerySet, at: Any, pk: Any) -> Any:
    """(all, those before, whether it is among them)."""
    before, here = Count("pk", filter=_before(at, pk)), Count("pk", filter=Q(pk=pk))
    one = waiting.order_by().annotate(of=Value(1)).values("of").annotate(total=Count("pk"), before=before, here=here)
    return one.values_list("total", "before", "here")


def _older(waiting: RecordQuerySet, at: Any, pk: Any) -> Any:
    return waiting.filter(_before(at, pk)).order_by(*NEWEST_FIRST).values_list("pk", flat=True)[:1]


def _newer(waiting: RecordQuerySet, at: Any, pk: Any) -> Any:
    after = waiting.exclude(_before(at, pk)).exclude(pk=pk)
    return after.order_by(*OLDEST_FIRST).values_list("pk", flat=True)[:1]


def next_after(record: Record, waiting: RecordQuerySet, *, newest_first: bool = False) -> int | None:
    """The key of what to look at after this record was dealt with: the next of `waiting`, else the first of them."""
    waiting = waiting.exclude(pk=record.pk).order_by(*(NEWEST_FIRST if newest_first else OLDEST_FIRST))
    before = _before(record.submitted_at, record.pk)
    return _first_key(waiting.filter(before) if newest_first else waiting.exclude(before)) or _first_key(waiting)


DESK_ROWS = 40  # of the list beside a record


@dataclass(frozen=True)
class DeskList:
    """Part of 待我审核 that stands beside a record, and how many are before and after it."""

    records: list[Record]
    before: int
    after: int


def desk_list(found: Place, user: User, waiting: Waiting, *, keeps: bool = False) -> DeskList:
    """The rows around that place of what is waiting (of `Listing.beside`); `keeps` as above."""
    start = (found.number - 1) // DESK_ROWS * DESK_ROWS

    def shown(person: User) -> RecordQuerySet:
        return waiting(person)[start : start + DESK_ROWS]

    rows = compiled_rows("beside", start, shown, user=user) if keeps else list(shown(user))
    return DeskList(rows, start, max(found.total - start - len(rows), 0))


def _before(at: Any, pk: Any) -> Q:
    """Whatever was submitted before the record that was submitted then."""
    return Q(submitted_at__lt=at) | Q(submitted_at=at, pk__lt=pk)


def _first_key(records: RecordQuerySet) -> int | None:
    return records.values_list("pk", flat=True).first()
