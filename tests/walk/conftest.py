"""Browsers of everybody, and what has an address of its own."""

import pytest
from axes.models import AccessFailureLog, AccessLog
from django.contrib.admin.models import CHANGE, LogEntry
from django.test import Client

from accounts import clock
from accounts.absences import Absence
from reform.models import (
    CalendarDay,
    CoordinationRequest,
    LedgerExport,
    PromotionUpdate,
    SampleDraw,
    SpotCheck,
    TaskForce,
)
from tests import factories
from tests.factories import AttachmentFactory, letter, matter, open_plan, plan_update
from tests.walk.statuses import VIEWERS
from workflow.contributions import ask
from workflow.models import ReasonCategory
from workflow.states import State


@pytest.fixture(autouse=True)
def _queries_for_everybody(checked_queries):
    """Nowhere else do so many people ask for the same."""


@pytest.fixture
def record(cast):
    draft = cast.make(PromotionUpdate)
    AttachmentFactory(record=draft)
    return cast.bring(draft, State.RETURNED)


def found_check(cast, update, file):
    """A check of a sample that found something, with that file."""
    draw = SampleDraw.objects.create(period="2026-01-12", size=1, seed="1", candidates=1, drawn_by=cast.office)
    found = {"finding": "true", "way": "phone", "found_by": cast.office, "found_at": clock.now()}
    check = SpotCheck.objects.create(plan=update.plan, update=update, draw=draw, opened_by=cast.office, **found)
    check.files.create(name="照片.pdf", file=file, size=1, digest="", uploader=cast.office)
    return check


@pytest.fixture
def visitors(cast):
    """A browser for each viewer, signed in."""
    browsers = {who: Client() for who in VIEWERS}
    for who, browser in browsers.items():
        browser.force_login(getattr(cast, who))
    return browsers


@pytest.fixture
def things(cast, record, visitors):
    """What has an address of its own."""
    drawn = cast.issued_map()
    update = plan_update(open_plan(drawn), cast.clerk)
    ask(update, cast.clerk, [cast.science], clock.today(), "")
    asked = update.contributions.get()
    check = found_check(cast, update, record.attachments.get().file.name)
    return {
        "update": update.pk,
        "contribution": asked.pk,
        "contributed": asked.files.create(
            name="清单.pdf", file=record.attachments.get().file.name, size=1, digest="", uploader=cast.partner
        ).pk,
        "record": record.pk,
        "event": record.events.get(action="submit").pk,
        "file": record.attachments.get().pk,
        "notice": record.classified_notices.get().pk,
        "project": cast.project.pk,
        "map": drawn.pk,
        "matter": matter(cast).pk,
        "letter": letter(cast).pk,
        "request": CoordinationRequest.objects.create(source=record, text="接口不一", raised_by=cast.clerk).pk,
        "plan": open_plan(drawn).pk,
        "message": cast.clerk.messages.first().pk,
        "absence": Absence.objects.create(
            person=cast.reviewer, stand_in=cast.reviewer2, first_day=clock.today(), last_day=clock.today()
        ).pk,
        "opinion": cast.reviewer.common_opinions.create(text="请核对口径后重报。").pk,
        "bulletin": factories.issued_bulletin(cast.office, record.attachments.get().file.name).pk,
        "ledger": "promotions",
        "kind": "promotionupdate",
        "user": cast.clerk.pk,
        "department": cast.planning.pk,
        "day": CalendarDay.objects.first().pk,
        "domain": cast.project.domain_id,
        "check": check.pk,
        "draw": check.draw_id,
        "check_file": check.files.get().pk,
        "task_force": TaskForce.objects.create(name="经济体制改革专项小组").pk,
        "reason": ReasonCategory.objects.first().pk,
        "entry": LogEntry.objects.create(
            user=cast.admin, content_type_id=1, object_id="1", object_repr="甲", action_flag=CHANGE
        ).pk,
        "export": LedgerExport.objects.create(actor=cast.clerk, ledger="月度计划台账", as_of=clock.now(), rows=3).pk,
        "access": AccessLog.objects.first().pk,
        "failure": AccessFailureLog.objects.create(username="13800000000", ip_address="10.0.0.1").pk,
    }
