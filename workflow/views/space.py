"""附件空间: what each department's files take, for the system administrator."""

from django.conf import settings
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts import administration
from accounts.models import Department
from accounts.requests import AuthenticatedRequest
from workflow import quota


@require_safe
def space(request: AuthenticatedRequest) -> HttpResponse:
    if not administration.keeps_accounts(request.user):
        raise Http404
    used, most = quota.used(), settings.DEPARTMENT_QUOTA_MB
    departments = sorted(Department.objects.filter(pk__in=used), key=lambda department: -used[department.pk])
    rows = [
        {"department": department, "used": used[department.pk], "percent": _percent(used[department.pk])}
        for department in departments
    ]
    return render(request, "workflow/space.html", {"rows": rows, "most": most, "warned_at": quota.WARNED_AT})


def _percent(used: int) -> int | None:
    most = settings.DEPARTMENT_QUOTA_MB * quota.MB
    return used * 100 // most if most else None
