"""How long a large ledger takes, on the screen and as a file, and how much memory.

Times are no business of the suite; run it by itself on a quiet machine, on either database:

    pytest -s tests/bench/ledgers.py                        # 100,000 plans on SQLite
    PLANS=20000 DATABASE_URL=postgres://… pytest -s tests/bench/ledgers.py
"""

import os
import re
from datetime import timedelta
from pathlib import Path
from time import perf_counter

import pytest
import time_machine
from django.db import connection
from django.utils import timezone

from accounts.revisions import keep
from reform.models import BattleMap, Measure, MonthlyPlan, PlanStatus, PlanUpdate
from tests.factories import ProjectFactory
from workflow.models import Event, Record
from workflow.states import State

PLANS = int(os.environ.get("PLANS", "100000"))
PER_MAP = 250  # in ten measures
WORK = "召开工作推进会，完成方案起草并征求各区县和市级部门意见。" * 4


@pytest.fixture
def city(cast):
    """Issued maps full of plans, of which every second has a confirmed update."""
    for _ in range(PLANS // PER_MAP):
        drawn = BattleMap.create(ProjectFactory(department=cast.planning), 2026, cast.clerk)
        measures = Measure.objects.bulk_create(
            Measure(battle_map=drawn, position=place, content="推动重点领域改革取得突破。" * 8) for place in range(10)
        )
        MonthlyPlan.objects.bulk_create(
            MonthlyPlan(measure=measure, month=month % 12 + 1, type="pilot", content="分批开展试点示范。" * 5)
            for measure in measures
            for month in range(PER_MAP // 10)
        )
        keep(Measure.objects.filter(battle_map=drawn))
        keep(MonthlyPlan.objects.filter(measure__battle_map=drawn))
    plans = MonthlyPlan.objects.values_list("pk", "measure__battle_map__dossier").order_by("pk")[::2]
    kind = PlanUpdate._meta.label_lower
    updates = Record.objects.bulk_create(
        (Record(kind=kind, dossier_id=dossier, title="更新", creator=cast.clerk) for _, dossier in plans),
        batch_size=2000,
    )
    status = PlanStatus.IN_PROGRESS.value
    with connection.cursor() as cursor:
        cursor.executemany(
            f"INSERT INTO {PlanUpdate._meta.db_table} "
            "(record_ptr_id, plan_id, status, work_done, difficulties, next_steps) VALUES (%s, %s, %s, %s, %s, %s)",
            [(record.pk, plan, status, WORK, "", WORK) for record, (plan, _) in zip(updates, plans, strict=True)],
        )
    MonthlyPlan.objects.filter(pk__in=PlanUpdate.objects.values("plan")).update(status=status)
    for name, state in [(BattleMap._meta.label_lower, State.ISSUED), (kind, State.CONFIRMED)]:
        records = Record.objects.filter(kind=name)
        records.update(state=state, submitted_at=timezone.now())
        steps = [("submit", State.SUBMITTED), ("approve", State.DEPT_APPROVED), ("confirm", State.CONFIRMED)]
        Event.objects.bulk_create(
            (
                Event(record_id=pk, actor=cast.office, version=number, action=action, to_state=to_state)
                for pk in records.values_list("pk", flat=True)
                for number, (action, to_state) in enumerate(steps)
            ),
            batch_size=2000,
        )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    return cast


def peak(*, reset=False):
    """The most memory taken so far, or since the last reset, in MiB (as Linux counts it)."""
    if reset:
        Path("/proc/self/clear_refs").write_text("5")
    status = Path("/proc/self/status").read_text()
    return int(re.search(r"VmHWM:\s+(\d+)", status)[1]) / 1024


def say(words):
    print(words, flush=True)  # noqa: T201 - to whoever runs it


def timed(title, act):
    before, start = peak(reset=True), perf_counter()
    size = act()
    say(f"{title:24} {perf_counter() - start:6.1f} s  +{peak() - before:4.0f} MiB  {size / 1024:8.0f} KiB")


@pytest.mark.django_db
def test_a_large_ledger(city, client):
    say(f"\n{PLANS} plans on {connection.vendor}")

    def page(query):
        return lambda: len(client.get(f"/ledgers/plans/{query}").content)

    def file(query):
        return lambda: sum(len(part) for part in client.post(f"/ledgers/plans/export/{query}").streaming_content)

    past = f"as_of={timezone.localdate()}"
    with time_machine.travel(timezone.now() + timedelta(days=1), tick=True):
        client.force_login(city.office)
        timed("page", page("?"))
        timed("page, narrowed", page("?month=7&q=试点&state=in_progress"))
        timed("page, sorted, last", page("?sort=-2&page=1000"))
        timed("page of a past day", page(f"?{past}"))
        timed("file", file("?"))
        timed("file of a past day", file(f"?{past}"))
        for name in ("projects", "indicators"):
            timed(name, lambda name=name: len(client.get(f"/ledgers/{name}/").content))
