"""具体举措 of a map: what is to be done, who leads it, and its monthly plans."""

from django.db import models
from django.db.models import Count, Q

from accounts.models import Department
from accounts.revisions import keep_links
from workflow.models import Problem, confirmed_among
from workflow.states import State

MEASURE_LENGTH = 300  # characters (manual 4.1.2)
ELSEWHERE = "不是这个项目的责任单位或配合单位"


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
    battle_map = models.ForeignKey(
        "reform.BattleMap", models.CASCADE, verbose_name="项目作战图", related_name="measures"
    )
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


def unit_problems(departments, subject, prefix, label):
    """The rules for the 牵头单位 and 配合单位 of a measure, or of an application for one.

    `departments` are the project's, the responsible one first; who was named may have left it since.
    """
    partners = list(subject.partners.all())
    if subject.lead and subject.lead not in departments:
        yield Problem(f"{prefix}lead", f"{label}：{subject.lead}{ELSEWHERE}，请重新选择牵头单位。")
    if gone := [department for department in partners if department not in departments]:
        yield Problem(f"{prefix}partners", f"{label}：{names_of(gone)}{ELSEWHERE}，请重新选择配合单位。")
    if partners and (lead := subject.lead or departments[0]) in partners:
        yield Problem(f"{prefix}partners", f"{label}：{lead}是牵头单位，不能同时是配合单位。")


def keep_partners(measures):
    """Write down since when the 配合单位 of these measures (keys) are."""
    from .revisions import MeasurePartnerSpan  # it reads this file

    links = Measure.partners.through.objects.filter(measure__in=measures)
    keep_links(MeasurePartnerSpan, "measure", measures, set(links.values_list("measure", "department")))
