"""督察核查: what the office finds when it checks a plan that was reported 已完成."""

import hashlib

from django.conf import settings
from django.db import models
from django.db.models import Q

from accounts import clock
from reform.calendar import Period
from workflow.models.evidence import StoredFile

from .measure import MonthlyPlan, PlanStatus
from .plan_update import PlanUpdate


class CheckWay(models.TextChoices):
    PAPERS = "papers", "查阅资料"
    PHONE = "phone", "电话"
    ON_SITE = "on_site", "实地"


class Finding(models.TextChoices):
    TRUE = "true", "属实"
    PARTLY = "partly", "部分属实"
    UNTRUE = "untrue", "不属实"


class SampleDraw(models.Model):
    """A sample of plans reported 已完成, with the rule and the seed by which it was drawn.

    The same rule, seed and data draw the same plans (`pick`); what a draw took stays with its checks.
    """

    period = models.CharField("计划月度", max_length=20)  # the key of a Period
    conditions = models.TextField("范围", blank=True)  # in words, as they were chosen
    size = models.PositiveSmallIntegerField("抽取数量")
    seed = models.CharField("随机种子", max_length=30)
    candidates = models.PositiveIntegerField("符合条件的计划")
    drawn_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, verbose_name="抽取人员", related_name="+")
    drawn_at = models.DateTimeField("抽取时间", default=clock.now)

    class Meta:
        verbose_name = verbose_name_plural = "核查抽样"
        ordering = ["-drawn_at", "-pk"]

    def __str__(self):
        return f"{self.rule}，种子 {self.seed}"

    @property
    def rule(self):
        """2026年第三季度已完成的月度计划，市教委，128 项中抽取 10 项."""
        period = Period.parse(self.period)
        among = "，".join(filter(None, [f"{period}已完成的月度计划", self.conditions]))
        return f"{among}，{self.candidates} 项中抽取 {self.size} 项"

    @staticmethod
    def pick(keys, seed, size):
        """Of these keys of plans the ones whose SHA-256 together with the seed comes first."""
        return sorted(keys, key=lambda key: hashlib.sha256(f"{seed}:{key}".encode()).digest())[:size]


class SpotCheckQuerySet(models.QuerySet):
    def visible_to(self, user):
        """The office's; what was found is also the responsible department's to read."""
        if user.is_office_reviewer:
            return self
        if not user.is_department_staff:
            return self.none()
        departments = user.assigned_department_ids
        return self.found().filter(plan__measure__battle_map__dossier__department__in=departments)

    def open(self):
        return self.filter(found_at=None)

    def found(self):
        return self.filter(found_at__isnull=False)


class SpotCheck(models.Model):
    """One plan to be checked, and what was found: written once, then it stays."""

    plan = models.ForeignKey(MonthlyPlan, models.PROTECT, verbose_name="月度计划", related_name="checks")
    # What said 已完成; a later update is another matter.
    update = models.ForeignKey(PlanUpdate, models.PROTECT, verbose_name="推进更新", related_name="checks")
    draw = models.ForeignKey(
        SampleDraw, models.PROTECT, verbose_name="核查抽样", related_name="checks", null=True, editable=False
    )
    opened_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, verbose_name="确定人员", related_name="+")
    opened_at = models.DateTimeField("确定时间", default=clock.now)
    version = models.PositiveIntegerField("版本", default=0)
    way = models.CharField("核查方式", max_length=20, choices=CheckWay.choices, blank=True)
    checked_on = models.DateField("核查日期", null=True, blank=True)
    text = models.TextField("核查情况", blank=True)
    finding = models.CharField("核查结论", max_length=20, choices=Finding.choices, blank=True)
    found_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name="核查人员", related_name="+", null=True
    )
    found_at = models.DateTimeField("记录结论时间", null=True)
    reopened = models.BooleanField("计划重新办理", default=False)

    objects = SpotCheckQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "督察核查"
        ordering = ["-opened_at", "-pk"]
        constraints = [
            models.UniqueConstraint(fields=["plan"], condition=Q(found_at=None), name="one_open_check_per_plan"),
            models.CheckConstraint(
                condition=Q(found_at=None) | Q(finding__in=Finding.values, way__in=CheckWay.values),
                name="check_found_what_and_how",
            ),
        ]
        indexes = [models.Index(fields=["update", "found_at"], name="check_by_update")]

    def __str__(self):
        return f"{PlanUpdate.title_of(self.plan)} 督察核查"

    @property
    def is_open(self):
        return self.found_at is None

    @property
    def origin(self):
        return "抽样" if self.draw_id else "指定"

    @classmethod
    def candidates(cls):
        """Plans that say 已完成 and are not being checked."""
        done = MonthlyPlan.objects.standing().filter(status=PlanStatus.DONE)
        return done.exclude(pk__in=cls.objects.open().values("plan"))

    @classmethod
    def open_all(cls, plans, user, draw=None):
        """Checks of these plans (keys), each of its last confirmed update."""
        updates = PlanUpdate.objects.filter(plan__in=plans, status=PlanStatus.DONE).settled().order_by("pk")
        last = dict(updates.values_list("plan", "pk"))
        return cls.objects.bulk_create(
            cls(plan_id=plan, update_id=last[plan], draw=draw, opened_by=user) for plan in plans if plan in last
        )


class SpotCheckFile(StoredFile):
    """What the office brought back from a check."""

    check_of = models.ForeignKey(SpotCheck, models.PROTECT, verbose_name="督察核查", related_name="files")

    class Meta:
        verbose_name = verbose_name_plural = "督察核查附件"
        ordering = ["pk"]
