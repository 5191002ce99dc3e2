"""销号申请: ends a project."""

from django.db import models
from django.db.models import Q

from accounts import clock
from workflow.actions import create_record
from workflow.models import Problem, Record
from workflow.refusals import ActionRefused
from workflow.states import UNDER_REVIEW, State

from .battle_map import BattleMap
from .keys import parse_key, pick
from .measure import MonthlyPlan, PlanStatus
from .plan_update import EVIDENCE
from .project import Project, Stage


class ClosureWay(models.TextChoices):
    DONE = "done", "完成销号"
    ROUTINE = "routine", "转为常态"
    ENDED = "ended", "终止"


STAGES = {ClosureWay.DONE: Stage.CLOSED, ClosureWay.ROUTINE: Stage.ROUTINE, ClosureWay.ENDED: Stage.ENDED}


class Closure(Record):
    items_of_kind = {
        "way": "销号方式（含终止理由）",
        "completion": "完成情况",
        "results": "成效",
        "arrangements": "后续安排",
    }
    opened_along = {"reasons": "way"}

    create_label = "申请销号"

    way = models.CharField("销号方式", max_length=20, choices=ClosureWay.choices, blank=True)
    completion = models.TextField("完成情况", blank=True)
    results = models.TextField("成效", blank=True)
    arrangements = models.TextField("后续安排", blank=True)
    reasons = models.TextField("终止理由", blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "销号申请"
        constraints = [
            models.CheckConstraint(condition=Q(way__in=["", *ClosureWay.values]), name="closure_way_known"),
        ]

    @property
    def project(self):
        return self.dossier.project

    @classmethod
    def create(cls, project, user):
        """The `draft`, saved. Call it inside a transaction."""
        return create_record(cls.draft, project, user)

    @classmethod
    def draft(cls, project, user):
        """The project's unfinished application, or an unsaved one; raises ActionRefused."""
        if not BattleMap.objects.filter(dossier=project, state=State.ISSUED).exists():
            raise ActionRefused("项目作战图下发后，才能申请销号。")
        unfinished = cls.objects.filter(dossier=project).unfinished().first()
        return unfinished or cls(dossier=project, title="项目销号", creator=user)

    @classmethod
    def draft_from_key(cls, key, user):
        """The application for the project that a work item's key names; raises ActionRefused."""
        [project] = parse_key(key, 1)
        own = Project.objects.filter(department__in=user.assigned_department_ids)
        return cls.draft(pick(own, project, "这个项目"), user)

    def open_plans(self):
        """The standing plans of issued maps that are not 已完成."""
        plans = MonthlyPlan.objects.standing().exclude(status=PlanStatus.DONE)
        plans = plans.filter(measure__battle_map__dossier=self.dossier_id, measure__battle_map__state=State.ISSUED)
        return plans.select_related("measure__battle_map").order_by("measure__battle_map__year", "month", "pk")

    def problems(self):
        found = [*self._obstacles()]
        if not self.way:
            found.insert(0, Problem("way", "请选择销号方式。"))
        found += [
            Problem(name, f"请填写{self._meta.get_field(name).verbose_name}。")
            for name in ("completion", "results", "arrangements")
            if not getattr(self, name).strip()
        ]
        if self.way == ClosureWay.ENDED and not self.reasons.strip():
            found.append(Problem("reasons", "销号方式为“终止”的，请填写终止理由。"))
        if not self.has_evidence:
            found.append(Problem("files", EVIDENCE))
        return found

    def _obstacles(self):
        """What has to be brought to its end before."""
        plans = list(self.open_plans())
        if plans and self.way in (ClosureWay.DONE, ClosureWay.ROUTINE):
            first = plans[0]
            yield Problem(
                "way",
                f"还有 {len(plans)} 项月度计划未完成（{first.measure.battle_map.year}年{first}"
                f"{'等' if len(plans) > 1 else ''}），全部完成后才能“{self.get_way_display()}”。",
            )
        others = Record.objects.filter(dossier=self.dossier_id).exclude(pk=self.pk)
        if number := others.filter(state__in=UNDER_REVIEW).count():
            yield Problem("way", f"这个项目还有 {number} 件填报正在审核，审核结束后才能销号。")
        if others.filter(kind=BattleMap._meta.label_lower, state=State.CONFIRMED).exists():
            yield Problem("way", "这个项目还有已确认、未下发的作战图，下发后才能销号。")

    def snapshot(self):
        return {
            "way": self.get_way_display(),
            "completion": self.completion,
            "results": self.results,
            "arrangements": self.arrangements,
            "reasons": self.reasons if self.way == ClosureWay.ENDED else "",
        }

    def on_confirmed(self):
        """The project ends, and with it all that is due."""
        if obstacle := next(self._obstacles(), None):
            raise ActionRefused(f"{obstacle.text}请退回后办理。")
        project = Project.objects.get(pk=self.dossier_id)
        project.stage, project.closed_at = STAGES[ClosureWay(self.way)], clock.now()
        project.save()
        from .due_schedule import write_map  # it reads every kind

        for battle_map in BattleMap.objects.filter(dossier=project, state=State.ISSUED):
            write_map(battle_map)
