"""A record: its life, whatever it contains."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from operator import attrgetter
from types import MappingProxyType
from typing import Any, TypeVar

from django.apps import apps
from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.functional import cached_property
from django_fsm import FSMField, FSMModelMixin, transition

from accounts import clock
from accounts.compiled_prefetch import prefetch_compiled
from accounts.compiled_queries import compiled_rows
from accounts.models import Department, User
from workflow.changes import Branch, Earlier, compare
from workflow.formats import short_day
from workflow.items import EVIDENCE, Opened, named_items
from workflow.states import EDITABLE, State

from .contribution import Contribution, ContributionStatus
from .dossier import Dossier
from .event import OPENING, Event, opened_by
from .evidence import Attachment, ClassifiedNotice
from .record_set import RecordQuerySet

IS_SETTLED = Q(state__in=("confirmed", "issued"))  # states.SETTLED, in an order that migrations can compare

AnyRecord = TypeVar("AnyRecord", bound="Record")


@dataclass(frozen=True)
class Problem:
    """Something to mend before 上报: the name of the form field, and a sentence for the clerk."""

    field: str
    text: str


def _is_issuable(record: Any) -> bool:
    return bool(record.kind_model.issuable)


def _was_submitted(record: Any) -> bool:
    return record.submitted_at is not None


def confirmed_among(records: Iterable["AnyRecord"]) -> "list[AnyRecord]":
    """The confirmed ones, oldest first: without a query where they are prefetched."""
    return sorted((record for record in records if record.state == State.CONFIRMED), key=attrgetter("pk"))


class Record(FSMModelMixin, models.Model):
    """The concrete parent of every kind of record: its life, whatever it contains.

    Kinds override the hooks at the end. Their state is changed by `actions.perform` alone.
    """

    issuable = False  # whether 下发 follows 确认
    # What can be sent back by itself ({pattern: name}, see `items.named_items`), and what is opened along with what.
    items_of_kind: Mapping[str, str] = MappingProxyType({})
    opened_along: Mapping[str, str] = MappingProxyType({})
    takes_files = True  # whether its edit page has a place for evidence
    read_along: tuple[str, ...] = ()  # to what it points that its pages show
    takes_contributions = False  # whether partner departments may be asked for a part of it: then `take_over`

    kind = models.CharField("类型", max_length=50, editable=False)
    dossier = models.ForeignKey(Dossier, models.PROTECT, verbose_name="项目", related_name="records")
    title = models.CharField("标题", max_length=120)
    # What at most one record of its kind and dossier may be about: a map's year, or the page that began it, so that a
    # page sent twice begins one record. None takes no place.
    slot = models.CharField("位置", max_length=30, null=True, editable=False)
    state = FSMField("状态", choices=State.choices, default=State.DRAFT, protected=True)
    version = models.PositiveIntegerField("版本", default=0)
    creator = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name="录入人员", related_name="created_records"
    )
    submitter = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name="上报人员", related_name="+", null=True
    )
    created_at = models.DateTimeField("创建时间", default=clock.now)
    updated_at = models.DateTimeField("更新时间", default=clock.now)
    submitted_at = models.DateTimeField("上报时间", null=True)
    late = models.BooleanField("迟报", default=False, editable=False)  # from its first submission on

    evidence_read: tuple[list[Attachment], list[ClassifiedNotice]] | None = None
    contributions_read: list[Contribution] | None = None

    objects = RecordQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "填报记录"
        constraints = [
            models.CheckConstraint(condition=Q(state__in=State.values), name="record_state_known"),
            models.UniqueConstraint(fields=["dossier", "kind", "slot"], name="unique_record_per_slot"),
        ]
        indexes = [
            models.Index(fields=["dossier", "kind", "state"]),
            # In the order of the lists of what waits, of all kinds and of one, and of the pages of a kind.
            models.Index(fields=["state", "submitted_at", "id"], name="record_waiting"),
            models.Index(fields=["state", "kind", "submitted_at", "id"], name="record_waiting_of_kind"),
            models.Index(fields=["kind", "-updated_at", "-id"], name="record_latest_of_kind"),
            # The last of one dossier, without reading its years.
            models.Index(fields=["dossier", "kind", "-submitted_at", "-id"], name="record_last_of_dossier"),
            models.Index(
                fields=["-submitted_at", "-id"],
                condition=IS_SETTLED,
                name="record_settled_last",
            ),
            models.Index(
                fields=["dossier", "-updated_at", "-id"],
                condition=IS_SETTLED,
                name="record_settled_of_dossier",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self.kind:
            self.kind = self._meta.label_lower
        self.updated_at = clock.now()
        super().save(*args, **kwargs)

    @classmethod
    def kinds(cls) -> list[type["Record"]]:
        """Every kind of record, as model classes in the order in which they are defined."""
        return [model for model in apps.get_models() if issubclass(model, Record) and model is not Record]

    @property
    def kind_model(self) -> type["Record"]:
        return apps.get_model(self.kind) if self.kind else type(self)

    @property
    def kind_label(self) -> str:
        return str(self.kind_model._meta.verbose_name)

    @property
    def template_folder(self) -> str:
        """Where its kind's `form.html` and `_body.html` are."""
        return self.kind_model._meta.label_lower.replace(".", "/")

    @property
    def heading(self) -> str:
        """Kind and title, saying nothing twice."""
        return self.title if self.kind_label in self.title else f"{self.kind_label} · {self.title}"

    @property
    def tint(self) -> str:
        """The colour that stands beside the state's label."""
        return State(self.state).tint

    @cached_property
    def specific(self) -> "Record":
        """This record as the kind that it is."""
        if type(self) is not Record:
            return self
        kind = self.kind_model

        def rows(pk: Any) -> "models.QuerySet[Record]":
            return kind.objects.select_related("dossier__department", *kind.read_along).filter(pk=pk)

        found: list[Record] = compiled_rows("as its kind", kind, rows, pk=self.pk)
        if not found:
            raise kind.DoesNotExist
        return found[0]

    @classmethod
    def seen_by(cls, user: User, pk: int) -> "Record":
        """The record as the kind that it is; raises DoesNotExist, to strangers too."""

        def rows(person: User, pk: int) -> "models.QuerySet[Record]":
            return cls.objects.visible_to(person).filter(pk=pk)

        found = compiled_rows("record", cls, rows, user=user, pk=pk)
        if not found:
            raise cls.DoesNotExist
        specific: Record = found[0].specific
        return specific

    @property
    def department(self) -> Department:
        return self.dossier.department

    @property
    def has_evidence(self) -> bool:
        """A file that can be read, or the statement that classified evidence went to the intranet mailbox."""
        files, notices = self.current_evidence
        return bool(notices) or any(file.purged_at is None for file in files)

    def read_once(self) -> None:
        """Keep what several parts of a page show, which is not written to meanwhile."""
        self.evidence_read = (
            compiled_rows("files", (), lambda record: Attachment.objects.filter(record=record), record=self.pk),
            compiled_rows("notices", (), lambda record: ClassifiedNotice.objects.filter(record=record), record=self.pk),
        )
        if self.takes_contributions:
            self.contributions_read = compiled_rows(
                "contributions", (), lambda record: Contribution.objects.filter(record=record), record=self.pk
            )
            for contribution in self.contributions_read:
                contribution.record = self

    @property
    def evidence(self) -> tuple[list[Attachment], list[ClassifiedNotice]]:
        """Its files and notices, also those that were removed."""
        return self.evidence_read or (list(self.attachments.all()), list(self.classified_notices.all()))

    @property
    def current_evidence(self) -> tuple[list[Attachment], list[ClassifiedNotice]]:
        """Those that are on it now."""
        files, notices = self.evidence
        return [file for file in files if not file.removed_at], [notice for notice in notices if not notice.removed_at]

    def full_snapshot(self) -> dict[str, Any]:
        """All that a reviewer decides on, as plain JSON: the kind's own snapshot and the evidence."""
        files, notices = self.current_evidence
        return self.snapshot() | {
            "attachments": [{"id": file.pk, "name": file.name} for file in files],
            "classified_notices": [
                {"id": notice.pk, "title": notice.title, "sent_on": notice.sent_on.isoformat()} for notice in notices
            ],
        }

    @property
    def item_patterns(self) -> dict[str, str]:
        return {**self.items_of_kind, **EVIDENCE} if self.takes_files else {**self.items_of_kind}

    def items(self) -> dict[str, str]:
        """{address: name} of what can be sent back by itself."""
        return named_items(self.item_patterns, self.full_snapshot())

    @cached_property
    def opened(self) -> Opened:
        """What of it is open while it is in the clerks' hands."""
        if self.submitted_at is None:
            return Opened(along=self.opened_along)
        return opened_by(self.events.filter(action__in=OPENING).only("record", "action", "items"), self.opened_along)

    @classmethod
    def read_opened(cls, records: "Iterable[Record]") -> None:
        """Give each of these its `opened`, in one query."""
        known = [record for record in records if record.submitted_at]
        events: dict[int, list[Event]] = {record.pk: [] for record in known}
        for event in Event.objects.filter(record__in=events, action__in=OPENING) if known else ():
            events[event.record_id].append(event)
        for record in known:
            record.opened = opened_by(events[record.pk], record.opened_along)

    def as_earlier(self) -> Earlier:
        """The content, without its evidence, as that with which a later record of the same thing is compared."""
        day = short_day(self.submitted_at)  # type: ignore[arg-type]  # it was submitted
        return Earlier(self.snapshot(), f"上一次上报（{day}）")

    def settled_content(self) -> Branch:
        """The content as it stands, compared with what was settled before it and with nothing else."""
        return compare(self.full_snapshot(), self.baseline())

    def marked_content(self, events: Iterable[Event] | None = None) -> Branch:
        """The content with what changed since the submission before this one marked (see `changes.compare`), since the
        one of which only some items were sent back, or, once it is issued, by applications.

        `events`: all of the record, the newest first, where they have been read.
        """
        if events is None:
            events = self.events.filter(action="submit").defer("snapshot")
        submissions = [event for event in events if event.action == "submit"]
        if self.state == State.ISSUED and submissions:
            return compare(self.full_snapshot(), replace(submissions[0].as_earlier(), name="下发时"))
        if since := self.opened.items and self.opened.since:
            submissions = [event for event in submissions if event.pk < since]
        elif self.state not in EDITABLE:
            submissions = submissions[1:]
        return compare(self.full_snapshot(), submissions[0].as_earlier() if submissions else self.baseline())

    # The machine: spec section 3. Each method only moves the state; `actions.perform` does all the rest.

    @transition(state, source=[State.DRAFT, State.REJECTED, State.RETURNED], target=State.SUBMITTED)
    def submit(self) -> None:
        """保存并上报."""

    @transition(state, source=State.SUBMITTED, target=State.DRAFT)
    def withdraw(self) -> None:
        """撤回, by the department that submitted."""

    @transition(state, source=State.SUBMITTED, target=State.DEPT_APPROVED)
    def approve(self) -> None:
        """通过."""

    @transition(state, source=State.DEPT_APPROVED, target=State.SUBMITTED)
    def take_back(self) -> None:
        """撤回 of a pass on which the office has not acted."""

    @transition(state, source=State.DEPT_APPROVED, target=State.CONFIRMED)
    def confirm(self) -> None:
        """确认."""

    @transition(state, source=State.DEPT_APPROVED, target=State.RETURNED)
    def send_back(self) -> None:
        """退回完善."""

    @transition(state, source=[State.SUBMITTED, State.DEPT_APPROVED], target=State.REJECTED)
    def reject(self) -> None:
        """驳回."""

    @transition(state, source=State.CONFIRMED, target=State.ISSUED, conditions=[_is_issuable])
    def issue(self) -> None:
        """下发."""

    @transition(
        state,
        source=[State.DRAFT, State.REJECTED, State.RETURNED],
        target=State.VOIDED,
        conditions=[_was_submitted],
    )
    def void(self) -> None:
        """作废."""

    # What kinds say of themselves.

    @classmethod
    def draft_from_key(cls, key: str, user: User) -> "Record":
        """What this person would write about the matter that a key names: the unfinished record, or an unsaved one.

        Raises refusals.ActionRefused; NoSuchMatter for what is not theirs. `actions.create_record` saves it.
        """
        raise NotImplementedError

    def save_first_rows(self) -> None:
        """The rows with which a new record of this kind starts."""

    def problems(self) -> list[Problem]:
        """All that stands in the way of 上报, as `Problem`s."""
        return []

    def snapshot(self) -> dict[str, Any]:
        """The content as plain JSON (see `changes`), kept with each submission."""
        return {}

    def baseline(self) -> Earlier | None:
        """What a first submission is compared with, as `changes.Earlier`; None: nothing came before."""
        return None

    def on_confirmed(self) -> None:
        """What follows from 确认; may raise `refusals.ActionRefused`."""

    def contributors(self) -> Iterable[Department]:
        """The partner departments that are asked unless others are chosen."""
        return []

    def take_over(self, department: Department, text: str) -> None:
        """Make a department's text part of the content; may raise `refusals.ActionRefused`."""
        raise NotImplementedError

    def every_contribution(self) -> list[Contribution]:
        return list(self.contributions.all()) if self.contributions_read is None else self.contributions_read

    def contributed(self) -> list[dict[str, Any]]:
        """For a snapshot: what was taken over, of whom."""
        taken = [found for found in self.every_contribution() if found.status == ContributionStatus.TAKEN]
        prefetch_compiled(taken, "department", "files")
        return [
            {
                "id": found.pk,
                "department": found.department.name,
                "text": found.text,
                "files": "、".join(file.name for file in found.files.all() if file.removed_at is None),
            }
            for found in taken
        ]

    def on_issued(self) -> None:
        """What follows from 下发."""

    def on_step(self) -> None:
        """What follows from any step, whichever way the record goes; its event is written."""
