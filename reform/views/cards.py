"""What 工作台 is made of."""

from dataclasses import dataclass, field

from workflow.models import Contribution, Event, Record

SHOWN = 6  # rows of a card; the rest is one click away


@dataclass(frozen=True)
class Tile:
    label: str
    number: int
    url: str
    is_waiting: bool = False


@dataclass(frozen=True)
class Row:
    """A line of a card, and where it leads; "" where nothing says more."""

    title: str
    note: str
    url: str
    record: Record | None = None
    decision: Event | None = None
    since: object = None  # since when it waits
    action: str = ""  # what the way there is called, if not as in the rest of the card
    work_item: object = None  # what is due, with its term
    contribution: Contribution | None = None
    chip: tuple[str, str] | None = None  # words and tint
    department: int | None = None  # that of which it waits for this person


@dataclass(frozen=True)
class Card:
    title: str
    rows: list
    empty: str
    note: str = ""
    more: str = ""
    action: str = "查看"
    anchor: str = ""
    tiles: list = field(default_factory=list)
