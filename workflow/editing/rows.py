"""Rows inside a record's form: indicators, measures, plans, values.

A row says by a hidden `id` which child it is (`RowForm.name_of`); a row without one is new; a child that no row names
is removed.
So the page may add, remove and reorder rows freely and save itself again and again.
"""

import re
from collections.abc import Collection, Iterable, Mapping
from typing import TYPE_CHECKING, Any

from django import forms
from django.forms.formsets import BaseFormSet, formset_factory
from django.http import QueryDict

from workflow.items import Opened, join

from .closed import ClosableForm

if TYPE_CHECKING:
    from .forms import RecordForm

WHOLE = Opened()
CLOSED_ROWS = "这一部分没有退回，不能增加、删除或调整次序；确需增减的，请“另行要求打开”。"
MOST_ROWS = 100
MOST_ROWS_IN_ALL = 400  # of a page, nested ones included: a hundred times a hundred would take a worker a minute


class RowForm(ClosableForm):
    """One child of the record. `children` maps name → instance of those that no other row has named.

    A row that has rows of its own sets `self.rows` = {name: RowFormSet}.
    """

    must: Collection[str] = ()  # the fields that 上报 asks for

    data: QueryDict
    prefix: str
    id = forms.CharField(required=False, widget=forms.HiddenInput)

    @staticmethod
    def name_of(child: Any) -> int | str:
        """What the page calls this child: overridden where a record starts with children, which have no id yet."""
        pk: int = child.pk
        return pk

    @classmethod
    def key_of(cls, child: Any) -> int | str:
        """Its `id` in the snapshot."""
        return cls.name_of(child)

    def __init__(
        self,
        *args: Any,
        children: Mapping[int | str, Any],
        label: str = "",
        instance: Any = None,
        opened: Opened = WHOLE,
        place: str = "",
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, instance=instance, **kwargs)  # type: ignore[misc]  # args hold none
        self.label = label  # what sentences call this row
        self.rows: dict[str, RowFormSet] = {}
        self.is_stray = False
        self.opened, self.place = opened, place
        mark_must(self)
        if self.is_bound and instance is None:
            self._take(children)
        self.close_fields()

    def _take(self, children: Mapping[int | str, Any]) -> None:
        posted = self["id"].data or ""
        known = {str(name): child for name, child in children.items()}
        if posted in known:
            self.instance = known[posted]
        elif posted:
            # Somebody removed it meanwhile, or it never was this record's. Seen and saved again, the text is a new row.
            self.is_stray = True
            self.data = self.data.copy()
            self.data[self.add_prefix("id")] = ""

    def _post_clean(self) -> None:
        self.keep_closed()
        # A child that says what it said is neither checked again nor written: each constraint costs three queries.
        self.is_changed = not self.instance.pk or differs(self)
        if self.is_changed:
            super()._post_clean()  # type: ignore[misc]  # not in the stubs

    def save_children(self) -> bool:
        """Writes what hangs on the row; returns whether anything was written. Overridden by rows that have some."""
        return False

    def clean(self) -> dict[str, Any] | None:
        if self.is_stray:
            raise forms.ValidationError("这一行已不在本记录中。内容仍在这里，再次保存时将作为新的一行。")
        return super().clean()

    def is_valid(self) -> bool:
        return all([super().is_valid(), *(rows.is_valid() for rows in self.rows.values())])

    @property
    def stays(self) -> bool:
        """Whether it can neither be removed nor moved: its list was not sent back."""
        return not self.opened.covers(self.place.rpartition(".")[0])

    @property
    def is_blank(self) -> bool:
        """A row that was added and never filled in."""
        return (
            not self.instance.pk
            and not any(value not in (None, "", False) for name, value in self.cleaned_data.items() if name != "id")
            and not any(rows.kept() for rows in self.rows.values())
        )

    def sentence(self, name: str, text: str) -> str:
        label = self.fields[name].label if name in self.fields else ""
        return f"{self.label}{' ' if self.label and label else ''}{label or ''}：{text}"


class RowFormSet(BaseFormSet):
    """All rows of one relation, in the order of the page.

    `children` are the instances the record has now; `label` with its number is what sentences call a row.
    `fixed` rows can neither be added nor removed; no more can those of a list, at `place` in the snapshot, that was not
    sent back.
    """

    form: type[RowForm]
    prefix: str
    forms: list[RowForm]
    fixed = False
    default_error_messages = {
        "missing_management_form": "页面内容不完整，请刷新后重新填写。",
        "too_many_forms": f"最多 {MOST_ROWS} 行。",
    }

    def __init__(
        self,
        data: Mapping[str, Any] | None = None,
        *,
        prefix: str,
        children: Iterable[Any],
        blank: int = 0,
        label: str = "",
        opened: Opened = WHOLE,
        place: str = "",
        form_kwargs: dict[str, Any] | None = None,
    ) -> None:
        self.children = list(children)
        self.opened, self.place = opened, place or prefix
        self.is_closed = not opened.covers(self.place)
        self.blank = 0 if self.fixed or self.is_closed else blank
        self.label = label
        self.row_errors: list[str] = []  # what 上报 found wanting in the rows as a whole
        self._unnamed = {self.form.name_of(child): child for child in self.children}
        super().__init__(data, prefix=prefix, form_kwargs=form_kwargs)

    def initial_form_count(self) -> int:
        return 0

    def total_form_count(self) -> int:
        if self.is_closed:
            return len(self.children)
        return super().total_form_count() if self.is_bound else len(self.children) + self.blank

    def get_form_kwargs(self, index: int | None) -> dict[str, Any]:
        kwargs = super().get_form_kwargs(index) | {"children": self._unnamed}
        if index is None:
            return kwargs
        if self.label:
            kwargs["label"] = f"{self.label}{index + 1}"
        if self.is_closed or (not self.is_bound and index < len(self.children)):
            child = self.children[index]
            kwargs["instance"] = child
            kwargs["initial"] = {"id": self.form.name_of(child)}
            kwargs["opened"], kwargs["place"] = self.opened, join(self.place, self.form.key_of(child))
        return kwargs

    def clean(self) -> None:
        if not self.is_closed:
            return
        names = [str(self.form.name_of(child)) for child in self.children]
        sent = self.management_form.cleaned_data.get("TOTAL_FORMS")
        if sent != len(names) or [form["id"].data for form in self.forms] != names:
            raise forms.ValidationError(CLOSED_ROWS)

    def opened_items(self) -> list[Any]:
        return self.opened.at(self.place)

    def _construct_form(self, i: int, **kwargs: Any) -> RowForm:
        # Never "empty permitted": a blank row is dropped by us, an existing one that was emptied is kept.
        kwargs |= {"empty_permitted": False, "use_required_attribute": False}
        form: RowForm = super()._construct_form(i, **kwargs)  # type: ignore[misc]  # not in the stubs
        self._unnamed.pop(self.form.name_of(form.instance), None)
        return form

    def may_go(self, child: Any) -> bool:
        """Whether the row of this child may be removed."""
        return not self.fixed

    def kept(self) -> list[RowForm]:
        """The rows to save, in order. Without scripts a row is removed by the button that bears its name."""
        if self.fixed or self.is_closed:
            return [form for form in self.forms if form.instance.pk]
        removed = self.data.get("remove")
        return [
            form
            for form in self.forms
            if not form.is_blank and (form.prefix != removed or not self.may_go(form.instance))
        ]

    def save(self, **owner: Any) -> bool:
        """Write the changed rows under `owner` (the foreign key as a keyword), in their order, and remove the rest.

        Returns whether anything was written.
        """
        kept = self.kept()
        named = {form.instance.pk for form in kept}
        gone = [child.pk for child in self.children if child.pk not in named and self.may_go(child)]
        if gone:
            self.form._meta.model.objects.filter(pk__in=gone).delete()
            for form in self.forms:
                if form.instance.pk in gone:
                    form.instance.pk = None
        written = bool(gone)
        for position, form in enumerate(kept):
            for name, value in owner.items():
                setattr(form.instance, name, value)
            moved = getattr(form.instance, "position", position) != position
            if moved:
                form.instance.position = position
            if moved or form.is_changed:
                form.save()
                written = True
            written |= form.save_children()
        return written


def differs(form: forms.ModelForm) -> bool:
    """Whether a validated ModelForm says something else than its instance still says (before `_post_clean`)."""
    missing = object()  # what could not be read differs; a field that this form does not ask for says nothing
    asked = [name for name in form._meta.fields or () if name in form.fields]
    return any(form.cleaned_data.get(name, missing) != getattr(form.instance, name) for name in asked)


def mark_must(form: "RecordForm | RowForm") -> None:
    """Let the page mark the fields that 上报 asks for (config/widgets.py)."""
    for name in form.must:
        form.fields[name].is_must = True  # type: ignore[attr-defined]  # for the template


def rows_of(form: type[RowForm], base: type[RowFormSet] = RowFormSet) -> type[RowFormSet]:
    """A class of row formsets for this RowForm."""
    return formset_factory(  # type: ignore[return-value]  # it derives from `base`
        form, formset=base, extra=0, max_num=MOST_ROWS, validate_max=True, absolute_max=MOST_ROWS + 1
    )


def count_rows(data: Mapping[str, str]) -> int:
    """How many rows all formsets of a posted page claim to have; no form is built for it."""
    claims = [re.sub(r"\.0*\s*$", "", data[name]) for name in data if name.endswith("-TOTAL_FORMS")]
    # Read as the management form reads it (forms.IntegerField).
    return sum(max(int(claim), 0) for claim in claims if re.fullmatch(r"\s*[+-]?\d{1,9}\s*", claim))
