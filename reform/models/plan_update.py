"""月度计划推进更新: where one monthly plan stands."""

from django.db import models

from accounts.compiled_queries import compiled_first, compiled_rows
from accounts.revisions import keep
from workflow.actions import create_record, remark
from workflow.editing.fields import TEXT_LIMIT
from workflow.models import Contribution, Problem, Record
from workflow.refusals import ActionRefused
from workflow.states import UNFINISHED, State

from .difficulty import Difficulty
from .keys import parse_key, pick
from .measure import MonthlyPlan, PlanStatus

CONTENT = ("status", "work_done", "difficulties", "next_steps")
EVIDENCE = "请上传佐证材料；材料涉密的，报送市委党政内网邮箱后在此登记。"


def _confirmed_before(plan, pk):
    return PlanUpdate.objects.filter(plan=plan, pk__lt=pk, state=State.CONFIRMED).order_by("-pk")[:1]


def _plan(plan):
    return MonthlyPlan.objects.filter(pk=plan).select_related("measure__battle_map")


class PlanUpdate(Record):
    items_of_kind = {
        "status": "推进状态",
        "work_done": "已开展工作",
        "difficulties": "存在问题",
        "next_steps": "下一步工作计划",
    }

    create_label = "月度计划本次状态更新"  # leads to the plan's page, where 状态更新 begins the update (manual 4.3)

    takes_contributions = True

    plan = models.ForeignKey(MonthlyPlan, models.PROTECT, verbose_name="月度推进计划", related_name="updates")
    status = models.CharField("推进状态", max_length=20, choices=PlanStatus.choices, blank=True)
    work_done = models.TextField("已开展工作", blank=True)
    difficulties = models.TextField("存在问题", blank=True)
    next_steps = models.TextField("下一步工作计划", blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "月度计划推进更新"

    def read_once(self):
        super().read_once()
        [self.plan] = compiled_rows("plan", (), _plan, plan=self.plan_id)

    @classmethod
    def create(cls, plan, user):
        """The `draft`, saved. Call it inside a transaction."""
        return create_record(cls.draft, plan, user)

    @classmethod
    def draft(cls, plan, user):
        """The plan's unfinished update, or an unsaved one that starts from the last; raises ActionRefused."""
        plan = MonthlyPlan.objects.select_related("measure__battle_map__dossier__department").get(pk=plan.pk)
        if obstacle := cls.obstacle(plan):
            raise ActionRefused(obstacle)
        return cls.drafts([plan], user)[plan.pk]

    @classmethod
    def drafts(cls, plans, user):
        """{plan: its unfinished update, or an unsaved one that starts from the last}; `plans` come with their maps."""
        known = {}
        for update in cls.objects.filter(plan__in=plans).standing().order_by("pk"):
            if update.plan_id not in known or known[update.plan_id].state not in UNFINISHED:
                known[update.plan_id] = update
        return {plan.pk: cls._next(plan, known.get(plan.pk), user) for plan in plans}

    @classmethod
    def _next(cls, plan, last, user):
        if last and last.state in UNFINISHED:
            return last
        update = cls(dossier=plan.measure.battle_map.dossier, plan=plan, creator=user, title=cls.title_of(plan))
        for field in CONTENT if last else ():
            setattr(update, field, getattr(last, field))
        if last:
            update.status = plan.status  # the last one's, unless 督察核查 found that untrue
        return update

    @staticmethod
    def title_of(plan):
        return f"{plan.measure.battle_map.year}年{plan.month}月 {plan.type_label}"

    @staticmethod
    def obstacle(plan):
        """Why the plan cannot be updated now, or ""."""
        if not plan.measure.battle_map.is_open:
            return "项目作战图下发后，才能更新月度计划。"
        if plan.cancelled_at:
            return "这项计划已由措施迭代取消，不再更新。"
        if plan.status == PlanStatus.DONE:
            return "这项计划已完成，不再更新。"
        return ""

    @classmethod
    def draft_from_key(cls, key, user):
        """The update of the plan that a work item's key names; raises ActionRefused."""
        [plan] = parse_key(key, 1)
        own = MonthlyPlan.objects.filter(measure__battle_map__dossier__department__in=user.assigned_department_ids)
        return cls.draft(pick(own, plan, "这项月度计划"), user)

    def history(self):
        """月度计划历史状态更新: the plan's updates before this one, newest first."""
        settled = PlanUpdate.objects.settled().filter(plan=self.plan_id).select_related("dossier").order_by("-pk")
        return settled.filter(pk__lt=self.pk) if self.pk else settled

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
        if self.pk and (
            given := self.contributions.filter(status=Contribution.Status.GIVEN).select_related("department")
        ):
            names = "、".join(str(contribution.department) for contribution in given)
            found.append(Problem("contributions", f"{names}已提供配合材料，请先决定是否采用。"))
        if self.plan.cancelled_at:  # while under review it cannot be (see PlanChange.obstacle)
            found.append(Problem("status", "这项计划已由措施迭代取消，不再更新。"))
        return found

    def snapshot(self):
        return {
            "status": self.get_status_display(),
            "work_done": self.work_done,
            "difficulties": self.difficulties,
            "next_steps": self.next_steps,
            "contributions": self.contributed() if self.pk else [],
        }

    def contributors(self):
        """Those who lead the plan's measure, or assist in it."""
        measure = self.plan.measure
        return [measure.lead, *measure.partners.all()]

    def take_over(self, department, text):
        work_done = "\n".join(filter(None, [self.work_done.rstrip(), f"【{department}提供】{text}"]))
        if len(work_done) > TEXT_LIMIT:
            raise ActionRefused(f"采用后“已开展工作”超过 {TEXT_LIMIT} 字，请先精简，再采用。")
        self.work_done = work_done

    def baseline(self):
        before = compiled_first("confirmed before", (), _confirmed_before, plan=self.plan_id, pk=self.pk)
        return before and before.as_earlier()

    def on_confirmed(self):
        plan = MonthlyPlan.objects.get(pk=self.plan_id)
        plan.status = self.status
        plan.save()
        keep(MonthlyPlan.objects.filter(pk=plan.pk))
        Difficulty.note(self)

    def reopen_plan(self, user, why, address):
        """The plan that this says is 已完成 is not, as the office found: it is owed again from now on, and what was
        reported and confirmed stays as it was. Call it with the dossier locked.
        """
        remark(self, "reopen", user, detail=why, address=address)
        plan = MonthlyPlan.objects.get(pk=self.plan_id)
        plan.status = PlanStatus.IN_PROGRESS
        plan.save()
        keep(MonthlyPlan.objects.filter(pk=plan.pk))
        from .due_schedule import write_plans  # it reads every kind

        write_plans(MonthlyPlan.objects.filter(pk=plan.pk))

    def on_step(self):
        from .due_schedule import write_plans  # it reads every kind

        self.late = self.pk in write_plans(MonthlyPlan.objects.filter(pk=self.plan_id))
