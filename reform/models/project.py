"""市级重大改革项目: base info, kept by the office."""

from django.db import models
from django.db.models import Q

from workflow.models import Dossier, DossierQuerySet


class Domain(models.Model):
    """改革领域, a list that the office may edit."""

    name = models.CharField("改革领域", max_length=30, unique=True)
    position = models.PositiveSmallIntegerField("排序", default=0)

    class Meta:
        verbose_name = verbose_name_plural = "改革领域"
        ordering = ["position", "pk"]

    def __str__(self):
        return self.name


class Stage(models.TextChoices):
    ANALYSIS = "analysis", "需求分析"
    GENERATED = "generated", "生成重大项目"
    ACCELERATED = "accelerated", "加快实施"


class Project(Dossier):
    """A dossier whose records are battle maps, updates and iterations; only at 加快实施 can a map be drawn."""

    number = models.CharField("项目编号", max_length=20, unique=True)
    start_year = models.PositiveSmallIntegerField("起始年度")
    end_year = models.PositiveSmallIntegerField("预计完成年度")
    domain = models.ForeignKey(Domain, models.PROTECT, verbose_name="改革领域")
    lead_leader = models.CharField("领衔市领导", max_length=30)
    plan_title = models.CharField("改革方案名称", max_length=200, blank=True)
    plan_number = models.CharField("文号", max_length=50, blank=True)
    adopted_on = models.DateField("方案印发日期", null=True, blank=True)
    stage = models.CharField("所处阶段", max_length=20, choices=Stage.choices, default=Stage.ANALYSIS)
    recognised_on = models.DateField("认定“加快实施”日期", null=True, blank=True)

    objects = DossierQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "项目基础信息"
        ordering = ["number"]
        constraints = [
            models.CheckConstraint(
                condition=Q(end_year__gte=models.F("start_year")),
                name="project_years_in_order",
                violation_error_message="预计完成年度不能早于起始年度。",
            ),
            models.CheckConstraint(
                condition=~Q(stage=Stage.ACCELERATED) | Q(recognised_on__isnull=False),
                name="project_accelerated_since",
                violation_error_message="“加快实施”的项目须填写市委深改委认定日期。",
            ),
        ]

    @property
    def can_be_drawn(self):
        return self.stage == Stage.ACCELERATED
