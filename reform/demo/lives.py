"""What happens to one record after another, in memory, as far as time has come."""

import hashlib
from typing import NamedTuple

from django.core.files.base import ContentFile

from accounts.models import Role
from workflow.models import Attachment, ClassifiedNotice, Event, stored_name

from .papers import MAKERS
from .rows import Rows, relate

MOST_FILES = 3000  # the evidence of a larger city shares its files
CLASSIFIED = 0.05  # the share of evidence that must not be uploaded
TROUBLES = ("reject", "office_reject", "send_back", "withdraw", "take_back")
TROUBLED = 0.13


class Flaw(NamedTuple):
    """What is wrong with a record when it is first submitted, should it come back."""

    row: object
    field: str
    wrong: object


class Life:
    """The life of one record. Its state is moved by the machine itself; events are as `actions.perform` writes them."""

    def __init__(self, story, record, begun):
        self.story, self.record = story, record
        self.random, self.diary, self.now = story.random, story.diary, story.city.now
        record.created_at = record.updated_at = begun
        record.version = 1
        relate(
            record, attachments=Rows(), classified_notices=Rows(), **getattr(record, "_prefetched_objects_cache", {})
        )

    def go(self, at, flaw, late=None):
        """Submitted at that moment, reviewed, perhaps mended, confirmed: returns when, or None if that is to come."""
        trouble = self.random.choice(TROUBLES) if self.random.random() < TROUBLED else ""
        right = getattr(flaw.row, flaw.field)
        if trouble:
            setattr(flaw.row, flaw.field, flaw.wrong)
        if not self._step("submit", Role.ENTRY, at):
            return None
        self.record.late = bool(late and late(at.date()))
        if trouble:
            at = self._trouble(trouble, at)
            if at is None or at > self.now:
                return None
            setattr(flaw.row, flaw.field, right)
            self.record.version += 1
            if not self._step("submit", Role.ENTRY, at):
                return None
        approved = self._after(at, (0, 0, 0, 1, 1, 2))
        if not self._step("approve", Role.DEPT_REVIEWER, approved):
            return None
        confirmed = self._after(approved, (0, 0, 1, 1, 2, 3))
        return confirmed if self._step("confirm", Role.OFFICE_REVIEWER, confirmed) else None

    def issue(self, confirmed):
        at = self._after(confirmed, (0, 1, 1, 2))
        return at if self._step("issue", Role.OFFICE_REVIEWER, at) else None

    def attach(self, title, at):
        """Evidence: a file, or now and then the statement that it went to the intranet mailbox."""
        record, batch, clerk = self.record, self.story.batch, self.story.actors[Role.ENTRY]
        if self.random.random() < CLASSIFIED:
            notice = batch.make(
                ClassifiedNotice,
                record_id=record.pk,
                title=f"关于{title}有关情况的报告",
                sent_on=at.date(),
                registrar_id=clerk.pk,
            )
            record.classified_notices.all().append(notice)
            return
        paper = self.story.papers.paper()
        attachment = batch.make(
            Attachment,
            record_id=record.pk,
            name=f"{title}佐证材料.{paper.extension}",
            file=paper.path,
            size=paper.size,
            sha256=paper.sha256,
            uploader_id=clerk.pk,
            uploaded_at=at,
        )
        record.attachments.all().append(attachment)

    def _trouble(self, trouble, at):
        """It comes back: returns when it is mended, None if it has not come back yet."""
        reason, detail = self.random.choice(self.story.texts["decisions"][self.record._meta.model_name])
        back = self._after(at, (0, 1, 1, 2))
        if trouble == "withdraw":
            steps = [("withdraw", Role.ENTRY)]
        elif trouble == "reject":
            steps = [("reject", Role.DEPT_REVIEWER, reason, detail)]
        elif trouble == "take_back":
            steps = [("approve", Role.DEPT_REVIEWER), ("take_back", Role.DEPT_REVIEWER)]
            steps.append(("reject", Role.DEPT_REVIEWER, reason, detail))
        else:
            decision = "reject" if trouble == "office_reject" else trouble
            steps = [("approve", Role.DEPT_REVIEWER), (decision, Role.OFFICE_REVIEWER, reason, detail)]
        for name, role, *words in steps:
            if not self._step(name, role, back, *words):
                return None
            back = self._after(back, (0, 0, 1))
        return self._after(back, (0, 1, 1, 2))

    def _after(self, moment, days):
        return self.diary.after(moment, self.random.choice(days))

    def _step(self, name, role, at, reason="", detail=""):
        """One step, unless it lies in future."""
        if at > self.now:
            return False
        record, actor = self.record, self.story.actors[role]
        event = self.story.batch.make(
            Event,
            record_id=record.pk,
            actor_id=actor.pk,
            actor_name=actor.full_name,
            actor_department=actor.department.name,
            at=at,
            action=name,
            from_state=record.state,
            version=record.version,
            reason=reason,
            detail=detail,
            address=f"10.21.{actor.department.position}.{20 + actor.pk % 200}",
        )
        getattr(record, name)()
        event.to_state = record.state
        record.version += 1
        record.updated_at = at
        if name == "submit":
            record.submitter_id, record.submitted_at = actor.pk, at
            event.snapshot = record.full_snapshot()
        return True


class Paper(NamedTuple):
    path: str
    extension: str
    size: int
    sha256: str


class Papers:
    """Small real files, of each format in turn."""

    def __init__(self, title):
        contents = [(extension, make(title)) for extension, make in MAKERS.items()]
        self._contents = [(*item, hashlib.sha256(item[1]).hexdigest()) for item in contents]
        self._papers = []
        self._asked = 0

    def paper(self):
        self._asked += 1
        if len(self._papers) == MOST_FILES:
            return self._papers[self._asked % MOST_FILES]
        extension, content, sha256 = self._contents[self._asked % len(self._contents)]
        storage = Attachment._meta.get_field("file").storage
        path = storage.save(stored_name(None, f"x.{extension}"), ContentFile(content))
        self._papers.append(Paper(path, extension, len(content), sha256))
        return self._papers[-1]
