"""What a list of work items is, whatever the kind. The database sorts, counts and pages it."""

from dataclasses import dataclass, field
from datetime import date

from django.db.models import Case, Max, Q, Subquery, When
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.text import Truncator

from accounts.compiled_prefetch import prefetch_compiled
from accounts.compiled_queries import compiled_count, compiled_rows
from reform.calendar import Phase, Term, today
from reform.inspections.marks import Marks, marks
from reform.models import Project
from workflow.models import Record
from workflow.states import EDITABLE, UNDER_REVIEW

NOTE_LENGTH = 60


@dataclass
class WorkItem:
    """A thing that a record of some kind can be created for.

    `key` is what `draft_from_key` is given. `record` is the unfinished or the latest record, if there is one.
    `obstacle` says why none can be created now; `page` is the page to go to first, where there is one.
    `term` is there while something is still to be reported by its end; `due_on` is the day by which what waits is due.
    """

    kind: type[Record]
    key: str
    project: Project
    title: str
    notes: list[str] = field(default_factory=list)
    record: Record | None = None
    due: bool = False
    obstacle: str = ""
    page: str = ""
    term: Term | None = None
    due_on: date | None = None
    marks: Marks | None = None  # of a plan

    @cached_property
    def form(self):
        """The address of the form of what is in hand, or ""."""
        is_in_hand = self.record is not None and self.record.state in EDITABLE
        return reverse("editing:edit", args=[self.record.pk]) if is_in_hand else ""

    @property
    def form_or_new(self):
        """The address of the form, also of what is not begun yet."""
        return self.form or reverse("editing:new", args=[self.kind._meta.model_name, self.key])

    @cached_property
    def url(self):
        """Where the button of the list leads; "": there is nothing to do now."""
        if address := self.page or self.form:
            return address
        is_possible = not self.obstacle and not self.is_under_review
        return self.form_or_new if is_possible else ""

    @property
    def note_words(self):
        """The notes in a line, each as far as there is room for it."""
        return " · ".join(
            note if len(note) <= NOTE_LENGTH else Truncator(note).chars(NOTE_LENGTH) for note in self.notes
        )

    @property
    def is_under_review(self):
        return self.record is not None and self.record.state in UNDER_REVIEW

    @property
    def term_words(self):
        return self.term.words(today()) if self.term else ""

    @property
    def term_tint(self):
        """The colour of those words; "" before the term has opened."""
        phase = self.term.phase(today()) if self.term else Phase.NOT_YET
        return "" if phase == Phase.NOT_YET else phase.value


class WorkItems:
    """The work items of one kind and clerk, narrowed to projects whose names have all of these words.

    What a Paginator asks for: `count()`, and slices, for which alone rows are read and built.
    """

    # The sentence of an empty list, and what comes first.
    empty = ("没有可以填报的项目。", "项目作战图由市委改革办下发后，才能填报。")
    waits_for_issue = True
    within: tuple[str, ...] = ()  # what is read of all rows of a page at once

    def __init__(self, kind, user, words=""):
        self.kind, self.user, self.words = kind, user, words.split()

    def rows(self):
        """All of them, in the order of the page."""
        raise NotImplementedError

    def build(self, rows):
        """The work items of these rows."""
        raise NotImplementedError

    def count(self):
        return self._compiled_count("items", lambda items: items.rows())

    def __getitem__(self, part):
        rows = self._compiled(f"items {part}", lambda items: items.rows()[part])
        prefetch_compiled(rows, *self.within)
        return self.build(rows)

    def __iter__(self):
        return iter(self[:])

    def _own(self, things, path=""):
        """Those of this clerk's departments whose project is meant and has not ended; `path` leads to the project."""
        named = {f"{path}department__in": self.user.assigned_department_ids, f"{path}closed_at": None}
        return things.filter(*(Q(**{f"{path}name__icontains": word}) for word in self.words), **named)

    def _compiled(self, name, build, **values):
        """The rows of `build(the same for a clerk, **values)`: see `compiled_rows`; words are asked for once."""
        if self.words:
            return list(build(self, **values))

        def built(clerk, **values):
            return build(self._for(clerk), **values)

        return compiled_rows(f"{self.kind.__name__} {name}", today(), built, user=self.user, **values)

    def _compiled_count(self, name, build):
        """How many of them there are."""
        if self.words:
            return build(self).count()
        return compiled_count(f"{self.kind.__name__} {name}", today(), lambda clerk: build(self._for(clerk)), self.user)

    def _for(self, clerk):
        return type(self)(self.kind, clerk)

    def _latest(self, **of):
        """The key of the latest record of the kind in that relation to a row."""
        return _last_key(self.kind.objects.standing(), of)

    def _in_hand(self, **of):
        """The same of what is in hand."""
        return _last_key(self.kind.objects.filter(state__in=EDITABLE), of)

    @staticmethod
    def _marks(rows):
        """{plan: its Marks} of these due items."""
        return marks([item.plan_id for item in rows])

    def _records(self, keys):
        def records(keys):
            return self.kind.objects.filter(pk__in=keys)

        found = compiled_rows("records of work items", self.kind, records, keys=[key for key in keys if key])
        return {record.pk: record for record in found}


def _last_key(records, of):
    # Not the first in descending order: PostgreSQL would walk through the keys of all records.
    return Subquery(records.filter(**of).order_by().values(*of).annotate(last=Max("pk")).values("last"))


def when(*conditions, **conditions_by_name):
    """True where these hold; to sort by and to show."""
    return Case(When(*conditions, **conditions_by_name, then=True), default=False)
