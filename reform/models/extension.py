"""延期申请: moves the deadline of one monthly plan to a later month of its year."""

from django.db import models
from django.db.models import F, Q

from accounts.compiled_prefetch import prefetch_compiled
from accounts.revisions import keep
from reform.calendar import MONTHS, Calendar, today
from workflow.actions import create_record
from workflow.changes import Earlier
from workflow.formats import day_words
from workflow.models import Problem, Record
from workflow.refusals import CLOSED, ActionRefused
from workflow.states import UNDER_REVIEW, UNFINISHED

from .iteration import PlanChange
from .keys import parse_key, pick
from .measure import MonthlyPlan, PlanStatus
from .plan_update import PlanUpdate


class Extension(Record):
    items_of_kind = {"month": "延期至", "reason": "延期理由", "work_done": "已开展工作"}

    create_label = "申请延期"

    plan = models.ForeignKey(MonthlyPlan, models.PROTECT, verbose_name="月度推进计划", related_name="extensions")
    month = models.PositiveSmallIntegerField("延期至", null=True, blank=True)
    reason = models.TextField("延期理由", blank=True)
    work_done = models.TextField("已开展工作", blank=True)
    # Written when applied: the month that the plan had before.
    month_before = models.PositiveSmallIntegerField("原定月份", null=True, editable=False)

    class Meta:
        verbose_name = verbose_name_plural = "延期申请"
        constraints = [models.CheckConstraint(condition=Q(month__gte=1, month__lte=12), name="extension_month_1_to_12")]

    @classmethod
    def create(cls, plan, user):
        """The `draft`, saved. Call it inside a transaction."""
        return create_record(cls.draft, plan, user)

    @classmethod
    def draft(cls, plan, user):
        """The plan's unfinished application, or an unsaved one; raises ActionRefused."""
        plan = MonthlyPlan.objects.select_related("measure__battle_map__dossier__department").get(pk=plan.pk)
        if unfinished := cls.objects.filter(plan=plan).unfinished().first():
            return unfinished
        if obstacle := cls.obstacle(plan):
            raise ActionRefused(obstacle)
        title = f"{PlanUpdate.title_of(plan)} 延期"
        return cls(dossier=plan.measure.battle_map.dossier, plan=plan, title=title, creator=user)

    def read_once(self):
        super().read_once()
        prefetch_compiled([self], "plan__measure__battle_map")

    @classmethod
    def draft_from_key(cls, key, user):
        """The application for the plan that a work item's key names; raises ActionRefused."""
        [plan] = parse_key(key, 1)
        own = MonthlyPlan.objects.filter(measure__battle_map__dossier__department__in=user.assigned_department_ids)
        return cls.draft(pick(own, plan, "这项月度计划"), user)

    @classmethod
    def obstacle(cls, plan):
        """Why no application can be begun for the plan now, or ""."""
        battle_map = plan.measure.battle_map
        if battle_map.dossier.closed_at:
            return CLOSED
        if not battle_map.is_open:
            return "项目作战图下发后，才能申请延期。"
        if ended := cls._ended(plan):
            return ended
        if plan.month == MONTHS[-1]:
            return "计划月度已是 12 月，年内不能再延期。"
        due_on = cls.deadline(plan).due_on
        return _too_late(due_on) if due_on < today() else ""

    @staticmethod
    def _ended(plan):
        if plan.cancelled_at:
            return "这项计划已由措施迭代取消，不能延期。"
        return "这项计划已完成，不能延期。" if plan.status == PlanStatus.DONE else ""

    @staticmethod
    def deadline(plan):
        """The DueItem of the plan's own month, of a plan that stands."""
        return plan.due_items.standing().get(is_deadline=True)

    def problems(self):
        if ended := self._ended(self.plan):
            return [Problem("month", ended)]
        found = [*self._month_problems()]
        if not self.reason.strip():
            found.append(Problem("reason", "请填写延期理由。"))
        if not self.work_done.strip():
            found.append(Problem("work_done", "请填写已开展工作，没有开展的写明原因。"))
        return found

    def _month_problems(self):
        due_on = self.deadline(self.plan).due_on
        asked = self.events.filter(action="submit").order_by("at").first()
        if not asked and due_on < today():
            yield Problem("month", _too_late(due_on))
        elif self.month is None:
            yield Problem("month", "请选择延期至哪个月。")
        elif self.month <= self.plan.month:
            yield Problem("month", f"延期后的月份应晚于现计划月度 {self.plan.month} 月。")
        elif self._term().closes <= due_on:
            yield Problem("month", f"延期至 {self.month} 月，截止日期仍是{day_words(due_on)}，请选择更晚的月份。")
        if any(change.touches for change in self._changes(iteration__state__in=UNDER_REVIEW)):
            yield Problem("month", "这项计划有措施迭代申请正在审核，审核结束后才能申请延期。")

    def _term(self):
        """Of the month that is asked for."""
        battle_map = self.plan.measure.battle_map
        return Calendar().term(battle_map.year, self.month, battle_map.issued_at)

    def _changes(self, **conditions):
        return PlanChange.objects.filter(plan=self.plan_id, **conditions).select_related("plan")

    def snapshot(self):
        return {"month": f"{self.month}月" if self.month else "", "reason": self.reason, "work_done": self.work_done}

    def baseline(self):
        """Of what it says, the month is compared with the map's: as it was before, once applied."""
        return Earlier(self.snapshot() | {"month": f"{self.month_before or self.plan.month}月"}, "项目作战图")

    def on_confirmed(self):
        """Move the plan; its original month stays here, and in what is due."""
        plan = MonthlyPlan.objects.get(pk=self.plan_id)
        if obstacle := self._ended(plan) or next((problem.text for problem in self._month_problems()), ""):
            raise ActionRefused(f"{obstacle}请退回后修改。")
        self.month_before = plan.month
        plan.month = self.month
        plan.save()
        self.save()
        PlanUpdate.objects.unfinished().filter(plan=plan).update(title=PlanUpdate.title_of(plan))
        self._follow()
        keep(MonthlyPlan.objects.filter(pk=plan.pk))
        from .due_schedule import write_plans  # it reads every kind

        write_plans(MonthlyPlan.objects.filter(pk=plan.pk))

    def _follow(self):
        """Unfinished iterations that leave the month of the plan alone go on to leave it alone."""
        changes = self._changes(month=self.month_before, iteration__state__in=UNFINISHED)
        iterations = list(changes.values_list("iteration", flat=True))
        changes.update(month=self.month)
        # Whoever has one before them sees it anew.
        Record.objects.filter(pk__in=iterations).update(version=F("version") + 1)


def _too_late(due_on):
    return f"应在截止日期（{day_words(due_on)}）前申请延期，现已过期。"
