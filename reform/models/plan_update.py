"""月度计划推进更新: where one monthly plan stands."""

from django.db import models

from workflow.actions import Refused, lock_dossier
from workflow.models import Problem, Record
from workflow.states import State

from .battle_map import MonthlyPlan, PlanStatus

EVIDENCE = "请上传佐证材料；材料涉密的，报送市委党政内网邮箱后在此登记。"


class PlanUpdate(Record):
    plan = models.ForeignKey(MonthlyPlan, models.PROTECT, verbose_name="月度推进计划", related_name="updates")
    status = models.CharField("推进状态", max_length=20, choices=PlanStatus.choices, blank=True)
    work_done = models.TextField("已开展工作", blank=True)
    difficulties = models.TextField("存在问题", blank=True)
    next_steps = models.TextField("下一步工作计划", blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "月度计划推进更新"

    @classmethod
    def start(cls, plan, user):
        """The plan's unfinished update, or a new one that starts from the last.

        Call it inside a transaction; raises Refused.
        """
        battle_map = plan.measure.battle_map
        lock_dossier(battle_map.dossier_id)
        plan.refresh_from_db()
        battle_map.refresh_from_db()
        if not battle_map.is_open:
            raise Refused("项目作战图下发后，才能更新月度计划。")
        if plan.cancelled_at:
            raise Refused("这项计划已由措施迭代取消，不再更新。")
        siblings = cls.objects.filter(plan=plan)
        if unfinished := siblings.unfinished().first():
            return unfinished
        if plan.status == PlanStatus.DONE:
            raise Refused("这项计划已完成，不再更新。")
        update = cls(dossier_id=battle_map.dossier_id, plan=plan, creator=user)
        update.title = f"{battle_map.year}年{plan.month}月 {plan.type_label}"
        if last := siblings.settled().order_by("-pk").first():
            for field in ("status", "work_done", "difficulties", "next_steps"):
                setattr(update, field, getattr(last, field))
        update.save()
        return update

    def history(self):
        """月度计划历史状态更新: the plan's other updates that were submitted, newest first."""
        return (
            PlanUpdate.objects.filter(plan=self.plan_id, submitted_at__isnull=False)
            .exclude(pk=self.pk)
            .order_by("-submitted_at")
        )

    def problems(self):
        found = []
        if not self.status:
            found.append(Problem("status", "请选择推进状态。"))
        if not self.work_done.strip():
            found.append(Problem("work_done", "请填写已开展工作。"))
        if self.status != PlanStatus.DONE and not self.next_steps.strip():
            found.append(Problem("next_steps", "请填写下一步工作计划；推进状态为“已完成”的可以不填。"))
        if self.status == PlanStatus.DONE and not self.has_evidence:
            found.append(Problem("files", f"推进状态为“已完成”，{EVIDENCE}"))
        return found

    def snapshot(self):
        return {
            "status": self.get_status_display(),
            "work_done": self.work_done,
            "difficulties": self.difficulties,
            "next_steps": self.next_steps,
        }

    def baseline(self):
        before = PlanUpdate.objects.filter(plan=self.plan_id, pk__lt=self.pk, state=State.CONFIRMED).last()
        return before and before.full_snapshot()

    def on_confirmed(self):
        plan = MonthlyPlan.objects.get(pk=self.plan_id)
        if plan.cancelled_at:
            raise Refused("这项计划已由措施迭代取消，不能确认它的更新。")
        plan.status = self.status
        plan.save()
