"""What was filled in, compared cell by cell with what is there now, and written into drafts."""

from collections import defaultdict
from dataclasses import dataclass, field, replace
from operator import attrgetter

import tablib
from django.core.exceptions import ValidationError

from accounts.models import User
from reform.forms import FORMS
from reform.imports.preview import Preview, log
from reform.imports.resource import Problem, Row
from reform.imports.sheets import PROBLEMS, ROW, Layout
from workflow.actions import create_record, lock_dossiers, lock_editable_at
from workflow.refusals import ActionRefused

from . import keys
from .base import KEY, FillableSheet, Matter
from .export import error_book

LONGEST_QUOTE = 30


@dataclass
class Entry:
    """A row that was brought back: its matter, what is wrong with it, and what it changes."""

    number: int
    matter: Matter | None = None
    problems: list[str] = field(default_factory=list)
    sent: dict[str, str] = field(default_factory=dict)  # {name of a Changing: what the form is sent}
    shown: dict[str, str] = field(default_factory=dict)  # the same as people read it


@dataclass(frozen=True)
class FillableImport:
    sheet: FillableSheet

    summary: tuple[str, ...] = ()  # nothing is new

    @property
    def kind(self) -> str:
        return self.sheet.kind

    @property
    def layout(self) -> Layout:
        return self.sheet.layout

    def lock(self, user: User, dataset: tablib.Dataset) -> None:
        found = (keys.read(self.sheet, text) for text in dataset[KEY])
        matters = self.sheet.matters(user, [key.matter for key in found if key])
        lock_dossiers({matter.dossier_id for matter in matters.values()})

    def preview(self, user: User, dataset: tablib.Dataset) -> Preview:
        return self._preview(self._entries(user, dataset))

    def write(self, user: User, dataset: tablib.Dataset) -> Preview:
        entries = self._entries(user, dataset)
        shown = self._preview(entries)
        if shown.problems:
            return shown
        records = defaultdict(list)
        for entry in entries:
            if entry.sent:
                records[entry.matter.place].append(entry)
        saved = {}
        for place, changed in records.items():
            try:
                saved[place] = self._save(user, place, changed)
            except ActionRefused as refusal:
                changed[0].problems.append(str(refusal))
        if refused := self._preview(entries).problems:
            return replace(shown, rows=[], problems=refused)
        log(user, Preview([self._history_row(saved[place], changed) for place, changed in records.items()], []))
        places = [entry.matter.place for entry in entries]
        rows = [replace(row, instance=saved.get(place)) for row, place in zip(shown.rows, places, strict=True)]
        return replace(shown, rows=rows)

    def error_book(self, dataset: tablib.Dataset, problems: dict[int, list[str]]) -> bytes:
        return error_book(self.sheet, dataset, problems)

    # --- Comparing ------------------------------------------------------------------------------------

    def _entries(self, user, dataset):
        found = [(row, keys.read(self.sheet, row[KEY])) for row in dataset.dict]
        matters = self.sheet.matters(user, [key.matter for _, key in found if key])
        entries, seen = [], {}
        for row, key in found:
            entry = Entry(row[ROW], matters.get(key.matter) if key else None, list(row[PROBLEMS]))
            if key is None:
                entry.problems.append(
                    "行标识缺失或已被改动，请重新导出填报表后填写。"
                    if row[KEY]
                    else "这一行不是从系统导出的，填报表中不能增加行。"
                )
            elif entry.matter is None:
                entry.problems.append(f"没有找到这项{self.sheet.noun}。")
            elif key.matter in seen:
                entry.problems.append(f"与第 {seen[key.matter]} 行是同一项{self.sheet.noun}，只能保留一行。")
            else:
                seen[key.matter] = entry.number
                self._compare(entry, key, row)
            entries.append(entry)
        return entries

    def _compare(self, entry, key, row):
        for column, known in zip(self.sheet.locked(), key.locked, strict=True):
            if keys.print_of(row[column.label]) != known:
                entry.problems.append(f"“{column.label}”不能通过填报表修改，请改回导出时的内容。")
        for column, known in zip(self.sheet.changing, key.changing, strict=True):
            text = column.normal(self.sheet.typed(entry.matter, column, row[column.heading]))
            if keys.print_of(text) != known:
                try:
                    self._change(entry, column, text, known)
                except ValidationError as error:
                    entry.problems.append(f"{column.heading}：{''.join(error.messages)}")
        if entry.sent and entry.matter.obstacle:
            entry.problems.append(entry.matter.obstacle)

    def _change(self, entry, column, text, known):
        """Takes what was typed in a cell; raises ValidationError."""
        now = entry.matter.values.get(column.name)
        if now is None:
            raise ValidationError("这一行没有这一栏，请清空。")
        sent, shown = column.read(text)
        if shown == now:
            return
        if keys.print_of(now) != known:
            quote = now if len(now) <= LONGEST_QUOTE else f"{now[:LONGEST_QUOTE]}……"
            raise ValidationError(f"导出后内容已有变化，现为“{quote}”，请重新导出填报表后填写。")
        entry.sent[column.name], entry.shown[column.name] = sent, shown

    def _preview(self, entries):
        found = [Problem(entry.number, sentence) for entry in entries for sentence in entry.problems]
        return Preview([] if found else [self._row(entry) for entry in entries], found)

    def _row(self, entry):
        matter = entry.matter
        headings = {column.name: column.heading for column in self.sheet.changing}
        before = {headings[name]: text for name, text in matter.values.items()}
        after = before | {headings[name]: text for name, text in entry.shown.items()}
        return Row(None, matter.number, matter.name, before, after)

    # --- Writing --------------------------------------------------------------------------------------

    def _save(self, user, place, entries):
        """The record with what these rows change; raises ActionRefused."""
        known = entries[0].matter.record
        if known and known.pk:
            record = lock_editable_at(known.pk, user, known.version)
        elif known:  # drafted while its dossier was locked: there is nobody to ask again
            record = create_record(lambda: known)
        else:
            record = create_record(self.sheet.record.draft_from_key, place, user)
        form_class = FORMS[type(record)]
        form = form_class(instance=record)
        data = _as_posted(form)
        for entry in entries:
            part = self.sheet.form_of(form, entry.matter.key)
            data |= {part.add_prefix(name): sent for name, sent in entry.sent.items()}
        form = form_class(data, instance=record)
        if not form.is_valid():
            raise ActionRefused("".join(problem.text for problem in form.input_errors()))
        form.save()
        return record

    def _history_row(self, record, entries):
        """What the history says of a record: each of its rows."""
        before, after = {}, {}
        for row in map(self._row, sorted(entries, key=attrgetter("number"))):
            before |= {f"{row.name} {change.label}": change.old for change in row.changes}
            after |= {f"{row.name} {change.label}": change.new for change in row.changes}
        return Row(record, "", "", before, after)


def _as_posted(form):
    """What the page of this form would send if nobody touched it."""
    parts = [form, *form.row_forms(), *(rows.management_form for rows in form.all_rows())]
    values = {field.html_name: field.value() for part in parts for field in part}
    return {name: str(value) for name, value in values.items() if value is not None}
