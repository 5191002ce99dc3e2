"""项目作战图: core indicators with monthly targets, measures, and monthly plans."""

from collections import Counter

from django.db import models
from django.db.models import Count, Q, prefetch_related_objects

from accounts import clock
from accounts.kept_prefetch import prefetch_kept
from accounts.kept_queries import kept_rows
from accounts.models import Department
from accounts.revisions import keep, keep_links
from reform.calendar import today
from workflow.actions import create_record
from workflow.models import Problem, Record, confirmed_among
from workflow.refusals import ActionRefused
from workflow.states import State

from .indicator import Indicator, MonthlyTarget
from .keys import parse_key, pick
from .project import Project

MEASURE_LENGTH = 300  # characters (manual 4.1.2)
LEAST_MEASURES = 3
ELSEWHERE = "不是这个项目的责任单位或配合单位"
LEAST_INDICATORS = 2  # "一般不少于两个": one is accepted with a written reason


class PlanType(models.TextChoices):
    TEAM = "team", "组建工作专班"
    RESEARCH = "research", "开展调查研究"
    SUPPORT = "support", "向上争取支持"
    SCHEME = "scheme", "制定改革方案"
    PILOT = "pilot", "开展试点示范"
    POLICY = "policy", "出台配套政策"
    PLATFORM = "platform", "搭建重要平台"
    APPLICATION = "application", "上线重大应用"
    SUPERVISION = "supervision", "开展督导指导"
    EVALUATION = "evaluation", "开展成效评估"
    EXPERIENCE = "experience", "总结推广经验"
    OTHER = "other", "其他"


TYPE_LABELS = dict(PlanType.choices)  # Django looks them up one by one


class PlanStatus(models.TextChoices):
    NOT_STARTED = "not_started", "未启动"
    IN_PROGRESS = "in_progress", "推进中"
    DONE = "done", "已完成"


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
        indicators = kept_rows("indicators", (), indicators_of, battle_map=self.pk)
        measures = kept_rows("measures of a map", (), _measures_of, battle_map=self.pk)
        prefetch_kept(indicators, "targets")
        prefetch_kept(measures, "partners", "plans")
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
    def asked_months(self):
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


def lead_key():
    """The 牵头单位 of a measure, one of its project's departments; None: the responsible one, whichever it is."""
    return models.ForeignKey(
        Department, models.PROTECT, verbose_name="牵头单位", related_name="+", null=True, blank=True
    )


def partners_key():
    """The 配合单位 of a measure: departments of its project, without the one that leads it."""
    return models.ManyToManyField(Department, verbose_name="配合单位", related_name="+", blank=True)


def names_of(departments):
    return "、".join(department.name for department in departments)


class MeasureQuerySet(models.QuerySet):
    def with_iteration_count(self):
        """Adds `iteration_count`, for 已迭代 n 次; in the order of the map, which a grouped query forgets."""
        confirmed = Q(iterations__state=State.CONFIRMED, iterations__is_new=False)
        return self.annotate(iteration_count=Count("iterations", filter=confirmed)).order_by("position", "pk")


class Measure(models.Model):
    battle_map = models.ForeignKey(BattleMap, models.CASCADE, verbose_name="项目作战图", related_name="measures")
    position = models.PositiveSmallIntegerField("排序", default=0)
    content = models.TextField("举措内容", blank=True)
    lead = lead_key()
    partners = partners_key()

    objects = MeasureQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "具体举措"
        ordering = ["position", "pk"]

    def __str__(self):
        return self.content

    def plan_problems(self, prefix, label):
        """The rules for its monthly plans; `prefix` is that of their form fields."""
        plans = self.plans.all()
        if not plans:
            yield Problem(prefix, f"{label}：请至少录入一项月度推进计划。")
        for number, plan in enumerate(plans):
            yield from plan.content_problems(f"{prefix}-{number}", f"{label}计划{number + 1}")

    def snapshot(self):
        return {
            "id": self.pk,
            "content": self.content,
            "lead": self.lead.name if self.lead else "",
            "partners": names_of(self.partners.all()),
            "plans": [plan.snapshot() for plan in self.plans.all() if plan.cancelled_at is None],
        }


class PlanContent(models.Model):
    """What a monthly plan says, on the map or in an application to change it."""

    month = models.PositiveSmallIntegerField("计划月度", null=True, blank=True)
    type = models.CharField("计划类型", max_length=20, choices=PlanType.choices, blank=True)
    type_name = models.CharField("类型名称", max_length=20, blank=True, help_text="类型为“其他”时填写")
    content = models.TextField("计划内容", blank=True)

    class Meta:
        abstract = True

    @property
    def type_label(self):
        return (
            self.type_name if self.type == PlanType.OTHER and self.type_name else TYPE_LABELS.get(self.type, self.type)
        )

    def content_problems(self, prefix, label):
        if not self.month:
            yield Problem(f"{prefix}-month", f"{label}：请选择计划月度。")
        if not self.type:
            yield Problem(f"{prefix}-type", f"{label}：请选择计划类型。")
        elif self.type == PlanType.OTHER and not self.type_name.strip():
            yield Problem(f"{prefix}-type_name", f"{label}：类型为“其他”的，请填写类型名称。")
        if not self.content.strip():
            yield Problem(f"{prefix}-content", f"{label}：请填写计划内容。")

    def copy_content(self, source):
        """Say what another PlanContent says."""
        for field in PlanContent._meta.fields:
            setattr(self, field.name, getattr(source, field.name))

    def content_values(self):
        return {field.name: getattr(self, field.name) for field in PlanContent._meta.fields}

    def same_content(self, other):
        return self.content_values() == other.content_values()

    def snapshot(self):
        return {
            "id": self.pk,
            "month": f"{self.month}月" if self.month else "",
            "type": self.type_label,
            "content": self.content,
        }


class MonthlyPlanQuerySet(models.QuerySet):
    def standing(self):
        """Without those that an iteration has cancelled."""
        return self.filter(cancelled_at=None)


class MonthlyPlan(PlanContent):
    measure = models.ForeignKey(Measure, models.CASCADE, verbose_name="具体举措", related_name="plans")
    status = models.CharField("推进状态", max_length=20, choices=PlanStatus.choices, default=PlanStatus.NOT_STARTED)
    cancelled_at = models.DateTimeField("取消时间", null=True, editable=False)

    objects = MonthlyPlanQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "月度推进计划"
        ordering = ["month", "pk"]
        constraints = [
            models.CheckConstraint(condition=Q(month__gte=1, month__lte=12), name="plan_month_1_to_12"),
            models.CheckConstraint(condition=Q(status__in=PlanStatus.values), name="plan_status_known"),
        ]
        indexes = [
            models.Index(fields=["status", "month"]),
            # The ledger counts and sorts those of a year by it alone.
            models.Index(fields=["measure", "month", "id"], condition=Q(cancelled_at=None), name="plan_standing"),
        ]

    def __str__(self):
        return f"{self.month}月 {self.type_label}"

    @property
    def confirmed_extensions(self):
        """In their order; prefetch `extensions` where there are many plans."""
        return confirmed_among(self.extensions.all())

    @property
    def original_month(self):
        """原定: its month before the first extension, if that is another; else None."""
        first = next(iter(self.confirmed_extensions), None)
        return first.month_before if first and first.month_before != self.month else None

    @property
    def extended_words(self):
        """原定7月，已延期 1 次; "" if it never was."""
        times = len(self.confirmed_extensions)
        original = f"原定{self.original_month}月，" if self.original_month else ""
        return f"{original}已延期 {times} 次" if times else ""


def content_problems(content, field, label):
    """The rule for a measure's text, wherever it is written."""
    length = len(content.strip())
    if not length:
        yield Problem(field, f"{label}：请填写举措内容。")
    elif length > MEASURE_LENGTH:
        yield Problem(field, f"{label}：举措内容不超过 {MEASURE_LENGTH} 字，现有 {length} 字。")


def unit_problems(departments, said, prefix, label):
    """The rules for the 牵头单位 and 配合单位 of a measure, or of an application for one.

    `departments` are the project's, the responsible one first; who was named may have left it since.
    """
    partners = list(said.partners.all())
    if said.lead and said.lead not in departments:
        yield Problem(f"{prefix}lead", f"{label}：{said.lead}{ELSEWHERE}，请重新选择牵头单位。")
    if gone := [department for department in partners if department not in departments]:
        yield Problem(f"{prefix}partners", f"{label}：{names_of(gone)}{ELSEWHERE}，请重新选择配合单位。")
    if partners and (lead := said.lead or departments[0]) in partners:
        yield Problem(f"{prefix}partners", f"{label}：{lead}是牵头单位，不能同时是配合单位。")


def keep_partners(measures):
    """Write down since when the 配合单位 of these measures (keys) are."""
    from .revisions import MeasurePartnerSpan  # it reads this file

    links = Measure.partners.through.objects.filter(measure__in=measures)
    keep_links(MeasurePartnerSpan, "measure", measures, set(links.values_list("measure", "department")))
