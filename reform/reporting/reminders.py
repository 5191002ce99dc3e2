"""Who has not reported a month, and what they are told: before the month closes, and when the office presses."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Count, Q
from django.urls import reverse

from accounts.models import Department, Role, User
from reform.calendar import Calendar, Term
from reform.models import DueItem, PlanUpdate, TargetUpdate
from workflow.contributions import until
from workflow.models import Contribution, Message
from workflow.states import State

MATTERS = (TargetUpdate, PlanUpdate)
STAGES = (0, 1, 3, 5)  # working days before the last one
NEAR = 31  # days among which a working day is found
NAMED = 10  # departments named in a message; the page has all


@dataclass(frozen=True)
class Tally:
    """Of one department and kind: how many reports a month asks for, how many are missing, how many its own
    reviewers have before them.
    """

    expected: int = 0
    missing: int = 0
    at_department: int = 0


def of_month(year, month):
    """What belongs to a month, or falls due in it."""
    falls_due = Q(due_on__gte=date(year, month, 1), due_on__lt=date(year + month // 12, month % 12 + 1, 1))
    return DueItem.objects.standing().filter(falls_due | Q(year=year, month=month))


def until_words(items, day):
    """截止11月30日 of these items; not all due on one day: how many are due when; "" of none."""
    days = dict(items.order_by().values_list("due_on").annotate(number=Count("pk")))
    words = {due_on: Term(due_on, due_on).words(day).removeprefix("本月应报，") for due_on in sorted(days)}
    if len(words) == 1:
        return words.popitem()[1]
    return "；".join(f"{days[due_on]} 项{text}" for due_on, text in words.items())


def owing_months_before(year):
    """Months (year, month) before that year in which something fell due that is still owed, the latest first."""
    owed = DueItem.objects.owed().filter(due_on__lt=date(year, 1, 1))
    return list(
        owed.order_by("-due_on__year", "-due_on__month").values_list("due_on__year", "due_on__month").distinct()
    )


def tallies(year, month):
    """{kind: {department id: Tally}}."""
    rows = (
        of_month(year, month)
        .order_by()
        .values_list("kind", "department")
        .annotate(
            expected=Count("pk"),
            missing=Count("pk", filter=Q(owed=True)),
            at_department=Count("pk", filter=Q(owed=False, record__state=State.SUBMITTED)),
        )
    )
    found = {kind: {} for kind in MATTERS}
    kinds = {kind._meta.label_lower: kind for kind in MATTERS}
    for kind, department, *numbers in rows:
        found[kinds[kind]][department] = Tally(*numbers)
    return found


def stage(calendar, day):
    """Which of STAGES has been reached on that day, or None; a day on which nothing ran is made up for."""
    closes = calendar.term(day.year, day.month).closes
    if day > closes:
        return None
    left = calendar.days_left(day, closes)
    return next((number for number in STAGES if number >= left), None)


def reminders(day):
    """The messages of that day: for clerks what is missing of each kind, for the office who has not reported."""
    calendar = Calendar()
    reached = stage(calendar, day)
    if reached is None:
        return []
    counts = tallies(day.year, day.month)
    left = calendar.days_left(day, calendar.term(day.year, day.month).closes)
    until = f"{calendar.term(day.year, day.month).words(day).removeprefix('本月应报，')}，" + (
        f"还剩{left}个工作日" if left else "今天是最后一天"
    )
    key = f"remind-{day:%Y-%m}-{reached}"
    month = f"{day.year}年{day.month}月"
    found = []
    clerks = Department.people_by_department(Role.ENTRY)
    for kind, by_department in counts.items():
        missing = defaultdict(int)
        for department, tally in by_department.items():
            for clerk in clerks.get(department, ()):
                missing[clerk] += tally.missing
        found += [
            Message(
                recipient_id=clerk,
                key=f"{key}-{kind._meta.model_name}",
                text=f"{month}{kind._meta.verbose_name}还有 {number} 项未上报，{until}。",
                path=reverse("reform:kind", args=[kind._meta.model_name]),
            )
            for clerk, number in missing.items()
            if number
        ]
    if behind := _behind(counts):
        names = "；".join(behind[:NAMED]) + (f"；等 {len(behind)} 个单位" if len(behind) > NAMED else "")
        path = f"{reverse('reform:unreported')}?month={day:%Y-%m}"
        found += [
            Message(recipient_id=person, key=key, text=f"{month}未报情况（{until}）：{names}。", path=path)
            for person in User.objects.filter(role=Role.OFFICE_REVIEWER, is_active=True).values_list("pk", flat=True)
        ]
    return found


def contribution_reminders(day):
    """For the clerks of departments that were asked to contribute: a working day before, on the day, and after it."""
    calendar = Calendar()
    clerks = Department.people_by_department(Role.ENTRY)
    found = []
    near = day + timedelta(days=NEAR)
    for asked in Contribution.objects.open().filter(due_on__lte=near).listed():
        if asked.due_on < day:
            reached, words = "late", f"已逾期，{until(asked)}，请抓紧提供"
        elif (left := calendar.days_left(day, asked.due_on)) <= 1:
            reached = left
            words = f"{until(asked)}，" + (f"还剩{left}个工作日" if left else "今天是最后一天")
        else:
            continue
        key = f"remind-contribution-{asked.pk}-{asked.due_on:%Y-%m-%d}-{reached}"
        text = f"{asked.record.department}请贵单位提供的配合材料还未提供（{asked.matter}），{words}。"
        path = reverse("workflow:contribution", args=[asked.pk])
        found += [
            Message(recipient_id=clerk, key=key, text=text, path=path) for clerk in clerks.get(asked.department_id, ())
        ]
    return found


def _behind(counts):
    """市教委：量化目标推进更新 2 项、月度计划推进更新 1 项."""
    parts = defaultdict(list)
    for kind, by_department in counts.items():
        for department, tally in by_department.items():
            if tally.missing:
                parts[department].append(f"{kind._meta.verbose_name} {tally.missing} 项")
    departments = Department.objects.filter(pk__in=parts)
    return [f"{department}：{'、'.join(parts[department.pk])}" for department in departments]


def urge_key(kind, department_id, year, month, day):
    """Of one matter and day: what has been pressed today is not pressed again."""
    return f"urge-{day:%Y-%m-%d}-{kind._meta.model_name}-{department_id}-{year}-{month:02}"


def urge(kind, department, year, month, day):
    """催办: the messages to those on whom the department's reports of that kind and month wait."""
    tally = tallies(year, month)[kind].get(department.pk, Tally())
    key, what = urge_key(kind, department.pk, year, month, day), f"{year}年{month}月{kind._meta.verbose_name}"
    items = of_month(year, month).filter(kind=kind._meta.label_lower, department=department)
    found = []
    if tally.missing:
        until = until_words(items.owed(), day)
        text = f"市委改革办催办：{department}{what}还有 {tally.missing} 项未上报，{until}，请抓紧填报。"
        path = reverse("reform:kind", args=[kind._meta.model_name])
        found += [(person, text, path) for person in department.people_in_charge(Role.ENTRY)]
    if tally.at_department:
        until = until_words(items.filter(owed=False, record__state=State.SUBMITTED), day)
        text = f"市委改革办催办：{department}{what}有 {tally.at_department} 项等待部门审核，{until}，请抓紧审核。"
        path = f"{reverse('workflow:inbox')}?kind={kind._meta.label_lower}"
        found += [(person, text, path) for person in department.people_in_charge(Role.DEPT_REVIEWER)]
    return [Message(recipient=person, key=key, text=text, path=path) for person, text, path in found]
