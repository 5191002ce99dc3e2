"""The people of every story, and what they do with a record until it is where the story begins."""

from dataclasses import dataclass

from django.db import transaction

from accounts import clock
from accounts.models import Department, Role, User
from reform.models import BattleMap, Project
from tests import factories
from tests.factories import DepartmentFactory, ProjectFactory, UserFactory
from tests.scenes import Scene
from workflow.actions import perform
from workflow.models import Record
from workflow.states import State

# Who does what, and to what state, until a record is there. Everything starts as a draft.
WAYS = {
    State.DRAFT: [],
    State.SUBMITTED: ["clerk submit"],
    State.DEPT_APPROVED: ["clerk submit", "reviewer approve"],
    State.CONFIRMED: ["clerk submit", "reviewer approve", "office confirm"],
    State.ISSUED: ["clerk submit", "reviewer approve", "office confirm", "office issue"],
    State.REJECTED: ["clerk submit", "reviewer reject"],
    State.RETURNED: ["clerk submit", "reviewer approve", "office send_back"],
    State.VOIDED: ["clerk submit", "reviewer reject", "clerk void"],
}


@dataclass
class Cast:
    """市发展改革委 answers for the project, 市科技局 is its partner, 市教委 has nothing to do with it."""

    planning: Department
    science: Department
    education: Department

    clerk: User
    clerk2: User
    reviewer: User
    reviewer2: User
    office: User
    office2: User
    office_elsewhere: User  # assigned to 市教委 alone
    partner: User
    partner_reviewer: User
    stranger: User
    strange_reviewer: User
    admin: User
    auditor: User
    display: User

    project: Project

    @classmethod
    def assemble(cls):
        planning = DepartmentFactory(name="市发展改革委")
        science = DepartmentFactory(name="市科技局")
        education = DepartmentFactory(name="市教委")
        office = DepartmentFactory(name="市委改革办", is_office=True)

        def person(name, department, role):
            return UserFactory(full_name=name, department=department, role=role)

        cast = cls(
            planning=planning,
            science=science,
            education=education,
            clerk=person("录入甲", planning, Role.ENTRY),
            clerk2=person("录入乙", planning, Role.ENTRY),
            reviewer=person("审核甲", planning, Role.DEPT_REVIEWER),
            reviewer2=person("审核乙", planning, Role.DEPT_REVIEWER),
            office=person("改革办甲", office, Role.OFFICE_REVIEWER),
            office2=person("改革办乙", office, Role.OFFICE_REVIEWER),
            office_elsewhere=person("改革办丙", office, Role.OFFICE_REVIEWER),
            partner=person("配合录入", science, Role.ENTRY),
            partner_reviewer=person("配合审核", science, Role.DEPT_REVIEWER),
            stranger=person("外单位录入", education, Role.ENTRY),
            strange_reviewer=person("外单位审核", education, Role.DEPT_REVIEWER),
            admin=person("系统管理员", office, Role.SYSTEM_ADMIN),
            auditor=person("审计员", office, Role.AUDITOR),
            display=person("大屏", office, Role.DISPLAY),
            project=ProjectFactory(name="数字经济改革", department=planning, partners=[science]),
        )
        cast.office_elsewhere.assign(education)
        return cast

    @property
    def people(self):
        """Everybody by name."""
        return {name: person for name, person in vars(self).items() if isinstance(person, User)}

    @transaction.atomic
    def issued_map(self):
        """The project's map, there when first asked for: on the day of the scene it was issued that morning."""
        issued = BattleMap.objects.filter(dossier=self.project, state=State.ISSUED)
        if not issued.exists():
            if (clock.today(), self.project.pk) != SCENES["map"].result:
                return self.bring(factories.battle_map(self.project, self.clerk), State.ISSUED)
            SCENES["map"].restore()
        return issued.first()

    @transaction.atomic
    def make(self, kind):  # noqa: C901  one case per kind
        """A draft of that kind (a model) with nothing in the way of 上报."""
        match kind.__name__:
            case "BattleMap":
                return factories.battle_map(self.project, self.clerk)
            case "TargetUpdate":
                return factories.target_update(self.issued_map(), self.clerk)
            case "PlanUpdate":
                return factories.plan_update(factories.open_plan(self.issued_map()), self.clerk)
            case "PromotionUpdate":
                self.issued_map()
                return factories.promotion(self.project, self.clerk)
            case "BrandUpdate":
                self.issued_map()
                return factories.brand(self.project, self.clerk)
            case "MeasureIteration":
                return factories.iteration(self.issued_map().measures.first(), self.clerk)
            case "Closure":
                self.issued_map()
                return factories.closure(self.project, self.clerk)
            case "SupervisionReport":
                return factories.supervision_report(factories.matter(self), self.clerk)
            case "TargetAdjustment":
                return factories.adjustment(self.issued_map().indicators.first(), self.clerk)
            case "Extension":
                return factories.extension(factories.open_plan(self.issued_map()), self.clerk)

    def bring(self, record, to):
        """The draft, moved by the people whose business it is; returned as it is then."""
        for step in WAYS[to]:
            who, action = step.split()
            record = self.act(record, who, action)
        return record

    def act(self, record, who, action, **words):
        """Do an action to the record as it is now, with a reason where one is needed."""
        version = Record.objects.values_list("version", flat=True).get(pk=record.pk)
        if action in ("reject", "send_back"):
            words = {"reason": "数据有误", "detail": "请核对数据。"} | words
        elif action == "void":
            words = {"detail": "不再办理。"} | words
        return perform(record.pk, action, getattr(self, who), version, **words)


SCENES = {}  # of this process's database


def rehearse():
    """Play what nearly every story begins with, to have it at hand."""
    SCENES["cast"] = Scene(Cast.assemble)

    def issue():
        cast = SCENES["cast"].result
        cast.bring(factories.battle_map(cast.project, cast.clerk), State.ISSUED)
        return clock.today(), cast.project.pk

    SCENES["map"] = Scene(issue, after=SCENES["cast"])


def stage(name, play):
    """Do what `play` does, which must depend on the cast alone: played once, its rows are restored ever after."""
    if name not in SCENES:
        SCENES[name] = Scene(play)
    SCENES[name].restore()


def enter():
    """The cast, on an empty stage."""
    SCENES["cast"].restore()
    return SCENES["cast"].result
