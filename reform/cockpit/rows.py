"""What stands on the cockpit: tiles, dots, months, departments, forecasts."""

from dataclasses import dataclass

from reform.models import Project

WORDS = {"red": "滞后", "amber": "预警", "green": "正常", "grey": "未下发"}


@dataclass(frozen=True)
class Tile:
    label: str
    number: str
    note: str
    url: str
    is_bad: bool = False


@dataclass(frozen=True)
class Dot:
    project: Project
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

    project: Project
    name: str
    words: str
    url: str
