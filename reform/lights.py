"""Lights, and why (spec section 6). Only confirmed data counts.

The lights themselves are pure functions over plain facts; `facts_for` reads the facts of many projects at once.
"""

from collections import defaultdict
from dataclasses import dataclass, replace
from functools import partial

from django.db.models import Case, IntegerField, Max, OuterRef, Q, Value, When
from django.utils import timezone

from accounts.compiled_queries import compiled_rows
from reform.calendar import MONTHS
from reform.indicators import (
    INCREMENTS,
    SHARE_SO_FAR,
    IndicatorType,
    Progress,
    QualitativeState,
    figures_until,
    lag_words,
    pace_words,
    percent,
)
from reform.models import BattleMap, DueItem, Indicator, LightRule, MonthlyTarget, PlanStatus, Stage
from reform.models.due_item import is_overdue_plan
from workflow.formats import day_words, plain
from workflow.states import State

RISK = ("red", "amber", "blue", "green", "grey")  # most urgent first


@dataclass(frozen=True)
class Light:
    """A colour with its word, the rule and the inputs that lit it, and what would turn it green."""

    colour: str
    word: str
    reason: str
    remedy: str = ""
    pace: str = ""  # of an indicator: planned and calendar share, and the lag

    @property
    def why(self):
        return f"{self.reason}{self.remedy}"

    @property
    def is_warning(self):
        return self.colour in ("red", "amber")

    @property
    def risk(self):
        """Sorts the most urgent first."""
        return RISK.index(self.colour)


PLAN_REMEDY = "完成后填报状态更新，经市委改革办确认为“已完成”，转为绿灯。"
NOT_ISSUED = Light("grey", "未下发", "作战图尚未下发，不亮灯。", "下发后按已确认的数据亮灯。")


DONE = Light("green", "已完成", "市委改革办已确认这项计划“已完成”。")


def ended_light(stage, closed_at):
    """That of a project that has ended, and of its maps."""
    label = Stage(stage).label
    return Light("grey", label, f"项目已于{day_words(timezone.localdate(closed_at))}销号（{label}），不再亮灯。")


# --- A monthly plan ----------------------------------------------------------------------------


def plan_light(status, year, month, term, day):
    """The light of a standing plan of an issued map; `term` is that of its month."""
    now = f"现为“{PlanStatus(status).label}”"
    until = day_words(term.closes)
    if status == PlanStatus.DONE:
        return DONE
    if day > term.closes:
        late = _overdue(term.closes, day)
        return Light("red", f"逾期 {late}", f"应于{until}前完成，{now}。", PLAN_REMEDY)
    if (year, month) <= (day.year, day.month):
        word = "本月到期" if (term.closes.year, term.closes.month) == (day.year, day.month) else "即将到期"
        return Light("amber", word, f"应于{until}前完成，{now}。", PLAN_REMEDY)
    if status == PlanStatus.IN_PROGRESS:
        return Light("blue", "推进中", f"计划{until}前完成，{now}。", PLAN_REMEDY)
    return Light("grey", "未到期", f"计划{until}前完成，{now}。", PLAN_REMEDY)


def _overdue(closes, day):
    """How long: in days, after a month in months."""
    months = (day.year - closes.year) * 12 + day.month - closes.month - (day.day < closes.day)
    return f"{months} 个月" if months else f"{(day - closes).days} 天"


def ended_plan_light(plan, dossier):
    """The light of a standing plan of a project that has ended."""
    if plan.status == PlanStatus.DONE:
        return DONE
    return Light("grey", "已终止", f"项目已于{day_words(timezone.localdate(dossier.closed_at))}销号，这项计划未完成。")


# --- A core indicator --------------------------------------------------------------------------


@dataclass(frozen=True)
class IndicatorFacts:
    """An indicator's name and how far it is, by what is confirmed."""

    name: str
    progress: Progress


def progress_colour(progress, rule):
    """Red, amber or green as the share of the target lies under the office's thresholds."""
    if progress.is_below(rule.red_below):
        return "red"
    return "amber" if progress.is_below(rule.amber_below) else "green"


STATE_LIGHTS = {
    QualitativeState.ACHIEVED: ("green", "已达成", "已确认“已达成”。", ""),
    QualitativeState.ON_SCHEDULE: ("green", "按计划", "已确认“按计划”推进。", ""),
    QualitativeState.BEHIND: (
        "red",
        "滞后",
        "已确认进展为“滞后”。",
        "填报“按计划”或“已达成”并经市委改革办确认，转为绿灯。",
    ),
    "": ("green", "正常", "还没有已确认的进展状态。", ""),
}


def indicator_light(progress, rule, months_behind=None):
    """The light of an indicator of an issued map, with its lag."""
    return replace(_figures_light(progress, rule), pace=pace_words(progress, months_behind))


def _figures_light(progress, rule):
    if not progress.through:
        return Light("green", "正常", "还没有到期的月份。")
    if progress.type == IndicatorType.QUALITATIVE:
        colour, word, reason, remedy = STATE_LIGHTS[progress.state]
        return Light(colour, word, f"截至{progress.through}月{reason}", remedy)
    if progress.target is None:
        return Light("green", "正常", f"截至{progress.through}月没有目标要求。")
    value, target = _nouns(progress)
    reported = plain(progress.amount) if progress.type in INCREMENTS or progress.value is not None else "未填报"
    figures = f"截至{progress.through}月{value} {reported}，{target} {plain(progress.target)}，{_measured(progress)}"
    colour = progress_colour(progress, rule)
    reach = "降到" if progress.is_falling and progress.type != IndicatorType.CUMULATIVE else "达到"
    if progress.share is None:
        remedy = f"{value}{reach}{target} {plain(progress.target)}，转为绿灯。"
        reasons = dict.fromkeys(("red", "amber", "green"), f"{figures}。")
    elif _is_ceiling(progress) and progress.reached:
        remedy, reasons = "", {"green": f"{figures}。"}
    else:
        bound = plain(progress.bound(rule.amber_below))
        remedy = f"{value}{reach} {bound}（{_part(progress)} {rule.amber_below}%），转为绿灯。"
        reasons = {
            "red": f"{figures}，低于 {rule.red_below}%。",
            "amber": f"{figures}，低于 {rule.amber_below}%。",
            "green": f"{figures}，不低于 {rule.amber_below}%。",
        }
    word = {"red": "明显落后", "amber": "落后", "green": "正常"}[colour]
    return Light(colour, word, reasons[colour], "" if colour == "green" else remedy)


def _measured(progress):
    """完成累计目标 83.3%; where that has no meaning, whether the target is met."""
    _, target = _nouns(progress)
    if _is_ceiling(progress):
        if progress.reached:
            return "在目标以内"
        return f"超出 {plain(progress.amount - progress.target)}，{_part(progress)} {percent(progress.share)}"
    if progress.share is None:
        met = "已达到" if progress.reached else "未达到"
        return f"{met}{target.removesuffix('值')}"
    if progress.type not in INCREMENTS:
        return f"完成程度 {percent(progress.share)}"
    return f"{SHARE_SO_FAR} {percent(progress.share)}"


def _nouns(progress):
    """What value and target are called."""
    return ("累计进度", "累计目标值") if progress.type in INCREMENTS else ("最新值", "当月目标值")


def _is_ceiling(progress):
    """Whether what counts is to stay below: there is no way of which a share is done."""
    return (
        progress.type in (IndicatorType.CUMULATIVE_CAP, IndicatorType.LEVEL_CAP)
        and progress.value is not None
        and not progress.falls_from_baseline
    )


def _part(progress):
    """Of what the percentages of a light are."""
    if _is_ceiling(progress):
        return "目标值为实际值的"
    return "累计目标值的" if progress.type in INCREMENTS else "完成程度"


# --- A project ---------------------------------------------------------------------------------


@dataclass(frozen=True)
class MapFacts:
    """What lights a project: its map in force, the latest that was issued."""

    indicators: tuple[IndicatorFacts, ...] = ()
    overdue_plans: int = 0
    silent_plans: int = 0  # due, not overdue, and not reported this month
    silent_months: tuple[int, ...] = ()  # due, and no progress values submitted
    silent_months_before: int = 0  # of maps of other years


def project_light(facts, rule):
    """The light of a project or its map; `facts` is None before the first map is issued."""
    if facts is None:
        return NOT_ISSUED
    lights = [(indicator, indicator_light(indicator.progress, rule)) for indicator in facts.indicators]
    red, amber, remedies = [], [], []
    if facts.overdue_plans:
        red.append(f"{facts.overdue_plans} 项月度计划逾期")
        remedies.append("逾期计划确认完成")
    for reasons, colour, line in ((red, "red", rule.red_below), (amber, "amber", rule.amber_below)):
        reasons.extend(_lagging(found, line) for found, light in lights if light.colour == colour)
    if any(light.is_warning for _, light in lights):
        remedies.append(f"各指标累计达到累计目标值的 {rule.amber_below}%")
    if facts.silent_months:
        months = "、".join(str(month) for month in facts.silent_months)
        amber.append(f"{months}月进度值应报未报")
    if facts.silent_months_before:
        amber.append(f"其他年度 {facts.silent_months_before} 个月进度值应报未报")
    if facts.silent_plans:
        amber.append(f"{facts.silent_plans} 项到期的月度计划未报状态更新")
    if facts.silent_months or facts.silent_months_before or facts.silent_plans:
        remedies.append("到期事项上报")
    if not red and not amber:
        return Light(
            "green", "绿灯", f"没有逾期的月度计划和应报未报的事项，各指标累计不低于累计目标值的 {rule.amber_below}%。"
        )
    colour, word = ("red", "红灯") if red else ("amber", "黄灯")
    return Light(colour, word, "；".join(red + amber) + "。", "、".join(remedies) + "后，转为绿灯。")


def _lagging(found, line):
    """“办件量”累计 50/60，完成累计目标 83.3%，低于 95%."""
    progress = found.progress
    if progress.type == IndicatorType.QUALITATIVE:
        return f"“{found.name}”进展为“滞后”"
    word = "累计" if progress.type in INCREMENTS else "最新值"
    reported = plain(progress.amount) if progress.type in INCREMENTS or progress.value is not None else "未填报"
    figures = f"“{found.name}”{word} {reported}/{plain(progress.target)}，{_measured(progress)}"
    figures = figures if progress.share is None else f"{figures}，低于 {line}%"
    lag = lag_words(progress.lag_points, None)
    return f"{figures}，{lag}" if lag else figures


def lights_for(projects, day):
    """{project id: Light} of these projects, in the same few queries for any number."""
    shown = list(projects)
    facts, rule = _facts([project.pk for project in shown], day), LightRule.current()
    return {
        project.pk: ended_light(project.stage, project.closed_at)
        if project.closed_at
        else project_light(facts.get(project.pk), rule)
        for project in shown
    }


def facts_for(projects, day):
    """{project id: MapFacts, or None before its first map is issued}."""
    keys = list(projects.order_by().values_list("pk", flat=True))
    return dict.fromkeys(keys) | _facts(keys, day)


def _facts(keys, day):
    """Of those of these projects that have a map in force: the latest that was issued, for a year that has begun."""

    def issued(projects):
        maps = BattleMap.objects.filter(state=State.ISSUED, year__lte=day.year, dossier__in=projects)
        return maps.order_by("year").values_list("dossier", "pk")

    in_force = dict(compiled_rows("maps in force", day.year, issued, projects=keys))
    found = _map_facts(in_force.values(), day)
    return {project: found[pk] for project, pk in in_force.items()}


def _map_facts(maps, day):
    """{map id: MapFacts} for keys of issued maps."""

    def months_due(maps):
        return DueItem.objects.filter(battle_map__in=maps).last_months_over(day)

    rows = compiled_rows("last confirmed months", (), _last_confirmed, maps=maps)
    over = dict(compiled_rows("last months over", day, months_due, maps=maps))
    through = {pk: months_over(over.get(pk, 0), year, day, last) for pk, year, _, last in rows}
    indicators = _indicators(through)
    due = _due([dossier for _, _, dossier, _ in rows], day)
    return {pk: _with_due(indicators[pk], year, dossier, due) for pk, year, dossier, _ in rows}


def _last_confirmed(maps):
    confirmed = Q(indicators__targets__actual__isnull=False) | ~Q(indicators__targets__state="")
    found = BattleMap.objects.filter(pk__in=maps).annotate(last=Max("indicators__targets__month", filter=confirmed))
    return found.values_list("pk", "year", "dossier", "last")


def facts_of(battle_map, indicators, day):
    """The MapFacts of one issued map, of whose indicators the facts are known."""
    return _with_due(indicators, battle_map.year, battle_map.dossier_id, _due([battle_map.dossier_id], day))


def _with_due(indicators, year, dossier, due):
    overdue, silent, months = due
    return MapFacts(
        indicators=tuple(indicators),
        overdue_plans=overdue[dossier],
        silent_plans=silent[dossier],
        silent_months=tuple(month for of_year, month in months[dossier] if of_year == year),
        silent_months_before=sum(of_year != year for of_year, _ in months[dossier]),
    )


def months_over(over, year, day, last_confirmed):
    """Up to which month value and target are compared: to the last (`over`) whose due day has passed, and what is
    confirmed already.
    """
    begun = day.month if year == day.year else len(MONTHS)
    return max(over, min(last_confirmed or 0, begun))


def _indicators(through):
    """{map id: [IndicatorFacts]} of {map id: up to which month}."""
    maps_by_month = defaultdict(list)
    for pk, month in sorted(through.items(), key=lambda item: item[1]):
        maps_by_month[month].append(pk)
    usual = max(maps_by_month, key=lambda month: len(maps_by_month[month]), default=0)
    others = {f"to_{month}": pks for month, pks in maps_by_month.items() if month != usual}
    rows = compiled_rows("indicators of maps", usual, partial(_figures, usual), maps=through, **others)
    found = defaultdict(list)
    for pk, name, *figures in rows:
        found[pk].append(IndicatorFacts(name, Progress(*figures)))
    return found


def _figures(usual, maps, **others):
    """Up to the month `usual`, but of the maps in to_3 up to March."""
    months = (When(battle_map__in=pks, then=Value(int(name.removeprefix("to_")))) for name, pks in others.items())
    own = MonthlyTarget.objects.filter(indicator=OuterRef("pk"))
    return (
        Indicator.objects.filter(battle_map__in=maps)
        .annotate(until=Case(*months, default=Value(usual), output_field=IntegerField()))
        .annotate(**figures_until(own, "until", type="type", value="actual", target="target", state="state"))
        .order_by("battle_map", "position", "pk")
        .values_list(
            *("battle_map", "name", "value_so_far", "target_so_far", "until", "annual_target", "type", "baseline"),
            "state_so_far",
        )
    )


def _due(projects, day):
    """Of {project id: …}, whatever the year: how many plans are overdue, how many others are due and not reported,
    and the (year, month) whose values are.
    """

    def due(projects):
        items = DueItem.objects.standing().filter(dossier__in=projects).order_by("year", "month")
        items = items.filter(is_overdue_plan(day) | Q(owed=True, opens_on__lte=day))
        return items.values_list("dossier", "plan", "year", "month", "is_deadline", "due_on", "owed", "opens_on")

    rows = compiled_rows("due of projects", day, due, projects=projects)
    overdue, silent, months = defaultdict(set), defaultdict(set), defaultdict(list)
    for dossier, plan, year, month, is_deadline, due_on, owed, opens_on in rows:
        if plan is None:
            months[dossier].append((year, month))
            continue
        if is_deadline and due_on < day:
            overdue[dossier].add(plan)
        if owed and opens_on <= day:
            silent[dossier].add(plan)
    number = defaultdict(int, {dossier: len(plans) for dossier, plans in overdue.items()})
    others = defaultdict(int, {dossier: len(plans - overdue[dossier]) for dossier, plans in silent.items()})
    return number, others, months
