"""领导一页纸 and 上会材料 of a project: what stands confirmed, on the page and in Word alike."""

from collections.abc import Sequence
from typing import Any

from django.urls import reverse
from django.utils import timezone

from accounts import clock
from accounts.models import User
from reform import word
from reform.calendar import Period, today
from reform.lights import lights_for
from reform.models import MonthlyPlan, Project, WordTemplate
from workflow.formats import day_words
from workflow.models import Event, Record
from workflow.states import UNDER_REVIEW

from . import tables
from .documents import office_name, template
from .draft import Line, Section, section_values, to
from .facts import PeriodFacts
from .reports import LATE_HEADS, late_rows
from .supervision import HEADS, matter_rows

DECISIONS = 6  # the latest
MOST_ROWS = 4  # of a table on one page
KNOWN = ("序号#", "编号", "项目", "责任单位")  # of a project's own tables
DECIDING = ("confirm", "issue", "send_back", "reject")
ONE_PAGE, MEETING = WordTemplate.Kind.ONE_PAGE, WordTemplate.Kind.MEETING


class Pack:
    """`kind` is ONE_PAGE or MEETING."""

    def __init__(self, project: Project, kind: str, user: User) -> None:
        self.project, self.kind, self.user = project, kind, user
        self.facts = PeriodFacts(Period.until(today()), project=project)

    @property
    def title(self) -> str:
        return self.project.name if self.kind == ONE_PAGE else f"{self.project.name}上会材料"

    @property
    def subtitle(self) -> str:
        project = self.project
        return f"{project.number}　责任单位：{project.department.name}　领衔市领导：{project.lead_leader}"

    @property
    def as_of(self) -> str:
        return f"数据截至{timezone.localtime(clock.now()):%Y-%m-%d %H:%M}，只统计市委改革办已确认的数据。"

    def sections(self) -> list[Section]:
        found = [self._standing(), self._indicators()]
        if self.kind == MEETING:
            found.append(self._map())
        found.append(self._open())
        if self.kind == MEETING and self.user.is_office_reviewer:
            found.append(self._decisions())
        return [section for section in found if section.paragraphs or section.tables]

    def document(self, site: str) -> bytes:
        values: dict[str, Any] = {
            "title": self.title,
            "subtitle": self.subtitle,
            "office": office_name(),
            "date": day_words(today()),
            "as_of": self.as_of,
            "sections": [section_values(vars(section), site) for section in self.sections()],
        }
        with template(self.kind) as file:
            return word.render(file, values, fit=True)

    def _standing(self) -> Section:
        section, project = Section("总体情况"), self.project
        light = lights_for(Project.objects.filter(pk=project.pk), today())[project.pk]
        here = reverse("reform:project", args=[project.pk])
        section.paragraph(
            f"所处阶段：{project.get_stage_display()}。亮灯：", to(light.word, here), "，", to(light.why, here)
        )
        if self.facts.plans:
            done = len(self.facts.plans_at("done"))
            section.paragraph(
                f"{self.facts.period.words}应完成月度计划 ",
                to(str(len(self.facts.plans)), here),
                " 项，已完成 ",
                to(str(done), here),
                " 项，逾期 ",
                to(str(len(self.facts.overdue)), here),
                " 项。",
            )
        return section

    def _indicators(self) -> Section:
        section = Section("核心指标")
        self._table(section, "", tables.HEADS, tables.indicator_rows(self.facts))
        return section

    def _table(self, section: Section, caption: str, heads: Sequence[str], rows: list[list[Line]]) -> None:
        """Without what stands in the title already; on one page with so many rows that it stays one."""
        places = [place for place, head in enumerate(heads) if head not in KNOWN]
        most = MOST_ROWS if self.kind == ONE_PAGE else len(rows)
        if len(rows) > most:
            here = reverse("reform:project", args=[self.project.pk])
            caption = f"{caption}（列出前 {most} 项）"
            section.paragraph(f"{caption.partition('（')[0] or '核心指标'}共 ", to(str(len(rows)), here), " 项。")
        section.table(caption, [heads[place] for place in places], [[row[p] for p in places] for row in rows[:most]])

    def _map(self) -> Section:
        """All of the year's plans, a row per measure."""
        section = Section("作战图")
        plans = MonthlyPlan.objects.standing().filter(measure__battle_map__in=self.facts.map_keys)
        by_measure: dict[Any, list[MonthlyPlan]] = {}
        for plan in plans.select_related("measure").order_by("measure__position", "month", "pk"):
            by_measure.setdefault(plan.measure, []).append(plan)
        section.table("", ("具体举措", "月度计划"), [self._measure(*item) for item in by_measure.items()])
        return section

    @staticmethod
    def _measure(measure: Any, plans: list[MonthlyPlan]) -> list[Line]:
        listed: Line = []
        for plan in plans:
            text = f"{plan.month}月{plan.type_label}（{plan.get_status_display()}）"
            listed += ["；" if listed else "", to(text, reverse("reform:plan", args=[plan.pk]))]
        return [[to(tables.cut(measure.content), reverse("reform:map", args=[measure.battle_map_id]))], listed]

    def _open(self) -> Section:
        section = Section("未决事项")
        self._table(section, "逾期未完成的月度计划", tables.OVERDUE_HEADS, tables.overdue_rows(self.facts))
        self._table(section, "应报未报事项", LATE_HEADS, late_rows(self.facts.unreported))
        self._table(section, "未办结的督办事项", HEADS, matter_rows(self.facts))
        waiting = Record.objects.visible_to(self.user).filter(dossier=self.project.pk, state__in=UNDER_REVIEW)
        rows: list[list[Line]] = [
            [
                [to(record.heading, reverse("workflow:record", args=[record.pk]))],
                [record.get_state_display()],
            ]
            for record in waiting.select_related("dossier").order_by("submitted_at", "pk")
        ]
        self._table(section, "审核中的记录", ("记录", "状态"), rows)
        if not section.tables:
            section.paragraph("没有逾期、未报、督办和审核中的事项。")
        return section

    def _decisions(self) -> Section:
        section = Section("最近审核决定")
        events = Event.objects.filter(record__dossier=self.project.pk, action__in=DECIDING).select_related("record")
        rows: list[list[Line]] = [
            [
                [to(f"{timezone.localtime(event.at):%Y-%m-%d}", reverse("workflow:record", args=[event.record_id]))],
                [event.record.heading],
                [event.label],
                [tables.cut(event.detail) or "—"],
            ]
            for event in events.order_by("-at", "-pk")[:DECISIONS]
        ]
        section.table("", ("日期", "记录", "决定", "意见"), rows)
        return section
