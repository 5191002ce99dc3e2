"""Things to test with."""

from datetime import date
from decimal import Decimal

import factory
from django.core.files.base import ContentFile
from django.db import transaction
from factory.django import DjangoModelFactory

from accounts import clock
from accounts.models import Department, Role, User
from accounts.revisions import keep
from reform.bulletins import desk
from reform.calendar import MONTHS, Period
from reform.models import (
    BattleMap,
    BrandUpdate,
    Closure,
    Domain,
    Extension,
    MeasureIteration,
    MonthlyPlan,
    PlanChange,
    PlanStatus,
    PlanUpdate,
    Project,
    PromotionUpdate,
    Series,
    Stage,
    SupervisionMatter,
    SupervisionReport,
    TargetAdjustment,
    TargetUpdate,
)
from reform.models.due_schedule import write_plans
from reform.supervision.letters import send
from workflow.models import Attachment, ClassifiedNotice

PASSWORD = "Correct-Horse-9"


class DepartmentFactory(DjangoModelFactory):
    class Meta:
        model = Department

    name = factory.Sequence("第{}局".format)
    position = factory.Sequence(lambda n: n)


class UserFactory(DjangoModelFactory):
    """A person who has long chosen a password of their own; `password=None`: one who has not."""

    class Meta:
        model = User

    phone = factory.Sequence(lambda n: f"138{n:08d}")
    full_name = factory.Sequence("人员{}".format)
    department = factory.SubFactory(DepartmentFactory)
    role = Role.ENTRY

    @classmethod
    def _create(cls, model_class, *args, password=PASSWORD, **kwargs):
        user = model_class(*args, **kwargs)
        user.tour_role = user.role
        if password is None:
            user.set_initial_password()
        else:
            user.choose_password(password)
        user.save()
        return user


class ProjectFactory(DjangoModelFactory):
    """A project at 加快实施, so that maps of 2025 to 2027 can be drawn."""

    class Meta:
        model = Project
        skip_postgeneration_save = True

    number = factory.Sequence("GG{:04d}".format)
    name = factory.Sequence("第{}项重大改革".format)
    department = factory.SubFactory(DepartmentFactory)
    start_year, end_year = 2025, 2027
    domain = factory.LazyFunction(lambda: Domain.objects.get_or_create(name="经济体制")[0])
    lead_leader = "王市长"
    stage = Stage.ACCELERATED
    recognised_on = date(2025, 3, 1)

    @factory.post_generation
    def partners(self, create, departments, **kwargs):
        if departments:
            self.set_partners(departments)


class AttachmentFactory(DjangoModelFactory):
    class Meta:
        model = Attachment

    name = "佐证材料.pdf"
    file = factory.LazyFunction(lambda: ContentFile(b"%PDF-1.4", "evidence.pdf"))
    size = 8
    digest = "0" * 64
    uploader = factory.SelfAttribute("record.creator")


class ClassifiedNoticeFactory(DjangoModelFactory):
    class Meta:
        model = ClassifiedNotice

    title = "关于改革进展的报告"
    sent_on = date(2026, 7, 1)
    registrar = factory.SelfAttribute("record.creator")


# Drafts of every kind, begun as a clerk begins them and filled in until nothing stands in the way of 上报.

YEAR = 2026


@transaction.atomic
def battle_map(project, user, year=YEAR):
    """Two indicators of 120 a year, and three measures with one plan each, in February, July and November."""
    drawn = BattleMap.create(project, year, user)
    for position, name in enumerate(["新增试点企业", "办件量"]):
        add_indicator(drawn, name, position=position)
    for position, month in enumerate([2, 7, 11]):
        measure = drawn.measures.create(position=position, content=f"第{position + 1}条举措")
        measure.plans.create(month=month, type="scheme", content=f"{month}月制定方案")
    return drawn


def add_plan(measure, **content):
    """One more plan of a measure of a confirmed map, as if it had been there from the confirmation on."""
    plan = measure.plans.create(**content)
    added = measure.plans.filter(pk=plan.pk)
    keep(added)
    write_plans(added)
    return plan


def add_indicator(drawn, name, annual="120", monthly="10", position=9):
    """An indicator of a map; `monthly` is the target of each month."""
    indicator = drawn.indicators.create(position=position, name=name, unit="家", annual_target=Decimal(annual))
    for month in MONTHS:
        indicator.targets.create(month=month, target=Decimal(monthly))
    return indicator


@transaction.atomic
def target_update(drawn, user, month=1):
    update = TargetUpdate.create(drawn, month, user)
    update.values.update(value=Decimal(10), remark="按计划推进")
    return update


@transaction.atomic
def plan_update(plan, user, status=PlanStatus.IN_PROGRESS):
    update = PlanUpdate.create(plan, user)
    update.status, update.work_done, update.next_steps = status, "已召开启动会。", "印发方案。"
    update.save()
    return update


@transaction.atomic
def promotion(project, user):
    update = PromotionUpdate.create(project, user)
    update.method, update.promoted_on, update.summary = "press", date(2026, 6, 30), "召开发布会。"
    update.save()
    ClassifiedNoticeFactory(record=update)
    return update


@transaction.atomic
def brand(project, user):
    update = BrandUpdate.create(project, user)
    update.created_on, update.recognition = date(2026, 6, 30), "national"
    update.circumstances = update.results = update.recognition_detail = "获全国通报表扬。"
    update.save()
    ClassifiedNoticeFactory(record=update)
    return update


@transaction.atomic
def iteration(measure, user):
    """编辑举措: a new text, and one plan more."""
    changed = MeasureIteration.create(measure.battle_map, measure, user)
    changed.content, changed.basis = f"{measure.content}（已优化）", "按市委深改委会议要求调整。"
    changed.save()
    PlanChange.objects.create(iteration=changed, month=9, type="pilot", content="扩大试点")
    return changed


@transaction.atomic
def new_measure(drawn, user):
    """新增举措, with one plan."""
    added = MeasureIteration.create(drawn, None, user)
    added.content, added.basis = "新增的举措", "按市委深改委会议要求新增。"
    added.save()
    PlanChange.objects.create(iteration=added, month=10, type="pilot", content="开展试点")
    return added


@transaction.atomic
def extension(plan, user, month=9):
    """延期申请, to September."""
    asked = Extension.create(plan, user)
    asked.month, asked.reason, asked.work_done = month, "上级文件推迟印发。", "已完成方案起草。"
    asked.save()
    return asked


@transaction.atomic
def adjustment(indicator, user, annual="130", december="20"):
    """目标调整申请: ten more, in December."""
    asked = TargetAdjustment.create(indicator, user)
    asked.annual_target, asked.basis = Decimal(annual), "按市委深改委会议要求调整。"
    asked.save()
    asked.months.filter(month=12).update(target=Decimal(december))
    ClassifiedNoticeFactory(record=asked)
    return asked


@transaction.atomic
def closure(project, user, way="ended"):
    """销号申请: ended, with reasons."""
    asked = Closure.create(project, user)
    asked.way, asked.reasons = way, "上位政策调整，不再推进。"
    asked.completion = asked.results = asked.arrangements = "详见总结报告。"
    asked.save()
    ClassifiedNoticeFactory(record=asked)
    return asked


def bulletin(user, period="2026-01-07", series=Series.PROGRESS):
    """A draft of January to July."""
    return desk.make(user, series, Period.parse(period), dated=clock.today(), addressed_to="各责任单位")


def issued_bulletin(user, path):
    """One that was sent to every department; `path` leads to a stored file."""
    issued = bulletin(user)
    issued.files.create(name="通报.pdf", file=path, size=8, digest="0" * 64, uploader=user)
    issued.issued_by, issued.issued_at = user, clock.now()
    issued.save()
    return issued


def matter(cast, due_on=date(2026, 7, 31), **facts):
    """A 督办事项 of 市发展改革委, in which 市科技局 assists."""
    facts = {"origin": "leader", "level": "office", "text": "加快打通数据共享堵点。"} | facts
    return SupervisionMatter.objects.raise_matter(
        cast.office, department=cast.planning, partners=[cast.science], due_on=due_on, **facts
    )


def letter(cast, about=None):
    """The next letter about a matter, or about one that is long overdue."""
    about = about or matter(cast, due_on=date(2026, 6, 1))
    known = about.letters.count()
    words = {"requirement": "请抓紧办理。", "contact": "改革办甲", "phone": "88880000", "issuer": "主任"}
    return send(about.pk, cast.office, about.version, rung=known + 1, due_on=date(2026, 7, 20), **words)


@transaction.atomic
def supervision_report(matter, user, outcome="done"):
    """办理反馈: the matter is done."""
    report = SupervisionReport.create(matter, user)
    report.outcome, report.work_done, report.next_steps = outcome, "已建立共享目录。", "继续跟踪。"
    report.save()
    ClassifiedNoticeFactory(record=report)
    return report


def open_plan(drawn):
    """The map's earliest plan that can still be updated."""
    return MonthlyPlan.objects.standing().filter(measure__battle_map=drawn).exclude(status=PlanStatus.DONE).first()
