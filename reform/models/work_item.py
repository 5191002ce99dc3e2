"""What a clerk can begin: one row of the list behind each entry of the navigation."""

from dataclasses import dataclass, field
from datetime import date

from reform.calendar import Phase, Term, today
from workflow.actions import ActionRefused
from workflow.models import Record
from workflow.texts import parse_pk

from .project import Project


@dataclass
class WorkItem:
    """A thing that a record of some kind can be begun for.

    `key` is what `begin` is given back. `record` is the unfinished or the latest record, if there is one.
    `obstacle` says why none can be begun now; `url` is the page to go to first, where there is one.
    `term` is there while something is still to be reported by its end; `due_on` is the day by which what waits is due.
    """

    key: str
    project: Project
    title: str
    notes: list[str] = field(default_factory=list)
    record: Record | None = None
    due: bool = False
    obstacle: str = ""
    url: str = ""
    order: tuple = ()
    term: Term | None = None
    due_on: date | None = None

    @property
    def term_words(self):
        return self.term.words(today()) if self.term else ""

    @property
    def term_tint(self):
        """The colour of those words; "" before the term has opened."""
        phase = self.term.phase(today()) if self.term else Phase.NOT_YET
        return "" if phase == Phase.NOT_YET else phase.value


# Of kinds that wait for an issued map.
AFTER_ISSUE = ("没有可以填报的项目。", "项目作战图由市委改革办下发后，才能填报。")


def parse_key(key, parts):
    """The numbers in the key of a work item, as many as there are `parts`; raises ActionRefused."""
    numbers = [parse_pk(text) for text in key.split("-")]
    if len(numbers) != parts or min(numbers) < 0:
        raise ActionRefused("没有找到要填报的事项，请从列表中重新选择。")
    return numbers


def pick(things, pk, name):
    """The one of `things`, all of them this clerk's own, that a key names; raises ActionRefused."""
    found = things.filter(pk=pk).first()
    if found is None:
        raise ActionRefused(f"没有找到{name}。")
    return found
