"""What decides on a target update or a map, beside its content: figures and lights before and after 确认, last year."""

from dataclasses import dataclass

from reform.calendar import MONTHS
from reform.models import BattleMap, TargetUpdate
from workflow.formats import plain

from .bars import Axis, Bar
from .picture import Card, Picture


@dataclass(frozen=True)
class Recent:
    """One of the last twelve months, drawn as a bar at its place among them."""

    bar: Bar
    words: str


@dataclass(frozen=True)
class Figures:
    """An indicator as the lights see it now, and as they will once the update is confirmed."""

    before: Card
    after: Card
    recent: list[Recent]

    @property
    def so_far(self):
        """累计 60 / 72: value and target of the months that count."""
        found = self.after.progress
        if self.after.indicator.is_qualitative or not found.through or found.target is None:
            return ""
        noun = "累计" if self.after.indicator.adds_up else "最新值"
        return f"{noun} {self.after.done_text} / 目标 {plain(found.target)}"

    @property
    def changes(self):
        return (self.before.light.colour, self.before.light.word) != (self.after.light.colour, self.after.light.word)


def figures_of(update: TargetUpdate) -> dict[str, Figures]:
    """{indicator id: Figures} of what the update reports."""
    picture = Picture(update.battle_map)
    values = update.lines()
    reported = {value.indicator_id for value in values}
    last_year = {card.indicator.identity: card for card in _last_year_cards(update.battle_map)}
    return {
        str(after.indicator.pk): Figures(
            before, after, _recent(after, last_year.get(after.indicator.identity), update.battle_map.year, update.month)
        )
        for before, after in zip(picture.cards, picture.cards_with(values), strict=True)
        if after.indicator.pk in reported
    }


def _recent(card: Card, last_year: Card | None, year: int, month: int) -> list[Recent]:
    """The twelve months up to `month`; nothing of what is said in words."""
    if card.indicator.is_qualitative:
        return []
    before = last_year.bars[month:] if last_year else []
    bars = [*((year - 1, bar) for bar in before), *((year, bar) for bar in card.bars[:month])]
    axis = Axis.of(value for _, bar in bars for value in (bar.target, bar.actual))
    first = len(MONTHS) - len(bars)
    return [
        Recent(
            Bar(first + place, bar.target, bar.actual, bar.annual, axis, bar.type),
            f"{of_year}年{bar.words}",
        )
        for place, (of_year, bar) in enumerate(bars, 1)
        if bar.month in card.indicator.months
    ]


def _last_year_cards(battle_map: BattleMap) -> list[Card]:
    before = last_year_map(battle_map)
    return Picture(before).cards if before else []


def last_year_map(battle_map: BattleMap) -> BattleMap | None:
    """The project's map of the year before, if it was settled."""
    earlier = battle_map.earlier()
    return earlier if earlier and earlier.year == battle_map.year - 1 else None


def pictures_of(battle_map: BattleMap) -> tuple[Picture, Picture | None]:
    """The map and last year's, to be seen beside each other."""
    before = last_year_map(battle_map)
    return Picture(battle_map), Picture(before) if before else None
