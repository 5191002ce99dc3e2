"""作战图体检: advice on a map before 上报, which stands in nobody's way (spec section 8)."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from reform.indicators import INCREMENTS, MONTHS_A_YEAR, IndicatorType, Months, percent, progress, total
from reform.models import BattleMap, Indicator, Measure
from reform.models.measure import PlanType
from reform.quality.repeated import compare
from workflow.formats import plain

QUARTERS = {quarter: range(quarter * 3 - 2, quarter * 3 + 1) for quarter in range(1, 5)}
NAMES = dict(zip(QUARTERS, "一二三四", strict=True))
MOSTLY = Decimal("0.5")  # of the year's target
COPIED = 80  # percent of a measure's text
LEAST_PLANS = 3  # of one type, before that is worth a word
RESULTS = re.compile(
    r"[0-9０-９一二三四五六七八九十百千]+[个项家件次条%％]|形成|建成|出台|印发|实现|完成|达到|提升|提高|降低|压减|压缩|缩短|减少|增长|上线|落地|覆盖"
    r"|建立|投用|解决|清零|办结|制度|机制|清单|方案|平台"
)


@dataclass(frozen=True)
class Target:
    """An indicator's plan, and where it ended last year."""

    name: str
    type: IndicatorType
    targets: Months
    annual: Decimal | None
    baseline: Decimal | None = None
    last_year: Months = field(default_factory=dict)


@dataclass(frozen=True)
class Step:
    """A measure, with the month, type and content of its plans."""

    content: str
    plans: Sequence[tuple[int, str, str]] = ()

    @property
    def text(self) -> str:
        return "\n".join([self.content, *(content for _, _, content in self.plans)])


def checkup(targets: Sequence[Target], steps: Sequence[Step], earlier: Sequence[Step] = ()) -> list[str]:
    """The advice, as sentences; `earlier` are the measures of last year's map."""
    return [*_of_targets(targets), *_of_plans(steps), *_of_measures(steps, earlier)]


def _of_targets(targets: Sequence[Target]) -> Iterator[str]:
    for target in targets:
        if target.type in INCREMENTS and target.annual:
            sums = {quarter: _sum(target.targets, months) for quarter, months in QUARTERS.items()}
            if None not in sums.values():
                share = (sums[4] or 0) / target.annual
                if share > MOSTLY:
                    yield f"“{target.name}”的目标有 {percent(share)} 安排在第四季度，请核对月度安排是否均衡。"
                elif empty := [NAMES[quarter] for quarter, value in sums.items() if not value]:
                    yield f"“{target.name}”第{'、'.join(empty)}季度没有安排目标。"
        yield from _against_last_year(target)


def _against_last_year(target: Target) -> Iterator[str]:
    if target.annual is None or not target.last_year or target.type == IndicatorType.QUALITATIVE:
        return
    planned = {MONTHS_A_YEAR: target.annual}
    found = progress(planned, target.last_year, MONTHS_A_YEAR, annual=target.annual, type=target.type)
    if found.value is not None and found.reached and found.value != target.annual:
        yield (
            f"“{target.name}”的年度目标值 {plain(target.annual)} {'高' if found.is_falling else '低'}于上年实际 "
            f"{plain(found.value)}，请核对。"
        )


def _sum(values: Months, months: range) -> Decimal | None:
    """None where the plan says nothing of the quarter's months: a period longer than a quarter."""
    return total({month: values.get(month) for month in months}, months[-1])


def _of_plans(steps: Sequence[Step]) -> Iterator[str]:
    plans = [(month, kind) for step in steps for month, kind, _ in step.plans]
    if not plans:
        return
    if empty := [name for quarter, name in NAMES.items() if not any(month in QUARTERS[quarter] for month, _ in plans)]:
        yield f"第{'、'.join(empty)}季度没有安排月度推进计划。"
    kinds = {kind for _, kind in plans}
    if len(plans) >= LEAST_PLANS and len(kinds) == 1:
        yield f"{len(plans)} 项月度推进计划都是“{PlanType(kinds.pop()).label}”，请核对计划类型。"
    first = {kind: min(month for month, one in plans if one == kind) for kind in kinds}
    experience, pilot = first.get(PlanType.EXPERIENCE), first.get(PlanType.PILOT)
    if experience and pilot and experience < pilot:
        yield f"“总结推广经验”（{experience}月）安排在“开展试点示范”（{pilot}月）之前，请核对先后次序。"


def _of_measures(steps: Sequence[Step], earlier: Sequence[Step]) -> Iterator[str]:
    if vague := [number for number, step in enumerate(steps, 1) if step.content and not RESULTS.search(step.text)]:
        yield f"举措{_joined(vague)}没有写明要形成的成果，建议写明数量、时间或形成的制度、平台等。"
    before = [(step.content, number) for number, step in enumerate(earlier, 1)]
    copied = [number for number, step in enumerate(steps, 1) if compare(step.content, before).percent >= COPIED]
    if copied:
        yield f"举措{_joined(copied)}的文字与上年作战图基本相同，请按本年任务修改。"


def _joined(numbers: list[int]) -> str:
    return "、".join(map(str, numbers))


# --- Of a map ------------------------------------------------------------------------------------


def advice_on(battle_map: BattleMap) -> list[str] | None:
    """The advice on a saved map, in a constant number of queries; None while it lacks what could be looked at."""
    earlier = battle_map.earlier()
    if earlier and earlier.year != battle_map.year - 1:
        earlier = None
    indicators, measures = battle_map.contents()
    before, measures_before = earlier.contents() if earlier else ([], [])
    ended = {one.identity: _actuals(one) for one in before}
    targets = [
        Target(
            one.name,
            IndicatorType(one.type),
            {month: row.target for month, row in one.by_month().items()},
            one.annual_target,
            one.baseline,
            ended.get(one.identity, {}),
        )
        for one in indicators
    ]
    steps = _steps(measures)
    has_targets = any(one.annual is not None or one.type == IndicatorType.QUALITATIVE for one in targets)
    is_drawn = has_targets and any(step.plans for step in steps)
    return checkup(targets, steps, _steps(measures_before)) or ([] if is_drawn else None)


def _actuals(indicator: Indicator) -> Months:
    return {month: row.actual for month, row in indicator.by_month().items()}


def _steps(measures: list[Measure]) -> list[Step]:
    return [
        Step(measure.content, [(plan.month, plan.type, plan.content) for plan in measure.plans.all() if plan.month])
        for measure in measures
    ]
