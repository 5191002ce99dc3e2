"""工作日历: the years, the months of a year, one day, and the import of a year's notice."""

from calendar import monthcalendar
from dataclasses import dataclass
from datetime import date

from django.contrib import messages
from django.contrib.admin.models import ADDITION, CHANGE
from django.db import transaction
from django.db.models import Count, Q
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import history
from accounts.audit.entries import Action
from accounts.large_bodies import takes_files
from accounts.requests import AuthenticatedRequest
from accounts.views import office
from reform.calendar import MONTHS, holiday_import, notice_years, today, unknown_years
from reform.excel import CONTENT_TYPE
from reform.forms.calendar import CalendarDayForm, NoticeForm, moved_words, moves_words
from reform.models import CalendarDay, CalendarYear, due_schedule

may_change = office.permitted("reform.add_calendarday", "reform.change_calendarday")


@dataclass(frozen=True)
class YearRow:
    year: int
    off: int
    working: int
    is_known: bool
    is_missing: bool  # known by now it should be


@dataclass(frozen=True)
class DayCell:
    day: date
    mark: str  # 休 or 班, where the table says something of the day
    note: str
    is_off: bool
    url: str


def _years():
    """{year: (days off, days worked in their stead)}, and the years that are known."""
    rows = CalendarDay.objects.values("day__year").order_by("day__year")
    counts = rows.annotate(off=Count("pk", Q(is_working=False)), working=Count("pk", Q(is_working=True)))
    known = set(CalendarYear.objects.values_list("year", flat=True))
    return {row["day__year"]: (row["off"], row["working"]) for row in counts}, known


class Days(office.Pages):
    """Its list is that of the years."""

    model, form = CalendarDay, CalendarDayForm
    room, name, names = "reform", "calendar_day", "calendar"
    title, add_title = "工作日历", "新增日期"
    deletable = True

    def list(self, request):
        counts, known = _years()
        missing = unknown_years()
        found = sorted({*counts, *known, *missing, today().year, today().year + 1}, reverse=True)
        rows = [YearRow(year, *counts.get(year, (0, 0)), year in known, year in missing) for year in found]
        return render(request, "office/calendar.html", self.page() | {"years": rows, "unknown_years": missing})

    def new(self, request):
        try:
            return CalendarDay(day=date.fromisoformat(request.GET.get("day", "")))
        except ValueError:
            return CalendarDay()

    def context(self, request, obj):
        if not obj.pk:
            return {}
        day = CalendarDay.objects.values_list("day", flat=True).get(pk=obj.pk)
        return {"moves_if_deleted": moves_words(due_schedule.count_moves({day: None}))}

    def saved(self, request, form):
        _follow(request)

    def deleted(self, request):
        """The day is then like any other of its weekday."""
        _follow(request)


days = Days()


def _check_year(year):
    if year not in notice_years():
        raise Http404


@may_change
@require_safe
def year(request: AuthenticatedRequest, year: int) -> HttpResponse:
    _check_year(year)
    marked = {row.day: row for row in CalendarDay.objects.filter(day__year=year)}
    log = history.entries(CalendarYear, CalendarDay).filter(object_repr__startswith=str(year))
    known = CalendarYear.objects.filter(year=year).exists()
    context = days.page() | {
        "year": year,
        "months": [(month, _weeks(year, month, marked)) for month in MONTHS],
        "is_known": known,
        "unknown_years": unknown_years(),
        "days": list(marked.values()),
        "log": log[: office.MOST_ENTRIES],
    }
    return render(request, "office/calendar_year.html", context)


def _weeks(year, month, marked):
    return [
        [_cell(date(year, month, day), marked) if day else None for day in week] for week in monthcalendar(year, month)
    ]


def _cell(day, marked):
    row = marked.get(day)
    if row:
        url = reverse("reform:calendar_day", args=[row.pk])
        return DayCell(day, "班" if row.is_working else "休", row.note, not row.is_working, url)
    url = reverse("reform:calendar_day_add", query={"day": day.isoformat()})
    return DayCell(day, "", "", day.weekday() > 4, url)


def _follow(request):
    if moved := due_schedule.follow_calendar():
        messages.warning(request, moved_words(moved))


@may_change
@require_POST
def complete(request: AuthenticatedRequest, year: int) -> HttpResponse:
    """Somebody confirms that all days of the year's notice are in the table."""
    _check_year(year)
    with transaction.atomic():
        found, is_new = CalendarYear.objects.get_or_create(year=year)
        if is_new:
            history.log(request.user, found, ADDITION, "确认已录入完整")
    messages.success(request, f"已确认 {year} 年放假安排录入完整。")
    return redirect("reform:calendar_year", year)


@takes_files(may_change(lambda _: True))
@may_change
@require_http_methods(["GET", "POST"])
def import_notice(request: AuthenticatedRequest) -> HttpResponse:
    """All rows or none; the days that are there already take what the notice says."""
    form = NoticeForm(request.POST or None, request.FILES or None, initial={"year": request.GET.get("year", "")})
    if request.method == "POST" and form.is_valid():
        _keep(request, form)
        return redirect("reform:calendar_year", form.cleaned_data["year"])
    context = days.page() | {"form": form, "headings": holiday_import.HEADINGS, "unknown_years": unknown_years()}
    return render(request, "office/calendar_import.html", context, status=422 if form.errors else 200)


@transaction.atomic
def _keep(request, form):
    added, changed = holiday_import.keep(form.days)
    known, _ = CalendarYear.objects.get_or_create(year=form.cleaned_data["year"])
    for rows, flag in ((added, ADDITION), (changed, CHANGE)):
        if rows:
            history.log_all(request.user, flag, [(row, "导入放假安排") for row in rows])
    same = len(form.days) - len(added) - len(changed)
    words = f"新增 {len(added)} 天，修改 {len(changed)} 天，{same} 天没有变化"
    history.log(request.user, known, CHANGE, f"导入：{words}", action=Action.IMPORT)
    messages.success(request, f"已导入：{words}。")
    _follow(request)


@may_change
@require_safe
def template(request: AuthenticatedRequest) -> HttpResponse:
    return HttpResponse(
        holiday_import.template(),
        content_type=CONTENT_TYPE,
        headers={"Content-Disposition": content_disposition_header(True, "放假安排模板.xlsx")},
    )
