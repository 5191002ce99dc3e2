"""项目作战图: core indicators with monthly targets, measures, and monthly plans."""

from collections import Counter

from django.db import models
from django.db.models import prefetch_related_objects

from accounts import clock
from accounts.compiled_prefetch import prefetch_compiled
from accounts.compiled_queries import compiled_rows
from accounts.revisions import keep
from reform.calendar import today
from workflow.actions import create_record
from workflow.models import Problem, Record
from workflow.refusals import ActionRefused
from workflow.states import State

from .indicator import Indicator, MonthlyTarget
from .keys import parse_key, pick
from .measure import Measure, MonthlyPlan, content_problems, keep_partners, unit_problems
from .project import Project

LEAST_MEASURES = 3
LEAST_INDICATORS = 2  # "一般不少于两个": one is accepted with a written reason


class BattleMap(Record):
    """One per project and year. Once confirmed, only a confirmed MeasureIteration changes measures and plans."""

    takes_files = False
    items_of_kind = {
        "single_indicator_reason": "只设一个核心指标的理由",
        "indicators": "全部核心指标（可增加、删除）",
        "indicators.*": "核心指标“{name}”",
        "indicators.*.months.*": "“{name}”{id}月目标",
        "measures": "全部具体举措（可增加、删除）",
        "measures.*.content": "具体举措{row}的内容和单位",
        "measures.*.plans": "具体举措{row}的全部月度计划（可增加、删除）",
        "measures.*.plans.*": "具体举措{row}的{month}“{type}”计划",
    }
    opened_along = {"lead": "content", "partners": "content"}

    issuable = True
    create_label = "更新"  # 绘制项目作战图 → 更新 (manual 4.1.2)

    year = models.PositiveSmallIntegerField("年度")
    single_indicator_reason = models.TextField("只设一个核心指标的理由", blank=True)
    issued_at = models.DateTimeField("下发时间", null=True)

    contents_read = None  # set by `read_once`

    class Meta:
        verbose_name = verbose_name_plural = "项目作战图"
        indexes = [models.Index(fields=["year"])]

    @property
    def project(self):
        return self.dossier.project

    @classmethod
    def create(cls, project, year, user):
        """The `draft`, saved. Call it inside a transaction."""
        return create_record(cls.draft, project, year, user)

    @classmethod
    def draft(cls, project, year, user):
        """The project's map of that year, or an unsaved one if there is none yet; raises ActionRefused."""
        project = Project.objects.get(pk=project.pk)
        if refusal := why_not_drawn(project, year):
            raise ActionRefused(refusal)
        return cls.objects.standing().filter(dossier=project, year=year).first() or cls.of(project, year, user)

    @classmethod
    def of(cls, dossier, year, user):
        """A new one, unsaved."""
        return cls(dossier=dossier, slot=str(year), year=year, title=f"{year}年度项目作战图", creator=user)

    def earlier(self):
        """The project's latest confirmed map of a year before, from which this one may start; or None."""
        maps = BattleMap.objects.settled().filter(dossier=self.dossier_id, year__lt=self.year)
        return maps.order_by("-year").first()

    @classmethod
    def draft_from_key(cls, key, user):
        """The map that a work item's key names; raises ActionRefused."""
        project, year = parse_key(key, 2)
        own = Project.objects.filter(department__in=user.assigned_department_ids)
        return cls.draft(pick(own, project, "这个项目"), year, user)

    def problems(self):
        indicators, measures = self.contents()
        return [
            *self._indicator_problems(indicators),
            *self._measure_problems(measures),
            *(
                problem
                for number, measure in enumerate(measures)
                for problem in measure.plan_problems(f"measures-{number}-plans", f"举措{number + 1}")
            ),
        ]

    def _indicator_problems(self, indicators):
        if not indicators:
            yield Problem("indicators", "请填写核心指标，一般不少于两个。")
        elif len(indicators) < LEAST_INDICATORS and not self.single_indicator_reason.strip():
            yield Problem("single_indicator_reason", "核心指标一般不少于两个；只设一个的，请写明理由。")
        names = Counter(indicator.name for indicator in indicators if indicator.name)
        for number, indicator in enumerate(indicators):
            prefix, label = f"indicators-{number}", f"指标{number + 1}"
            if not indicator.name:
                yield Problem(f"{prefix}-name", f"{label}：请填写核心指标名称。")
            elif names[indicator.name] > 1:
                yield Problem(f"{prefix}-name", f"{label}：名称“{indicator.name}”与其他指标重复。")
            yield from indicator.content_problems(prefix, f"{label}：")
            yield from indicator.target_problems(prefix, label)

    def _measure_problems(self, measures):
        if len(measures) < LEAST_MEASURES:
            yield Problem("measures", f"具体举措至少 {LEAST_MEASURES} 条，现有 {len(measures)} 条。")
        named = any(measure.lead or measure.partners.all() for measure in measures)
        departments = self.project.departments() if named else []
        for number, measure in enumerate(measures):
            prefix, label = f"measures-{number}-", f"举措{number + 1}"
            yield from content_problems(measure.content, f"{prefix}content", label)
            yield from unit_problems(departments, measure, prefix, label)

    def contents(self):
        """Its indicators with their targets; its measures with leads, partners and plans."""
        if self.contents_read is not None:
            return self.contents_read
        indicators, measures = list(self.indicators.all()), list(self.measures.all())
        prefetch_related_objects(indicators, "targets")
        prefetch_related_objects(measures, "lead", "partners", "plans")
        return indicators, measures

    def read_once(self):
        super().read_once()
        indicators = compiled_rows("indicators", (), indicators_of, battle_map=self.pk)
        measures = compiled_rows("measures of a map", (), _measures_of, battle_map=self.pk)
        prefetch_compiled(indicators, "targets")
        prefetch_compiled(measures, "partners", "plans")
        for child in (*indicators, *measures):
            child.battle_map = self
        self.contents_read = indicators, measures

    def snapshot(self):
        indicators, measures = self.contents()
        return {
            "year": self.year,
            "single_indicator_reason": self.single_indicator_reason,
            "indicators": [indicator.snapshot() for indicator in indicators],
            "measures": [measure.snapshot() for measure in measures],
        }

    def on_confirmed(self):
        """From now on its past is kept."""
        keep(self.indicators.all())
        keep(MonthlyTarget.objects.filter(indicator__battle_map=self))
        keep(self.measures.all())
        keep_partners(list(self.measures.values_list("pk", flat=True)))
        keep(MonthlyPlan.objects.filter(measure__battle_map=self))

    def on_issued(self):
        self.issued_at = clock.now()
        self.save()
        from .due_schedule import write_map  # it reads every kind

        write_map(self)

    @property
    def period_ends(self):
        """The months that end a period of some indicator."""
        return {month for indicator in self.indicators.all() for month in indicator.months}

    def indicators_of(self, month):
        """Those that are asked for in that month, with their targets."""
        return [found for found in self.indicators.prefetch_related("targets") if month in found.months]

    @property
    def is_open(self):
        """Whether progress may be reported: the map has been issued."""
        return self.state == State.ISSUED


def indicators_of(battle_map):
    return Indicator.objects.filter(battle_map=battle_map)


def _measures_of(battle_map):
    return Measure.objects.filter(battle_map=battle_map).select_related("lead")


def why_not_drawn(project, year):
    """A sentence, or "" where a map of that year may be drawn."""
    if not project.can_be_drawn:
        return "项目被认定为“加快实施”后，才能绘制项目作战图。"
    if not project.start_year <= year <= project.end_year:
        return f"项目实施年度为 {project.start_year}—{project.end_year} 年，不能绘制 {year} 年度作战图。"
    return ""


def drawing_years():
    """The years whose maps are drawn now: this one, and from November on the next."""
    now = today()
    return [now.year] if now.month < 11 else [now.year, now.year + 1]


def settled_years():
    """The years of which there are maps that were confirmed, the last first."""
    maps = BattleMap.objects.of_kind().settled()
    return list(maps.order_by("-year").values_list("year", flat=True).distinct())
