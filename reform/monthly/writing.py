"""What a clerk sends from 本月一页报完: one draft per record, and 一并上报 of those of the ticked projects."""

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field

from django.db import transaction
from django.http import QueryDict

from accounts.models import User
from workflow import actions, refusals
from workflow.editing.forms import RecordForm
from workflow.editing.missing import also_missing
from workflow.models import Problem, Record
from workflow.texts import parse_pk

from .entries import Entry, Group

HIDDEN = ("version", "-id", "_FORMS", "hint_ok")


@dataclass
class Lost:
    """What was typed for something that cannot be saved any more."""

    heading: str
    sentence: str
    typed: list[str]


@dataclass
class Outcome:
    """What became of one sending."""

    saved: dict[str, Record] = field(default_factory=dict)  # {name of an entry: its record}
    wrong: dict[str, RecordForm] = field(default_factory=dict)  # what was typed and cannot be kept
    stale: dict[str, tuple[dict[str, str], str]] = field(default_factory=dict)  # what was typed, and why not saved
    problems: dict[str, list[Problem]] = field(default_factory=dict)  # what 上报 found wanting
    refusals: dict[str, str] = field(default_factory=dict)  # why 上报 was refused otherwise
    lost: list[Lost] = field(default_factory=list)
    repeated: int = 0  # sent before by the same click
    submitted: int = 0

    @property
    def is_whole(self) -> bool:
        """Whether all that was sent has been kept."""
        return not (self.wrong or self.stale or self.lost)


def write(groups: list[Group], post: QueryDict, user: User, ticked: Collection[int]) -> Outcome:
    """Save each record that was sent; those of the `ticked` projects are begun even where nothing was typed, unless
    what they open with is not enough to submit them.
    """
    outcome = Outcome()
    entries = {entry.name: entry for group in groups for entry in group.entries}
    for name in dict.fromkeys(post.getlist("entry")):
        data, entry = _sent(post, name), entries.get(name)
        if entry is None:
            outcome.lost.append(Lost("", "这一事项已不在应报事项中，内容没有保存，可以复制。", _typed(data)))
        elif not entry.is_open:
            if _sent_before(entry, data, user):
                outcome.repeated += 1
            else:
                state = f"这条记录现在是“{entry.record.get_state_display()}”，不能再修改。"
                outcome.lost.append(_lost(entry, state, _typed(data)))
        else:
            _write_entry(outcome, entry, data, user, begin=entry.project.pk in ticked)
    return outcome


def find_problems(outcome: Outcome, names: Iterable[str]) -> None:
    """What 上报 would need of these that were saved."""
    for name in names:
        if name not in outcome.problems and (problems := outcome.saved[name].problems()):
            outcome.problems[name] = list(problems)


def submit(outcome: Outcome, names: Iterable[str], user: User, address: str | None) -> None:
    """一并上报: all of these that were saved, or none; what stands in the way is in the outcome then."""
    names = list(names)
    others = [name for name in names if name not in outcome.problems]
    records = {outcome.saved[name].pk: name for name in others}
    asked = {pk: outcome.saved[name].version for pk, name in records.items()}
    try:
        with transaction.atomic():
            done = actions.perform_all(asked, "submit", user, address=address)
            if others == names:
                outcome.submitted = len(done)
            else:  # tried only to learn what they lack: what a month does depends on the months before it
                transaction.set_rollback(True)
    except refusals.NotAll as refused:
        for pk, refusal in refused.refusals:
            if isinstance(refusal, refusals.Incomplete):
                outcome.problems[records[pk]] = list(refusal.problems)
            else:
                outcome.refusals[records[pk]] = str(refusal)
    except refusals.Busy as busy:
        outcome.refusals |= dict.fromkeys(records.values(), str(busy))


def _write_entry(outcome: Outcome, entry: Entry, data: dict[str, str], user: User, *, begin: bool) -> None:
    try:
        form, problems = _save(entry, data, user, begin=begin)
    except refusals.Busy as busy:
        outcome.stale[entry.name] = data, f"{busy}您填写的内容仍在这里，还没有保存。"
    except (refusals.StaleVersion, refusals.Gone) as refusal:
        over = data | {"version": str(entry.record.version)}
        outcome.stale[entry.name] = over, f"{refusal}您填写的内容仍在这里，再次保存将以您填写的内容为准。"
    except refusals.ActionRefused as refusal:
        outcome.lost.append(_lost(entry, str(refusal), _typed(data)))
    else:
        if form.is_valid():
            outcome.saved[entry.name] = form.instance
        else:
            outcome.wrong[entry.name] = form
        if problems:
            outcome.problems[entry.name] = problems


@actions.locking()
def _save(entry: Entry, data: dict[str, str], user: User, *, begin: bool) -> tuple[RecordForm, list[Problem]]:
    """The bound form, saved if it is valid; and what it lacks besides if it is not, and is to be submitted.

    What holds nothing but what it opened with begins no record unless it is to be submitted and can be: else what
    stands in the way. Raises ActionRefused.
    """
    was_there = entry.kind.draft_from_key(entry.key, user).pk is not None
    version = parse_pk(data.get("version", ""))
    if version and not was_there:
        raise refusals.Gone
    record = actions.create_record(entry.kind.draft_from_key, entry.key, user)
    form = entry.form_class(data, instance=actions.lock_editable_at(record.pk, user, version))
    form.begin_ids_with(entry.name)
    if form.is_valid():
        form.save(touch=False, person=user)
    problems = also_missing(form) if begin and not form.is_valid() else []
    if not was_there and not form.instance.version:
        may_begin = begin and form.is_valid()
        if may_begin:
            problems = list(entry.kind.objects.get(pk=record.pk).problems())
        if problems or not may_begin:
            transaction.set_rollback(True)
            form.instance.pk = None
    return form, problems


def _sent_before(entry: Entry, data: dict[str, str], user: User) -> bool:
    """A second click: the first one saved it, perhaps, and submitted it, and nobody acted since."""
    version = parse_pk(data.get("version", ""))
    sent = entry.record.events.filter(actor=user, action="submit", version__in=(version, version + 1)).first()
    return sent is not None and entry.record.version == sent.version + 1


def _lost(entry: Entry, sentence: str, typed: list[str]) -> Lost:
    return Lost(f"{entry.project.name} {entry.record.heading}", f"{sentence}您填写的内容没有保存，可以复制：", typed)


def _typed(data: dict[str, str]) -> list[str]:
    """What people read of it; choices go by names of ours."""
    texts = [text for name, text in data.items() if text.strip() and not name.endswith(HIDDEN)]
    return [text for text in texts if not re.fullmatch(r"[a-z_]+", text)]


def _sent(post: QueryDict, name: str) -> dict[str, str]:
    start = f"{name}-"
    return {key[len(start) :]: str(post[key]) for key in post if key.startswith(start)}
