"""Forms of what the office and the system administrator keep, for the product's pages and for the admin."""

import hashlib
import json
from dataclasses import dataclass

from django import forms
from django.contrib.admin.models import ADDITION, CHANGE
from django.db import transaction
from django.db.models.fields import BLANK_CHOICE_DASH
from django.utils import timezone

from accounts import history
from accounts.models import User
from accounts.texts import clean_text

PLEASE_CHOOSE = "请选择"


@dataclass(frozen=True)
class Conflict:
    """What was typed into a field, and what somebody else has saved there since the page was opened."""

    label: str
    typed: str
    saved: str


class TrackedForm(forms.ModelForm):
    """Knows what stood there before, says what it changes, and overwrites nobody unseen.

    `known` is a token of what the page showed. A form sent without one (the admin's) is taken as it is.
    `accepted` is the tick that is asked for when saving has consequences; see `consequences`.
    """

    known = forms.CharField(widget=forms.HiddenInput, required=False)
    accepted = forms.BooleanField(label="已核对，仍要保存", required=False)
    groups: tuple[tuple[str, tuple[str, ...]], ...] = ()  # (heading, names of fields)
    widths: dict[str, int] = {}  # in twelfths of the page; the whole of it for those not named

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.before = {} if self.instance._state.adding else self.facts()
        self.initial["known"] = self.token
        self.conflicts: list[Conflict] = []
        self.warnings: list[str] = []
        for field in self.fields.values():
            if isinstance(field, forms.ModelChoiceField):  # whose choices are only read to be shown
                field.empty_label = field.empty_label and PLEASE_CHOOSE
            elif isinstance(field, forms.ChoiceField) and [*field.choices][:1] == BLANK_CHOICE_DASH:
                field.choices = [("", PLEASE_CHOOSE), *[*field.choices][1:]]
            if field.error_messages["required"] == forms.Field.default_error_messages["required"]:
                verb = PLEASE_CHOOSE if isinstance(field, forms.ChoiceField) else "请填写"
                field.error_messages["required"] = f"{verb}{field.label}。"

    def facts(self) -> dict[str, str]:
        """{label: value} of the object, as a person reads them."""
        return history.facts(self.instance, self._tracked)

    @property
    def _tracked(self):
        """The fields of the model that this form has; the admin may leave some out."""
        meta = self._meta.model._meta
        own = {field.name for field in (*meta.fields, *meta.many_to_many)}
        return [name for name in self.fields if name in own]

    @property
    def token(self) -> str:
        return hashlib.sha256(json.dumps(self.before, ensure_ascii=False).encode()).hexdigest()[:32]

    @property
    def shown_groups(self):
        """[(heading, [(bound field, class of its width)])] for the page."""
        groups = self.groups or (("", tuple(self._meta.fields)),)
        return [
            (heading, [(self[name], f"span-{self.widths.get(name, 12)}") for name in names if name in self.fields])
            for heading, names in groups
        ]

    def _clean_fields(self):
        super()._clean_fields()
        for name, value in self.cleaned_data.items():
            if isinstance(value, str) and isinstance(self.fields[name], forms.CharField):
                self.cleaned_data[name] = clean_text(value)

    def _post_clean(self):
        super()._post_clean()
        self._compare()
        if not self.errors:
            self.warnings = self.consequences()
            if self.warnings and not self.cleaned_data["accepted"]:
                self.add_error("accepted", [*self.warnings, "请核对，确认要保存的，勾选后再保存。"])

    def consequences(self) -> list[str]:
        """What saving entails for others, in sentences; somebody must have read them before it is saved."""
        return []

    def _compare(self):
        """With what stands there now."""
        known = self.cleaned_data.get("known")
        if not self.before or not known or known == self.token:
            return
        self.conflicts = [
            Conflict(label, typed, self.before[label])
            for label, typed in self._typed().items()
            if typed != self.before[label]
        ]
        if self.conflicts:
            self.add_error(None, f"{self._who_saved()}，您填写的内容还在。请核对下面的不同之处，改好后再保存。")
        # Whoever sends the page again has seen what stands there now.
        self.data = self.data.copy()
        self.data["known"] = self.token

    def _typed(self):
        """The facts as they would be; where a field has an error, what was typed."""
        many = {field.name for field in self._meta.model._meta.many_to_many}
        typed = {}
        for name in self._tracked:
            label = str(self._meta.model._meta.get_field(name).verbose_name)
            if name not in self.cleaned_data:
                typed[label] = str(self[name].value() or "")
            elif name in many:
                typed[label] = history.display_value(list(self.cleaned_data[name]))
            else:
                typed |= history.facts(self.instance, [name])
        return typed

    def _who_saved(self):
        entry = history.entries_of(self.instance).first()
        if entry is None:
            return "这里的内容刚刚被修改过"
        when = timezone.localtime(entry.action_time)
        return f"{entry.user.full_name}已在 {when:%H:%M} 修改过这里的内容"

    def sentences(self) -> list[str]:
        """What saving has changed."""
        return history.differences(self.before, self.facts())


@transaction.atomic
def save(form: TrackedForm, user: User, *, added: str = "新增") -> list[str]:
    """Saves, with an entry in the history; returns what has changed, field by field."""
    is_new = form.instance._state.adding
    obj = form.save()
    sentences = [] if is_new else form.sentences()
    if is_new:
        history.log(user, obj, ADDITION, added)
    elif sentences:
        history.log(user, obj, CHANGE, "；".join(sentences), before=form.before, after=form.facts())
    return sentences
