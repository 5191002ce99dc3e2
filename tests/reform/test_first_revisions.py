"""The migration that gives an installation without revisions its past: from events, applied iterations and updates."""

from decimal import Decimal
from importlib import import_module

import pytest
import time_machine
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.utils import timezone

from accounts.models import DepartmentRevision
from reform.models import (
    DomainRevision,
    IndicatorRevision,
    MeasureRevision,
    PartnerSpan,
    PlanRevision,
    PlanStatus,
    ProjectRevision,
    TargetRevision,
)
from tests import factories
from workflow.states import State

pytestmark = pytest.mark.sql

NAME = "0006_first_revisions"
TABLES = (
    DepartmentRevision,
    DomainRevision,
    ProjectRevision,
    PartnerSpan,
    IndicatorRevision,
    TargetRevision,
    MeasureRevision,
    PlanRevision,
)
BEGINNING = "2000-01-01 00:00"


def told(revisions, *names):
    """What they say, and from when until when, on the clocks of China."""
    return [
        (
            *(getattr(revision, name) for name in names),
            *(at and f"{timezone.localtime(at):%Y-%m-%d %H:%M}" for at in (revision.valid_from, revision.valid_until)),
        )
        for revision in revisions.order_by("valid_from", "pk")
    ]


def forget_and_migrate():
    for table in TABLES:
        table.objects.all().delete()
    apps = MigrationLoader(connection).project_state().apps
    import_module(f"reform.migrations.{NAME}").write(apps, None)


def test_the_past_is_read_from_what_was_filed(cast):
    drawn = factories.battle_map(cast.project, cast.clerk)
    cast.bring(drawn, State.ISSUED)
    measure, indicator = drawn.measures.first(), drawn.indicators.get(name="办件量")
    plan = measure.plans.get()
    with time_machine.travel("2026-07-20T10:00+08:00"):
        cast.bring(factories.target_update(drawn, cast.clerk, 1), State.CONFIRMED)
        cast.bring(factories.plan_update(plan, cast.clerk), State.CONFIRMED)
    with time_machine.travel("2026-08-03T11:00+08:00"):
        changed = factories.iteration(measure, cast.clerk)
        changed.changes.filter(plan=plan).update(month=10)
        cast.bring(changed, State.CONFIRMED)
    with time_machine.travel("2026-08-05T12:00+08:00"):
        measure.refresh_from_db()
        removing = factories.iteration(measure, cast.clerk)
        removing.changes.filter(plan=plan).update(cancelled=True)
        cast.bring(removing, State.CONFIRMED)

    tables = (IndicatorRevision, TargetRevision, MeasureRevision, PlanRevision)
    before = [told(table.objects, "subject_id", *table.kept_fields()) for table in tables]
    forget_and_migrate()
    assert told(indicator.revisions, "name") == [("办件量", "2026-07-15 09:00", None)]
    assert told(indicator.targets.get(month=1).revisions, "target", "actual") == [
        (Decimal(10), None, "2026-07-15 09:00", "2026-07-20 10:00"),
        (Decimal(10), Decimal(10), "2026-07-20 10:00", None),
    ]
    assert told(measure.revisions, "content") == [
        ("第1条举措", "2026-07-15 09:00", "2026-08-03 11:00"),
        ("第1条举措（已优化）", "2026-08-03 11:00", "2026-08-05 12:00"),
        ("第1条举措（已优化）（已优化）", "2026-08-05 12:00", None),
    ]
    assert told(plan.revisions, "month", "status") == [
        (2, PlanStatus.NOT_STARTED, "2026-07-15 09:00", "2026-07-20 10:00"),
        (2, PlanStatus.IN_PROGRESS, "2026-07-20 10:00", "2026-08-03 11:00"),
        (10, PlanStatus.IN_PROGRESS, "2026-08-03 11:00", "2026-08-05 12:00"),
    ]
    after = [told(table.objects, "subject_id", *table.kept_fields()) for table in tables]
    assert [sorted(rows, key=str) for rows in after] == [sorted(rows, key=str) for rows in before]


def test_base_info_has_no_past_before_it(cast):
    """Nobody can tell what it said before; where the log does not say when a project was entered, it always was."""
    forget_and_migrate()
    assert told(cast.project.revisions, "name") == [("数字经济改革", BEGINNING, None)]
    assert told(cast.project.partner_spans, "department") == [(cast.science, BEGINNING, None)]
    assert told(cast.planning.revisions, "name") == [("市发展改革委", BEGINNING, None)]
