"""What every kind of record must honour; inherited by one class of tests per kind."""

import json
import re

import pytest
from django.apps import apps

from accounts.models import User
from reform.forms import FORMS
from reform.models import Project
from tests.editing import fields_of, send
from tests.factories import AttachmentFactory, ClassifiedNoticeFactory, ProjectFactory
from tests.work import work_rows
from workflow import rules
from workflow.actions import available, create_record, discard, lock_editable, lock_editable_at, perform
from workflow.models import Dossier, Record
from workflow.refusals import ActionRefused, Incomplete, StaleVersion
from workflow.states import EDITABLE, UNDER_REVIEW, State


def fields(record):
    """The fields of which `problems()` complains, in order."""
    return [problem.field for problem in record.problems()]


def texts(record):
    return "".join(problem.text for problem in record.problems())


def marks(content):
    """Every changed value of marked content: (what it is now, its HTML)."""
    if isinstance(content, dict):
        return [mark for part in content.values() for mark in marks(part)]
    if isinstance(content, list):
        return [mark for part in content for mark in marks(part)]
    return [(content.now, content.__html__())] if content.changed else []


def rows_of_all():
    """Every row of the two rooms that hold records, but for what every save moves."""
    rooms = [apps.get_app_config(room) for room in ("workflow", "reform")]
    return {
        (model._meta.label, row[model._meta.pk.attname]): row | {"version": None, "updated_at": None}
        for room in rooms
        for model in room.get_models()
        for row in model.objects.values()
    }


def strange_values(cast, model, prefix):
    """A plausible other value for every column of the model, as a form would name and send it."""
    project = ProjectFactory(department=cast.education)
    others = {Dossier: project, Project: project, User: cast.stranger}
    found = {}
    for field in model._meta.concrete_fields:
        if field.related_model:
            other = others.get(field.related_model) or field.related_model.objects.last()
            value = other and other.pk
        else:
            kind = field.get_internal_type()
            value = field.choices[-1][0] if field.choices else OTHERS.get(kind, "7")
        if value is not None:
            found |= {f"{prefix}{field.name}": str(value), f"{prefix}{field.attname}": str(value)}
    return found


OTHERS = {
    "BooleanField": "on",
    "CharField": "伪造",
    "FSMField": "confirmed",
    "TextField": "伪造",
    "JSONField": "{}",
    "DateField": "2026-01-01",
    "DateTimeField": "2026-01-01T00:00",
}


@pytest.mark.usefixtures("due_agrees")
class RecordContract:
    """`kind` is the model; the rest says what is particular about it."""

    kind: type[Record]
    label = ""
    missing: list[str] = []  # the fields of which an empty record complains
    one_at_a_time = True  # whether beginning again continues what is unfinished

    def begin(self, cast, user):
        """Begin a record as the page does it."""
        return create_record(self.kind.draft_from_key, self.key(cast), user)

    def make(self, cast):
        """A draft with nothing in the way of 上报."""
        return cast.make(self.kind)

    def key(self, cast):
        """What a work item of this kind is called; its project is ready for it."""
        raise NotImplementedError

    def dossier(self, cast):
        """Key of what its records are filed in."""
        return cast.project.pk

    def change(self, record, text):
        """Write `text` into the record, whose problems must be none after it."""
        raise NotImplementedError

    def test_it_has_a_chinese_name(self, cast):
        record = self.begin(cast, cast.clerk)
        assert Record.objects.get(pk=record.pk).kind_label == self.label
        assert re.search(r"[\u4e00-\u9fff]", record.title)

    def test_a_draft_may_be_incomplete(self, cast):
        record = self.begin(cast, cast.clerk)
        assert (record.state, record.creator) == (State.DRAFT, cast.clerk)
        assert record in self.kind.objects.all()
        assert record.problems()

    def test_submitting_names_all_problems_at_once_and_changes_nothing(self, cast):
        record = self.begin(cast, cast.clerk)
        with pytest.raises(Incomplete) as refusal:
            perform(record.pk, "submit", cast.clerk, record.version)
        assert [problem.field for problem in refusal.value.problems] == self.missing
        for problem in refusal.value.problems:
            assert re.match(r"[^a-zA-Z]*[\u4e00-\u9fff][^a-zA-Z]*。$", problem.text), problem
        record = Record.objects.get(pk=record.pk)
        assert (record.state, record.version, record.submitter, record.submitted_at) == (State.DRAFT, 0, None, None)
        assert not record.events.exists()

    def test_a_complete_one_passes_both_levels(self, cast):
        record = self.make(cast)
        assert record.problems() == []
        done = cast.bring(record, State.CONFIRMED)
        assert done.state == State.CONFIRMED
        story = done.events.order_by("pk").values_list("actor_name", "actor_department", "from_state", "to_state")
        assert list(story) == [
            ("录入甲", "市发展改革委", "draft", "submitted"),
            ("审核甲", "市发展改革委", "submitted", "dept_approved"),
            ("改革办甲", "市委改革办", "dept_approved", "confirmed"),
        ]

    @pytest.mark.parametrize("state", State)
    def test_its_text_is_open_in_the_clerks_hands_alone(self, cast, state):
        if state == State.ISSUED and not self.kind.issuable:
            return
        record = cast.bring(self.make(cast), state)
        writers = set()
        for who, person in cast.people.items():
            try:
                lock_editable_at(record.pk, person, record.version)
            except (ActionRefused, Record.DoesNotExist):
                continue
            writers.add(who)
        assert writers == ({"clerk", "clerk2"} if state in EDITABLE else set())

    def test_withdrawn_it_can_be_changed_and_submitted_again(self, cast):
        record = cast.bring(self.make(cast), State.SUBMITTED)
        record = cast.act(record, "clerk2", "withdraw")
        assert record.state == State.DRAFT
        assert rules.may_edit(record, cast.clerk)
        self.change(record, "又改了一遍")
        assert cast.act(record, "clerk", "submit").state == State.SUBMITTED

    def test_a_save_from_a_stale_page_is_refused(self, cast):
        record = self.make(cast)
        stale = record.version
        cast.act(record, "clerk", "submit")
        record = cast.act(record, "clerk", "withdraw")
        with pytest.raises(StaleVersion):
            lock_editable_at(record.pk, cast.clerk2, stale)

    def test_a_decision_on_what_a_page_no_longer_shows_is_refused(self, cast):
        record = cast.bring(self.make(cast), State.SUBMITTED)
        shown = record.version
        cast.act(record, "clerk", "withdraw")
        self.change(record, "悄悄换掉")
        cast.act(record, "clerk", "submit")
        with pytest.raises(StaleVersion, match=r"录入甲已先一步办理.*待部门审核"):
            perform(record.pk, "approve", cast.reviewer, shown)
        assert Record.objects.get(pk=record.pk).state == State.SUBMITTED

    def test_its_snapshot_is_plain_json(self, cast):
        record = self.make(cast)
        AttachmentFactory(record=record, name="附件一.pdf")
        snapshot = record.full_snapshot()
        assert json.loads(json.dumps(snapshot)) == snapshot
        assert [file["name"] for file in snapshot["attachments"]] == ["附件一.pdf"]
        submitted = cast.act(record, "clerk", "submit").events.get()
        submitted.refresh_from_db()
        assert submitted.snapshot == snapshot

    def test_the_reviewer_sees_what_changed_since_the_last_submission(self, cast):
        record = cast.bring(self.make(cast), State.REJECTED)
        assert marks(record.marked_content()) == []
        self.change(record, "按意见改好了")
        record = self.kind.objects.get(pk=record.pk)
        self.assert_marked(record, "按意见改好了")
        record = cast.act(record, "clerk", "submit").specific
        self.assert_marked(record, "按意见改好了")
        assert record.marked_content().since == "上一次上报（07-15）"

    @staticmethod
    def assert_marked(record, text):
        [html] = [html for now, html in marks(record.marked_content()) if now == text]
        assert "<ins>" in html

    def test_changed_evidence_is_marked_too(self, cast):
        record = self.make(cast)
        AttachmentFactory(record=record, name="甲.pdf")
        gone = AttachmentFactory(record=record, name="乙.pdf")
        record = cast.bring(record, State.RETURNED)
        gone.removed_at = gone.uploaded_at
        gone.save()
        AttachmentFactory(record=record, name="丙.pdf")
        files = [(str(file["name"]), file.status) for file in record.marked_content()["attachments"]]
        assert files == [("甲.pdf", "kept"), ("丙.pdf", "added"), ("乙.pdf", "removed")]

    def test_a_draft_is_nothing_until_it_is_saved(self, cast):
        draft = self.kind.draft_from_key(self.key(cast), cast.clerk)
        assert (draft.pk, draft.state, draft.dossier_id) == (None, State.DRAFT, self.dossier(cast))
        assert not self.kind.objects.filter(dossier=self.dossier(cast), state=State.DRAFT).exists()

    def test_beginning_again_continues_the_unfinished_one(self, cast):
        record = self.begin(cast, cast.clerk)
        assert (self.begin(cast, cast.clerk).pk == record.pk) is self.one_at_a_time

    def test_strangers_neither_see_nor_begin_it(self, cast):
        key = self.key(cast)
        record = self.make(cast)
        for person in (cast.stranger, cast.partner):
            assert not self.kind.objects.visible_to(person).filter(pk=record.pk).exists()
            assert work_rows(self.kind, person) == []
            with pytest.raises(ActionRefused, match="没有找到"):
                create_record(self.kind.draft_from_key, key, person)
            for asked in (lock_editable, lambda pk, user: lock_editable_at(pk, user, record.version)):
                with pytest.raises(Record.DoesNotExist):
                    asked(record.pk, person)

    @pytest.mark.parametrize("key", ["", "-", "0", "99999999-1", "1-2-3-4", "一", "１", "-1", "1e3", "9" * 40])
    def test_a_forged_key_begins_nothing(self, cast, key):
        self.key(cast)
        before = Record.objects.count()
        with pytest.raises(ActionRefused, match="没有找到"):
            create_record(self.kind.draft_from_key, key, cast.clerk)
        assert Record.objects.count() == before

    def test_only_the_fields_of_its_page_are_written(self, cast, client):
        """Whatever else of the record or of its rows is sent along, only the version moves."""
        record = self.make(cast)
        form = FORMS[type(record)](instance=record)
        forged = strange_values(cast, type(record), "")
        for row in form.row_forms():
            forged |= strange_values(cast, row._meta.model, f"{row.prefix}-")
        for part in [form, *form.row_forms()]:
            for field in part:
                forged.pop(field.html_name, None)
        assert len(forged) > 12
        before = rows_of_all()
        client.force_login(cast.clerk)
        assert send(client, record, forged | fields_of(record)).status_code == 302
        assert rows_of_all() == before
        assert self.kind.objects.get(pk=record.pk).version == record.version + 1

    @pytest.mark.parametrize("state", [State.SUBMITTED, State.DEPT_APPROVED, State.CONFIRMED, State.VOIDED])
    @pytest.mark.parametrize("button", ["save", "submit", "autosave"])
    def test_its_form_writes_nothing_once_it_has_left_the_clerks_hands(self, cast, client, state, button):
        """Not even one that was open all the while, with the version as it is now."""
        draft = self.make(cast)
        typed = {name: f"{value}9" if "TOTAL" not in name else value for name, value in fields_of(draft).items()}
        record = cast.bring(draft, state)
        before = rows_of_all()
        client.force_login(cast.clerk)
        answer = send(client, record, typed | {"version": record.version}, button)
        assert answer.status_code == 409
        assert rows_of_all() == before

    @pytest.mark.parametrize("who", ["clerk", "clerk2"])
    def test_the_department_may_throw_away_a_draft_that_was_never_submitted(
        self, cast, who, django_capture_on_commit_callbacks
    ):
        record = self.make(cast)
        file = AttachmentFactory(record=record).file
        assert file.storage.exists(file.name)
        for other in (cast.reviewer, cast.office, cast.stranger, cast.partner):
            with pytest.raises(ActionRefused):
                discard(record.pk, other, record.version)
        with django_capture_on_commit_callbacks(execute=True):
            discard(record.pk, getattr(cast, who), record.version)
        assert not Record.objects.filter(pk=record.pk).exists()
        assert not file.storage.exists(file.name)

    @pytest.mark.parametrize("state", [state for state in State if state != State.DRAFT])
    def test_what_was_ever_submitted_stays(self, cast, state):
        if state == State.ISSUED and not self.kind.issuable:
            return
        record = cast.bring(self.make(cast), state)
        if state == State.SUBMITTED:
            record = cast.act(record, "clerk", "withdraw")
        with pytest.raises(ActionRefused):
            discard(record.pk, cast.clerk, record.version)
        assert self.kind.objects.filter(pk=record.pk).exists()

    @pytest.mark.parametrize("state", [State.REJECTED, State.RETURNED])
    def test_voided_it_is_final_and_keeps_its_history(self, cast, state):
        record = cast.act(cast.bring(self.make(cast), state), "clerk2", "void", detail="不再推进。").specific
        assert (record.state, record.slot) == (State.VOIDED, None)
        story = record.events.order_by("pk").values_list("actor_name", "action", "to_state", "detail")
        assert story[0][:3] == ("录入甲", "submit", "submitted")
        assert list(story)[-1] == ("录入乙", "void", "voided", "不再推进。")
        for person in cast.people.values():
            assert available(record, person) == []
            assert not Record.objects.in_hand(person).filter(pk=record.pk).exists()
            assert not Record.objects.awaiting(person).filter(pk=record.pk).exists()

    def test_voided_it_leaves_its_place_to_another(self, cast):
        first = self.begin(cast, cast.clerk)
        Record.objects.filter(pk=first.pk).update(state=State.REJECTED, submitted_at=first.created_at)
        cast.act(first, "clerk", "void")
        second = self.begin(cast, cast.clerk)
        assert (second.pk != first.pk, second.state) == (True, State.DRAFT)
        assert (self.begin(cast, cast.clerk).pk == second.pk) is self.one_at_a_time

    def test_it_waits_for_whoever_must_act_next(self, cast):
        record = self.make(cast)
        waiting = {}
        for state, who, action in [
            (State.DRAFT, "clerk", "submit"),
            (State.SUBMITTED, "reviewer", "approve"),
            (State.DEPT_APPROVED, "office", "confirm"),
        ]:
            people = {
                name
                for name, person in cast.people.items()
                if record.pk
                in {found.pk for found in (Record.objects.awaiting(person) | Record.objects.in_hand(person))}
            }
            waiting[state] = people
            record = cast.act(record, who, action)
        assert waiting == {
            State.DRAFT: {"clerk", "clerk2"},
            State.SUBMITTED: {"reviewer", "reviewer2"},
            State.DEPT_APPROVED: {"office", "office2"},
        }
        assert record.state not in UNDER_REVIEW
        assert available(record.specific, cast.clerk) == []


class EvidenceContract:
    """For kinds of which 上报 asks evidence; `cast` makes them with it, or without any need of it."""

    def bare(self, cast):
        """A record complete but for its evidence."""
        record = self.make(cast)
        record.classified_notices.all().delete()
        return record

    def test_without_evidence_it_cannot_be_submitted(self, cast):
        record = self.bare(cast)
        assert fields(record) == ["files"]
        assert "佐证材料" in texts(record)
        with pytest.raises(Incomplete):
            cast.act(record, "clerk", "submit")

    def test_a_file_is_evidence(self, cast):
        record = self.bare(cast)
        AttachmentFactory(record=record)
        assert cast.act(record, "clerk", "submit").state == State.SUBMITTED

    def test_a_file_that_was_purged_is_none(self, cast):
        record = self.bare(cast)
        file = AttachmentFactory(record=record)
        file.purged_at = file.uploaded_at
        file.save()
        assert fields(record) == ["files"]
        with pytest.raises(Incomplete):
            cast.act(record, "clerk", "submit")

    def test_a_file_that_was_removed_is_none(self, cast):
        record = self.bare(cast)
        file = AttachmentFactory(record=record)
        file.removed_at = file.uploaded_at
        file.save()
        assert fields(record) == ["files"]

    def test_so_is_the_statement_that_it_is_classified_and_was_sent(self, cast):
        record = self.bare(cast)
        ClassifiedNoticeFactory(record=record)
        assert cast.act(record, "clerk", "submit").state == State.SUBMITTED

    def test_evidence_of_another_record_is_none(self, cast):
        record = self.bare(cast)
        AttachmentFactory(record=cast.issued_map())
        assert fields(record) == ["files"]
