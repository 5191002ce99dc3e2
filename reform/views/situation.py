"""The situation on 工作台 of reviewers: what is stuck and where, what is overdue, which deadlines lie ahead."""

from django.urls import reverse

from accounts.models import Department
from reform.calendar import Calendar, today
from reform.calendar.periods import Period
from reform.reporting.matters import KINDS, first_matters
from reform.reporting.situation import count_overdue_projects, deadlines_ahead, overdue_projects
from reform.reporting.steps import OWED, Step, Tally, tallies_of
from workflow.formats import near_day_words
from workflow.templatetags.workflow import waited

from .cards import SHOWN, Card, Row, Tile

NAMED = 3
WEEKDAYS = "一二三四五六日"
WAITING = {"owed": "未上报", Step.DEPARTMENT.key: Step.DEPARTMENT.label, Step.OFFICE.key: Step.OFFICE.label}


def situation(user):
    """(tiles, cards) for this reviewer's departments."""
    day, departments = today(), user.assigned_department_ids
    period = Period.of_month(day)
    found = tallies_of(period, day, departments)
    total = sum(found.values(), Tally())
    overdue = count_overdue_projects(departments, day)
    room = f"{reverse('reform:month_end')}?own=1"  # whose figures these are
    if user.is_office_reviewer:
        stuck = Card(
            "本月进展",
            _steps(found, total, room),
            "本月没有等待上报、审核的事项。",
            note=f"应报 {total.due} 件，已确认 {total.steps[Step.CONFIRMED]} 件",
            more=room,
            anchor="stuck",
        )
    else:
        matters = first_matters(departments, period, (*OWED, Step.DEPARTMENT), SHOWN)
        stuck = Card(
            "本月未报、待审事项",
            [_matter(matter) for matter in matters],
            "本月没有等待上报、审核的事项。",
            note=f"应报 {total.due} 件，未上报 {total.owed} 件，列出最先要办的几件",
            anchor="stuck",
        )
    tiles = [
        Tile("本月未上报", total.owed, f"{room}&step=owed" if user.is_office_reviewer else "#stuck", is_waiting=True),
        Tile("计划逾期的项目", overdue, "#overdue", is_waiting=True),
    ]
    return tiles, [stuck, _overdue(departments, day, overdue), _deadlines(departments, day, user, room)]


def _steps(found, total, room):
    """What is stuck at each step, since when and where."""
    names = Department.objects.in_bulk(found)
    numbers = {"owed": total.owed} | {step.key: total.steps[step] for step in (Step.DEPARTMENT, Step.OFFICE)}
    notes = {"owed": _most_behind(found, names)} | {
        step.key: _longest(found, names, step) for step in (Step.DEPARTMENT, Step.OFFICE)
    }
    return [
        Row(f"{label} {numbers[step]} 件", notes[step], url=f"{room}&step={step}")
        for step, label in WAITING.items()
        if numbers[step]
    ]


def _most_behind(found, names):
    """28 个单位：市体育局 13 件、市教委 3 件等."""
    behind = sorted((pk for pk in found if found[pk].owed), key=lambda pk: (-found[pk].overdue, -found[pk].owed))
    words = "、".join(f"{names[pk]} {found[pk].owed} 件" for pk in behind[:NAMED])
    return f"{len(behind)} 个单位：{words}" + ("等" if len(behind) > NAMED else "")


def _longest(found, names, step):
    waiting = [pk for pk in found if step in found[pk].since]
    if not waiting:
        return ""
    pk = min(waiting, key=lambda pk: found[pk].since[step])
    return f"{len(waiting)} 个单位，最久 {waited(found[pk].since[step])}：{names[pk]}"


def _matter(matter):
    note = f"{matter.kind_label} · {matter.title}"
    if matter.item.owed:
        note = f"{note} · {matter.term_words}"
    return Row(
        matter.item.dossier.name,
        f"{note} · {matter.names}" if matter.names else note,
        url=matter.url,
        chip=(matter.label, matter.tint),
        since=matter.since,
        department=matter.item.department_id,
    )


def _overdue(departments, day, number):
    rows = [
        Row(
            found.project.name,
            f"{found.project.department} · {found.light.reason}",
            url=reverse("reform:project", args=[found.project.pk]),
            chip=("本月新增红灯", "red") if found.is_new else (found.light.word, found.light.colour),
        )
        for found in (overdue_projects(departments, day, SHOWN) if number else [])
    ]
    note = f"共 {number} 个，本月新增红灯的在前" if number else ""
    return Card("计划逾期的项目", rows, "没有月度计划逾期的项目。", note=note, anchor="overdue")


def _deadlines(departments, day, user, room):
    calendar, rows = Calendar(), []
    for due_on, kinds in list(deadlines_ahead(departments, day).items())[:SHOWN]:
        left = calendar.days_left(day, due_on)
        words = " · ".join(f"{KINDS[kind]._meta.verbose_name} {number} 件" for kind, number in kinds.items())
        if user.is_office_reviewer:
            url = f"{room}&period={due_on:%Y-%m}"
        else:  # what a department has not reported stands in the card above, for this month
            url = "#stuck" if due_on <= Period.of_month(day).ends else ""
        rows.append(
            Row(
                f"{near_day_words(due_on)}（周{WEEKDAYS[due_on.weekday()]}）",
                f"还未上报：{words}",
                url=url,
                chip=(f"还剩 {left} 个工作日" if left else "今天截止", "amber" if left <= 5 else "grey"),
            )
        )
    return Card("近期时限", rows, "近期没有截止的填报事项。")
