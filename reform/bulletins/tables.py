"""The tables of 推进情况通报: indicators, what is behind, achievements; most stand in annexes."""

from collections.abc import Callable, Iterable
from decimal import ROUND_HALF_UP, Decimal

from django.urls import reverse

from reform.forecasts import Forecast
from reform.indicators import INCREMENTS, percent
from reform.models import BrandUpdate, MonthlyPlan, PromotionUpdate
from reform.models.achievement import Achievement
from workflow.formats import plain

from .draft import Draft, Line, to
from .facts import Cause, IndicatorFact, PeriodFacts

LONGEST_CAUSE = 80  # characters of a confirmed text in a table; the record has all of it


# --- Indicators ---------------------------------------------------------------------------------


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


OVERDUE_HEADS = ("编号", "项目", "责任单位", "月度计划", "应完成#", "现状", "存在问题")


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
            [to(fact.state_label or "未填报", address)],
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


# --- What is behind -----------------------------------------------------------------------------


def behind_annexes(draft: Draft, facts: PeriodFacts) -> None:
    if facts.behind:
        ahead = ("预计年底完成#",) if facts.is_forecast else ()
        heads = ("编号", "项目", "责任单位", "核心指标", "累计目标#", "累计完成#", "滞后", *ahead, "原因")
        draft.section("进展滞后核心指标清单", is_annex=True).table("", heads, behind_rows(facts))
    if facts.overdue:
        section = draft.section("逾期未完成月度计划清单", is_annex=True)
        section.table("", OVERDUE_HEADS, overdue_rows(facts))


def overdue_rows(facts: PeriodFacts) -> list[list[Line]]:
    maps = {found.pk: found for found in facts.maps}
    return [_overdue_row(plan, maps, facts.plan_causes.get(plan.pk)) for plan in facts.overdue]


def _number(battle_map) -> Line:
    dossier = battle_map.dossier
    return [to(dossier.project.number, reverse("reform:project", args=[dossier.pk]))]


def behind_rows(facts: PeriodFacts) -> list[list[Line]]:
    return [_behind_row(fact, facts) for fact in facts.behind]


def _behind_row(fact: IndicatorFact, facts: PeriodFacts) -> list[Line]:
    cause = facts.causes.get(fact.indicator.pk)
    progress, unit, address = fact.progress, fact.indicator.unit, _map(fact)
    if fact.indicator.is_qualitative:
        figures: list[Line] = [[to(cut(fact.indicator.annual_words), address)], [to(fact.state_label, address)]]
    else:
        amount = progress.amount if progress.type in INCREMENTS else progress.value
        figures = [
            [to(f"{plain(progress.target)}{unit}", address)],
            [to("未填报" if amount is None else f"{plain(amount)}{unit}", address)],
        ]
    ahead = [_forecast(fact, facts.forecasts.get(fact.indicator.pk))] if facts.is_forecast else []
    return [_number(fact.battle_map), *_named(fact), *figures, _lag(fact), *ahead, _cause_line(cause)]


def _forecast(fact: IndicatorFact, found: Forecast | None) -> Line:
    """96.5家（90—101）."""
    if found is None:
        return ["无"]
    address = f"{reverse('reform:project', args=[fact.battle_map.dossier_id])}#map"
    return [to(found.words_in(fact.indicator.unit), address)]


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
        _cause_line(cause),
    ]


def _cause_line(cause: Cause | None) -> Line:
    return [to(cut(cause.text), reverse("workflow:record", args=[cause.record]))] if cause else ["未说明"]


def cut(text: str, longest: int = LONGEST_CAUSE) -> str:
    text = " ".join(text.split())
    return text if len(text) <= longest else f"{text[: longest - 1]}…"


# --- Achievements, in the order of their days ----------------------------------------------------


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
