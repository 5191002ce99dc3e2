"""月度计划填报表: a row for each plan that is not yet done."""

from reform.forms import PlanUpdateForm
from reform.ledgers.plans import PlanLedger
from reform.models import MonthlyPlan, PlanStatus, PlanUpdate
from workflow.texts import parse_pk

from .base import Changing, FillableSheet, Matter, obstacle_of

FIELDS = PlanUpdateForm.base_fields


class PlanSheet(FillableSheet):
    kind = "plan_sheet"
    title = "月度计划填报表"
    noun = "月度计划"
    ledger = PlanLedger()
    record = PlanUpdate
    changing = (
        Changing("status", "推进状态", 10, "从列表中选择", FIELDS["status"], tuple(PlanStatus.choices)),
        Changing("work_done", "已开展工作", 40, "条目式列举具体的工作", FIELDS["work_done"]),
        Changing("difficulties", "存在问题", 32, "没有的可以不填", FIELDS["difficulties"]),
        Changing("next_steps", "下一步工作计划", 32, "推进状态为“已完成”的可以不填", FIELDS["next_steps"]),
    )

    def rows(self, extract, user):
        own = extract.rows.filter(measure__battle_map__dossier__department__in=user.assigned_department_ids)
        return own.exclude(status=PlanStatus.DONE)

    def key(self, extract, row):
        return str(row.pk)

    def matters(self, user, keys):
        plans = list(
            MonthlyPlan.objects.filter(
                pk__in={parse_pk(key) for key in keys},
                measure__battle_map__dossier__department__in=user.assigned_department_ids,
            ).select_related("measure__battle_map__dossier__project")
        )
        updates = PlanUpdate.drafts(plans, user)
        return {str(plan.pk): self._matter(plan, updates[plan.pk]) for plan in plans}

    def _matter(self, plan, update):
        dossier = plan.measure.battle_map.dossier
        return Matter(
            key=str(plan.pk),
            place=str(plan.pk),
            dossier_id=dossier.pk,
            number=dossier.project.number,
            name=f"{dossier.project.name} {PlanUpdate.title_of(plan)}",
            values={
                column.name: column.normal(
                    update.get_status_display() if column.choices else getattr(update, column.name)
                )
                for column in self.changing
            },
            obstacle=obstacle_of(dossier, update, PlanUpdate.obstacle(plan)),
            record=update,
        )
