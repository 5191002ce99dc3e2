"""Who has not reported a month, and what they are told: before the month closes, and when the office presses."""

from collections import defaultdict
from dataclasses import dataclass

from django.db.models import Count, Q
from django.urls import reverse

from accounts.models import Department, Role, User
from reform.calendar import Calendar
from reform.models import PlanUpdate, TargetUpdate
from workflow.models import Message

MATTERS = (TargetUpdate, PlanUpdate)
STAGES = (0, 1, 3, 5)  # working days before the last one
NAMED = 10  # departments named in a message; the page has all


@dataclass(frozen=True)
class Tally:
    """Of one department and kind: how many reports a month asks for, how many are missing, how many its own
    reviewers have before them.
    """

    expected: int = 0
    missing: int = 0
    at_department: int = 0


def tallies(year, month):
    """{kind: {department id: Tally}}, in one query for each kind."""
    return {
        kind: {
            department: Tally(*numbers)
            for department, *numbers in kind.expected(year, month)
            .order_by()
            .values_list("responsible")
            .annotate(
                expected=Count("pk"),
                missing=Count("pk", filter=Q(is_reported=False)),
                at_department=Count("pk", filter=Q(at_department=True)),
            )
        }
        for kind in MATTERS
    }


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
    term = Calendar().term(year, month)
    until = term.words(day).removeprefix("本月应报，")
    found = []
    if tally.missing:
        text = f"市委改革办催办：{department}{what}还有 {tally.missing} 项未上报，{until}，请抓紧填报。"
        path = reverse("reform:kind", args=[kind._meta.model_name])
        found += [(person, text, path) for person in department.people_in_charge(Role.ENTRY)]
    if tally.at_department:
        text = f"市委改革办催办：{department}{what}有 {tally.at_department} 项等待部门审核，{until}，请抓紧审核。"
        path = f"{reverse('workflow:inbox')}?kind={kind._meta.label_lower}"
        found += [(person, text, path) for person in department.people_in_charge(Role.DEPT_REVIEWER)]
    return [Message(recipient=person, key=key, text=text, path=path) for person, text, path in found]
