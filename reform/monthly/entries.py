"""One record of 本月一页报完: the form of its kind, beside those of others on one page."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.urls import reverse

from reform.calendar import Term, today
from reform.forms import FORMS
from reform.models import Project, TargetUpdate
from reform.quality.shown import Together
from workflow.editing.forms import RecordForm
from workflow.models import Event, Problem, Record
from workflow.states import EDITABLE


@dataclass
class Entry:
    """What is due, and the record that answers it: in hand, not begun, or reported already."""

    kind: type[Record]
    key: str  # as `draft_from_key` takes it
    project: Project
    record: Record
    term: Term
    is_open: bool
    form: RecordForm | None = None  # of what is open
    decision: Event | None = None  # why it came back
    evidence: int = 0  # files and notices
    hints: Mapping[str, Together] = field(default_factory=dict)
    problems: Sequence[Problem] = ()
    sentence: str = ""  # why what was typed has not been saved

    @property
    def name(self) -> str:
        """With which the names of its fields begin."""
        return f"{self.kind._meta.model_name}-{self.key}"

    @property
    def is_targets(self) -> bool:
        return self.kind is TargetUpdate

    @property
    def is_in_hand(self) -> bool:
        return self.record.pk is not None and self.record.state in EDITABLE

    @property
    def awaits_adoption(self) -> bool:
        """Whether 上报 waits for what partners have given, which is decided on its own edit page."""
        return any(problem.field == f"{self.name}-contributions" for problem in self.problems)

    @property
    def address(self) -> str:
        """Of its own edit page, to which it saves itself."""
        if self.is_in_hand:
            return reverse("editing:edit", args=[self.record.pk])
        return reverse("editing:new", args=[self.kind._meta.model_name, self.key])

    @property
    def term_words(self) -> str:
        return self.term.words(today())

    @property
    def term_tint(self) -> str:
        return self.term.phase(today()).value

    @property
    def form_class(self) -> type[RecordForm]:
        return FORMS[self.kind]

    def show(self) -> None:
        """As it is now, and what 上报 found wanting."""
        form = self.form_class(instance=self.record)
        form.begin_ids_with(self.name)
        form.show(self.problems)
        self._keep(form)

    def show_typed(self, form: RecordForm) -> None:
        """What was typed, with what is wrong with it."""
        unreadable = form.input_errors()
        form.show(self.problems)
        self.problems = [*unreadable, *self.problems]
        self._keep(form)

    def show_over(self, data: Mapping[str, Any], sentence: str) -> None:
        """What was typed over something newer, or in vain, with a sentence that says so."""
        form = self.form_class(data, instance=self.record)
        form.begin_ids_with(self.name)
        form.is_valid()
        self.sentence = sentence
        self.show_typed(form)

    def _keep(self, form: RecordForm) -> None:
        form.begin_names_with(self.name)
        title = self.record.title
        self.problems = [Problem(f"{self.name}-{found.field}", f"{title}：{found.text}") for found in self.problems]
        self.form = form


@dataclass
class Group:
    """The entries of one project."""

    project: Project
    entries: list[Entry]
    is_ticked: bool = True

    @property
    def targets(self) -> list[Entry]:
        return [entry for entry in self.entries if entry.is_targets and entry.is_open]

    @property
    def plans(self) -> list[Entry]:
        return [entry for entry in self.entries if not entry.is_targets and entry.is_open]

    @property
    def reported(self) -> list[Entry]:
        return [entry for entry in self.entries if not entry.is_open]

    @property
    def open_entries(self) -> list[Entry]:
        return [entry for entry in self.entries if entry.is_open]

    @property
    def problems(self) -> list[Problem]:
        return [problem for entry in self.entries for problem in entry.problems]

    @property
    def unsaved(self) -> list[Entry]:
        return [entry for entry in self.entries if entry.sentence]
