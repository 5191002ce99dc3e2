"""What a sheet to fill in is: a ledger's columns, which stay as they are, and the columns that may change."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.urls import reverse

from accounts.models import User
from reform.excel import clean
from reform.imports.sheets import Column, Layout
from reform.ledgers.base import Column as LedgerColumn
from reform.ledgers.base import Extract, Ledger
from workflow.formats import plain
from workflow.models import Record
from workflow.refusals import CLOSED
from workflow.states import UNDER_REVIEW
from workflow.texts import clean_text, number_text

KEY = "行标识"  # the hidden first column
MOST_ROWS = 500


@dataclass(frozen=True)
class Changing:
    """A column that may change: a field of the record's form."""

    name: str
    heading: str
    width: int
    hint: str
    field: forms.Field
    choices: tuple[tuple[str, str], ...] = ()

    def normal(self, text: str) -> str:
        """In which two texts of a cell are compared."""
        text = clean_text(clean(text))
        return (number_text(text) or text) if isinstance(self.field, forms.DecimalField) else text

    def read(self, text: str) -> tuple[str, str]:
        """What the form is sent, and what people read then; raises ValidationError."""
        if self.choices:
            values = {label: value for value, label in self.choices}
            if text and text not in values:
                raise ValidationError(f"“{text[:20]}”不在可选内容中，应为：{'、'.join(values)}。")
            return values.get(text, ""), text
        cleaned = self.field.clean(text)
        shown = self.normal(cleaned if isinstance(cleaned, str) else plain(cleaned))
        return shown, shown


@dataclass(frozen=True)
class Matter:
    """What a row speaks of, as it is now."""

    key: str
    place: str  # names to the kind the record in which it is written
    dossier_id: int
    number: str  # of the project
    name: str
    values: Mapping[str, str]  # {name of a Changing: text}, of those that the row has
    obstacle: str  # why it cannot be filled in now, or ""
    record: Record | None  # in which it is written: unfinished, or not saved yet; None: one that is to be drafted
    unit: str = ""


class FillableSheet:
    """Subclasses say of which ledger it is, which columns may change, and what stands in them."""

    kind: ClassVar[str]  # of its import
    title: ClassVar[str]
    noun: ClassVar[str]
    ledger: ClassVar[Ledger]
    record: ClassVar[type[Record]]
    changing: ClassVar[tuple[Changing, ...]]

    def rows(self, extract: Extract, user: User) -> Any:
        """The rows of the extract that belong to the person's departments and may be open."""
        raise NotImplementedError

    def key(self, extract: Extract, row: Any) -> str:
        """By which `matters` finds again what the row speaks of."""
        raise NotImplementedError

    def matters(self, user: User, keys: Iterable[str]) -> dict[str, Matter]:
        """Those of these keys that are this person's to fill in, in a few queries however many they are."""
        raise NotImplementedError

    def words(self, extract: Extract) -> str:
        """What it is taken of, beside the conditions of the extract."""
        return ""

    def form_of(self, form: Any, key: str) -> Any:
        """The part of the record's form in which the matter is written."""
        return form

    def typed(self, matter: Matter, column: Changing, text: str) -> str:
        """What somebody meant by the text of a cell."""
        return text

    def more_columns(self, extract: Extract | None) -> tuple[LedgerColumn, ...]:
        """What the sheet says more than the ledger."""
        return ()

    def locked(self, extract: Extract | None = None) -> tuple[LedgerColumn, ...]:
        """The columns that stay as they are."""
        headings = {"序号", *(column.heading for column in self.changing)}
        own = tuple(column for column in self.ledger.columns if column.label not in headings)
        return (*own, *self.more_columns(extract))

    @property
    def take_url(self) -> str:
        return reverse(f"reform:{self.kind}_take")

    @property
    def import_url(self) -> str:
        return reverse(f"reform:{self.kind}_import")

    @property
    def layout(self) -> Layout:
        columns = (
            Column(KEY, 10),
            *(Column(column.label, column.width) for column in self.locked()),
            *(Column(column.heading, column.width, hint=column.hint) for column in self.changing),
        )
        remedy = "请重新导出填报表后填写。"
        return Layout(self.title, self.noun, columns, MOST_ROWS, asks_about_columns=False, remedy=remedy)


def obstacle_of(dossier, record, obstacle):
    """Why the unfinished record cannot be changed, or what else stands in the way, or ""."""
    if dossier.closed_at:
        return CLOSED
    if record and record.state in UNDER_REVIEW:
        return f"已经上报，现在是“{record.get_state_display()}”，审核结束或撤回后才能修改。"
    return obstacle
