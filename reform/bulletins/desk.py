"""What the office does with a bulletin: make the draft, make it anew, issue it."""

from datetime import date
from typing import Any

from django.db import transaction
from django.urls import reverse

from accounts import clock
from accounts.models import Department, Role, User
from reform.calendar import Period
from reform.models import Bulletin, Series
from workflow.models import Message

from . import progress, reports
from .draft import Draft
from .facts import PeriodFacts

WRITERS = {Series.PROGRESS: progress.write, Series.UNREPORTED: reports.write}


@transaction.atomic
def make(user: User, series: str, period: Period, *, dated: date, addressed_to: str) -> Bulletin:
    """A numbered draft from what is confirmed now."""
    bulletin = Bulletin.begin(user, series, period, dated=dated, addressed_to=addressed_to)
    return renew(bulletin)


@transaction.atomic
def renew(bulletin: Bulletin) -> Bulletin:
    """Write the draft anew; its number stays."""
    draft = Draft(bulletin)
    WRITERS[Series(bulletin.series)](draft, PeriodFacts(bulletin.period))
    draft.save_to(bulletin)
    bulletin.as_of = clock.now()
    bulletin.save()
    return bulletin


@transaction.atomic
def issue(bulletin: Bulletin, user: User, departments: list[Department]) -> None:
    """Call it once its file is kept, with the bulletin locked: from now on those whom it concerns see it."""
    bulletin.issued_by, bulletin.issued_at = user, clock.now()
    bulletin.save()
    bulletin.departments.set(departments)
    people = User.objects.filter(is_active=True, role__in=(Role.ENTRY, Role.DEPT_REVIEWER))
    if departments:
        people = people.filter(department__in=departments)
    text = f"{bulletin.get_series_display()}{bulletin.issue_words}已印发：{bulletin.title}。"
    path = reverse("reform:bulletin", args=[bulletin.pk])
    notices: list[Any] = [
        Message(recipient_id=pk, key=f"bulletin-{bulletin.pk}", text=text, path=path)
        for pk in people.values_list("pk", flat=True)
    ]
    Message.objects.deliver(notices)
