"""措施迭代申请: the one way to change the measures and plans of an issued map."""

from django.db import models
from django.db.models import Max
from django.utils.text import Truncator

from accounts import clock
from accounts.revisions import end, keep
from workflow.actions import create_record
from workflow.changes import Earlier
from workflow.models import Problem, Record
from workflow.refusals import ActionRefused
from workflow.states import UNDER_REVIEW

from .battle_map import BattleMap
from .keys import parse_key, pick
from .measure import (
    Measure,
    MonthlyPlan,
    PlanContent,
    PlanStatus,
    content_problems,
    keep_partners,
    lead_key,
    names_of,
    partners_key,
    unit_problems,
)
from .plan_update import PlanUpdate


class MeasureIteration(Record):
    """Adds a measure (`measure` is None until confirmed) or edits one, with its monthly plans."""

    takes_files = False
    items_of_kind = {
        "content": "举措内容和单位",
        "basis": "迭代依据",
        "plans": "全部月度计划（可增加、删除）",
        "plans.*": "{month}“{type}”计划",
    }
    opened_along = {"lead": "content", "partners": "content"}

    create_label = "申请迭代"  # leads to the map's page of 新增举措 and 更新迭代 (manual 4.6)

    battle_map = models.ForeignKey(BattleMap, models.PROTECT, verbose_name="项目作战图", related_name="iterations")
    measure = models.ForeignKey(
        Measure, models.PROTECT, verbose_name="原举措", related_name="iterations", null=True, blank=True
    )
    is_new = models.BooleanField("新增举措", editable=False)
    content = models.TextField("举措内容", blank=True)
    lead = lead_key()
    partners = partners_key()
    basis = models.TextField("迭代依据", blank=True)
    before = models.JSONField("迭代前内容", null=True, editable=False)

    class Meta:
        verbose_name = verbose_name_plural = "措施迭代申请"

    @classmethod
    def create(cls, battle_map, measure, user):
        """The `draft`, saved. Call it inside a transaction."""
        return create_record(cls.draft, battle_map, measure, user)

    @classmethod
    def draft(cls, battle_map, measure, user):
        """新增举措 (measure None), or 编辑举措: the unfinished application, or an unsaved one as the map stands.

        Raises ActionRefused.
        """
        battle_map = BattleMap.objects.get(pk=battle_map.pk)
        measure = measure and Measure.objects.get(pk=measure.pk)
        if not battle_map.is_open:
            raise ActionRefused("项目作战图下发后，才能申请措施迭代。")
        if measure and (unfinished := cls.objects.filter(measure=measure, is_new=False).unfinished().first()):
            return unfinished
        return cls(
            dossier=battle_map.dossier,
            battle_map=battle_map,
            measure=measure,
            is_new=measure is None,
            content=measure.content if measure else "",
            lead=measure.lead if measure else None,
            title=f"{battle_map.year}年度 "
            + (f"编辑举措：{Truncator(measure.content).chars(40)}" if measure else "新增举措"),
            creator=user,
        )

    def save_first_rows(self):
        PlanChange.objects.bulk_create(self._first_changes())
        self.partners.set(self._first_partners())

    def _first_partners(self):
        return list(self.measure.partners.all()) if self.measure else []

    def chosen_partners(self):
        """The 配合单位 of the application, which starts with those of the measure."""
        return list(self.partners.all()) if self.pk else self._first_partners()

    def _first_changes(self):
        """One for each plan of an edited measure, as the map has it."""
        changes = []
        for plan in self.measure.plans.standing().prefetch_related("updates", "extensions") if self.measure else ():
            change = PlanChange(iteration=self, plan=plan)
            change.copy_content(plan)
            changes.append(change)
        return changes

    def lines(self):
        """The changes in their order, each with what its obstacle depends on."""
        if self.pk is None:
            return self._first_changes()
        return list(self.changes.select_related("plan").prefetch_related("plan__updates", "plan__extensions"))

    @classmethod
    def draft_from_key(cls, key, user):
        """新增举措 ("map") or 编辑举措 ("map-measure"), as the key says; raises ActionRefused."""
        battle_map, *measure = parse_key(key, 2 if "-" in key else 1)
        own = BattleMap.objects.filter(dossier__department__in=user.assigned_department_ids)
        found = pick(own, battle_map, "这个项目的作战图")
        return cls.draft(found, pick(found.measures, measure[0], "这条举措") if measure else None, user)

    def problems(self):
        changes = self.lines()
        found = [
            *content_problems(self.content, "content", "具体举措"),
            *unit_problems(self.dossier.project.departments(), self, "", "具体举措"),
        ]
        if not self.basis.strip():
            found.append(Problem("basis", "请填写迭代依据。"))
        kept = [change for change in changes if not change.cancelled]
        if not kept:
            found.append(Problem("plans", f"请至少{'录入' if self.is_new else '保留'}一项月度推进计划。"))
        for number, change in enumerate(changes):
            if not change.cancelled:
                found.extend(change.content_problems(f"plans-{number}", f"计划{number + 1}"))
            if change.touches and (obstacle := change.obstacle()):
                found.append(Problem(f"plans-{number}-month", f"计划{number + 1}：{obstacle}"))
        proposed = (self.content.strip(), self.lead_id, set(self.partners.all()))
        stands = None if self.is_new else (self.measure.content, self.measure.lead_id, set(self._first_partners()))
        if proposed == stands and not any(change.touches for change in changes):
            found.append(Problem("content", "举措和月度计划都没有变化，请先修改再上报。"))
        return found

    def snapshot(self):
        return {
            "content": self.content,
            "lead": self.lead.name if self.lead else "",
            "partners": names_of(self.partners.all()),
            "basis": self.basis,
            "plans": [change.snapshot() for change in self.changes.all()],
        }

    def baseline(self):
        """An edited measure is compared with the map: as it was before, once the change is applied."""
        if self.is_new:
            return None
        return Earlier(self.before or self._measure_as_it_stands(), "项目作战图")

    def _measure_as_it_stands(self):
        plans = {change.plan_id: change.pk for change in self.changes.exclude(plan=None)}
        return {
            "content": self.measure.content,
            "lead": self.measure.lead.name if self.measure.lead else "",
            "partners": names_of(self.measure.partners.all()),
            "basis": "",
            "plans": [
                plan.snapshot() | {"id": plans.get(plan.pk), "cancelled": ""} for plan in self.measure.plans.standing()
            ],
        }

    def on_confirmed(self):
        """Apply the application to the map, keeping the old text here."""
        if self.is_new:
            last = self.battle_map.measures.aggregate(last=Max("position"))["last"] or 0
            self.measure = Measure.objects.create(
                battle_map=self.battle_map, position=last + 1, content=self.content.strip(), lead=self.lead
            )
        else:
            self.before = self._measure_as_it_stands()
            self.measure.content, self.measure.lead = self.content.strip(), self.lead
            self.measure.save()
        self.measure.partners.set(self.partners.all())
        self.save()
        for change in self.changes.select_related("plan"):
            change.apply()
        keep(Measure.objects.filter(pk=self.measure_id))
        keep_partners([self.measure_id])
        keep(self.measure.plans.standing())
        end(self.measure.plans.exclude(cancelled_at=None))
        from .due_schedule import write_plans  # it reads every kind

        write_plans(self.measure.plans.all())


class PlanChange(PlanContent):
    """A plan to add (`plan` is None), to change, or to cancel."""

    iteration = models.ForeignKey(MeasureIteration, models.CASCADE, verbose_name="措施迭代", related_name="changes")
    plan = models.ForeignKey(
        MonthlyPlan, models.PROTECT, verbose_name="原计划", related_name="changes", null=True, blank=True
    )
    cancelled = models.BooleanField("取消", default=False)
    # Written when applied, for ledgers of past days: what the plan said before; {}: it was added.
    before = models.JSONField("变更前内容", null=True, editable=False)

    class Meta:
        verbose_name = verbose_name_plural = "计划变更"
        ordering = ["pk"]

    def __str__(self):
        return self.type_label

    @property
    def touches(self):
        """Whether anything of an existing plan would change; always for a plan to add."""
        return self.plan is None or self.cancelled or not self.same_content(self.plan)

    def obstacle(self):
        """Why the plan cannot be touched now, or ""."""
        if self.plan is None:
            return ""
        if self.plan.cancelled_at:
            return "原计划已被取消。"
        if self.plan.status == PlanStatus.DONE:
            return "原计划已完成，不能修改或取消。"
        if any(update.state in UNDER_REVIEW for update in self.plan.updates.all()):
            return "原计划有更新正在审核，审核结束后才能修改或取消。"
        if any(extension.state in UNDER_REVIEW for extension in self.plan.extensions.all()):
            return "原计划有延期申请正在审核，审核结束后才能修改或取消。"
        return ""

    def apply(self):
        """Raises ActionRefused when the plan may no longer be touched."""
        if not self.touches:
            return
        if obstacle := self.obstacle():
            raise ActionRefused(f"{self.month}月“{self.type_label}”：{obstacle}请退回后修改。")
        plan = self.plan or MonthlyPlan(measure=self.iteration.measure)
        self.before = plan.content_values() if self.plan else {}
        if self.cancelled:
            plan.cancelled_at = clock.now()
        else:
            plan.copy_content(self)
        plan.save()
        # What has been settled keeps the month of which it spoke.
        PlanUpdate.objects.unfinished().filter(plan=plan).update(title=PlanUpdate.title_of(plan))
        self.plan = plan
        self.save()

    def snapshot(self):
        return super().snapshot() | {"cancelled": "取消" if self.cancelled else ""}
