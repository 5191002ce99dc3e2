"""The demo city: whoever signs in finds work, on whatever day it was founded."""

import pytest
import time_machine
from django.contrib.auth.hashers import check_password
from django.core.management import call_command
from django.db import transaction
from django.utils import timezone

from accounts.models import Department, Role, User
from fixtures.bulk_writer import PrefetchedList, relate
from fixtures.city import read_texts
from reform.models import (
    BattleMap,
    Difficulty,
    Domain,
    MeasureIteration,
    MonthlyPlan,
    MonthlyTarget,
    PlanUpdate,
    Project,
    Rung,
    Stage,
    SupervisionLetter,
    SupervisionMatter,
    SupervisionReport,
    TargetUpdate,
)
from reform.models.due_schedule import differences
from reform.reporting.work_items import work_items
from reform.supervision.letters import proposed
from tests import factories
from tests.factories import UserFactory
from tests.reform import replay
from tests.work import due_count
from workflow import filetypes
from workflow.actions import perform
from workflow.models import Attachment, ClassifiedNotice, Event, Message, Record
from workflow.states import SETTLED, State

pytestmark = pytest.mark.django_db

TEXTS = read_texts("demo_city")
JULY = "2026-07-15T10:00"
OTHER_DAYS = ["2026-01-05T08:30", "2026-03-31T17:00", "2026-12-31T23:50", "2027-06-16T09:00"]


@pytest.fixture(params=[JULY, *OTHER_DAYS])
def city(request):
    with time_machine.travel(f"{request.param}+08:00", tick=False):
        call_command("demo_city", projects=len(TEXTS["projects"]) + 12)
        yield request.param


def person(last):
    return User.objects.get(phone=f"1390000000{last}")


def kinds(records):
    return set(records.values_list("kind", flat=True))


def test_a_submission_holds_what_is_not_written_yet(cast):
    """Rows are written in large batches, after the events that speak of them."""
    update = factories.target_update(cast.issued_map(), cast.clerk)
    file, value = Attachment(pk=7, name="数据截图.png"), update.values.first()
    relate(
        update,
        attachments=PrefetchedList([file]),
        classified_notices=PrefetchedList(),
        values=PrefetchedList([value]),
    )
    submitted = update.full_snapshot()
    assert submitted["attachments"] == [{"id": 7, "name": "数据截图.png"}]
    assert len(submitted["values"]) == 1 < update.battle_map.indicators.count()


@pytest.mark.full
def test_everybody_has_something_to_do(city):
    """One test for all: founding a city takes seconds."""
    # The clerk: maps to draw and mend, updates that are due, and what came back says why.
    for clerk, issued, came_back in ((person(1), 2, 2), (person(4), 1, 0)):
        in_hand = Record.objects.in_hand(clerk)
        assert in_hand.filter(state=State.DRAFT, kind="reform.battlemap").exists()
        assert in_hand.exclude(state=State.DRAFT).count() >= came_back
        own = BattleMap.objects.filter(state=State.ISSUED, dossier__department=clerk.department)
        assert own.filter(year=timezone.localdate().year).count() >= issued
        assert due_count(PlanUpdate, clerk) >= 1
    assert due_count(TargetUpdate, person(1)) >= 1
    returned = Record.objects.in_hand(person(1)).filter(state=State.RETURNED, kind="reform.battlemap").get()
    assert returned.events.first().reason == "内容不完整"
    # What is due follows from the records, and lists and counts agree.
    assert differences() == []
    for kind in (BattleMap, TargetUpdate, PlanUpdate, SupervisionReport):
        for clerk in User.objects.filter(role=Role.ENTRY):
            assert sum(item.due for item in work_items(kind, clerk)) == due_count(kind, clerk)
    # The reviewers of departments.
    assert Record.objects.awaiting(person(2)).count() >= 3
    assert Record.objects.awaiting(person(5)).count() >= 3
    # The office.
    assert Record.objects.awaiting(person(3)).count() >= 5
    assert len(kinds(Record.objects.awaiting(person(3)))) >= 4
    assert Record.objects.awaiting_issue(person(3)).count() >= 2
    # Every stage, and maps in every state.
    assert set(Project.objects.values_list("stage", flat=True)) == set(Stage.values)
    assert set(BattleMap.objects.values_list("state", flat=True)) == set(State.values) - {State.VOIDED}
    assert Record.objects.filter(state=State.VOIDED).exists()
    assert kinds(Record.objects.all()) == {model._meta.label_lower for model in Record.kinds()}
    # History: values have been confirmed, an iteration applied, evidence filed.
    assert MonthlyTarget.objects.filter(actual__gt=0).count() >= 60
    assert MeasureIteration.objects.filter(state=State.CONFIRMED).exists()
    assert ClassifiedNotice.objects.exists()
    shared = Project.objects.filter(department=person(1).department, partners=person(4).department)
    assert BattleMap.objects.filter(dossier__in=shared, state=State.ISSUED).exists()
    # The office has written letters at every rung, numbered day by day, and has more to send.
    letters = SupervisionLetter.objects.order_by("rung", "issued_on", "pk")
    numbers = {rung: list(letters.filter(rung=rung).values_list("number", flat=True)) for rung in Rung}
    assert all(numbers.values())
    if city == JULY:  # elsewhere they may be of two years
        assert numbers == {1: [1, 2, 3, 4], 2: [1, 2, 3], 3: [1, 2], 4: [1]}
    assert {proposed(matter) for matter in SupervisionMatter.objects.prefetch_related("letters")} == {None, *Rung}
    assert SupervisionMatter.objects.filter(source_words__startswith="市委深改委第九次会议（").count() == 4
    # It has all happened by now, in order, and by people who had to do with it.
    now = timezone.now()
    for record in Record.objects.prefetch_related("events"):
        moments = [event.at for event in reversed(record.events.all())]
        assert moments == sorted(moments)
        assert record.created_at <= (moments or [now])[0]
        assert (moments or [record.created_at])[-1] <= now
        assert record.updated_at <= now
    assert {event.actor_department for event in Event.objects.filter(action__in=("confirm", "issue"))} == {"市委改革办"}
    assert not Message.objects.filter(created_at__gt=now).exists()
    # What is passed on has nothing to complain of but what partners gave since, and files are what they say.
    for record in Record.objects.exclude(state__in=[State.DRAFT, State.CONFIRMED, State.ISSUED]):
        assert {problem.field for problem in record.specific.problems()} <= {"contributions"}
    seen = {}
    for attachment in Attachment.objects.all():
        with attachment.file.open() as file:
            filetypes.check(attachment.name, file)
        seen[filetypes.extension_of(attachment.name)] = attachment
    assert set(seen) == {"pdf", "docx", "ofd", "png"}
    # Some of it came too late, and all that is stored beside the events follows from them.
    assert Record.objects.filter(late=True).exists()
    replay.check()
    settled = [
        each.objects.filter(state__in=SETTLED).exclude(difficulties="") for each in (PlanUpdate, SupervisionReport)
    ]
    said = {pk: text for found in settled for pk, text in found.values_list("pk", "difficulties")}
    assert said == dict(Difficulty.objects.values_list("pk", "text"))


@pytest.mark.full
def test_a_first_start_founds_one_city_with_known_accounts(db, settings, client, capsys):
    """One test for all: founding a city takes seconds."""
    settings.INITIAL_PASSWORD = "random"
    call_command("demo_city")
    capsys.readouterr()
    assert (Department.objects.count(), Project.objects.count()) == (40, 100)
    assert Project.objects.values("name").distinct().count() == 100
    assert set(Domain.objects.values_list("pk", flat=True)) == set(Project.objects.values_list("domain", flat=True))
    before = [model.objects.count() for model in (User, Project, Record, Event)]
    call_command("demo_city", if_empty=True)
    assert capsys.readouterr().out == ""
    call_command("demo_city")
    assert "已经在库中" in capsys.readouterr().out
    assert [model.objects.count() for model in (User, Project, Record, Event)] == before
    # The accounts are those that scripts rely on.
    found = [
        (user.phone[-1], user.department.name, user.role)
        for user in User.objects.filter(phone__range=("13900000001", "13900000008")).select_related("department")
    ]
    assert found == [
        ("1", "市发展改革委", Role.ENTRY),
        ("2", "市发展改革委", Role.DEPT_REVIEWER),
        ("3", "市委改革办", Role.OFFICE_REVIEWER),
        ("4", "市教委", Role.ENTRY),
        ("5", "市教委", Role.DEPT_REVIEWER),
        ("6", "市委改革办", Role.SYSTEM_ADMIN),
        ("7", "市委改革办", Role.AUDITOR),
        ("8", "市发展改革委", Role.ENTRY),
    ]
    assert User.objects.get(phone="13900000998").role == Role.SECURITY_ADMIN
    assert Department.objects.get(is_office=True).name == "市委改革办"
    assert client.post("/login/", {"username": "13900000001", "password": "Demo-2026!"}).headers["Location"] == "/"
    newcomer = person(8)
    assert newcomer.must_change_password
    assert newcomer.last_login is None
    assert check_password("123456", newcomer.password)
    assert not Event.objects.filter(actor=newcomer).exists()


def test_a_city_with_people_of_its_own_is_left_alone(db):
    UserFactory()
    call_command("demo_city", if_empty=True)
    assert not Project.objects.exists()


@pytest.mark.full
def test_written_in_bulk_a_project_goes_on_like_any_other(db):
    """The keys that were given do not stand in the way of the next ones."""
    with time_machine.travel("2026-07-15T10:00+08:00", tick=False):
        call_command("demo_city", projects=len(TEXTS["projects"]) + 8)
        others = MonthlyPlan.objects.exclude(measure__battle_map__dossier__department__name__in=TEXTS["departments"])
        plan = others.filter(month=12, measure__battle_map__state=State.ISSUED).first()
        department = plan.measure.battle_map.dossier.department
        clerk, reviewer = (User.objects.get(department=department, role=role) for role in ("entry", "dept_reviewer"))
        update = PlanUpdate.create(plan, clerk)
        update.status, update.work_done, update.next_steps = "in_progress", "已启动。", "继续推进。"
        update.save()
        perform(update.pk, "submit", clerk, update.version)
        assert perform(update.pk, "approve", reviewer, update.version + 1).state == State.DEPT_APPROVED


@pytest.mark.full
def test_the_same_day_and_seed_give_the_same_city(db):
    """At whatever hour, and whatever keys the database gives. Two would collide, so each is undone."""

    def founded(at, seed):
        with time_machine.travel(f"{at}+08:00"), transaction.atomic():
            call_command("demo_city", projects=len(TEXTS["projects"]) + 3, seed=seed)
            rows = [
                Project.objects.values_list("number", "name", "stage", "lead_leader"),
                Event.objects.values_list(
                    "at", "record__dossier__name", "record__kind", "record__title", "version", "action",
                    "actor_name", "reason", "address",
                ),
                Attachment.objects.values_list("uploaded_at", "name", "digest"),
                Message.objects.values_list("created_at", "recipient__phone", "text"),
            ]  # fmt: skip
            found = [sorted(values) for values in rows]
            transaction.set_rollback(True)
        return found

    first = founded("2026-07-15T08:30", seed=1)
    assert all(first)
    assert first == founded("2026-07-15T23:50", seed=1)
    assert first != founded("2026-07-15T08:30", seed=2)
