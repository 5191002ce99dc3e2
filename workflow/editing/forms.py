"""What the edit pages of all kinds share."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django import forms
from django.http import QueryDict

from accounts.audit.entries import Action
from accounts.audit.writing import write
from accounts.models import User
from workflow.models import Problem, Record

from .closed import ClosableForm
from .rows import RowForm, RowFormSet, differs, mark_must


@dataclass(frozen=True)
class Part:
    """One part of a long page: its anchor `part-<slug>`, its name, and in words how far it is ("ok", "bad" or "")."""

    slug: str
    name: str
    note: str
    tone: str = ""


class RecordForm(ClosableForm):
    """The whole edit page of one kind: the record's own fields, and rows of children.

    It checks that what was typed can be kept (保存为草稿 takes the incomplete); what 上报 needs is the record's
    own `problems()`. It never touches the state. Subclasses with rows set `self.rows` = {name: RowFormSet}.
    """

    version = forms.IntegerField(widget=forms.HiddenInput)
    must: Collection[str] = ()  # the fields that 上报 asks for; a draft may leave them empty

    def __init__(self, data: Mapping[str, Any] | None = None, *, instance: Record, blank: str = "") -> None:
        super().__init__(data, instance=instance, use_required_attribute=False)
        self.initial["version"] = instance.version
        self.blank = blank  # the prefix of the rows to which the page asked for one more
        self.rows: dict[str, RowFormSet] = {}
        self.opened = instance.opened
        mark_must(self)
        self.close_fields()

    @classmethod
    def starting_data(cls, record: Any, chosen: QueryDict) -> Mapping[str, Any]:  # noqa: ARG003 - for kinds that override it
        """What a page of something not begun opens with, filled in but not saved, as somebody has `chosen` before.

        Overridden by kinds that offer a choice.
        """
        return {}

    @classmethod
    def posted_data(cls, record: Any, post: QueryDict) -> Mapping[str, Any]:  # noqa: ARG003 - as above
        """What a form that was sent to be looked at holds; overridden by kinds that can be filled in at once."""
        return post

    def all_rows(self) -> list[RowFormSet]:
        """Every RowFormSet of the page, nested ones after those that they stand in."""
        return list(_rows_within(self))

    def row_forms(self) -> list[RowForm]:
        return [form for rows in self.all_rows() for form in rows.forms]

    def begin_ids_with(self, prefix: str) -> None:
        """For a page of several forms: before anything is found wrong with this one, which names fields by id."""
        for form in self._all_forms():
            form.auto_id = f"id_{prefix}-%s"

    def begin_names_with(self, prefix: str) -> None:
        """The same of names, once it has been read: the page writes it then as what was typed, and reads it no more."""
        if self.is_bound:
            self.data = {f"{prefix}-{name}": value for name, value in self.data.items()}
        for rows in self.all_rows():
            rows.__dict__.pop("management_form", None)
            rows.data, rows.prefix = self.data, f"{prefix}-{rows.prefix}"
        for form in self._all_forms():
            form.auto_id = "id_%s"
            form.data = self.data
            form.prefix = f"{prefix}-{form.prefix}" if form.prefix else prefix
            form._bound_fields_cache.clear()  # type: ignore[union-attr]  # not in the stubs

    def _all_forms(self) -> list["RecordForm | RowForm"]:
        return [self, *self.row_forms()]

    def is_valid(self) -> bool:
        # No short cut: every part says all that is wrong with it.
        return all([super().is_valid(), *(rows.is_valid() for rows in self.rows.values())])

    def _post_clean(self) -> None:
        self.keep_closed()
        self.is_changed = differs(self)
        if self.is_changed:
            super()._post_clean()  # type: ignore[misc]  # not in the stubs

    def save(self, *, touch: bool = True, person: User | None = None) -> Record:  # type: ignore[override,unused-ignore]
        """Writes what has changed; the record must be locked (`workflow.actions.lock_editable_at`).

        Without `touch`, a save that changes nothing leaves the version: it overtakes nobody. `person`: who looked at
        the page and saved it, for kinds that keep what somebody said of a hint.
        """
        record: Record = self.instance
        if not self.save_rows(record) and not self.is_changed and not touch:
            return record
        record.version += 1
        super().save()
        if person:
            before, after = self._changes()
            version = record.version
            write(person, Action.EDIT, record, before={"版本": version - 1} | before, after={"版本": version} | after)
        return record

    def _changes(self) -> tuple[dict[str, object], dict[str, object]]:
        """For the audit log: the record's own fields as they were and as they are, and how many rows were written."""
        fields = {name: self.fields[name].label for name in self.changed_data if name in self.cleaned_data}
        before = {str(label): self.initial.get(name, "") for name, label in fields.items() if label}
        after = {str(label): self.cleaned_data[name] for name, label in fields.items() if label}
        rows = sum(form.has_changed() for form in self.row_forms())
        return before, after | ({"改动行数": rows} if rows else {})

    def save_rows(self, record: Any) -> bool:
        """Overridden by kinds with rows: returns whether anything was written."""
        return False

    def ids(self) -> dict[str, int | str]:
        """What the page calls the saved rows, by the name of their hidden field."""
        return {form.add_prefix("id"): form.name_of(form.instance) for form in self.row_forms() if form.instance.pk}

    def advice(self, user: User) -> dict[str, Any]:
        """What the page is told with each save beside its problems, as plain JSON; overridden by kinds with hints."""
        return {}

    def preview_url(self) -> str:
        """Where 预览 leads, of kinds that offer it; those override this."""
        raise NotImplementedError

    def parts(self, problems: Iterable[Problem]) -> list[Part]:
        """The page's parts, where it has several, as they stand with these problems."""
        return []

    def input_errors(self) -> list[Problem]:
        """What was typed that cannot be kept at all, as Problems."""
        if not self.is_bound:
            return []
        found = [
            Problem(form.add_prefix(name), form.sentence(name, str(text)))
            for form in self._all_forms()
            for name, texts in form.errors.items()
            for text in texts
        ]
        return found + [Problem(rows.prefix, str(text)) for rows in self.all_rows() for text in rows.non_form_errors()]

    def sentence(self, name: str, text: str) -> str:
        label = self.fields[name].label if name in self.fields else ""
        return f"{label}：{text}" if label else text

    def show(self, problems: Iterable[Problem]) -> None:
        """Put the problems of a refused 上报 next to their fields and sections."""
        forms_by_field = {form.add_prefix(name): (form, name) for form in self._all_forms() for name in form.fields}
        rows_by_prefix = {rows.prefix: rows for rows in self.all_rows()}
        for problem in problems:
            if problem.field in forms_by_field:
                form, name = forms_by_field[problem.field]
                if not form.is_bound:
                    form.errors  # noqa: B018 -- an unbound form makes its error list on first sight
                    form.cleaned_data = {}
                form.add_error(name, problem.text)
            elif problem.field in rows_by_prefix:
                rows_by_prefix[problem.field].row_errors.append(problem.text)

    def located(self, problems: Iterable[Problem], saved: "RecordForm") -> list[Problem]:
        """The problems of what this form has just saved, at its own fields: `saved`, the form as it would open now,
        may have its rows in another order.
        """
        here = {(type(form.instance), form.instance.pk): form.prefix for form in self.row_forms()}
        moved = {form.prefix: here.get((type(form.instance), form.instance.pk)) for form in saved.row_forms()}
        return [Problem(_moved(problem.field, moved), problem.text) for problem in problems]


def _rows_within(form: RecordForm | RowForm) -> Iterator[RowFormSet]:
    for rows in form.rows.values():
        yield rows
        for row in rows.forms:
            yield from _rows_within(row)


def _moved(field: str, prefixes: Mapping[str, str | None]) -> str:
    """The field under the new name of its row; `prefixes` maps old to new."""
    row = field
    while row:
        if now := prefixes.get(row):
            return now + field[len(row) :]
        row = row.rpartition("-")[0]
    return field
