"""Who has not reported a month, and what they are told: before the month closes, and when the office presses."""

from collections import defaultdict
from datetime import date, timedelta

from django.db.models import Count, Max, Q
from django.urls import reverse

from accounts.models import Department, Role, User
from reform.calendar import Calendar, Term
from reform.calendar.periods import Period
from reform.models import DueItem, PlanUpdate, TargetUpdate
from workflow.contributions import until
from workflow.models import Contribution, Message
from workflow.states import State

from .people import people_in_charge
from .steps import due_days, of_period
from .supervision_items import to_report

MATTERS = (TargetUpdate, PlanUpdate)
STAGES = (0, 1, 3, 5)  # working days before the last one
NEAR = 31  # days among which a working day is found
NAMED = 10  # departments named in a message; the page has all


def until_words(period, day):
    """截止11月30日 of what that period still owes, or of all; not all due on one day: how many are due when."""
    return days_words(due_days(period, owed=True) or due_days(period), day)


def days_words(days, day):
    """The same of {due day: how many}; "" of none."""
    words = {due_on: Term(due_on, due_on).deadline_words(day) for due_on in sorted(days)}
    if len(words) == 1:
        return words.popitem()[1]
    return "；".join(f"{days[due_on]} 项{text}" for due_on, text in words.items())


def owing_months_before(year):
    """Months (year, month) before that year in which something fell due that is still owed, the latest first."""
    owed = DueItem.objects.owed().filter(due_on__lt=date(year, 1, 1))
    return list(
        owed.order_by("-due_on__year", "-due_on__month").values_list("due_on__year", "due_on__month").distinct()
    )


def missing(year, month):
    """{kind: {department id: how many of its reports that month asks for are missing}}."""
    owed = of_period(Period(year, month, month)).filter(owed=True)
    found = {kind: {} for kind in MATTERS}
    kinds = {kind._meta.label_lower: kind for kind in MATTERS}
    for kind, department, number in owed.order_by().values_list("kind", "department").annotate(number=Count("pk")):
        found[kinds[kind]][department] = number
    return found


def stage(calendar, day):
    """Which of STAGES has been reached on that day, or None; a day on which nothing ran is made up for."""
    closes = calendar.term(day.year, day.month).closes
    if day > closes:
        return None
    return _reached(calendar.days_left(day, closes))


def _reached(left):
    """Which of STAGES that many working days are in."""
    return next((number for number in STAGES if number >= left), None)


def _left_words(left):
    return f"还剩{left}个工作日" if left else "今天是最后一天"


def reminders(day):
    """The messages of that day: for clerks what is missing of each kind, for the office who has not reported."""
    calendar = Calendar()
    reached = stage(calendar, day)
    if reached is None:
        return []
    counts = missing(day.year, day.month)
    term = calendar.term(day.year, day.month)
    until = f"{term.deadline_words(day)}，{_left_words(calendar.days_left(day, term.closes))}"
    key = f"remind-{day:%Y-%m}-{reached}"
    month = f"{day.year}年{day.month}月"
    found = []
    clerks = Department.people_by_department(Role.ENTRY)
    for kind, by_department in counts.items():
        of_clerk = defaultdict(int)
        for department, number in by_department.items():
            for clerk in clerks.get(department, ()):
                of_clerk[clerk] += number
        found += [
            Message(
                recipient_id=clerk,
                key=f"{key}-{kind._meta.model_name}",
                text=f"{month}{kind._meta.verbose_name}还有 {number} 项未上报，{until}。",
                path=reverse("reform:kind", args=[kind._meta.model_name]),
            )
            for clerk, number in of_clerk.items()
        ]
    if behind := _behind(counts):
        names = "；".join(behind[:NAMED]) + (f"；等 {len(behind)} 个单位" if len(behind) > NAMED else "")
        path = f"{reverse('reform:month_end')}?period={day:%Y-%m}"
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
    for asked in Contribution.objects.open().filter(due_on__lte=near).with_related():
        if asked.due_on < day:
            reached, words = "late", f"已逾期，{until(asked)}，请抓紧提供"
        elif (left := calendar.days_left(day, asked.due_on)) <= 1:
            reached, words = left, f"{until(asked)}，{_left_words(left)}"
        else:
            continue
        key = f"remind-contribution-{asked.pk}-{asked.due_on:%Y-%m-%d}-{reached}"
        text = f"{asked.record.department}请贵单位提供的配合材料还未提供（{asked.matter}），{words}。"
        path = reverse("workflow:contribution", args=[asked.pk])
        found += [
            Message(recipient_id=clerk, key=key, text=text, path=path) for clerk in clerks.get(asked.department_id, ())
        ]
    return found


def matter_reminders(day):
    """Of 督办事项 to be reported on: for clerks in the same stages, once overdue for reviewers too."""
    calendar = Calendar()
    people = {role: Department.people_by_department(role) for role in (Role.ENTRY, Role.DEPT_REVIEWER)}
    found = []
    for matter in to_report().filter(due_on__lte=day + timedelta(days=NEAR)):
        term = Term(matter.due_on, matter.due_on).deadline_words(day)
        recipients = list(people[Role.ENTRY].get(matter.department_id, ()))
        if matter.due_on < day:
            reached, words = "late", f"{term}，请抓紧办理并填写办理反馈"
            recipients += people[Role.DEPT_REVIEWER].get(matter.department_id, ())
        else:
            left = calendar.days_left(day, matter.due_on)
            reached, words = _reached(left), f"{term}，{_left_words(left)}"
        if reached is None:
            continue
        key = f"remind-matter-{matter.pk}-{matter.due_on:%Y-%m-%d}-{reached}"
        text = f"督办事项“{matter.name}”还未报办理反馈，{words}。"
        path = matter.get_absolute_url()
        found += [Message(recipient_id=person, key=key, text=text, path=path) for person in recipients]
    return found


def _behind(counts):
    """市教委：量化目标推进更新 2 项、月度计划推进更新 1 项."""
    parts = defaultdict(list)
    for kind, by_department in counts.items():
        for department, number in by_department.items():
            parts[department].append(f"{kind._meta.verbose_name} {number} 项")
    departments = Department.objects.filter(pk__in=parts)
    return [f"{department}：{'、'.join(parts[department.pk])}" for department in departments]


def urge_key(kind, department_id, year, month, day):
    """Of one matter and day: what has been pressed today is not pressed again."""
    return f"urge-{day:%Y-%m-%d}-{kind._meta.model_name}-{department_id}-{year}-{month:02}"


def urges(pairs, period, day):
    """催办: for each (kind, department id) the messages to those on whom its reports of that month wait.

    {(kind, department id): [Message]}, in the same few queries for any number.
    """
    departments = Department.objects.in_bulk({department for _, department in pairs})
    people = people_in_charge(departments)
    owing, at_department = defaultdict(dict), defaultdict(dict)
    waiting = Q(owed=True) | Q(record__state=State.SUBMITTED)
    rows = of_period(period).filter(waiting, department__in=departments).order_by()
    for kind, department, owed, due_on, number in rows.values_list("kind", "department", "owed", "due_on").annotate(
        number=Count("pk")
    ):
        (owing if owed else at_department)[kind, department][due_on] = number
    found = {}
    for kind, pk in pairs:
        if pk not in departments:
            continue
        label, place = kind._meta.label_lower, (kind._meta.label_lower, pk)
        about = f"市委改革办催办：{departments[pk]}{period}{kind._meta.verbose_name}"
        notices = []
        if days := owing[place]:
            text = f"{about}还有 {sum(days.values())} 项未上报，{days_words(days, day)}，请抓紧填报。"
            path = reverse("reform:kind", args=[kind._meta.model_name])
            notices += [(person, text, path) for person in people.get((pk, Role.ENTRY), ())]
        if days := at_department[place]:
            text = f"{about}有 {sum(days.values())} 项等待部门审核，{days_words(days, day)}，请抓紧审核。"
            path = f"{reverse('workflow:inbox')}?kind={label}"
            notices += [(person, text, path) for person in people.get((pk, Role.DEPT_REVIEWER), ())]
        key = urge_key(kind, pk, period.year, period.last, day)
        found[kind, pk] = [Message(recipient=person, key=key, text=text, path=path) for person, text, path in notices]
    return found


def urged(period):
    """{(kind's name, department id): when it was last urged} of that month."""
    keys = Message.objects.reminders().filter(key__startswith="urge-", key__endswith=f"-{period.year}-{period.last:02}")
    found = {}
    for key, at in keys.order_by().values_list("key").annotate(at=Max("created_at")):
        kind, department = key[len("urge-2026-11-30-") :].split("-")[:2]
        place = kind, int(department)
        found[place] = max(at, found.get(place, at))
    return found
