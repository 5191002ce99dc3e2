"""What stands on the cockpit: tiles, dots, months, departments, forecasts."""

from dataclasses import dataclass
from typing import NamedTuple

WORDS = {"red": "滞后", "amber": "预警", "green": "正常", "grey": "未下发"}


class ProjectRow(NamedTuple):
    """What the cockpit shows of each of thousands of projects: as model instances they take a fifth of a second."""

    pk: int
    name: str
    number: str
    department_id: int
    department: str
    domain_id: int
    domain: str
    domain_position: int


PROJECT_COLUMNS = (
    "pk",
    "name",
    "number",
    "department_id",
    "department__name",
    "domain_id",
    "domain__name",
    "domain__position",
)


@dataclass(frozen=True)
class Tile:
    label: str
    number: str
    note: str
    url: str
    is_bad: bool = False


@dataclass(frozen=True)
class Dot:
    project: ProjectRow
    colour: str
    reason: str
    url: str

    @property
    def word(self):
        return WORDS[self.colour]


@dataclass(frozen=True)
class PlanMonth:
    """Plans of a month: how many are due, done, and done in time; the rate so far in the year, of what is over."""

    month: int
    due: int
    done: int
    in_time: int
    rate: float | None
    url: str

    @property
    def rate_text(self):
        return "" if self.rate is None else f"{self.rate}%"


def change_words(points: float) -> str:
    """A rate against that of the month before, in percentage points."""
    return f"较上月 {points:+.1f}".replace("-", "−") if round(points, 1) else "与上月持平"


@dataclass(frozen=True)
class Unit:
    name: str
    projects: int
    overdue: int
    lagging: int
    red: int
    on_time: str
    url: str


@dataclass(frozen=True)
class Low:
    """An indicator that will not reach the year's target as it goes."""

    project: ProjectRow
    name: str
    words: str
    url: str
