"""督办事项: something the office sees through to its end, whether it belongs to a project or not.

A matter is a dossier of its own: 办理反馈 are filed in it, the department that leads answers for it, those that assist
read along. Its deadline is a day that a person set, and it ends with the office's 办结: it has no month and no map, so
it is no DueItem; `due_on` is its one deadline, from which every page reads.
"""

from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.text import Truncator

from accounts import clock
from accounts.absences import acted_for
from accounts.audit.entries import Action
from accounts.audit.writing import write
from accounts.models import Department, User
from reform.calendar import today
from workflow.models import Dossier, DossierQuerySet, Record
from workflow.states import UNDER_REVIEW

from .measure import MonthlyPlan
from .project import Project

NAME_LENGTH = 60


class Origin(models.TextChoices):
    RAISED = "raised", "提请协调"
    MEETING = "meeting", "会议议定"
    LEADER = "leader", "领导交办"
    INSPECTION = "inspection", "督察发现"


class Level(models.TextChoices):
    DEPARTMENT = "department", "责任单位"
    OFFICE = "office", "改革办"
    LEADER = "leader", "市领导"
    COMMISSION = "commission", "市委深改委"


class Progress(models.TextChoices):
    OPEN = "open", "办理中"
    REPORTED = "reported", "待办结"  # a report is confirmed: the office closes the matter or sends it back
    CLOSED = "closed", "已办结"


class Outcome(models.TextChoices):
    """What a report on it says."""

    UNDER_WAY = "under_way", "正在办理"
    DONE = "done", "办理完毕，申请办结"


REVIEWED, OVERDUE = "reviewed", "overdue"
# What a list says of a matter: of those 办理中 also what waits for reviewers and what is overdue.
STANDINGS = [*Progress.choices, (REVIEWED, "审核中"), (OVERDUE, "已逾期")]


class Step(models.TextChoices):
    RAISED = "raised", "列为督办事项"
    REPORTED = "reported", "办理反馈已确认"
    RETURNED = "returned", "退回继续办理"
    CLOSED = "closed", "办结"
    MOVED = "moved", "机构调整"  # other departments lead or assist


def _name(text: str) -> str:
    """The text as a heading, which stands in sentences of its own: without the mark that ends a sentence."""
    line = " ".join(text.split())
    return Truncator(line.rstrip("。；") or line).chars(NAME_LENGTH)


def applied_for():
    """Whether 办结 of the row is applied for, and that report still under review: 上报 is what counts."""
    reports = Record.objects.filter(dossier=OuterRef("pk"), state__in=UNDER_REVIEW)
    return Exists(reports.filter(supervisionreport__outcome=Outcome.DONE))


class SupervisionMatterQuerySet(DossierQuerySet):
    def awaiting(self, user):
        """What has been reported on: this office reviewer closes it or sends it back."""
        if not user.is_office_reviewer:
            return self.none()
        return self.filter(progress=Progress.REPORTED, department__in=user.assigned_department_ids)

    def raise_matter(self, user, *, text, department, due_on, partners=(), **facts):
        """A new matter; `facts` are its other fields. Call it inside a transaction."""
        matter = self.model(
            name=_name(text),
            text=text,
            department=department,
            due_on=due_on,
            creator=user,
            **facts,
        )
        matter.save()
        matter.partners.set(partner for partner in partners if partner != department)
        matter.keep_step(Step.RAISED, user)
        return matter

    def raise_from_inspection(self, user, *, text, department, due_on, plan=None, source=None, words="", partners=()):
        """督察发现 as a matter: `plan` is the one that was checked, `source` the record that was found untrue, `words`
        name the inspection. Call it inside a transaction.
        """
        project = plan.measure.battle_map.dossier_id if plan else source.dossier_id if source else None
        return self.raise_matter(
            user,
            text=text,
            department=department,
            due_on=due_on,
            partners=partners,
            origin=Origin.INSPECTION,
            level=Level.OFFICE,
            of_project_id=project,
            plan=plan,
            source_id=source.pk if source else None,
            source_words=words,
        )

    def of_problem(self, record):
        """Those that the office made of the record's 存在问题."""
        return self.filter(source=record, origin=Origin.RAISED)

    def unsettled(self):
        return self.filter(closed_at=None)

    def with_standing(self):
        """Each with what its `standing` asks for."""
        return self.annotate(is_applied_for=applied_for())

    def standing(self, standing, day):
        """Those of which that is said; 办理中 are all that are still with the department or its reviewers."""
        if standing == REVIEWED:
            return self.filter(applied_for(), progress=Progress.OPEN)
        if standing == OVERDUE:
            return self.filter(~applied_for(), progress=Progress.OPEN, due_on__lt=day)
        return self.filter(progress=standing)


class SupervisionMatter(Dossier):
    origin = models.CharField("事项来源", max_length=20, choices=Origin.choices)
    level = models.CharField("协调层级", max_length=20, choices=Level.choices, default=Level.OFFICE)
    text = models.TextField("督办内容")
    due_on = models.DateField("办理时限")
    # What it came from, as far as it is in the system, and in words: the meeting, the leader, the inspection.
    of_project = models.ForeignKey(
        Project, models.PROTECT, verbose_name="项目", related_name="matters", null=True, blank=True
    )
    plan = models.ForeignKey(
        MonthlyPlan, models.PROTECT, verbose_name="月度推进计划", related_name="matters", null=True, editable=False
    )
    source = models.ForeignKey(
        Record, models.PROTECT, verbose_name="来源记录", related_name="matters", null=True, editable=False
    )
    source_words = models.CharField("来源说明", max_length=100, blank=True)
    # Which entry of the office it is, so that a page sent twice enters it once: of a meeting, the decision itself.
    entry_key = models.CharField(max_length=40, null=True, unique=True, editable=False)
    progress = models.CharField(
        "办理进展", max_length=20, choices=Progress.choices, default=Progress.OPEN, editable=False
    )
    version = models.PositiveIntegerField(default=0, editable=False)
    creator = models.ForeignKey(User, models.PROTECT, verbose_name="登记人员", related_name="+", editable=False)
    created_at = models.DateTimeField("登记时间", default=clock.now, editable=False)

    objects = SupervisionMatterQuerySet.as_manager()  # type: ignore[misc]  # the class of its rows differs

    class Meta:
        verbose_name = verbose_name_plural = "督办事项"
        ordering = ["due_on", "pk"]
        constraints = [
            models.CheckConstraint(condition=Q(progress__in=Progress.values), name="matter_progress_known"),
            models.CheckConstraint(condition=Q(origin__in=Origin.values), name="matter_origin_known"),
        ]
        indexes = [models.Index(fields=["progress", "due_on"])]

    def get_absolute_url(self):
        return reverse("reform:matter", args=[self.pk])

    @cached_property
    def is_applied_for(self):
        """As `with_standing` says of many."""
        return SupervisionMatter.objects.filter(applied_for(), pk=self.pk).exists()

    @property
    def standing(self):
        """One of `STANDINGS`; what the department has applied to close is not overdue, however long reviewers take."""
        if self.progress != Progress.OPEN:
            return self.progress
        if self.is_applied_for:
            return REVIEWED
        return OVERDUE if self.due_on < today() else Progress.OPEN

    @property
    def tint(self):
        return {Progress.CLOSED: "green", Progress.OPEN: "blue", OVERDUE: "red"}.get(self.standing, "amber")

    @property
    def is_overdue(self):
        return self.standing == OVERDUE

    @property
    def days_over(self):
        """How many days after its deadline it is."""
        return (today() - self.due_on).days if self.is_overdue else 0

    @property
    def standing_words(self):
        """Where it stands, in words: 办理中, 逾期 3 天 …"""
        return f"逾期 {self.days_over} 天" if self.is_overdue else dict(STANDINGS)[self.standing]

    def move(self, step, user, words=""):
        """Take the step: the one that writes `progress`. Call it with the dossier locked."""
        self.progress = {Step.REPORTED: Progress.REPORTED, Step.CLOSED: Progress.CLOSED}.get(step, Progress.OPEN)
        if step == Step.CLOSED:
            self.closed_at = clock.now()
        self.version += 1
        self.save()
        self.keep_step(step, user, words)

    def hand_over(self, department, partners, user, words):
        """That department leads and these assist from now on. Call it with the dossier locked."""
        self.department = department
        self.version += 1
        self.save()
        self.partners.set(partners)
        self.keep_step(Step.MOVED, user, words)

    def keep_step(self, step, user, words=""):
        write(user, Action.STEP, self, after={"步骤": Step(step).label, "版本": self.version})
        self.steps.create(
            step=step,
            progress=self.progress,
            department=self.department,
            partner_names="、".join(str(partner) for partner in self.partners.all()),
            actor=user,
            actor_name=user.full_name,
            actor_department=user.department.name,
            principal_name=user.principal_name(self.department_id),
            words=words,
        )


class MatterStep(models.Model):
    """What happened to a matter; never changed."""

    matter = models.ForeignKey(SupervisionMatter, models.PROTECT, verbose_name="督办事项", related_name="steps")
    step = models.CharField("环节", max_length=20, choices=Step.choices)
    # What stood from then on.
    progress = models.CharField("办理进展", max_length=20, choices=Progress.choices)
    department = models.ForeignKey(Department, models.PROTECT, verbose_name="牵头单位", related_name="+")
    partner_names = models.TextField("配合单位", blank=True)
    actor = models.ForeignKey(User, models.PROTECT, verbose_name="办理人", related_name="+")
    actor_name = models.CharField("办理人姓名", max_length=50)
    actor_department = models.CharField("办理人单位", max_length=100)
    principal_name = models.CharField("委托人", max_length=50, blank=True)  # in whose place
    at = models.DateTimeField("时间", default=clock.now)
    words = models.TextField("意见", blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "督办事项办理环节"
        ordering = ["-at", "-pk"]
        indexes = [models.Index(fields=["matter", "-at"])]

    def __str__(self):
        return self.get_step_display()

    @property
    def acted_for(self):
        return acted_for(self.principal_name)
