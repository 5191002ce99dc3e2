"""月末收官台: where each matter of a month stands, with whom, and how long; 催办 for many at once."""

from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial

from django.contrib import messages
from django.contrib.admin.models import CHANGE
from django.core.paginator import Paginator
from django.http import Http404, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.views.decorators.http import require_POST, require_safe

from accounts import clock
from accounts.addresses import client_address
from accounts.audit.entries import Action
from accounts.history import log
from accounts.listing import UNKNOWN
from accounts.models import Department, Role, User
from reform.calendar import Calendar, today
from reform.calendar.periods import Period, period_choices
from reform.ledgers.late_list import write_late_list
from reform.reporting.matters import KINDS, Matters
from reform.reporting.people import People, people_in_charge
from reform.reporting.rates import Rates, months_until, overall, rates
from reform.reporting.reminders import MATTERS, owing_months_before, until_words, urged, urges
from reform.reporting.situation import AHEAD
from reform.reporting.steps import OWED, Step, Tally, of_period, reported_by, tallies_of
from workflow.models import Message
from workflow.templatetags.workflow import waited
from workflow.texts import parse_pk

from .units import Unit
from .workbooks import workbook

RATED = 6  # months, of which the rates are shown beside a month
PAGE_SIZE = 50
NAMED = 5  # departments in a sentence
CHOICES = {"owed": OWED} | {step.key: (step,) for step in Step}  # what `step` in an address may ask for
REVEALED = "application/json"  # what static/js/month_end.js asks for


@dataclass(frozen=True)
class Tile:
    label: str
    number: int
    tint: str
    step: str  # that a click asks for
    note: str
    share: int  # percent
    review: str = ""  # where the own part of it is reviewed


@require_safe
def month_end(request):
    """By department, the most urgent first; with `open` the matters of one, with `step` those at that step; with `own`
    of the departments that this person looks after.
    """
    _office_only(request)
    return _page(request, request.GET)


@require_safe
def moved(request):
    """Where messages of before, and bookmarks, still lead: ?month=2026-11."""
    _office_only(request)
    period = _period(request.GET.get("month", ""))
    return redirect(f"{reverse('reform:month_end')}?{urlencode({'period': period.key})}")


def _page(request, query, revealed=None):
    day = today()
    period = _period(query.get("period", ""))
    own = request.user.assigned_department_ids if query.get("own") else None
    is_part = own is not None and Department.objects.filter(is_office=False).exclude(pk__in=own).exists()
    items = of_period(period) if own is None else of_period(period).filter(department__in=own)
    found = tallies_of(period, day, own)
    units = _units(found, period, day)
    total = sum((unit.tally for unit in units), Tally())
    opened = next((unit for unit in units if unit.key == query.get("open")), None)
    step = query.get("step") if query.get("step") in CHOICES else ""
    shown = _matters(items, opened, step, query.get("page")) if opened or step else None
    context = {
        "period": period,
        "whole_room": (room := f"{reverse('reform:month_end')}?period={period.key}"),
        "room": room if own is None else f"{room}&own=1",
        "own": own is not None,
        "is_part": is_part,
        "has_begun": period.starts <= day,
        "may_urge": _may_be_urged(period),
        "choices": _choices(period, day),
        "unknown": UNKNOWN["invalid_choice"] if query.get("period") and not _asked(query["period"]) else "",
        "term_words": until_words(period, day),
        "left": _days_left(period, day),
        "now": clock.now(),
        "tiles": _tiles(request.user, units, total, period, day, whole=not is_part),
        "units": units,
        "total": total,
        "steps": list(reversed(Step)),
        "overall": overall(unit.rates for unit in units),
        "rated": f"近 {RATED} 个月" if _is_month(period) else "本期",
        "opened": opened,
        "step": step,
        "step_label": _step_label(step),
        "page_obj": shown,
        "revealed": revealed,
        "inbox": reverse("workflow:inbox"),
    }
    return render(request, "reform/month_end/page.html", context)


@require_POST
def urge(request):
    """催办 all that waits in the ticked departments, or one kind of one; once a day for each department and kind."""
    _office_only(request)
    period = _period(request.POST.get("period", ""))
    if not _may_be_urged(period):
        raise Http404
    pairs = _ticked(request.POST)
    if not pairs:
        messages.warning(request, "请先勾选要催办的单位。")
        return _back(request, period)
    found = urges(pairs, period, today())
    if not found:
        raise Http404
    sent, done, again, nothing = 0, [], [], []
    for place, notices in found.items():
        delivered = Message.objects.deliver(notices) if notices else 0
        sent += delivered
        (done if delivered else again if notices else nothing).append(place)
    if done:
        messages.success(request, f"已催办{_names(done)}，通知 {sent} 人次。")
    if again:
        messages.info(request, f"{_names(again)}今天已经催办过，同一事项每天催办一次。")
    if nothing and not (done or again):
        messages.info(request, f"{_names(nothing)}没有可催办的事项，或者还没有负责的人员。")
    return _back(request, period)


def _names(places):
    """市教委量化目标推进更新、月度计划推进更新；…; of many, how many."""
    kinds = {}
    for kind, department in places:
        kinds.setdefault(department, []).append(str(kind._meta.verbose_name))
    if len(kinds) > NAMED:
        return f" {len(kinds)} 个单位的 {len(places)} 项事项"
    departments = Department.objects.in_bulk(kinds)
    return "；".join(f"{departments[pk]}{'、'.join(labels)}" for pk, labels in kinds.items())


@require_POST
def phone(request):
    """显示 the mobile number of somebody in charge; who looked at whose is kept for the auditor."""
    _office_only(request)
    staff = User.objects.filter(is_active=True, role__in=(Role.ENTRY, Role.DEPT_REVIEWER))
    person = get_object_or_404(staff, pk=parse_pk(request.POST.get("person", "")))
    words = f"在月末收官台查看手机号，来源地址 {client_address(request) or '不明'}"
    log(request.user, person, CHANGE, words, action=Action.REVEAL)
    if request.headers.get("Accept") == REVEALED:
        return JsonResponse({"phone": person.phone})
    return _page(request, request.POST, revealed=person)


@require_POST
def late(request):
    """生成未报通报: what has not been reported, as a workbook."""
    _office_only(request)
    period = _period(request.POST.get("period", ""))
    write = partial(write_late_list, period, today(), clock.now())
    name = f"{period}未报情况通报_{today().isoformat()}.xlsx"
    return workbook(request, write, name=name, ledger="未报通报", conditions=str(period))


def _office_only(request):
    if not request.user.is_office_reviewer:
        raise Http404


# --- What is asked for ---------------------------------------------------------------------------------------------


def _choices(period, day):
    years = {day.year, day.year - 1, period.year} | {year for year, _ in owing_months_before(day.year - 1)}
    choices = period_choices(sorted(years, reverse=True), day)
    return choices if period.starts <= day else [("还未到的月份", [(period.key, period.words)]), *choices]


def _period(text):
    """The current month for anything that cannot be chosen."""
    return _asked(text) or Period.of_month(today())


def _asked(text):
    """A period that has begun, or a month to which 近期时限 leads."""
    asked = Period.parse(text)
    until = today() + timedelta(days=AHEAD if asked and _is_month(asked) else 0)
    return asked if asked and asked.starts <= until else None


def _is_month(period):
    return period.first == period.last


def _may_be_urged(period):
    return _is_month(period) and period.starts <= today()


def _step_label(step):
    if not step:
        return ""
    return "未上报" if step == "owed" else Step[step.upper()].label


def _ticked(posted):
    """[(kind, department id)], each once."""
    pairs = [(kind, parse_pk(pk)) for pk in posted.getlist("department") for kind in MATTERS]
    for text in posted.getlist("only"):  # targetupdate-12
        name, _, pk = text.partition("-")
        pairs += [(kind, parse_pk(pk)) for kind in MATTERS if kind._meta.model_name == name]
    return list(dict.fromkeys(pairs))


def _back(request, period):
    query = {"period": period.key}
    if opened := parse_pk(request.POST.get("open", "")):
        query["open"] = opened
    if request.POST.get("own"):
        query["own"] = 1
    return redirect(f"{reverse('reform:month_end')}?{urlencode(query)}")


# --- What is shown -------------------------------------------------------------------------------------------------


def _units(found, period, day):
    rated = rates(*_rated_months(period), day)
    people, pressed = people_in_charge(found), urged(period) if _is_month(period) else {}
    units = [
        _unit(department, found[department.pk], rated.get(department.pk, Rates()), people, pressed)
        for department in Department.objects.filter(pk__in=found)
    ]
    return sorted(units, key=lambda unit: unit.risk)


def _rated_months(period):
    last = period.year, period.last
    return months_until(last, RATED) if _is_month(period) else ((period.year, period.first), last)


def _unit(department, tally, past, people: People, pressed):
    role = Role.ENTRY if tally.owed else Role.DEPT_REVIEWER if tally.waits else ""
    in_charge = people.get((department.pk, role), [])
    times = {kind: pressed.get((kind._meta.model_name, department.pk)) for kind in MATTERS}
    asked = [times[kind] for kind in MATTERS if kind._meta.label_lower in tally.kinds]
    return Unit(
        department=department,
        tally=tally,
        rates=past,
        contact=in_charge[0] if in_charge else None,
        others=max(0, len(in_charge) - 1),
        urged_at=max(filter(None, times.values()), default=None),
        is_urged=bool(asked) and all(at and timezone.localdate(at) == today() for at in asked),
    )


def _matters(items, opened, step, number):
    if opened:
        items = items.filter(department=opened.department)
    page = Paginator(Matters(items, CHOICES.get(step, ())), PAGE_SIZE).get_page(number)
    page.object_list = list(page.object_list)
    return page


def _days_left(period, day):
    """Working days until the current month closes; None for any other period."""
    if period != Period.of_month(day):
        return None
    calendar = Calendar()
    closes = calendar.term(day.year, day.month).closes
    return calendar.days_left(day, closes) if day <= closes else None


def _tiles(user, units, total, period, day, *, whole):
    kinds = [(kind, total.kinds.get(name, 0)) for name, kind in KINDS.items()]
    owing = sum(bool(unit.tally.owed) for unit in units)
    own = sum(unit.tally.steps[Step.OFFICE] for unit in units if unit.department.pk in user.assigned_department_ids)
    share = _percent(total.steps[Step.CONFIRMED], total.due)
    return [
        Tile(
            "应报",
            total.due,
            "green",
            "",
            " · ".join(f"{_short(kind)} {number}" for kind, number in kinds),
            100 if total.due else 0,
        ),
        Tile(
            "未上报（在录入人员）",
            total.owed,
            "red",
            "owed",
            f"{owing} 个单位" + (f" · 逾期 {total.overdue} 件" if total.overdue else ""),
            _percent(total.owed, total.due),
        ),
        Tile(
            "待部门审核",
            total.steps[Step.DEPARTMENT],
            "amber",
            Step.DEPARTMENT.key,
            _longest(units, Step.DEPARTMENT),
            _percent(total.steps[Step.DEPARTMENT], total.due),
        ),
        Tile(
            "待改革办审核",
            total.steps[Step.OFFICE],
            "blue",
            Step.OFFICE.key,
            f"其中归我 {own}",
            _percent(total.steps[Step.OFFICE], total.due),
            reverse("workflow:inbox") if own else "",
        ),
        Tile(
            "已确认",
            total.steps[Step.CONFIRMED],
            "green",
            Step.CONFIRMED.key,
            f"{share}% · {_last_month(period, total, day, whole)}" if total.due else "",
            share,
        ),
    ]


def _short(kind):
    return {"targetupdate": "进度值", "planupdate": "月度计划"}[kind._meta.model_name]


def _percent(number, whole):
    return round(100 * number / whole) if whole else 0


def _longest(units, step):
    """最久 3 天 · 市口岸物流办."""
    waiting = [unit for unit in units if step in unit.tally.since]
    if not waiting:
        return "没有停留"
    unit = min(waiting, key=lambda unit: unit.tally.since[step])
    return f"最久 {waited(unit.tally.since[step])} · {unit.department}"


def _last_month(period, total, day, whole):
    """已上报 82%，上月同日 61%; without the comparison for what is not the current month, or not of all departments."""
    words = f"已上报 {_percent(total.reported, total.due)}%"
    if not whole or period != Period.of_month(day):
        return words
    before = period.starts - timedelta(days=1)
    same_day = date(before.year, before.month, min(day.day, before.day))
    moment = clock.now() - (day - same_day)
    reported, due = reported_by(Period.of_month(before), moment)
    return f"{words}，上月同日 {_percent(reported, due)}%" if due else words
