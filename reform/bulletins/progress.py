"""推进情况通报: the sentences and tables, by rules."""

from collections.abc import Callable, Iterable
from datetime import timedelta
from decimal import ROUND_HALF_UP, Decimal

from django.urls import reverse

from accounts.models import Department
from reform.indicators import INCREMENTS, percent, share_of
from reform.models import BrandUpdate, MonthlyPlan, PlanStatus, PromotionUpdate
from reform.models.achievement import Achievement
from workflow.formats import day_words, plain

from .draft import Draft, Line, Piece, Section, line, to
from .facts import Cause, IndicatorFact, PeriodFacts, by
from .reports import annex, know_reports, rates_table, say_reports

LONGEST_CAUSE = 80  # characters of a confirmed text in a table; the record has all of it
ANSWER_DAYS = 10


def write(draft: Draft, facts: PeriodFacts) -> None:
    know(draft, facts)
    overall(draft, facts)
    main_indicators(draft, facts)
    behind(draft, facts)
    achievements(draft, facts)
    reports(draft, facts)
    requirements(draft, facts)
    all_indicators(draft, facts)
    behind_annexes(draft, facts)
    achievements_annex(draft, facts)
    annex(draft, facts)


def know(draft: Draft, facts: PeriodFacts) -> None:
    """Every figure's rows, once."""
    words = facts.period.words
    draft.know("projects", f"{facts.period.year}年度已下发作战图的项目", "map", facts.map_keys)
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
    know_reports(draft, facts)


def _keys(facts: Iterable[IndicatorFact]) -> list[int]:
    return [fact.indicator.pk for fact in facts]


# --- 一、总体情况 -----------------------------------------------------------------------------------


def overall(draft: Draft, facts: PeriodFacts) -> None:
    words, section = facts.period.words, draft.section("总体情况")
    if not facts.maps:
        section.say(f"{facts.period.year}年度还没有下发项目作战图。")
        return
    section.say(
        f"{facts.period.year}年度已下发作战图的市级重大改革项目 ",
        draft.count("projects"),
        " 个，涉及责任单位 ",
        draft.count("departments"),
        " 个，部署具体举措 ",
        draft.count("measures"),
        " 条。",
        *_changes(draft, words),
    )
    if facts.plans:
        section.say(*_plans(draft, words))
    if facts.indicators:
        section.say(
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
        section.say("还没有到期的月份，指标进展从第一个月起列出。")
        return
    known = [fact for fact in main if fact.progress.year_share is not None]
    ahead = [fact for fact in known if (fact.progress.year_share or 0) >= (fact.progress.planned_share or 0)]
    draft.know("main", "各项目的第一项核心指标（可计算完成比例）", "indicator", _keys(known))
    draft.know("main_ahead", "完成年度目标的比例不低于计划进度的指标", "indicator", _keys(ahead))
    section.say(
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


HEADS = (
    "序号#",
    "项目",
    "责任单位",
    "核心指标",
    "年度目标#",
    "累计完成#",
    "完成年度目标#",
    "计划进度#",
    "时间进度#",
    "滞后",
)


def all_indicators(draft: Draft, facts: PeriodFacts) -> None:
    if facts.indicators:
        draft.section("核心指标进展情况表", is_annex=True).table("", HEADS, indicator_rows(facts))


def indicator_rows(facts: PeriodFacts) -> list[list[Line]]:
    return [
        [[str(number)], *_named(fact), *_figures(fact), _lag(fact) or ["—"]]
        for number, fact in enumerate(facts.indicators, 1)
    ]


def _map(fact: IndicatorFact) -> str:
    return reverse("reform:map", args=[fact.battle_map.pk])


def _named(fact: IndicatorFact) -> list[Line]:
    dossier = fact.battle_map.dossier
    return [
        [to(dossier.name, reverse("reform:project", args=[dossier.pk]))],
        [dossier.department.name],
        [to(fact.indicator.name, _map(fact))],
    ]


def _figures(fact: IndicatorFact) -> list[Line]:
    progress, unit, address = fact.progress, fact.indicator.unit, _map(fact)
    if fact.indicator.is_qualitative:
        return [
            [to(cut(fact.indicator.annual_words), address)],
            [to(fact.said or "未填报", address)],
            ["—"],
            ["—"],
            _pace(fact),
        ]
    amount = progress.amount if progress.type in INCREMENTS else progress.value
    return [
        [to(f"{plain(progress.annual)}{unit}", address)],
        [to("未填报" if amount is None else f"{plain(amount)}{unit}", address)],
        [to(percent(progress.year_share), address)],
        [to(percent(progress.planned_share), address)],
        _pace(fact),
    ]


def _pace(fact: IndicatorFact) -> Line:
    return [to(percent(fact.progress.pace), _map(fact))]


def _lag(fact: IndicatorFact) -> Line:
    """8.3 个百分点，约 1 个月."""
    if not fact.is_behind:
        return []
    if fact.indicator.is_qualitative:
        return [to("滞后", _map(fact))]
    words = []
    if fact.points:
        words.append(f"{_tenth(fact.points)} 个百分点")
    if fact.months:
        words.append(f"约 {_tenth(fact.months)} 个月")
    return [to("，".join(words) or "未达到目标", _map(fact))]


def _tenth(value: Decimal) -> str:
    return plain(max(value.quantize(Decimal("0.1"), ROUND_HALF_UP), Decimal("0.1")))


# --- 三、进展滞后的事项 -------------------------------------------------------------------------------


def behind(draft: Draft, facts: PeriodFacts) -> None:
    section = draft.section("进展滞后事项")
    if not facts.behind and not facts.overdue:
        section.say("没有进展滞后的核心指标和逾期未完成的月度计划。")
        return
    if facts.behind:
        units = _departments(fact.battle_map.dossier.department for fact in facts.behind)
        section.say(
            "进展滞后的核心指标 ",
            draft.count("behind"),
            " 项，其中明显滞后 ",
            draft.count("red"),
            f" 项，涉及{units}。逐项情况和原因见附件，原因摘自各单位已确认的填报说明。",
        )
    if facts.overdue:
        maps = {found.pk: found for found in facts.maps}
        units = _departments(maps[plan.measure.battle_map_id].dossier.department for plan in facts.overdue)
        section.say("逾期未完成的月度计划 ", draft.count("overdue"), f" 项，涉及{units}，清单见附件。")


def behind_annexes(draft: Draft, facts: PeriodFacts) -> None:
    if facts.behind:
        draft.section("进展滞后核心指标清单", is_annex=True).table(
            "",
            ("编号", "项目", "责任单位", "核心指标", "累计目标#", "累计完成#", "滞后", "原因"),
            [_behind_row(fact, facts.causes.get(fact.indicator.pk)) for fact in facts.behind],
        )
    if facts.overdue:
        overdue_table(draft.section("逾期未完成月度计划清单", is_annex=True), facts)


def overdue_table(section: Section, facts: PeriodFacts, caption: str = "") -> None:
    maps = {found.pk: found for found in facts.maps}
    section.table(
        caption,
        ("编号", "项目", "责任单位", "月度计划", "应完成#", "现状", "存在问题"),
        [_overdue_row(plan, maps, facts.plan_causes.get(plan.pk)) for plan in facts.overdue],
    )


def _departments(found: Iterable[Department]) -> str:
    """In the office's order."""
    units = sorted(set(found), key=lambda unit: (unit.position, unit.pk))
    return "、".join(unit.name for unit in units)


def _number(battle_map) -> Line:
    dossier = battle_map.dossier
    return [to(dossier.project.number, reverse("reform:project", args=[dossier.pk]))]


def _behind_row(fact: IndicatorFact, cause: Cause | None) -> list[Line]:
    progress, unit, address = fact.progress, fact.indicator.unit, _map(fact)
    if fact.indicator.is_qualitative:
        figures: list[Line] = [[to(cut(fact.indicator.annual_words), address)], [to(fact.said, address)]]
    else:
        amount = progress.amount if progress.type in INCREMENTS else progress.value
        figures = [
            [to(f"{plain(progress.target)}{unit}", address)],
            [to("未填报" if amount is None else f"{plain(amount)}{unit}", address)],
        ]
    return [_number(fact.battle_map), *_named(fact), *figures, _lag(fact), _said(cause)]


def _overdue_row(plan: MonthlyPlan, maps, cause: Cause | None) -> list[Line]:
    battle_map = maps[plan.measure.battle_map_id]
    dossier, address = battle_map.dossier, reverse("reform:plan", args=[plan.pk])
    return [
        _number(battle_map),
        [to(dossier.name, reverse("reform:project", args=[dossier.pk]))],
        [dossier.department.name],
        [to(cut(f"{plan.type_label}：{plan.content}"), address)],
        [to(f"{plan.month}月", address)],
        [to(plan.get_status_display(), address)],
        _said(cause),
    ]


def _said(cause: Cause | None) -> Line:
    return [to(cut(cause.text), reverse("workflow:record", args=[cause.record]))] if cause else ["未说明"]


def cut(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= LONGEST_CAUSE else f"{text[: LONGEST_CAUSE - 1]}…"


# --- 四、经验和品牌: facts, in the order of their days ---------------------------------------------------


def achievements(draft: Draft, facts: PeriodFacts) -> None:
    section = draft.section("经验推广和品牌情况")
    if not facts.promotions and not facts.brands:
        section.say("本期没有已确认的经验复制推广和改革品牌。")
        return
    section.say(
        "本期已确认经验复制推广 ",
        draft.count("promotions"),
        " 次，改革品牌 ",
        draft.count("brands"),
        " 项，按时间列于附件，只作记录，不评分、不排名。",
    )


def achievements_annex(draft: Draft, facts: PeriodFacts) -> None:
    rows: list[list[Line]] = [*_rows(facts.promotions, _promotion), *_rows(facts.brands, _brand)]
    if rows:
        section = draft.section("经验推广和品牌清单", is_annex=True)
        section.table("", ("日期", "责任单位", "项目", "情况"), rows)


def _rows(found: Iterable[Achievement], words: Callable[..., str]) -> Iterable[list[Line]]:
    for record in found:
        address = reverse("workflow:record", args=[record.pk])
        yield [
            [to(f"{getattr(record, record.DATE):%Y-%m-%d}", address)],
            [record.dossier.department.name],
            [to(record.dossier.name, reverse("reform:project", args=[record.dossier_id]))],
            [to(cut(words(record)), address)],
        ]


def _promotion(record: PromotionUpdate) -> str:
    return f"{record.get_method_display()}：{record.summary}"


def _brand(record: BrandUpdate) -> str:
    return f"{record.get_recognition_display()}：{record.recognition_detail or record.circumstances}"


# --- 五、报送情况; 六、工作要求 ---------------------------------------------------------------------------


def reports(draft: Draft, facts: PeriodFacts) -> None:
    section = draft.section("报送情况")
    say_reports(draft, facts, section)
    rates_table(draft, facts, section)


def requirements(draft: Draft, facts: PeriodFacts) -> None:
    section = draft.section("工作要求")
    until = day_words(facts.day + timedelta(days=ANSWER_DAYS))
    asked: list[Line] = []
    if facts.behind:
        units = _departments(fact.battle_map.dossier.department for fact in facts.behind)
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
                " 项月度计划明确完成时限和责任人；确需延期的，按程序提出延期申请。",
            )
        )
    if facts.unreported:
        asked.append(line("按时报送进展。应报未报的 ", draft.count("unreported"), " 项尽快补报，今后按月按时上报。"))
    asked.append(["加强协同推进。各责任单位继续按作战图抓好落实，配合单位主动配合，需要市级层面协调的问题及时报告。"])
    for number, words in zip("一二三四五", asked, strict=False):
        section.say(f"（{number}）", *words)
