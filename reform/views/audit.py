"""审计日志 for the auditor: searched, exported and verified; nothing here writes into it but what the auditor did."""

from datetime import datetime, time, timedelta

import django_filters
from django import forms
from django.conf import settings
from django.contrib import messages
from django.db import OperationalError
from django.db.models import F
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from accounts.audit.entries import Action, AuditEntry, Result
from accounts.audit.verification import verify
from accounts.audit.writing import write
from accounts.listing import UNKNOWN, containing, is_asked, list_context
from accounts.views.office import permitted
from accounts.waiting import waited_in_vain
from reform.calendar import today
from reform.ledgers.audit_log import AuditExtract
from workflow.forms import DayField

from .workbooks import workbook

OPENS_ON = timedelta(days=30)  # before today: until something is asked for, the log of many years stays unread
NEWEST = 20_000  # verified while somebody waits; `verify_audit` takes all

for_auditors = permitted("accounts.view_auditentry")


class DayFilter(django_filters.DateFilter):
    field_class = DayField

    def __init__(self, label):
        super().__init__(
            label=label,
            method="by_day",
            widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"),
            error_messages={"invalid": "请填写日期，例如 2026-06-30。"},
        )


class AuditFilter(django_filters.FilterSet):
    who = django_filters.CharFilter(label="人员、单位", method="search")
    q = django_filters.CharFilter(label="对象、来源地址", method="search")
    action = django_filters.ChoiceFilter(
        label="操作", choices=Action.choices, empty_label="全部操作", error_messages=UNKNOWN
    )
    result = django_filters.ChoiceFilter(
        label="结果", choices=Result.choices, empty_label="全部结果", error_messages=UNKNOWN
    )
    since = DayFilter("起始日期")
    until = DayFilter("截止日期")

    def __init__(self, data, queryset):
        if not is_asked(AuditFilter, data):
            data = {"since": (today() - OPENS_ON).isoformat()}
        super().__init__(data, queryset)

    FIELDS = {"who": ("name", "department"), "q": ("kind", "key", "title", "address")}

    def search(self, entries, name, value):
        return containing(entries, value, *self.FIELDS[name])

    def by_day(self, entries, name, day):
        if name == "since":
            return entries.filter(at__gte=timezone.make_aware(datetime.combine(day, time())))
        return entries.filter(at__lte=timezone.make_aware(datetime.combine(day, time.max)))

    @property
    def conditions(self) -> list[str]:
        """操作：登录, and so on, for each that is set."""
        asked = {name: value for name, value in self.form.cleaned_data.items() if value}
        labels = dict([*Action.choices, *Result.choices])
        return [f"{self.filters[name].label}：{labels.get(value, value)}" for name, value in asked.items()]


@for_auditors
@require_safe
def audit(request):
    """The newest first, those of the last days until something else is asked for."""
    try:
        return _page(request, AuditEntry.objects.all())
    except OperationalError as error:
        if not waited_in_vain(error):
            raise
        return _page(request, AuditEntry.objects.none(), status=503, is_too_much=True, is_narrowed=False)


@require_POST
@for_auditors
def export(request):
    """The same rows as a file."""
    chosen = _chosen(request, AuditEntry.objects.all())
    if chosen.qs.count() > settings.LEDGER_EXPORT_MAX_ROWS:
        messages.error(request, f"一次最多导出 {settings.LEDGER_EXPORT_MAX_ROWS} 条，请缩小日期范围后再导出。")
        return redirect(f"{reverse('reform:audit')}?{request.GET.urlencode()}")
    extract = AuditExtract(chosen.qs, chosen.conditions)
    name = f"{extract.label}_{today().isoformat()}.xlsx"
    return workbook(request, extract.write, name=name, ledger=extract.label, conditions="；".join(chosen.conditions))


@require_POST
@for_auditors
def check(request):
    """校验: says whether the newest entries are what was written."""
    report = verify(newest=NEWEST)
    result = Result.FAILED if report.findings else Result.DONE
    write(request.user, Action.VERIFY, AuditExtract.label, result=result, after={"结论": report.sentence})
    return _page(request, AuditEntry.objects.all(), report=report)


def _chosen(request, entries):
    return AuditFilter(request.GET, entries.annotate(position=F("link__position")))


def _page(request, entries, *, status=200, **context):
    context |= {"list_url": reverse("reform:audit")}  # what was verified is said at an address of its own
    shown = list_context(request, _chosen(request, entries))
    return render(request, "reform/audit.html", shown | context, status=status)
