"""市级重大改革项目: base info, kept by the office."""

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.urls import reverse

from accounts import clock
from accounts.models import Department
from accounts.revisions import Revised, keep, keep_links
from reform.calendar import FIRST_YEAR, LAST_YEAR
from workflow.models import Dossier, DossierQuerySet

from .due_item import DueItem
from .identifier import IdentifierField


class Domain(Revised):
    """改革领域, a list that the office may edit."""

    name = models.CharField("改革领域", max_length=30, unique=True)
    position = models.PositiveSmallIntegerField("排序", default=0)

    class Meta:
        verbose_name = verbose_name_plural = "改革领域"
        ordering = ["position", "pk"]

    def __str__(self):
        return self.name


class TaskForce(Revised):
    """专项小组 of the commission, a list that the office may edit.

    A list and no text: projects are filtered and counted by it, and a new name of one is the same one.
    """

    name = models.CharField("专项小组", max_length=50, unique=True)
    position = models.PositiveSmallIntegerField("排序", default=0)

    class Meta:
        verbose_name = verbose_name_plural = "专项小组"
        ordering = ["position", "pk"]

    def __str__(self):
        return self.name


class Mandate(models.TextChoices):
    """Who set the project going."""

    CENTRAL = "central", "中央试点"
    SUPERIOR = "superior", "上级部署"
    OWN = "own", "自主"


class Stage(models.TextChoices):
    ANALYSIS = "analysis", "需求分析"
    GENERATED = "generated", "生成重大项目"
    ACCELERATED = "accelerated", "加快实施"
    # By a confirmed Closure.
    CLOSED = "closed", "已销号"
    ROUTINE = "routine", "常态推进"
    ENDED = "ended", "已终止"


AT_ONCE = 500  # bounds the length of a query
CLOSED_STAGES = (Stage.CLOSED, Stage.ROUTINE, Stage.ENDED)
OPEN_STAGES = [(stage.value, stage.label) for stage in Stage if stage not in CLOSED_STAGES]  # the office's to choose
CAN_BE_DRAWN = Q(stage=Stage.ACCELERATED)  # `Project.can_be_drawn`, for queries


class Project(Revised, Dossier):
    """A dossier whose records are battle maps, updates and iterations; only at 加快实施 can a map be drawn."""

    number = IdentifierField("项目编号", max_length=20, unique=True)
    start_year = models.PositiveSmallIntegerField("起始年度")
    end_year = models.PositiveSmallIntegerField("预计完成年度")
    domain = models.ForeignKey(Domain, models.PROTECT, verbose_name="改革领域")
    lead_leader = models.CharField("领衔市领导", max_length=30)
    task_force = models.ForeignKey(TaskForce, models.PROTECT, verbose_name="专项小组", null=True, blank=True)
    mandate = models.CharField("牵引来源", max_length=20, choices=Mandate.choices, blank=True)
    mandate_document = models.CharField("牵引文件", max_length=200, blank=True)
    plan_title = models.CharField("改革方案名称", max_length=200, blank=True)
    plan_number = models.CharField("文号", max_length=50, blank=True)
    adopted_on = models.DateField("方案印发日期", null=True, blank=True)
    stage = models.CharField("所处阶段", max_length=20, choices=Stage.choices, default=Stage.ANALYSIS)
    recognised_on = models.DateField("认定“加快实施”日期", null=True, blank=True)

    # By who has looked for many projects at once:
    known_years_drawn: "list[int] | None" = None
    known_stage: str | None = None  # as it is kept

    objects = DossierQuerySet.as_manager()  # type: ignore[misc]  # the class of its rows differs

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

    def save(self, *args, **kwargs):
        """What is due moves with the project to another department."""
        is_new = self._state.adding
        super().save(*args, **kwargs)
        if not is_new:
            DueItem.objects.follow([self.pk])

    def get_absolute_url(self):
        return reverse("reform:project", args=[self.pk])

    @property
    def can_be_drawn(self):
        return self.stage == Stage.ACCELERATED

    def clean(self):
        """What the office may not enter, on whatever way; the partners have `check_partners`."""
        errors = {**self._year_errors(), **self._stage_errors()}
        if self.mandate_document and self.mandate in ("", Mandate.OWN):
            errors["mandate_document"] = "牵引来源为“中央试点”或“上级部署”的，才填写牵引文件。"
        if self.adopted_on and self.adopted_on > clock.today():
            errors["adopted_on"] = "方案印发日期不能晚于今天。"
        if self.department_id and not self.department.is_active:
            errors["department"] = f"{self.department}已停用，请选择承接工作的单位。"
        if errors:
            raise ValidationError(errors)

    def _year_errors(self):
        errors = {}
        for name in ("start_year", "end_year"):
            year = getattr(self, name)
            if year is not None and not FIRST_YEAR <= year <= LAST_YEAR:
                errors[name] = f"{self._meta.get_field(name).verbose_name}应在 {FIRST_YEAR} 至 {LAST_YEAR} 之间。"
        if errors or self.start_year is None or self.end_year is None:
            return errors
        if self.end_year < self.start_year:
            return {"end_year": "预计完成年度不能早于起始年度。"}
        drawn = self._years_drawn()
        if drawn and min(drawn) < self.start_year:
            errors["start_year"] = f"已有 {min(drawn)} 年度项目作战图，起始年度不能晚于 {min(drawn)}。"
        if drawn and max(drawn) > self.end_year:
            errors["end_year"] = f"已有 {max(drawn)} 年度项目作战图，预计完成年度不能早于 {max(drawn)}。"
        return errors

    def _stage_errors(self):
        kept = self._kept_stage()
        if self.stage != kept and kept in CLOSED_STAGES:
            return {"stage": f"项目{Stage(kept).label}，所处阶段不再更改。"}
        if self.stage in CLOSED_STAGES:
            return {"stage": "项目销号由责任单位提出“销号申请”，确认后自动更改。"} if self.stage != kept else {}
        if self.stage == Stage.ACCELERATED:
            if self.recognised_on is None:
                return {"recognised_on": "“加快实施”的项目须填写市委深改委认定日期。"}
            if self.recognised_on > clock.today():
                return {"recognised_on": "认定日期不能晚于今天。"}
            return {}
        errors = {}
        if self._years_drawn():
            errors["stage"] = "已绘制项目作战图，所处阶段不能从“加快实施”退回。"
        if self.recognised_on is not None:
            errors["recognised_on"] = "所处阶段不是“加快实施”，请不要填写认定日期。"
        return errors

    def _kept_stage(self):
        if self.pk is None:
            return None
        if self.known_stage is not None:
            return self.known_stage
        return Project.objects.filter(pk=self.pk).values_list("stage", flat=True).first()

    def _years_drawn(self):
        if self.pk is None:
            return []
        if self.known_years_drawn is not None:
            return self.known_years_drawn
        return list(self.records.standing().filter(battlemap__isnull=False).values_list("battlemap__year", flat=True))

    def departments(self):
        """The responsible department, then the partners."""
        return [self.department, *self.partners.all()]

    def set_partners(self, departments):
        """These are the 配合单位 from now on."""
        set_partners({self.pk: departments})

    def keep_partners(self):
        """Write down since when the 配合单位 are; call it after they were changed."""
        keep_partners([self.pk])

    def check_partners(self, departments):
        """Raises ValidationError unless these may be the 配合单位."""
        errors = []
        if self.department_id in {department.pk for department in departments}:
            errors.append(f"{self.department}是责任单位，不能同时是配合单位。")
        closed = [department for department in departments if not department.is_active]
        if closed and self.pk:  # those it has already may stay
            closed = [department for department in closed if department not in self.partners.all()]
        errors += [f"{department}已停用，请选择承接工作的单位。" for department in closed]
        if errors:
            raise ValidationError({"partners": errors})


def add_all(projects: list[Project]) -> None:
    """Save new projects: their dossiers together, for each the one row that is its own."""
    dossiers = Dossier.objects.bulk_create(
        Dossier(name=project.name, department_id=project.department_id) for project in projects
    )
    for project, dossier in zip(projects, dossiers, strict=True):
        project.id = project.dossier_ptr_id = dossier.pk
        project.save_base(raw=True, force_insert=True)  # "raw": without the row that it inherits
    keep(Project.objects.filter(pk__in=[project.pk for project in projects]))


def save_all(projects: list[Project], names: set[str], moved: list[int]) -> None:
    """Save these fields of projects that are there already, in a few queries; `moved`: keys of those that others
    answer for from now on. Call it with their dossiers locked.
    """
    if names:
        Project.objects.bulk_update(projects, sorted(names), batch_size=AT_ONCE)
    keep(Project.objects.filter(pk__in=[project.pk for project in projects]))
    if moved:
        DueItem.objects.follow(moved)


def hand_over(projects: list[int], department: Department) -> None:
    """That department answers for these projects from now on: in a few queries, with their records and what is due."""
    Dossier.objects.filter(pk__in=projects).update(department=department)
    keep(Project.objects.filter(pk__in=projects))
    DueItem.objects.follow(projects)


def set_partners(partners: dict[int, list[Department]]) -> None:
    """These are the 配合单位 of these projects, {key of the project: departments}, from now on: in a few queries."""
    through = Project.partners.through
    links = through.objects.filter(dossier__in=partners)
    wanted = {(project, department.pk) for project, departments in partners.items() for department in departments}
    known = {(link.dossier_id, link.department_id): link.pk for link in links}
    through.objects.filter(pk__in=[pk for link, pk in known.items() if link not in wanted]).delete()
    through.objects.bulk_create(
        through(dossier_id=project, department_id=department) for project, department in sorted(wanted - known.keys())
    )
    keep_partners(list(partners))


def keep_partners(projects: list[int]) -> None:
    """Write down since when the 配合单位 of these projects are."""
    from .revisions import PartnerSpan  # it reads this file

    links = Project.partners.through.objects.filter(dossier__in=projects)
    keep_links(PartnerSpan, "project", projects, set(links.values_list("dossier", "department")))
