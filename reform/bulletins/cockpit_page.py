"""领导一页纸 of one leader or one department, from the same cockpit as its page on the screen."""

from typing import Any

from django.urls import reverse
from django.utils import timezone

from reform import word
from reform.calendar import today
from reform.cockpit.figures import Cockpit
from reform.models import WordTemplate
from workflow.formats import day_words

from . import tables
from .documents import office_name, template
from .draft import Line, Section, section_values, to

LONGEST_REASON = 46  # two lines of its column


class CockpitPage:
    def __init__(self, cockpit: Cockpit, who: Any) -> None:
        self.cockpit, self.who = cockpit, who

    @property
    def title(self) -> str:
        return f"{self.who}重大改革项目情况"

    @property
    def as_of(self) -> str:
        return f"数据截至{timezone.localtime(self.cockpit.at):%Y-%m-%d %H:%M}，只统计在办项目、市委改革办已确认的数据。"

    def document(self, site: str) -> bytes:
        values: dict[str, Any] = {
            "title": self.title,
            "subtitle": self.cockpit.form.words,
            "office": office_name(),
            "date": day_words(today()),
            "as_of": self.as_of,
            "sections": [section_values(vars(section), site) for section in self.sections()],
        }
        with template(WordTemplate.Kind.ONE_PAGE) as file:
            return word.render(file, values, fit=True)

    def sections(self) -> list[Section]:
        """As much as stands on one A4."""
        return [self._overall(), self._projects(), self._lows(), self._achievements()]

    def _overall(self) -> Section:
        section = Section("总体情况")
        rows: list[list[Line]] = [
            [[to(tile.number, tile.url)] for tile in self.cockpit.tiles],
            [[to(tile.note, tile.url)] for tile in self.cockpit.tiles],
        ]
        section.table("", [tile.label for tile in self.cockpit.tiles], rows)
        return section

    def _projects(self) -> Section:
        section = Section("项目（按风险排序）")
        rows: list[list[Line]] = []
        for project, found in self.cockpit.page_rows:
            here = reverse("reform:project", args=[project.pk])
            rows.append(
                [
                    [to(project.name, here)],
                    [found.word],
                    [to(str(found.overdue), here)],
                    [to(str(found.lagging), here)],
                    [to(tables.cut(found.reason, LONGEST_REASON), here)] if found.colour != "green" else ["—"],
                ]
            )
        section.table("", ("项目", "亮灯", "逾期计划#", "落后指标#", "原因"), rows)
        if not rows:
            section.paragraph("没有在办的项目。")
        elif self.cockpit.page_rest:
            section.paragraph(
                "列出风险最高的；另有 ", to(str(self.cockpit.page_rest), self.cockpit.list_url()), " 个项目。"
            )
        return section

    def _lows(self) -> Section:
        section = Section("预计完不成年度目标的指标")
        rows: list[list[Line]] = [
            [[to(low.project.name, low.url)], [to(low.name, low.url)], [to(low.words, low.url)]]
            for low in self.cockpit.page_lows
        ]
        section.table("", ("项目", "核心指标", "预计"), rows)
        if not rows:
            section.paragraph("没有这样的指标。")
        return section

    def _achievements(self) -> Section:
        section = Section("最新成果")
        rows: list[list[Line]] = [
            [[to(f"{day:%Y-%m-%d}", url)], [to(name, url)], [way]]
            for day, name, way, url in self.cockpit.page_achievements
        ]
        section.table("", ("日期", "项目", "情况"), rows)
        if not rows:
            section.paragraph("这段时间没有确认的成果。")
        return section
