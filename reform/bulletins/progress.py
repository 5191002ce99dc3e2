"""推进情况通报: the sentences, by rules; its tables are in `tables`."""

from collections.abc import Iterable
from datetime import timedelta

from reform.indicators import percent, share_of
from reform.models import PlanStatus
from workflow.formats import day_words

from . import supervision
from .draft import Draft, Line, Piece, departments_words, line, to
from .facts import IndicatorFact, PeriodFacts, by
from .reports import annex, know_reports, rates_table, write_reports
from .tables import achievements_annex, all_indicators, behind_annexes

ANSWER_DAYS = 10


def write(draft: Draft, facts: PeriodFacts) -> None:
    know(draft, facts)
    overall(draft, facts)
    main_indicators(draft, facts)
    behind(draft, facts)
    supervision.write(draft, facts)
    achievements(draft, facts)
    reports(draft, facts)
    requirements(draft, facts)
    all_indicators(draft, facts)
    behind_annexes(draft, facts)
    supervision.annex(draft, facts)
    achievements_annex(draft, facts)
    annex(draft, facts)


def know(draft: Draft, facts: PeriodFacts) -> None:
    """Every figure's rows, once."""
    words = facts.period.words
    draft.know("projects", f"{facts.period.year}年度已下发作战图的项目", "map", facts.map_keys)
    draft.know("closed", "已销号、转为常态推进和终止的项目", "map", facts.closed)
    departments = {found.dossier.department_id: None for found in facts.maps}
    draft.know("departments", "涉及的责任单位", "department", departments)
    draft.know("measures", "具体举措", "measure", facts.measures)
    draft.know("plans", f"{words}应完成的月度计划", "plan", [plan.pk for plan in facts.plans])
    for status in PlanStatus:
        draft.know(f"plans_{status}", f"{words}月度计划：{status.label}", "plan", facts.plans_at(status))
    draft.know("overdue", f"{words}月度计划：逾期", "plan", [plan.pk for plan in facts.overdue])
    draft.know("indicators", "有目标要求的核心指标", "indicator", _keys(facts.indicators))
    reached = [fact for fact in facts.indicators if fact.colour == "green"]
    draft.know("green", "达到序时要求的核心指标", "indicator", _keys(reached))
    for colour, label in (("amber", "进展滞后的核心指标"), ("red", "进展明显滞后的核心指标")):
        found = [fact for fact in facts.indicators if fact.colour == colour]
        draft.know(colour, label, "indicator", _keys(found))
    draft.know("behind", "进展滞后和明显滞后的核心指标", "indicator", _keys(facts.behind))
    for name, label in (("iterations", "措施迭代"), ("adjustments", "目标调整"), ("extensions", "延期")):
        draft.know(name, f"{words}确认的{label}申请", "record", facts.changes[name])
    draft.know("ended", f"{words}销号的项目", "map", facts.ended)
    draft.know("promotions", f"{words}确认的经验复制推广", "record", [found.pk for found in facts.promotions])
    draft.know("brands", f"{words}确认的改革品牌", "record", [found.pk for found in facts.brands])
    supervision.know(draft, facts)
    know_reports(draft, facts)


def _keys(facts: Iterable[IndicatorFact]) -> list[int]:
    return [fact.indicator.pk for fact in facts]


# --- 一、总体情况 -----------------------------------------------------------------------------------


def overall(draft: Draft, facts: PeriodFacts) -> None:
    words, section = facts.period.words, draft.section("总体情况")
    if not facts.maps:
        section.paragraph(f"{facts.period.year}年度还没有下发项目作战图。")
        return
    section.paragraph(
        f"{facts.period.year}年度已下发作战图的市级重大改革项目 ",
        draft.count("projects"),
        " 个",
        *_closed(draft),
        "，涉及责任单位 ",
        draft.count("departments"),
        " 个，部署具体举措 ",
        draft.count("measures"),
        " 条。",
        *_changes(draft, words),
    )
    if facts.plans:
        section.paragraph(*_plans(draft, words))
    if facts.indicators:
        section.paragraph(
            "有目标要求的核心指标 ",
            draft.count("indicators"),
            " 项，其中达到序时要求 ",
            *_part(draft, "green", "indicators"),
            "，进展滞后 ",
            *_part(draft, "amber", "indicators"),
            "，进展明显滞后 ",
            *_part(draft, "red", "indicators"),
            "。",
        )
    _domains(draft, facts)


def _closed(draft: Draft) -> list[Piece]:
    """Those that 驾驶舱 no longer counts."""
    if not draft.sources["closed"].ids:
        return []
    return ["（含已销号、转为常态推进和终止的 ", draft.count("closed"), " 个）"]


def _part(draft: Draft, name: str, whole: str) -> list[Piece]:
    """3 项，占 12.5%."""
    return [draft.count(name), " 项，占 ", draft.share(name, whole)]


def _plans(draft: Draft, words: str) -> list[Piece]:
    pieces: list[Piece] = [
        f"{words}应完成月度计划 ",
        draft.count("plans"),
        " 项，已完成 ",
        *_part(draft, "plans_done", "plans"),
    ]
    for name, label in (("plans_in_progress", "推进中"), ("plans_not_started", "未启动")):
        pieces += [f"；{label} ", draft.count(name), " 项"]
    return [*pieces, "。其中逾期未完成 ", draft.count("overdue"), " 项。"]


def _changes(draft: Draft, words: str) -> list[Piece]:
    pieces: list[Piece] = []
    for name, label, unit in (
        ("iterations", "措施迭代", "次"),
        ("adjustments", "目标调整", "次"),
        ("extensions", "计划延期", "次"),
        ("ended", "项目销号", "个"),
    ):
        if draft.sources[name].ids:
            pieces += ["、" if pieces else f"{words}确认", f"{label} ", draft.count(name), f" {unit}"]
    return [*pieces, "。"] if pieces else []


def _domains(draft: Draft, facts: PeriodFacts) -> None:
    """In the office's order of domains; a row of all of them at the end."""

    def domain_of(found):  # of a map
        return found.dossier.project.domain

    maps = by(facts.maps, domain_of)
    domain_by_map = {found.pk: domain_of(found) for found in facts.maps}
    plans = by(facts.plans, lambda plan: domain_by_map[plan.measure.battle_map_id])
    indicators = by(facts.indicators, lambda fact: domain_of(fact.battle_map))
    rows = []
    for domain in sorted(maps, key=lambda found: (found.position, found.pk)):
        planned, measured = plans.get(domain, []), indicators.get(domain, [])
        done = sum(plan.status == PlanStatus.DONE for plan in planned)
        behind_here = sum(fact.is_behind for fact in measured)

        def cell(name: str, number: int, pk: int = domain.pk) -> Line:
            return [draft.count(name, number, domain=pk)]

        rows.append(
            [
                [domain.name],
                cell("projects", len(maps[domain])),
                cell("plans", len(planned)),
                cell("plans_done", done),
                [to(percent(share_of(done, len(planned))), draft.address("plans_done", domain=domain.pk))],
                cell("indicators", len(measured)),
                cell("behind", behind_here),
            ]
        )
    rows.append(
        [
            ["合计"],
            *([draft.count(name)] for name in ("projects", "plans", "plans_done")),
            [draft.share("plans_done", "plans")],
            *([draft.count(name)] for name in ("indicators", "behind")),
        ]
    )
    heads = ("改革领域", "项目#", "应完成计划#", "已完成#", "完成率#", "核心指标#", "滞后指标#")
    draft.sections[-1].table("各领域推进情况", heads, rows)


# --- 二、主要指标 -----------------------------------------------------------------------------------


def main_indicators(draft: Draft, facts: PeriodFacts) -> None:
    """The first core indicator of each project."""
    section = draft.section("主要指标进展")
    main = main_of(facts)
    if not main:
        section.paragraph("还没有到期的月份，指标进展从第一个月起列出。")
        return
    known = [fact for fact in main if fact.progress.year_share is not None]
    ahead = [fact for fact in known if (fact.progress.year_share or 0) >= (fact.progress.planned_share or 0)]
    draft.know("main", "各项目的第一项核心指标（可计算完成比例）", "indicator", _keys(known))
    draft.know("main_ahead", "完成年度目标的比例不低于计划进度的指标", "indicator", _keys(ahead))
    section.paragraph(
        "各项目首项核心指标中，可计算完成比例的 ",
        draft.count("main"),
        " 项，完成年度目标的比例不低于计划进度的 ",
        *_part(draft, "main_ahead", "main"),
        "。各指标的完成情况、序时进度和滞后情况见附件1。",
    )


def main_of(facts: PeriodFacts) -> list[IndicatorFact]:
    first: dict[int, IndicatorFact] = {}
    for fact in facts.indicators:
        first.setdefault(fact.battle_map.pk, fact)
    return list(first.values())


# --- 三、进展滞后的事项 -------------------------------------------------------------------------------


def behind(draft: Draft, facts: PeriodFacts) -> None:
    section = draft.section("进展滞后事项")
    if not facts.behind and not facts.overdue:
        section.paragraph("本期没有进展滞后的核心指标和逾期未完成的月度计划。")
        return
    if facts.behind:
        units = departments_words(fact.battle_map.dossier.department for fact in facts.behind)
        section.paragraph(
            "进展滞后的核心指标 ",
            draft.count("behind"),
            " 项，其中明显滞后 ",
            draft.count("red"),
            f" 项，涉及{units}。",
            *_forecast(draft, facts),
            "逐项情况和原因见附件，原因摘自各单位已确认的填报说明。",
        )
    if facts.overdue:
        maps = {found.pk: found for found in facts.maps}
        units = departments_words(maps[plan.measure.battle_map_id].dossier.department for plan in facts.overdue)
        section.paragraph("逾期未完成的月度计划 ", draft.count("overdue"), f" 项，涉及{units}，清单见附件。")


def _forecast(draft: Draft, facts: PeriodFacts) -> list[Piece]:
    if not facts.forecasts:
        return []
    short = [pk for pk, found in facts.forecasts.items() if not found.reaches]
    draft.know("forecast", "可预测年底完成情况的滞后指标", "indicator", facts.forecasts)
    draft.know("short", "按目前进度预计年底达不到年度目标的滞后指标", "indicator", short)
    return [
        "可预测年底完成情况的 ",
        draft.count("forecast"),
        " 项中，按目前进度预计达不到年度目标的 ",
        draft.count("short"),
        " 项。",
    ]


# --- 五、经验和品牌: facts, in the order of their days ---------------------------------------------------


def achievements(draft: Draft, facts: PeriodFacts) -> None:
    section = draft.section("经验推广和品牌情况")
    if not facts.promotions and not facts.brands:
        section.paragraph("本期没有已确认的经验复制推广和改革品牌。")
        return
    section.paragraph(
        "本期已确认经验复制推广 ",
        draft.count("promotions"),
        " 次，改革品牌 ",
        draft.count("brands"),
        " 项，按时间列于附件，只作记录，不评分、不排名。",
    )


# --- 六、报送情况; 七、工作要求 ---------------------------------------------------------------------------


def reports(draft: Draft, facts: PeriodFacts) -> None:
    section = draft.section("报送情况")
    write_reports(draft, facts, section)
    rates_table(draft, facts, section)


def requirements(draft: Draft, facts: PeriodFacts) -> None:
    section = draft.section("工作要求")
    until = day_words(facts.day + timedelta(days=ANSWER_DAYS))
    asked: list[Line] = []
    if facts.behind:
        units = departments_words(fact.battle_map.dossier.department for fact in facts.behind)
        asked.append(
            line(
                f"加快补齐滞后指标。{units}对照滞后的 ",
                draft.count("behind"),
                f" 项核心指标逐项查找原因、提出赶补措施，于{until}前报送市委改革办。",
            )
        )
    if facts.overdue:
        asked.append(
            line(
                "限期完成逾期计划。有关单位对逾期的 ",
                draft.count("overdue"),
                " 项月度计划明确完成时限和责任人；确需调整的，按程序提出措施迭代申请。",
            )
        )
    if facts.unreported:
        asked.append(line("按时报送进展。应报未报的 ", draft.count("unreported"), " 项尽快补报，今后按月按时上报。"))
    if facts.overdue_matters:
        asked.append(
            line(
                "抓紧办结督办事项。有关牵头单位对逾期的 ",
                draft.count("overdue_matters"),
                " 项督办事项倒排时间、加快办理，按督办函要求反馈办理情况。",
            )
        )
    asked.append(["加强协同推进。各责任单位继续按作战图抓好落实，配合单位主动配合，需要市级层面协调的问题及时报告。"])
    for number, words in zip("一二三四五", asked, strict=False):
        section.paragraph(f"（{number}）", *words)
