"""应报事项: what is due, until when, whether it has been reported and when. Nothing else computes a deadline."""

from datetime import date

from django.db import models
from django.db.models import Count, F, Max, OuterRef, Q

from accounts.models import Department
from reform.calendar import Term
from workflow.models import Dossier, Record

OPEN = Q(settled_at=None, cancelled_at=None)
# How many things to report: a plan counts once, however many of its months are among the rows.
MATTERS = Count("pk", filter=Q(plan=None)) + Count("plan", distinct=True)


def is_overdue_plan(day: date) -> Q:
    """A plan's own month whose deadline was over by that day, and the plan is not completed."""
    return Q(plan__isnull=False, is_deadline=True, settled_at=None, due_on__lt=day)


def is_waiting(day: date) -> Q:
    """For a clerk, on that day."""
    return Q(waits_from__lte=day)


class DueItemQuerySet(models.QuerySet):
    def standing(self):
        """Without what ceased to be due."""
        return self.filter(cancelled_at=None)

    def owed(self):
        """What is still to be reported, whether its time has come or not."""
        return self.filter(owed=True, cancelled_at=None)

    def unsettled(self):
        """What may still come back, or is still to be completed."""
        return self.filter(OPEN)

    def follow(self, projects):
        """What is not settled is their present department's; what was answered stays with whoever answered it."""
        items = self.unsettled().filter(dossier__in=projects).exclude(department=F("dossier__department"))
        items.update(department=Dossier.objects.filter(pk=OuterRef("dossier")).values("department"))

    def overdue_plans(self, day):
        return self.standing().filter(is_overdue_plan(day))

    def last_months_over(self, day):
        """(map, its last month whose progress values were due before that day)."""
        over = self.filter(plan=None, due_on__lt=day).order_by()
        return over.values_list("battle_map").annotate(last=Max("month"))

    def waiting(self, day):
        """What waits for a clerk on that day."""
        return self.filter(is_waiting(day))


class DueItem(models.Model):
    """A matter and a month: the progress values of a map's month, or a plan in its month and each month after it.

    Written by `due_schedule` alone, from what has happened to the records (`manage.py check_due` compares both).
    """

    kind = models.CharField("类型", max_length=50)  # that of the records that answer it
    department = models.ForeignKey(Department, models.PROTECT, verbose_name="责任单位", related_name="due_items")
    dossier = models.ForeignKey(Dossier, models.CASCADE, verbose_name="项目", related_name="due_items")
    battle_map = models.ForeignKey(
        "reform.BattleMap", models.CASCADE, verbose_name="项目作战图", related_name="due_items"
    )
    plan = models.ForeignKey(
        "reform.MonthlyPlan", models.CASCADE, verbose_name="月度推进计划", related_name="due_items", null=True
    )
    year = models.PositiveSmallIntegerField("年度")
    month = models.PositiveSmallIntegerField("月份")
    # The matter's own month; False: a plan that is due again because it was not completed in its month.
    is_deadline = models.BooleanField("本期", default=True)
    opens_on = models.DateField("应报起始日期")
    due_on = models.DateField("截止日期")
    original_due_on = models.DateField("原截止日期", null=True)
    # The latest submission; of a plan's own month the latest of the plan.
    record = models.ForeignKey(
        Record, models.PROTECT, verbose_name="填报记录", related_name="answers_to", null=True, editable=False
    )
    owed = models.BooleanField("应报未报", default=True)  # nothing for it stands submitted
    came_back = models.BooleanField("退回待修改", default=False)  # the record was rejected or returned
    first_reported_at = models.DateTimeField("首次上报时间", null=True)
    late = models.BooleanField("迟报", default=False)  # as of the first submission
    # Since when it waits for a clerk: due and not reported, sent back, or a plan overdue and not under review.
    waits_from = models.DateField("待办起始日期", null=True)
    # When values were confirmed; of a plan's own month, when 已完成 was.
    settled_at = models.DateTimeField("办结时间", null=True)
    cancelled_at = models.DateTimeField("取消时间", null=True)

    objects = DueItemQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "应报事项"
        constraints = [
            models.UniqueConstraint(
                fields=["battle_map", "month"], condition=Q(plan=None), name="one_due_item_per_map_and_month"
            ),
            models.UniqueConstraint(
                fields=["plan", "year", "month"], condition=~Q(plan=None), name="one_due_item_per_plan_and_month"
            ),
            models.CheckConstraint(condition=Q(month__gte=1, month__lte=12), name="due_item_month_1_to_12"),
            models.CheckConstraint(condition=Q(owed=False) | Q(settled_at=None), name="settled_due_item_is_not_owed"),
        ]
        indexes = [
            models.Index(
                fields=["dossier", "waits_from"], condition=Q(waits_from__isnull=False), name="due_item_waits"
            ),
            models.Index(
                fields=["due_on", "dossier", "plan", "department"],
                condition=Q(plan__isnull=False, is_deadline=True, settled_at=None, cancelled_at=None),
                name="due_item_plans_open",
            ),
            # The following hold all that is counted by them: their rows need not be read.
            models.Index(
                fields=["due_on", "department", "kind"],
                condition=Q(owed=True, cancelled_at=None),
                name="due_item_owed",
            ),
            models.Index(
                fields=["year", "month", "due_on", "department", "owed", "late", "first_reported_at"],
                condition=Q(cancelled_at=None),
                name="due_item_months",
            ),
            models.Index(
                fields=["due_on", "department", "kind", "settled_at", "first_reported_at"],
                condition=Q(cancelled_at=None),
                name="due_item_days",
            ),
            models.Index(
                fields=["dossier", "year", "month", "plan", "id"],
                condition=Q(plan__isnull=False, is_deadline=True, settled_at=None, cancelled_at=None),
                name="due_item_plans_listed",
            ),
            models.Index(
                fields=["dossier", "year", "month", "waits_from", "id"],
                condition=Q(plan=None),
                name="due_item_months_listed",
            ),
            models.Index(fields=["due_on"], condition=OPEN, name="due_item_open_by_day"),
            models.Index(fields=["year", "month"], condition=OPEN, name="due_item_open_by_month"),
        ]

    def __str__(self):
        return f"{self.year}年{self.month}月 {self.kind}"

    def waits_on(self, day: date) -> bool:
        """The same as `is_waiting`, of this one."""
        return self.waits_from is not None and self.waits_from <= day

    @property
    def term(self):
        return Term(self.opens_on, self.due_on)
