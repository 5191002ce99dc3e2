"""What a bulletin says of reports: rates, and what has not come. Also the whole of a 未报情况通报."""

from collections.abc import Iterable

from django.urls import reverse

from reform.indicators import percent, share_of
from reform.models import DueItem, PlanUpdate
from reform.reporting.matters import title_of
from reform.reporting.rates import Rates
from workflow.formats import day_words

from .draft import Draft, Line, Section, to
from .facts import PeriodFacts, by

LATE_HEADS = ("序号#", "责任单位", "项目", "事项", "月份#", "截止日期#")


def rates_of(items: Iterable[DueItem]) -> Rates:
    found = list(items)
    return Rates(len(found), len(_submitted(found)), len(_in_time(found)))


def _submitted(items: Iterable[DueItem]) -> list[int]:
    return [item.pk for item in items if not item.owed]


def _in_time(items: Iterable[DueItem]) -> list[int]:
    return [item.pk for item in items if item.first_reported_at and not item.late]


def know_reports(draft: Draft, facts: PeriodFacts) -> None:
    words = facts.period.words
    draft.know("due", f"{words}到期的应报事项", "due", [item.pk for item in facts.due])
    draft.know("submitted", f"{words}已报的应报事项", "due", _submitted(facts.due))
    draft.know("in_time", f"{words}按时首次上报的应报事项", "due", _in_time(facts.due))
    draft.know("unreported", f"{words}应报未报事项", "due", [item.pk for item in facts.unreported])


def write_reports(draft: Draft, facts: PeriodFacts, section: Section) -> None:
    if not facts.due:
        words = facts.period.words
        section.paragraph(
            f"{words}的应报事项还没有过截止日期，到期后统计。" if facts.has_more_due else f"{words}没有应报事项。"
        )
        return
    section.paragraph(
        f"{facts.period.words}到期的应报事项 ",
        draft.count("due"),
        " 项，按时首次上报 ",
        draft.count("in_time"),
        " 项，按时率 ",
        draft.share("in_time", "due"),
        "；已上报 ",
        draft.count("submitted"),
        " 项，完整率 ",
        draft.share("submitted", "due"),
        "；应报未报 ",
        draft.count("unreported"),
        " 项。" if facts.unreported else " 项，已全部报齐。",
    )


def rates_table(draft: Draft, facts: PeriodFacts, section: Section) -> None:
    """By department in the office's order: no ranking."""
    rows: list[list[Line]] = []
    for department, items in by(facts.due, lambda item: item.department).items():
        found, pk = rates_of(items), department.pk

        def share(name: str, part: int, whole: int = found.due, pk: int = pk) -> Line:
            return [to(percent(share_of(part, whole)), draft.address(name, department=pk))]

        rows.append(
            [
                [department.name],
                [draft.count("due", found.due, department=pk)],
                [draft.count("in_time", found.in_time, department=pk)],
                share("in_time", found.in_time),
                [draft.count("submitted", found.submitted, department=pk)],
                share("submitted", found.submitted),
                [draft.count("unreported", found.due - found.submitted, department=pk)],
            ]
        )
    heads = ("责任单位", "到期应报#", "按时上报#", "按时率#", "已上报#", "完整率#", "未报#")
    section.table("各单位报送情况", heads, rows)


def annex(draft: Draft, facts: PeriodFacts) -> None:
    """未报事项, by department: the annex of a bulletin."""
    if facts.unreported:
        section = draft.section("应报未报事项清单", is_annex=True)
        section.table("", LATE_HEADS, late_rows(facts.unreported))


def late_rows(items: Iterable[DueItem]) -> list[list[Line]]:
    return [_late_row(number, item) for number, item in enumerate(items, 1)]


def _late_row(number: int, item: DueItem) -> list[Line]:
    if item.plan:
        matter = f"{PlanUpdate._meta.verbose_name}：{title_of(item, item.battle_map.year)}"
        address = reverse("reform:plan", args=[item.plan_id])
    else:
        matter, address = "量化目标推进更新", reverse("reform:map", args=[item.battle_map_id])
    return [
        [str(number)],
        [item.department.name],
        [to(item.dossier.name, reverse("reform:project", args=[item.dossier_id]))],
        [to(matter, address)],
        [to(f"{item.month}月", address)],
        [to(f"{item.due_on:%Y-%m-%d}", address)],
    ]


def write(draft: Draft, facts: PeriodFacts) -> None:
    """未报情况通报."""
    know_reports(draft, facts)
    section = draft.section("报送总体情况")
    write_reports(draft, facts, section)
    rates_table(draft, facts, section)
    section = draft.section("工作要求")
    if facts.unreported:
        section.paragraph(
            "请有关单位对照附件抓紧补报应报未报的 ",
            draft.count("unreported"),
            f" 项，并说明未按时上报的原因。以上情况统计至{day_words(facts.day)}。",
        )
    else:
        section.paragraph("各单位继续按时上报，保证填报质量。")
    annex(draft, facts)
