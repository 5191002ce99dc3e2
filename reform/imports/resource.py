"""What the imports of the office share: one row one thing, found again by its first column; all rows or none."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from difflib import get_close_matches
from functools import cached_property
from operator import itemgetter
from typing import Any, ClassVar

import tablib
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db.models import Model
from import_export.fields import Field
from import_export.instance_loaders import CachedInstanceLoader
from import_export.resources import ModelResource
from import_export.widgets import Widget

from accounts import history
from accounts.models import Department, User
from workflow.texts import normal_form

from .sheets import CLEAR, PROBLEMS, ROW, Layout

SEPARATORS = re.compile(r"[、，,；;\n]")


@dataclass(frozen=True)
class Change:
    label: str
    old: str
    new: str


@dataclass(frozen=True)
class Problem:
    """Something that stands in the way of the import; `row` is where on the sheet, or None.

    Of an import of several sheets it is a key: “sheet!number”.
    """

    row: int | str | None
    sentence: str

    def __str__(self):
        if isinstance(self.row, str):
            sheet, _, number = self.row.rpartition("!")
            return f"“{sheet}”第 {number} 行：{self.sentence}"
        return self.sentence if self.row is None else f"第 {self.row} 行：{self.sentence}"


@dataclass(frozen=True)
class Warned:
    """What somebody must have read and ticked before it is imported."""

    title: str
    lead: str
    label: str
    required: str  # what is said to who has not ticked it


@dataclass(frozen=True)
class Row:
    """What one row of the sheet makes of its thing; `before` and `after` are {label: value}."""

    instance: Any
    key: str
    name: str  # as it is called until now
    before: dict[str, str]  # nothing for a new one
    after: dict[str, str]
    warnings: dict[str, list[str]] = field(default_factory=dict)  # {name in the resource's `warnings`: sentences}

    @property
    def is_new(self) -> bool:
        return not self.before

    @cached_property
    def changes(self) -> list[Change]:
        """Of a thing that is there already."""
        return [Change(label, old, self.after[label]) for label, old in self.before.items() if old != self.after[label]]

    @property
    def history(self) -> str:
        if self.is_new:
            return "新增（Excel 导入）"
        return f"{'；'.join(history.differences(self.before, self.after))}（Excel 导入）"


# --- Cells --------------------------------------------------------------------------------------------


def open_departments() -> Iterable[str]:
    """The names that a drop-down offers."""
    return Department.objects.filter(is_active=True).values_list("name", flat=True)


class Line(Widget):
    """A text in one line."""

    def clean(self, value, row=None, **kwargs):
        return re.sub(r"\s*\n\s*", " ", value)


class Choice(Widget):
    """One of a field's choices, by its label whatever its blanks; `offered` are those that somebody may choose anew."""

    def __init__(self, choices, what, offered=None):
        super().__init__()
        self.values, self.what = {normal_form(label): value for value, label in choices}, what
        self.offered = [label for _, label in offered or choices]

    def clean(self, value, row=None, **kwargs):
        found = self.values.get(normal_form(value), "")
        if value and not found:
            raise ValueError(f"“{value[:20]}”不是{self.what}，应为：{'、'.join(self.offered)}。")
        return found


class YesNo(Widget):
    """Nothing means yes for a new thing."""

    def clean(self, value, row=None, **kwargs):
        if value not in {"", "是", "否"}:
            raise ValueError(f"应填“是”或“否”，现为“{value[:20]}”。")
        return value != "否"


class Named(Widget):
    """Something by its name, asked of the database once for all rows."""

    def __init__(self, model, what):
        super().__init__()
        self.model, self.what, self._named = model, what, None

    def clean(self, value, row=None, **kwargs):
        return self.find(value) if value else None

    def find(self, name):
        if self._named is None:
            self._named = {normal_form(thing.name): thing for thing in self.model.objects.all()}
        if found := self._named.get(normal_form(name)):
            return found
        near = get_close_matches(normal_form(name), self._named, n=1)
        raise ValueError(
            f"没有“{name[:50]}”这个{self.what}" + (f"，是否为“{self._named[near[0]].name}”？" if near else "。")
        )

    def find_all(self, names):
        """Those of a cell, each once."""
        return list(dict.fromkeys(self.find(name.strip()) for name in SEPARATORS.split(names) if name.strip()))


class Cell(Field):
    """An empty cell keeps what is there; the word 清空 empties it, where the field may be empty."""

    def __init__(self, *args, model, is_identifier=False, **kwargs):
        super().__init__(*args, **kwargs)
        self.model, self.is_identifier = model, is_identifier

    def clean(self, row, **kwargs):
        return self.widget.clean(row[self.column_name], row=row, **kwargs)

    def save(self, instance, row, is_m2m=False, **kwargs):
        text, known = row[self.column_name], self.model._meta.get_field(self.attribute)
        if text == CLEAR:
            if not known.blank or known.get_internal_type() == "BooleanField":
                raise ValueError("必填，不能清空。")
            setattr(instance, self.attribute, None if known.null else "")
        elif self.is_identifier and text and normal_form(text) == normal_form(getattr(instance, self.attribute)):
            return  # only typed otherwise
        elif text or instance._state.adding:
            super().save(instance, row, is_m2m, **kwargs)


# --- Rows ---------------------------------------------------------------------------------------------


class SheetResource(ModelResource):
    """Each result of a row without errors has its `row`.

    A kind says its Meta (model, fields, import_id_fields: the first column), `layout`, `widgets`, `warnings`, and
    what it does otherwise.
    """

    layout: ClassVar[Layout]
    warnings: ClassVar[dict[str, Warned]] = {}
    identifiers: ClassVar[frozenset[str]] = frozenset()  # fields of texts that differ only by what is seen
    summary: ClassVar[tuple[str, ...]]  # labels of what the preview shows of a new thing, beside its name

    class Meta:
        instance_loader_class = CachedInstanceLoader
        clean_model_instances = True
        skip_diff = True  # `changes` are the difference, in the words of the history
        use_transactions = True

    def __init__(self, user: User, **kwargs):
        super().__init__(**kwargs)
        self.user = user
        model, widgets = self._meta.model, self.widgets()
        for name in self.fields:
            label = model._meta.get_field(name).verbose_name
            self.fields[name] = Cell(
                attribute=name,
                column_name=label,
                widget=widgets.get(name, Line()),
                model=model,
                is_identifier=name in self.identifiers,
            )
        self.key = self.fields[self._meta.import_id_fields[0]]
        self.seen: dict[str, int] = {}

    # --- What a kind says ---------------------------------------------------------------------------

    def widgets(self) -> dict[str, Widget]:
        """{name of a field: how its cell is read}; others are texts in one line."""
        return {}

    @classmethod
    def lock(cls, dataset: tablib.Dataset) -> None:
        """What must not change between the comparison and the writing."""

    def facts(self, instance: Any) -> dict[str, str]:
        """{label: value}, as the history names them."""
        return history.facts(instance, list(self.fields))

    def warn(self, instance: Any) -> dict[str, list[str]]:
        """{name in `warnings`: sentences} of a row that changes something; `before` is what stood there."""
        return {}

    def name_of(self, instance: Any) -> str:
        return str(instance)

    def key_of(self, instance: Any) -> str:
        """How the preview tells two of the same name apart."""
        return str(getattr(instance, self.key.attribute))

    def read_more(self, instance: Any, row: dict[str, Any], errors: dict[str, list[ValidationError]]) -> None:
        """Reads what no cell by itself says; what is wrong goes to `errors`, which has what is wrong with the cells."""

    # --- How import-export goes through the rows ------------------------------------------------------

    def before_import_row(self, row, **kwargs):
        if row[PROBLEMS]:
            raise ValidationError({NON_FIELD_ERRORS: row[PROBLEMS]})
        heading = self.key.column_name
        if not row[heading]:
            raise ValidationError({self.key.attribute: f"请填写{heading}。"})
        key = normal_form(str(self.key.clean(row)))
        if key in self.seen:
            raise ValidationError(
                {self.key.attribute: f"与第 {self.seen[key]} 行的{heading}“{self.key.clean(row)}”重复。"}
            )
        self.seen[key] = row[ROW]

    def import_instance(self, instance, row, **kwargs):
        """Raises ValidationError with all that is wrong with the row."""
        errors: dict[str, list[ValidationError]] = {}
        try:
            super().import_instance(instance, row, **kwargs)
        except ValidationError as error:
            error.update_error_dict(errors)
        self.read_more(instance, row, errors)
        if errors:
            raise ValidationError(errors)

    def after_init_instance(self, instance, new, row, **kwargs):
        self.old_name = "" if new else self.name_of(instance)
        self.before = {} if new else self.facts(instance)
        self.warned = {}

    def validate_instance(self, instance, import_validation_errors=None, validate_unique=True):
        """What `clean` says, without a query for each constraint and key: the database has the last word on them."""
        errors = dict(import_validation_errors or {})
        found = [one.name for one in instance._meta.fields if one.is_relation and getattr(instance, one.attname)]
        try:
            instance.full_clean(exclude=[*errors, *found], validate_unique=False, validate_constraints=False)
        except ValidationError as error:
            errors = error.update_error_dict(errors)
        if errors:
            raise ValidationError(errors)

    def skip_row(self, instance, original, row, import_validation_errors=None):
        """What says nothing new is left alone, and not checked again."""
        return not import_validation_errors and bool(self.before) and self.facts(instance) == self.before

    def save_instance(self, instance, is_create, row, **kwargs):
        # What is saved warns no more.
        self.warned = {name: sentences for name, sentences in self.warn(instance).items() if sentences}
        if not kwargs["dry_run"]:
            self.save_changed(instance)

    def save_changed(self, instance: Any) -> None:
        instance.save()

    def after_import_row(self, row, row_result, **kwargs):
        instance = row_result.instance
        name = self.old_name or self.name_of(instance)
        row_result.row = Row(instance, self.key_of(instance), name, self.before, self.facts(instance), self.warned)


def problems_of(result: Any, dataset: tablib.Dataset, model: type[Model]) -> list[Problem]:
    """All that stands in the way of the import, in the order of the sheet."""
    found = [(row.number, sentence) for row in result.invalid_rows for sentence in _sentences(row.error, model)]
    found += [(row.number, "没有保存成功，请核对后再试。") for row in result.error_rows]
    places = dataset[ROW]
    return [
        *(Problem(None, "没有导入成功，请核对后再试。") for _ in result.base_errors),
        *(Problem(places[number - 1], sentence) for number, sentence in sorted(found, key=itemgetter(0))),
    ]


def _sentences(error, model) -> Iterable[str]:
    for name, errors in error.error_dict.items():
        label = "" if name == NON_FIELD_ERRORS else f"{_label(model, name)} "
        yield from (f"{label}{_words(one)}" for one in errors)


def _label(model, name):
    known = {one.name: one.verbose_name for one in (*model._meta.fields, *model._meta.many_to_many)}
    return known.get(name, name)


def _words(error):
    if error.code in {"blank", "null"}:
        return "请填写。"
    if error.code == "max_length":
        return f"不超过 {error.params['limit_value']} 字，现有 {error.params['show_value']} 字。"
    return "".join(ValidationError(error).messages)
