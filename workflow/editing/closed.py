"""What was not sent back, on the edit page: its fields are shown, and keep what the database says."""

from typing import Any

from django import forms

from workflow.items import Opened
from workflow.models import Event, Record
from workflow.states import CAME_BACK

CLOSED = "没有退回，不能修改；确需修改的，请“另行要求打开”。"
OURS = ("id", "version")  # fields that say nothing


class ClosableForm(forms.ModelForm):
    """The record's own fields, or those of one row; `place` is the address of what it fills in (see `items`)."""

    opened = Opened()
    place = ""

    def address_of(self, name: str) -> str:
        """Where what the field says stands in the snapshot; overridden where that has another name."""
        return self.opened.address(self.place, name)

    def is_asked(self, name: str) -> bool:
        """Whether the page shows the field; overridden where it depends on another one."""
        return True

    def close_fields(self) -> None:
        """Called once more by forms that add fields of their own."""
        self.closed: set[str] = getattr(self, "closed", set())
        if not self.opened.items:
            return
        seen: set[str] = set()  # once each, where several fields are opened together
        for name, field in self.fields.items():
            if name not in OURS:
                address = self.address_of(name)
                is_first = address not in seen and self.is_asked(name)
                field.opened_items = self.opened.at(address) if is_first else []  # type: ignore[attr-defined]  # template
                if is_first:
                    seen.add(address)
                if not self.opened.covers(address):
                    field.disabled = True
                    self.closed.add(name)

    def opened_items(self) -> list[Any]:
        """Of the row as a whole."""
        return self.opened.at(self.place) if self.place and self.opened.items else []

    def known_value(self, name: str) -> Any:
        """What the field says before anything is typed; overridden for fields of no column."""
        return getattr(self.instance, name) if name in (self._meta.fields or ()) else self.initial.get(name)

    def keep_closed(self) -> None:
        """Put what the database says in the place of whatever was sent for closed fields, and of what was not sent."""
        if not self.opened.items:
            return
        for name, field in self.fields.items():
            if name in OURS:
                continue
            prefixed = self.add_prefix(name)
            is_closed = name in self.closed
            if is_closed or field.widget.value_omitted_from_data(self.data, self.files, prefixed):
                self.errors.pop(name, None)
                self.cleaned_data[name] = self.known_value(name)
            if is_closed and prefixed in self.data and self._differs(name, field):
                self.add_error(name, CLOSED)
                self.cleaned_data[name] = self.known_value(name)

    def _differs(self, name: str, field: forms.Field) -> bool:
        typed = field.widget.value_from_datadict(self.data, self.files, self.add_prefix(name))
        known = self.known_value(name)
        try:
            value = field.clean(typed)
        except forms.ValidationError:
            return True
        if isinstance(known, list):
            return set(value or ()) != set(known)
        return value != known and bool(value or known)


def sent_back_context(record: Record) -> dict[str, Any]:
    """What the edit page says of the decision that sent the record back, and of what it opened."""
    opened = record.opened
    came_back = record.state in CAME_BACK or opened.items
    items = record.items() if opened.items else {}
    return {
        "decision": record.events.filter(action__in=Event.REJECTIONS).first() if came_back else None,
        "opened_items": opened.items,
        "closed_items": {place: name for place, name in items.items() if not opened.covers(place)},
    }
