"""What is stored of a city beside its events, checked against them: one function for each thing that follows."""

from collections import Counter
from importlib import import_module
from itertools import groupby

from django.apps import apps
from django.db.models import F, Q
from django.utils import timezone

from reform.calendar import Calendar, month_start
from reform.indicators import IndicatorType
from reform.models import (
    BattleMap,
    IndicatorRevision,
    MonthlyPlan,
    MonthlyTarget,
    PlanChange,
    PlanStatus,
    PlanUpdate,
    TargetRevision,
    TargetUpdate,
)
from reform.models.due_schedule import differences
from tests.workflow.test_state_machine import TABLE
from workflow.models import Event, Record
from workflow.states import EDITABLE, SETTLED, State


def check(sample=60):
    check_events()
    check_values()
    check_plans()
    check_late()
    assert differences() == []
    check_snapshots(sample)
    check_revisions()


def check_events():
    """Every step is one that the machine knows, by whom it is for, after the one before, and leads to the next."""
    events = Event.objects.order_by("record", "at", "pk").select_related("actor__department", "record__dossier")
    steps = {pk: list(group) for pk, group in groupby(events, key=lambda event: event.record_id)}
    for record in Record.objects.all():
        state, version, at, submitter = State.DRAFT, 0, record.created_at, None
        for event in steps.get(record.pk, []):
            if event.action == "reopen":  # told of a confirmed record, moves it nowhere
                assert (event.from_state, event.to_state, event.version) == (state, state, version)
                continue
            role, to_state = TABLE[state][event.action]
            assert (event.from_state, event.to_state, event.actor.role) == (state, to_state, role)
            assert event.version > version - 1
            assert event.at >= at
            assert (event.snapshot is not None) == (event.action == "submit")
            assert bool(event.reason and event.detail) == (event.action in ("reject", "send_back"))
            assert role == "office_reviewer" or event.actor.department_id == event.record.dossier.department_id
            state, version, at = to_state, event.version + 1, event.at
            if event.action == "submit":
                submitter = (event.actor_id, event.at)
        assert (record.state, record.version) == (state, max(version, record.version))
        assert (record.submitter_id, record.submitted_at) == (submitter or (None, None))
        assert at <= record.updated_at <= timezone.now()


def check_values():
    """进度值 are those of the last confirmed update; values of maps that are not issued are none."""
    expected = {}
    for update in TargetUpdate.objects.settled().order_by("revision").prefetch_related("values"):
        for value in update.values.all():
            expected[value.indicator_id, update.month] = value.value, value.state
    found = MonthlyTarget.objects.exclude(actual=None, state="").values_list("indicator", "month", "actual", "state")
    assert {(indicator, month): tuple(said) for indicator, month, *said in found} == expected
    for battle_map in BattleMap.objects.prefetch_related("indicators__targets").exclude(state__in=EDITABLE):
        for indicator in battle_map.indicators.all():
            assert list(indicator.target_problems("", "")) == []


def check_plans():
    """A plan stands where its last confirmed update left it, or the inspection that found this untrue.

    已完成 ends it, and one is open at a time.
    """
    reopened = set(Event.objects.filter(action="reopen").values_list("record", flat=True))
    updates = PlanUpdate.objects.order_by("plan", "pk").select_related("plan")
    by_plan = {plan: list(group) for plan, group in groupby(updates, key=lambda update: update.plan)}
    for plan, reported in by_plan.items():
        confirmed = [
            PlanStatus.IN_PROGRESS if update.pk in reopened else update.status
            for update in reported
            if update.state in SETTLED
        ]
        assert plan.status == (confirmed[-1] if confirmed else PlanStatus.NOT_STARTED)
        assert PlanStatus.DONE not in confirmed[:-1]
        assert all(update.state in SETTLED for update in reported[:-1])
        assert plan.cancelled_at is None
    untold = MonthlyPlan.objects.exclude(pk__in=[plan.pk for plan in by_plan])
    assert not untold.exclude(status=PlanStatus.NOT_STARTED).exists()
    confirmed = PlanChange.objects.filter(iteration__state=State.CONFIRMED)
    changed = confirmed.filter(before__isnull=False)
    assert not changed.filter(cancelled=False).exclude(plan__month=F("month"), plan__content=F("content")).exists()
    assert set(changed.filter(cancelled=True).values_list("plan", flat=True)) == set(
        MonthlyPlan.objects.filter(cancelled_at__isnull=False).values_list("pk", flat=True)
    )
    for battle_map in BattleMap.objects.filter(Q(state=State.ISSUED) | Q(issued_at__isnull=False)):
        assert battle_map.issued_at == battle_map.events.get(action="issue").at


def check_late():
    """迟报, by the day of the first submission."""
    calendar = Calendar()
    firsts = {}
    for record, at in Event.objects.filter(action="submit").order_by("-at").values_list("record", "at"):
        firsts[record] = timezone.localdate(at)
    for update in TargetUpdate.objects.select_related("battle_map"):
        term = calendar.term(update.battle_map.year, update.month, update.battle_map.issued_at)
        late = update.pk in firsts and update.revision == 1 and firsts[update.pk] > term.closes
        assert update.late == late
    reported = {}
    for update in PlanUpdate.objects.order_by("pk").select_related("plan__measure__battle_map"):
        battle_map, month = update.plan.measure.battle_map, update.plan.month
        earlier = reported.setdefault(update.plan_id, [])
        if update.pk in firsts:
            silent = not any(day >= month_start(battle_map.year, month) for day in earlier)
            term = calendar.term(battle_map.year, month, battle_map.issued_at)
            late = silent and firsts[update.pk] > term.closes
            assert (update.late, update.pk) == (late, update.pk), (update.title, update.dossier.name, term, earlier)
            earlier.append(update.submitted_at)


def check_snapshots(sample):
    """What was last submitted is what stands there, where nothing has been changed since."""
    for kind in Record.kinds():
        unchanged = kind.objects.exclude(state__in=EDITABLE)
        if kind is BattleMap:
            unchanged = unchanged.exclude(iterations__state=State.CONFIRMED)
            unchanged = unchanged.exclude(measures__plans__extensions__state=State.CONFIRMED)
            unchanged = unchanged.exclude(indicators__adjustments__state=State.CONFIRMED)
        for record in unchanged.order_by("-pk")[:sample]:
            assert record.events.filter(action="submit").first().snapshot == record.full_snapshot()


def check_revisions():
    """The past of confirmed maps is what events, applied iterations and confirmed updates make of it."""
    history = import_module("reform.migrations.0006_first_revisions")
    # The migration that this is taken from knows no extensions, no adjustments, no checks that reopen a plan, no
    # indicators but the manual's and no leads of measures.
    told = BattleMap.objects.settled().exclude(measures__plans__extensions__state=State.CONFIRMED)
    told = told.exclude(measures__plans__checks__reopened=True)
    told = told.exclude(indicators__adjustments__state=State.CONFIRMED)
    told = told.exclude(indicators__type=IndicatorType.QUALITATIVE)
    known = {IndicatorRevision: ["name", "unit", "annual_target"], TargetRevision: ["target", "actual"]}
    keys = list(told.values_list("pk", flat=True))
    paths = ("battle_map", "indicator__battle_map", "battle_map", "measure__battle_map")
    for path, expected in zip(paths, history.Maps(apps.get_model, keys).revisions(), strict=True):
        model = type(expected[0])
        fields = known.get(model, {*model.kept_fields()} - {"lead_id"})
        names = ["subject_id", "valid_from", "valid_until", *fields]
        found = model.objects.filter(**{f"subject__{path}__in": keys}).values_list(*names)
        wanted = Counter(tuple(getattr(revision, name) for name in names) for revision in expected)
        assert not (extra := Counter(found) - wanted), (model, names, extra)
        assert not (lacking := wanted - Counter(found)), (model, names, lacking)
