"""未报情况: which departments have not reported a month, and 催办."""

import re
from dataclasses import dataclass
from datetime import date

from django.contrib import messages
from django.db.models import OuterRef, Subquery
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from accounts.models import Department
from reform.calendar import MONTHS, today
from reform.models import PlanUpdate, TargetUpdate
from reform.reporting import reminders
from reform.reporting.rates import Rates, months_until, overall, rates
from reform.reporting.reminders import MATTERS, Tally, of_month, owing_months_before, tallies, until_words, urge_key
from workflow.models import Message
from workflow.states import State
from workflow.texts import parse_pk

RATED = 6  # months, of which the rates are shown


@dataclass(frozen=True)
class Cell:
    """What one department still owes of one kind."""

    kind: str
    label: str
    tally: Tally
    urged: bool

    @property
    def short_label(self):
        return self.label.removesuffix("推进更新")

    @property
    def waits(self):
        return self.tally.missing or self.tally.at_department


@dataclass(frozen=True)
class Owed:
    """One missing report; `is_again`: of a plan that was not completed in its own month."""

    kind: str
    project: str
    what: str
    until: str
    is_again: bool
    state: str


@require_safe
def unreported(request):
    """By department, those that owe most first; with `department`, also what that one owes by name."""
    _office_only(request)
    year, month = _month(request.GET.get("month", ""))
    counts = tallies(year, month)
    day = today()
    departments = Department.objects.filter(pk__in={pk for by_department in counts.values() for pk in by_department})
    keys = [urge_key(kind, department.pk, year, month, day) for department in departments for kind in MATTERS]
    urged = set(Message.objects.filter(key__in=keys).values_list("key", flat=True))
    rated = rates(*months_until((year, month), RATED), day)
    rows = [
        (
            department,
            [
                Cell(
                    kind._meta.model_name,
                    kind._meta.verbose_name,
                    counts[kind].get(department.pk, Tally()),
                    urge_key(kind, department.pk, year, month, day) in urged,
                )
                for kind in MATTERS
            ],
            rated.get(department.pk, Rates()),
        )
        for department in departments
    ]
    rows.sort(key=lambda row: -sum(cell.tally.missing for cell in row[1]))
    totals = [
        Tally(*(sum(getattr(cells[place].tally, name) for _, cells, _ in rows) for name in Tally.__dataclass_fields__))
        for place in range(len(MATTERS))
    ]
    chosen = next((row[0] for row in rows if str(row[0].pk) == request.GET.get("department")), None)
    context = {
        "year": year,
        "month": month,
        "months": [(date(y, m, 1), (y, m) == (year, month)) for y, m in _months(day)],
        "until": until_words(of_month(year, month).owed(), day),
        "matters": [kind._meta for kind in MATTERS],
        "rows": rows,
        "rated": RATED,
        "overall": overall(past for _, _, past in rows),
        "totals": totals,
        "chosen": chosen,
        "owed": _owed(chosen, year, month, day) if chosen else [],
    }
    return render(request, "reform/unreported.html", context)


@require_POST
def urge(request):
    """催办 one kind of one department, once a day."""
    _office_only(request)
    year, month = _month(request.POST.get("month", ""))
    kind = next((kind for kind in MATTERS if kind._meta.model_name == request.POST.get("kind")), None)
    if kind is None:
        raise Http404
    department = get_object_or_404(Department, pk=parse_pk(request.POST.get("department", "")))
    asked = reminders.urge(kind, department, year, month, today())
    what = f"{department}{kind._meta.verbose_name}"
    if not asked:
        messages.info(request, f"{what}没有可催办的事项，或者还没有负责的人员。")
    elif sent := Message.objects.deliver(asked):
        messages.success(request, f"已催办{what}，通知 {sent} 人。")
    else:
        messages.info(request, f"{what}今天已经催办过，同一事项每天催办一次。")
    return redirect(f"{reverse('reform:unreported')}?month={year}-{month:02}")


def _office_only(request):
    if not request.user.is_office_reviewer:
        raise Http404


def _month(text):
    """2026-11; the current one for anything else."""
    day = today()
    if re.fullmatch(r"[0-9]{4}-[0-9]{2}", text):
        asked = int(text[:4]), int(text[5:])
        if asked in _months(day):
            return asked
    return day.year, day.month


def _months(day):
    """Those one may ask for, the latest first: of last year and this, and earlier ones while something is owed."""
    asked = [(year, month) for year in (day.year, day.year - 1) for month in reversed(MONTHS)]
    return [month for month in asked if month <= (day.year, day.month)] + owing_months_before(day.year - 1)


def _owed(department, year, month, day):
    """What is missing, by kind and project."""
    states = dict(State.choices)
    kinds = {kind._meta.label_lower: kind._meta.verbose_name for kind in MATTERS}
    rows = []
    items = of_month(year, month).owed().filter(department=department).select_related("dossier", "plan", "record")
    targets = TargetUpdate.objects.standing().filter(battle_map=OuterRef("battle_map"), month=OuterRef("month"))
    plans = PlanUpdate.objects.filter(plan=OuterRef("plan"))
    latest = {"of_target": targets.order_by("-pk"), "of_plan": plans.unfinished().order_by("-pk")}
    items = items.annotate(**{name: Subquery(found.values("state")[:1]) for name, found in latest.items()})
    for item in items.order_by("kind", "dossier__name", "due_on", "pk"):
        if item.plan:
            what, state = f"{item.plan.month}月 {item.plan.type_label}：{item.plan.content}", item.of_plan
        else:
            what, state = f"{item.year}年{item.month}月", item.of_target
        until = item.term.words(day).removeprefix("本月应报，")
        is_again = not item.is_deadline
        rows.append(Owed(kinds[item.kind], item.dossier.name, what, until, is_again, states.get(state, "")))
    return rows
