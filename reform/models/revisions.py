"""What the office's base info and confirmed maps said on each day; see accounts/revisions.py."""

from django.db import models
from django.db.models import Q

from accounts.models import Department
from accounts.revisions import Revision, Span

from .indicator import Indicator, IndicatorContent, MonthlyTarget
from .measure import Measure, MonthlyPlan, PlanContent, PlanStatus, lead_key
from .project import Domain, Mandate, Project, Stage, TaskForce


def subject_key(model):
    """The key of the row whose revision it is; the index by subject and day serves it."""
    return models.ForeignKey(
        model, models.CASCADE, verbose_name=model._meta.verbose_name, related_name="revisions", db_index=False
    )


class DomainRevision(Revision):
    subject = subject_key(Domain)
    name = models.CharField("改革领域", max_length=30)
    position = models.PositiveSmallIntegerField("排序")

    class Meta(Revision.Meta):
        verbose_name = verbose_name_plural = "改革领域沿革"

    def __str__(self):
        return self.name


class TaskForceRevision(Revision):
    subject = subject_key(TaskForce)
    name = models.CharField("专项小组", max_length=50)
    position = models.PositiveSmallIntegerField("排序")

    class Meta(Revision.Meta):
        verbose_name = verbose_name_plural = "专项小组沿革"

    def __str__(self):
        return self.name


class ProjectRevision(Revision):
    """The first begins on the day on which the project was entered."""

    subject = subject_key(Project)
    name = models.CharField("项目名称", max_length=100)
    department = models.ForeignKey(Department, models.PROTECT, verbose_name="责任单位", related_name="+")
    number = models.CharField("项目编号", max_length=20)
    start_year = models.PositiveSmallIntegerField("起始年度")
    end_year = models.PositiveSmallIntegerField("预计完成年度")
    domain = models.ForeignKey(Domain, models.PROTECT, verbose_name="改革领域", related_name="+")
    lead_leader = models.CharField("领衔市领导", max_length=30)
    task_force = models.ForeignKey(TaskForce, models.PROTECT, verbose_name="专项小组", null=True, related_name="+")
    mandate = models.CharField("牵引来源", max_length=20, choices=Mandate.choices, blank=True)
    mandate_document = models.CharField("牵引文件", max_length=200, blank=True)
    plan_title = models.CharField("改革方案名称", max_length=200, blank=True)
    plan_number = models.CharField("文号", max_length=50, blank=True)
    adopted_on = models.DateField("方案印发日期", null=True, blank=True)
    stage = models.CharField("所处阶段", max_length=20, choices=Stage.choices)
    recognised_on = models.DateField("认定“加快实施”日期", null=True, blank=True)

    class Meta(Revision.Meta):
        verbose_name = verbose_name_plural = "项目基础信息沿革"

    def __str__(self):
        return self.name


class PartnerSpan(Span):
    """For how long a department was 配合单位 of a project."""

    project = models.ForeignKey(Project, models.CASCADE, verbose_name="项目", related_name="partner_spans")
    department = models.ForeignKey(Department, models.PROTECT, verbose_name="配合单位", related_name="+")

    class Meta(Span.Meta):
        verbose_name = verbose_name_plural = "配合单位沿革"
        constraints = [
            *Span.Meta.constraints,
            models.UniqueConstraint(
                fields=["project", "department"], condition=Q(valid_until=None), name="partnerspan_one_current"
            ),
        ]

    def __str__(self):
        return str(self.department)


# Of a map from its confirmation on: a draft has no past.


class MeasurePartnerSpan(Span):
    """For how long a department was 配合单位 of a measure."""

    measure = models.ForeignKey(Measure, models.CASCADE, verbose_name="具体举措", related_name="partner_spans")
    department = models.ForeignKey(Department, models.PROTECT, verbose_name="配合单位", related_name="+")

    class Meta(Span.Meta):
        verbose_name = verbose_name_plural = "举措配合单位沿革"
        constraints = [
            *Span.Meta.constraints,
            models.UniqueConstraint(
                fields=["measure", "department"],
                condition=Q(valid_until=None),
                name="measurepartnerspan_one_current",
            ),
        ]

    def __str__(self):
        return str(self.department)


class IndicatorRevision(Revision, IndicatorContent):
    subject = subject_key(Indicator)

    class Meta(Revision.Meta):
        verbose_name = verbose_name_plural = "核心指标沿革"

    def __str__(self):
        return self.name


class TargetRevision(Revision):
    subject = subject_key(MonthlyTarget)
    target = models.DecimalField("目标值", max_digits=15, decimal_places=4, null=True)
    actual = models.DecimalField("进度值", max_digits=15, decimal_places=4, null=True)
    words = models.TextField("阶段目标", blank=True)
    state = models.CharField("进展状态", max_length=20, blank=True)

    class Meta(Revision.Meta):
        verbose_name = verbose_name_plural = "月度目标沿革"

    def __str__(self):
        return f"{self.target}"


class MeasureRevision(Revision):
    subject = subject_key(Measure)
    content = models.TextField("举措内容")
    lead = lead_key()

    class Meta(Revision.Meta):
        verbose_name = verbose_name_plural = "具体举措沿革"

    def __str__(self):
        return self.content


class PlanRevision(Revision, PlanContent):
    """Ends without another when an iteration cancels the plan."""

    subject = subject_key(MonthlyPlan)
    status = models.CharField("推进状态", max_length=20, choices=PlanStatus.choices)

    class Meta(Revision.Meta):
        verbose_name = verbose_name_plural = "月度计划沿革"

    def __str__(self):
        return f"{self.month}月 {self.type_label}"
