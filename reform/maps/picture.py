"""作战图: a map as it is drawn, on the screen, on paper and in Excel."""

import re
from dataclasses import dataclass
from functools import cached_property

from django.utils import timezone

from accounts import clock
from accounts.compiled_prefetch import prefetch_compiled
from accounts.compiled_queries import compiled_rows
from reform import lights
from reform.calendar import MONTHS, today
from reform.indicators import (
    PACE,
    SHARE_OF_YEAR,
    SHARE_SO_FAR,
    IndicatorType,
    Progress,
    QualitativeState,
    lag_months,
    lag_words,
    percent,
    running,
)
from reform.inspections.marks import Marks, marks
from reform.lights import Light
from reform.models import DueItem, Indicator, LightRule, Measure, MonthlyPlan, PlanStatus
from reform.models.battle_map import indicators_of
from workflow.formats import plain
from workflow.states import State

from .bars import Axis, Bar
from .line import Line

LEGEND = (
    ("green", "已完成"),
    ("blue", "推进中"),
    ("amber", "本月到期"),
    ("red", "逾期"),
    ("grey", "未到期"),
)
TITLE_LENGTH = 24
# A printed sheet in small letters, in pixels: see `Picture.flows`.
SHEET, FRAME = 1100, 230
GOAL, GOALS_A_LINE = 150, 6
NOTE, NOTES_A_LINE = 40, 3
TEXT_LINE, LETTERS_A_LINE, CHIP, WORD = 17.4, 26, 24, 16


@dataclass(frozen=True)
class Card:
    """An indicator with its cumulative figures and twelve bars."""

    indicator: Indicator
    light: Light
    progress: Progress
    axis: Axis
    bars: list[Bar]
    lag: str = ""

    @cached_property
    def line(self):
        """The chart of levels; None of what adds up, or is said in words."""
        if self.indicator.adds_up or self.indicator.is_qualitative:
            return None
        return Line({bar.month: (bar.target, bar.actual) for bar in self.drawn_bars}, self.progress)

    @property
    def _period_ends(self):
        return self.indicator.months

    @property
    def steps(self):
        """Of a 定性目标: [(month, what is to be reached by then, what was before, the state that was confirmed)]."""
        if not self.indicator.is_qualitative:
            return []
        rows = [row for _, row in sorted(self.indicator.by_month().items()) if row.words or row.state]
        original = self.indicator.original_target
        return [(row.month, row.words, original(row.month), row.get_state_display()) for row in rows]

    @property
    def drawn_bars(self):
        """Of an indicator that is asked for by the quarter, only its months."""
        return [bar for bar in self.bars if bar.month in self._period_ends]

    @property
    def done_text(self):
        if self.indicator.is_qualitative:
            return QualitativeState(self.progress.state).label if self.progress.state else "—"
        if not self.indicator.adds_up and self.progress.value is None:
            return "—"
        return plain(self.progress.amount)

    @property
    def annual_text(self):
        if self.indicator.is_qualitative:
            return self.indicator.annual_words or "未填写"
        return plain(self.indicator.annual_target) or "未填写"

    @property
    def baseline_text(self):
        return plain(self.indicator.baseline)

    @property
    def original_text(self):
        original = self.indicator.original_annual
        return original if self.indicator.is_qualitative else plain(original)

    @property
    def measures(self):
        """[(what, percentage)]: each with the target that it is measured against."""
        shares = [
            (SHARE_OF_YEAR, self.progress.year_share),
            (PACE, self.progress.pace),
            (SHARE_SO_FAR, self.progress.share),
        ]
        return [(what, percent(share)) for what, share in shares if share is not None]

    @property
    def lines(self):
        """Targets and confirmed values by month, each with its running total."""
        if self.indicator.is_qualitative:
            rows = self.indicator.by_month()
            months = [rows.get(month) for month in MONTHS]
            originals = [self.indicator.original_target(month) or "" for month in MONTHS]
            return [
                *([("原阶段目标", originals)] if any(originals) else ()),
                ("阶段目标", [row.words if row else "" for row in months]),
                ("进展状态", [row.get_state_display() if row else "" for row in months]),
            ]
        targets = [bar.target for bar in self.bars]
        actuals = [bar.actual for bar in self.bars]
        originals = [self.indicator.original_target(month) for month in MONTHS]
        return [
            *([("原目标值", _texts(originals))] if any(value is not None for value in originals) else ()),
            ("目标值", _texts(targets)),
            *([("累计目标值", _texts(running(targets)))] if self.indicator.adds_up else ()),
            ("进度值", _texts(actuals)),
            *([("累计进度", _texts(running(actuals)))] if self.indicator.adds_up else ()),
        ]


@dataclass(frozen=True)
class Chip:
    plan: MonthlyPlan
    light: Light
    marks: Marks

    @property
    def words(self):
        """What stands under it, each on a line of its own."""
        original = self.plan.original_month
        parts = [self.light.word if self.light.is_warning else "", f"原定{original}月" if original else ""]
        return [word for word in (*parts, self.marks.checked) if word]


@dataclass(frozen=True)
class Row:
    """A measure with the chips of each month; plans without a month yet come as `undated`."""

    number: int
    measure: Measure
    months: list[tuple[int, list[Chip]]]
    undated: list[MonthlyPlan]

    @property
    def title(self):
        """The first words up to a full stop, when they are short enough to be one."""
        head, stop, _ = re.match(r"([^。：；\n]*)([。：；\n]?)(.*)", self.measure.content, re.DOTALL).groups()
        return head if stop and len(head) <= TITLE_LENGTH else ""

    @property
    def text(self):
        return self.measure.content[len(self.title) :].lstrip("。：；\n ") if self.title else self.measure.content

    @property
    def numbers(self):
        """How many plans each month of the year has."""
        chips = dict(self.months)
        return [len(chips.get(month, ())) for month in MONTHS]

    @property
    def printed_height(self):
        """Of the row in small letters: its text, or the fullest of its months."""
        text = -(-len(self.measure.content) // LETTERS_A_LINE) * TEXT_LINE
        chips = max(sum(CHIP + WORD * len(chip.words) for chip in chips) for _, chips in self.months)
        return max(text, chips) + 8

    @property
    def mark(self):
        """①, ②, … as far as there are such signs."""
        return chr(ord("①") + self.number - 1) if self.number <= 20 else f"{self.number}."


class Picture:
    """Everything that the drawing shows, of the battle map as it stands."""

    year_months = MONTHS
    legend = LEGEND
    plan_remedy = lights.PLAN_REMEDY

    def __init__(self, battle_map):
        self.battle_map = battle_map
        self.at = timezone.localtime(clock.now())
        self.day = today()
        self.is_issued = battle_map.state == State.ISSUED
        self._rule = LightRule.current()
        self._indicators = compiled_rows("indicators", (), indicators_of, battle_map=battle_map.pk)
        prefetch_compiled(self._indicators, "targets", "adjustments")

    @cached_property
    def _measures(self):
        found = compiled_rows("measures", (), measures_of, battle_map=self.battle_map.pk)
        prefetch_compiled(found, "plans__extensions", "lead", "partners")
        return found

    @property
    def _ended_at(self):
        return self.battle_map.dossier.closed_at

    @property
    def this_month(self):
        return self.day.month if self.day.year == self.battle_map.year else None

    @cached_property
    def months(self):
        """The columns of the plans: from the first month in which there is anything to see."""
        planned = [plan.month for measure in self._measures for plan in _standing(measure) if plan.month]
        return range(min([self.this_month or MONTHS[-1], *planned]), MONTHS[-1] + 1) if planned else MONTHS

    @property
    def all_add_up(self):
        return all(indicator.adds_up for indicator in self._indicators)

    @cached_property
    def _due(self):
        """Until when each plan, and (under None) each month's values are due: {(plan id, month): DueItem}."""
        items = compiled_rows("deadlines of a map", (), _deadlines, battle_map=self.battle_map.pk)
        return {(item.plan_id, item.month): item for item in items}

    @cached_property
    def through(self):
        """Up to which month values are compared with targets; 0 before the first."""
        return self._through([target for indicator in self._indicators for target in indicator.targets.all()])

    def _through(self, targets):
        if not self.is_issued:
            return 0
        confirmed = [target.month for target in targets if target.actual is not None or target.state]
        over = (month for (plan, month), item in self._due.items() if plan is None and item.due_on < self.day)
        return lights.months_over(max(over, default=0), self.battle_map.year, self.day, max(confirmed, default=0))

    @cached_property
    def light(self):
        if not self.is_issued:
            return lights.NOT_ISSUED
        if self._ended_at:
            return lights.ended_light(self.battle_map.project.stage, self._ended_at)
        found = [lights.IndicatorFacts(card.indicator.name, card.progress) for card in self.cards]
        return lights.project_light(lights.facts_of(self.battle_map, found, self.day), self._rule)

    @cached_property
    def cards(self):
        return [self._card(indicator, indicator.by_month(), self.through) for indicator in self._indicators]

    def cards_with(self, values):
        """The cards as they will be once these TargetValues of one month are confirmed."""
        month = values[0].update.month if values else 0
        by_indicator = {value.indicator_id: value for value in values}
        targets = {
            indicator.pk: indicator.by_month()
            | ({month: by_indicator[indicator.pk].as_confirmed()} if indicator.pk in by_indicator else {})
            for indicator in self._indicators
        }
        through = self._through([target for rows in targets.values() for target in rows.values()])
        return [self._card(indicator, targets[indicator.pk], through) for indicator in self._indicators]

    def _card(self, indicator, targets, through):
        planned = {month: targets[month].target if month in targets else None for month in MONTHS}
        actual = {month: targets[month].actual if month in targets else None for month in MONTHS}
        kind = IndicatorType(indicator.type)
        axis = Axis.of([*planned.values(), *actual.values()])
        states = [targets[month].state for month in sorted(targets) if month <= through and targets[month].state]
        found = indicator.progress(planned, actual, through, state=states[-1] if states else "")
        behind = lag_months(found, planned)
        return Card(
            indicator=indicator,
            light=lights.indicator_light(found, self._rule, behind) if self.is_issued else lights.NOT_ISSUED,
            progress=found,
            axis=axis,
            lag=lag_words(found.lag_points, behind) if self.is_issued and through else "",
            bars=[Bar(month, planned[month], actual[month], indicator.annual_target, axis, kind) for month in MONTHS],
        )

    @cached_property
    def rows(self):
        return [self._row(number, measure) for number, measure in enumerate(self._measures, 1)]

    def _row(self, number, measure):
        plans = _standing(measure)
        chips = [Chip(plan, self.plan_light(plan), self._marks[plan.pk]) for plan in plans if plan.month]
        return Row(
            number=number,
            measure=measure,
            months=[(month, [chip for chip in chips if chip.plan.month == month]) for month in self.months],
            undated=[plan for plan in plans if not plan.month],
        )

    @cached_property
    def _marks(self):
        plans = [plan.pk for measure in self._measures for plan in _standing(measure)]
        return marks(plans) if self.is_issued else dict.fromkeys(plans, Marks())

    def plan_light(self, plan):
        """The light of one of the map's standing plans."""
        if not self.is_issued:
            return lights.NOT_ISSUED
        if self._ended_at:
            return lights.ended_plan_light(plan, self.battle_map.dossier)
        term = self._due[plan.pk, plan.month].term
        return lights.plan_light(plan.status, self.battle_map.year, plan.month, term, self.day)

    @cached_property
    def chips(self):
        return [(row, chip) for row in self.rows for _, chips in row.months for chip in chips]

    @property
    def counted(self):
        """4 条举措 · 19 项计划 · 已完成 11 项."""
        plans = sum(len(row.undated) for row in self.rows) + len(self.chips)
        done = sum(chip.plan.status == PlanStatus.DONE for _, chip in self.chips)
        return f"{len(self.rows)} 条举措 · {plans} 项计划 · 已完成 {done} 项"

    @cached_property
    def lagging(self):
        """The indicators that lag, the worst first."""
        return sorted((card for card in self.cards if card.light.is_warning), key=lambda card: card.light.risk)

    @cached_property
    def warnings(self):
        """(what, Light) of everything red or amber, the worst first: the notes under the drawing."""
        found = [(card.indicator.name, card.light) for card in self.lagging]
        found += [
            (f"{row.mark} {chip.plan.month}月 {chip.plan.type_label}", chip.light)
            for row, chip in self.chips
            if chip.light.is_warning
        ]
        return sorted(found, key=lambda item: item[1].risk)

    @property
    def flows(self):
        """Whether it may take more than one sheet even in smaller letters: only what surely fits is drawn to fill it.

        Heights in pixels, as static/css/map_print.css draws them.
        """
        rows = sum(row.printed_height for row in self.rows)
        goals = GOAL * -(-len(self.cards) // GOALS_A_LINE)
        notes = NOTE * -(-len(self.warnings) // NOTES_A_LINE)
        return FRAME + goals + rows + notes > SHEET

    @property
    def is_large(self):
        """Whether it takes smaller letters to print on one sheet."""
        return len(self.rows) > 5 or len(self.cards) > 4 or len(self.chips) > 28

    @property
    def as_of_line(self):
        return f"截至 {self.at:%Y-%m-%d %H:%M}，进度只统计市委改革办已确认的数据。"


def measures_of(battle_map):
    return Measure.objects.filter(battle_map=battle_map).with_iteration_count()


def _deadlines(battle_map):
    return DueItem.objects.standing().filter(battle_map=battle_map, is_deadline=True)


def _standing(measure):
    return [plan for plan in measure.plans.all() if plan.cancelled_at is None]


def _texts(values):
    return [plain(value) for value in values]
