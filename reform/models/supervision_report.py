"""办理反馈: what a department has done about a 督办事项."""

from django.db import models
from django.db.models import Q

from workflow.actions import create_record
from workflow.models import Problem, Record
from workflow.refusals import ActionRefused

from .difficulty import Difficulty
from .keys import parse_key, pick
from .plan_update import EVIDENCE
from .supervision_matter import Outcome, Progress, Step, SupervisionMatter


class SupervisionReport(Record):
    items_of_kind = {
        "outcome": "办理结果",
        "work_done": "办理情况",
        "difficulties": "存在问题",
        "next_steps": "下一步打算",
    }

    create_label = "填写办理反馈"

    outcome = models.CharField("办理结果", max_length=20, choices=Outcome.choices, blank=True)
    work_done = models.TextField("办理情况", blank=True)
    difficulties = models.TextField("存在问题", blank=True)
    next_steps = models.TextField("下一步打算", blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "办理反馈"
        constraints = [
            models.CheckConstraint(condition=Q(outcome__in=["", *Outcome.values]), name="report_outcome_known"),
        ]

    @property
    def matter(self):
        return self.dossier.supervisionmatter

    @classmethod
    def create(cls, matter, user):
        """The `draft`, saved. Call it inside a transaction."""
        return create_record(cls.draft, matter, user)

    @classmethod
    def draft(cls, matter, user):
        """The matter's unfinished report, or an unsaved one; raises ActionRefused."""
        unfinished = cls.objects.filter(dossier=matter).unfinished().first()
        if unfinished is None and matter.closed_at:
            raise ActionRefused("这个督办事项已办结，不再反馈。")
        return unfinished or cls(dossier=matter, title="办理反馈", creator=user)

    @classmethod
    def draft_from_key(cls, key, user):
        """The report on the matter that a work item's key names; raises ActionRefused."""
        [matter] = parse_key(key, 1)
        own = SupervisionMatter.objects.filter(department__in=user.assigned_department_ids)
        return cls.draft(pick(own, matter, "这个督办事项"), user)

    def problems(self):
        found = []
        if not self.outcome:
            found.append(Problem("outcome", "请选择办理结果。"))
        if not self.work_done.strip():
            found.append(Problem("work_done", "请填写办理情况。"))
        if self.outcome == Outcome.UNDER_WAY and not self.next_steps.strip():
            found.append(Problem("next_steps", "正在办理的，请填写下一步打算。"))
        if self.outcome == Outcome.DONE and not self.has_evidence:
            found.append(Problem("files", EVIDENCE))
        return found

    def snapshot(self):
        return {
            "outcome": self.get_outcome_display(),
            "work_done": self.work_done,
            "difficulties": self.difficulties,
            "next_steps": self.next_steps,
        }

    def on_confirmed(self):
        """The office has it before it, to close the matter or to send it back; 正在办理 goes on."""
        matter = SupervisionMatter.objects.get(pk=self.dossier_id)
        if matter.closed_at:
            raise ActionRefused("这个督办事项已办结，不再反馈。")
        if self.outcome == Outcome.DONE and matter.progress == Progress.OPEN:
            confirmed = self.events.filter(action="confirm").first()
            matter.move(Step.REPORTED, confirmed.actor)
        Difficulty.note(self)
