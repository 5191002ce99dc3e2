"""The steps of 督察核查, each in one transaction: a sample, one plan picked, and what was found."""

from django.db import IntegrityError
from django.urls import reverse
from django.utils.text import Truncator

from accounts import clock
from accounts.models import Role
from reform.calendar import Calendar, today
from reform.models import Finding, MonthlyPlan, PlanStatus, SampleDraw, SpotCheck, SupervisionMatter
from workflow.actions import lock_dossier, locking
from workflow.files import Shelf
from workflow.formats import day_words
from workflow.models import Message
from workflow.refusals import ActionRefused, NoSuchMatter

TEXT_SHOWN = 200  # of what was found, in a message


@locking()
def draw(user, form):
    """A sample by the valid SampleForm, written down with its checks; raises ActionRefused where there is nothing."""
    keys = list(form.candidates().values_list("pk", flat=True))
    if not keys:
        raise ActionRefused("没有符合条件的已完成计划，请放宽条件。")
    drawn = SampleDraw.objects.create(
        period=form.cleaned_data["period"].key,
        conditions=form.conditions,
        size=min(form.cleaned_data["size"], len(keys)),
        seed=form.cleaned_data["seed"],
        candidates=len(keys),
        drawn_by=user,
    )
    try:
        SpotCheck.open_all(SampleDraw.pick(keys, drawn.seed, drawn.size), user, drawn)
    except IntegrityError as error:  # somebody has begun to check one of them just now
        raise ActionRefused("刚刚有同事抽取或指定了其中的计划，请再抽取一次。") from error
    return drawn


@locking()
def pick(plan, user):
    """The check of this plan, which somebody of the office chose."""
    found = MonthlyPlan.objects.select_related("measure__battle_map").get(pk=plan)
    lock_dossier(found.measure.battle_map.dossier_id)
    if check := SpotCheck.objects.open().filter(plan=plan).first():
        return check
    if not SpotCheck.candidates().filter(pk=plan).exists():
        raise ActionRefused("已完成的计划才能核查。")
    return SpotCheck.open_all([plan], user)[0]


@locking()
def write(pk, user, words, *, conclude, address=None):
    """Keep these `words` (a valid FindingForm's) on the check; with `conclude` they are what was found, for good.

    不属实 has the plan owed again, unless its project has ended. Raises NoSuchMatter, ActionRefused.
    """
    check = _locked(pk, user)
    if check.version != words["version"] or not check.is_open:
        raise ActionRefused("这项核查刚刚有同事办理过，请核对最新内容。")
    check.way, check.checked_on, check.text = words["way"], words["checked_on"], words["text"]
    check.finding = words["finding"]
    check.version += 1
    if conclude:
        check.found_by, check.found_at = user, clock.now()
        _follow(check, user, address)
    check.save()
    if conclude:
        _notify(check)
    return check


def shelf(check, user):
    """Where the files of the check are kept, while it is open."""
    return Shelf(check.files, lambda: _lock_open(check.pk, user))


def remove_file(check, user, file):
    """Hide a file of it. Raises ActionRefused, or SpotCheckFile.DoesNotExist."""
    with locking():
        _lock_open(check.pk, user).files.current().get(pk=file).remove(user)


def _lock_open(pk, user):
    check = _locked(pk, user)
    if not check.is_open:
        raise ActionRefused("核查结论已记录，不能再修改附件。")
    return check


def _locked(pk, user):
    """For the office; the dossier is held, because what is found may change its plan."""
    check = SpotCheck.objects.select_related("plan__measure__battle_map").filter(pk=pk).first()
    if check is None or not user.is_office_reviewer:
        raise NoSuchMatter
    lock_dossier(check.plan.measure.battle_map.dossier_id)
    return SpotCheck.objects.select_for_update(of=("self",)).get(pk=pk)


def _follow(check, user, address):
    """What follows from 不属实: the plan is not done, and the office sees to it that it will be."""
    if check.finding != Finding.UNTRUE:
        return
    plan = MonthlyPlan.objects.select_related("measure__battle_map").get(pk=check.plan_id)
    update, year = check.update, plan.measure.battle_map.year
    SupervisionMatter.objects.raise_from_inspection(
        user,
        text=f"{year}年{plan}，督察核查不属实：{check.text}",
        department=update.dossier.department,
        due_on=Calendar().term(year, plan.month, today()).closes,
        plan=plan,
        source=update,
        words=f"{day_words(check.checked_on)}{check.get_way_display()}",
    )
    if plan.status == PlanStatus.DONE and plan.cancelled_at is None and update.dossier.closed_at is None:
        update.reopen_plan(user, f"督察核查不属实：{check.text}", address)
        check.reopened = True


def _notify(check):
    """Those who reported it, and who passed that."""
    dossier = check.update.dossier
    people = [
        person
        for role in (Role.ENTRY, Role.DEPT_REVIEWER)
        for person in dossier.department.people_in_charge(role).values_list("pk", flat=True)
    ]
    again = "计划需要重新办理。" if check.reopened else ""
    again += "已列为督办事项。" if check.finding == Finding.UNTRUE else ""
    words = f"督察核查结论为“{check.get_finding_display()}”。{again}{Truncator(check.text).chars(TEXT_SHOWN)}"
    Message.objects.deliver(
        [
            Message(
                recipient_id=person,
                key=f"check-{check.pk}",
                text=f"{dossier.name} · {check.update.title}：{words}",
                path=reverse("reform:check", args=[check.pk]),
            )
            for person in dict.fromkeys(people)
        ]
    )
