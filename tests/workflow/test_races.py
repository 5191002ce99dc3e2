"""Two people at the same moment: one wins, the other is told; nothing is done twice and no text is lost.

Every race has a control: the same deeds with the row locks taken out of the SQL, where they must go wrong.
"""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from threading import Barrier, BrokenBarrierError

import pytest
from django.core.files.base import ContentFile
from django.db import connection, transaction
from django.test import Client
from django.urls import reverse

from accounts.waiting import BUSY
from reform.models import MonthlyPlan, PlanStatus, PlanUpdate, PromotionUpdate
from reform.models.due_schedule import differences
from tests import documents, factories
from tests.factories import open_plan
from workflow.actions import ActionRefused, StaleVersion, create_record, discard, lock_dossier, perform
from workflow.models import Event, Record
from workflow.states import State

pytestmark = pytest.mark.race

CONTROL_ROUNDS = 5


@pytest.fixture
def rounds(is_full):
    return 200 if is_full else 30


class Track:
    """Two threads, each with its own connection, that run to the same point between reading and writing.

    `first_write` is how the SQL begins before which they wait for each other: with locks in vain, for the second
    cannot even read, so `patience` (seconds) is short; without them both have read the same when they go on.
    """

    def __init__(self, first_write, *, locks=True):
        self.first_write, self.locks, self.patience = first_write, locks, 0.01 if locks else 5
        self.pool = ThreadPoolExecutor(2)

    def race(self, *deeds):
        """What the two deeds returned, or the StaleVersion that they raised."""
        start, meeting = Barrier(2, timeout=10), Barrier(2)

        def pause(execute, sql, params, many, context):
            if not self.locks:
                sql = sql.replace(" FOR UPDATE", "")
            if sql.startswith(self.first_write):
                with suppress(BrokenBarrierError):
                    meeting.wait(self.patience)
            return execute(sql, params, many, context)

        def run(deed):
            start.wait()
            with connection.execute_wrapper(pause):
                try:
                    return deed()
                except StaleVersion as refusal:
                    return refusal

        return [future.result() for future in [self.pool.submit(run, deed) for deed in deeds]]

    def close(self):
        leaving = Barrier(2, timeout=10)

        def leave():
            leaving.wait()
            connection.close()

        for future in [self.pool.submit(leave), self.pool.submit(leave)]:
            future.result()
        self.pool.shutdown()


@contextmanager
def track(first_write, **options):
    made = Track(first_write, **options)
    try:
        yield made
    finally:
        made.close()


@pytest.fixture
def record(cast):
    return cast.bring(cast.make(PromotionUpdate), State.SUBMITTED)


RECORD = 'UPDATE "workflow_record"'


def rounds_of(record, state, deeds, *, rounds, **options):
    """For each round: what the deeds on the record in that state came to, and the events of that round."""
    with track(RECORD, **options) as two:
        for _round in range(rounds):
            Record.objects.filter(pk=record.pk).update(state=state)
            version = Record.objects.values_list("version", flat=True).get(pk=record.pk)
            known = set(record.events.values_list("pk", flat=True))
            outcomes = two.race(*(do(version) for do in deeds))
            yield outcomes, list(Event.objects.filter(record=record.pk).exclude(pk__in=known))


def deed(record, user, action, **words):
    return lambda version: lambda: perform(record.pk, action, user, version, **words)


def assert_one_winner(record, outcomes, events):
    """The event, the record and the refusal tell the same story."""
    [event] = events
    [refusal] = [outcome for outcome in outcomes if isinstance(outcome, StaleVersion)]
    record.refresh_from_db()
    assert (record.state, record.version) == (event.to_state, event.version + 1)
    assert str(refusal).startswith(f"{event.actor_name}已先一步办理")
    return event


# approve / approve


def test_of_two_reviewers_one_approves(cast, record, rounds):
    deeds = [deed(record, cast.reviewer, "approve"), deed(record, cast.reviewer2, "approve")]
    for outcomes, events in rounds_of(record, State.SUBMITTED, deeds, rounds=rounds):
        assert assert_one_winner(record, outcomes, events).action == "approve"


def test_control_without_locks_both_approve(cast, record):
    deeds = [deed(record, cast.reviewer, "approve"), deed(record, cast.reviewer2, "approve")]
    for outcomes, events in rounds_of(record, State.SUBMITTED, deeds, rounds=CONTROL_ROUNDS, locks=False):
        assert not any(isinstance(outcome, StaleVersion) for outcome in outcomes)
        assert len(events) == 2


# approve / withdraw


def test_approving_or_withdrawing_wins_and_the_story_agrees(cast, record, rounds):
    deeds = [deed(record, cast.reviewer, "approve"), deed(record, cast.clerk, "withdraw")]
    for outcomes, events in rounds_of(record, State.SUBMITTED, deeds, rounds=rounds):
        assert assert_one_winner(record, outcomes, events).action in ("approve", "withdraw")


def test_control_without_locks_a_withdrawn_record_is_approved(cast, record):
    deeds = [deed(record, cast.reviewer, "approve"), deed(record, cast.clerk, "withdraw")]
    for _outcomes, events in rounds_of(record, State.SUBMITTED, deeds, rounds=CONTROL_ROUNDS, locks=False):
        assert {(event.action, event.from_state) for event in events} == {
            ("approve", "submitted"),
            ("withdraw", "submitted"),
        }


# submit / submit


def test_a_double_click_submits_once(cast, record, rounds):
    deeds = [deed(record, cast.clerk, "submit")] * 2
    for outcomes, events in rounds_of(record, State.DRAFT, deeds, rounds=rounds):
        assert [outcome.state for outcome in outcomes] == [State.SUBMITTED] * 2
        assert len(events) == 1


def test_control_without_locks_it_submits_twice(cast, record):
    deeds = [deed(record, cast.clerk, "submit")] * 2
    for _outcomes, events in rounds_of(record, State.DRAFT, deeds, rounds=CONTROL_ROUNDS, locks=False):
        assert len(events) == 2


# void / submit again


def laying_aside_or_submitting(cast, record):
    return [deed(record, cast.clerk, "void", detail="不再推进。"), deed(record, cast.clerk2, "submit")]


def test_what_came_back_is_laid_aside_or_submitted_again(cast, record, rounds):
    for outcomes, events in rounds_of(record, State.REJECTED, laying_aside_or_submitting(cast, record), rounds=rounds):
        assert assert_one_winner(record, outcomes, events).action in ("void", "submit")


def test_control_without_locks_what_was_laid_aside_is_submitted(cast, record):
    deeds = laying_aside_or_submitting(cast, record)
    for _outcomes, events in rounds_of(record, State.REJECTED, deeds, rounds=CONTROL_ROUNDS, locks=False):
        assert {(event.action, event.from_state) for event in events} == {("void", "rejected"), ("submit", "rejected")}


# Two editors of one draft


def editing_rounds(cast, *, rounds, **options):
    """For each round: the two answers to the two texts, the texts, and the text that is kept."""
    record = cast.make(PromotionUpdate)
    address = reverse("editing:edit", args=[record.pk])
    clients = {"甲": Client(), "乙": Client()}
    clients["甲"].force_login(cast.clerk)
    clients["乙"].force_login(cast.clerk2)

    def save(name, number, version):
        text = f"{name}第{number}稿"
        typed = {"version": version, "method": "press", "promoted_on": "2026-06-30", "summary": text, "save": ""}
        return text, lambda: clients[name].post(address, typed)

    with track(RECORD, **options) as two:
        for number in range(rounds):
            version = Record.objects.values_list("version", flat=True).get(pk=record.pk)
            texts, deeds = zip(*(save(name, number, version) for name in clients), strict=True)
            answers = two.race(*deeds)
            record.refresh_from_db()
            yield answers, texts, record.summary, record.version - version


def test_of_two_editors_one_saves_and_the_other_keeps_both_texts_in_sight(cast, rounds):
    for answers, texts, kept, saved in editing_rounds(cast, rounds=rounds):
        assert Counter(answer.status_code for answer in answers) == {302: 1, 409: 1}
        [refused] = [answer.content.decode() for answer in answers if answer.status_code == 409]
        assert all(text in refused for text in texts)
        assert kept in texts
        assert saved == 1


def test_control_without_locks_one_text_is_lost(cast):
    for answers, texts, kept, saved in editing_rounds(cast, rounds=CONTROL_ROUNDS, locks=False):
        assert [answer.status_code for answer in answers] == [302, 302]
        assert kept in texts
        assert saved == 1  # of two saves


# Two clerks begin the same thing


def beginning_rounds(cast, **options):
    """For each round: the updates that two clerks got who began one of the same plan."""
    plan = open_plan(cast.issued_map())

    def begin(user):
        def deed():
            with transaction.atomic():
                return create_record(PlanUpdate.draft_from_key, str(plan.pk), user)

        return deed

    with track('INSERT INTO "workflow_record"', **options) as two:
        for _round in range(CONTROL_ROUNDS):
            yield two.race(begin(cast.clerk), begin(cast.clerk2))
            PlanUpdate.objects.all().delete()


def test_two_clerks_who_begin_the_same_write_one_draft(cast):
    for first, second in beginning_rounds(cast):
        assert first == second


def test_control_without_locks_there_are_two_drafts(cast):
    for first, second in beginning_rounds(cast, locks=False):
        assert first != second


def page_rounds(cast, **options):
    """For each round: what came to one page of something new that was sent twice at once, and the drafts there are."""
    cast.issued_map()
    address = reverse("editing:new", args=["promotionupdate", cast.project.pk])
    clients = [Client(raise_request_exception=False), Client(raise_request_exception=False)]
    for client in clients:
        client.force_login(cast.clerk)

    def send(client, token):
        typed = {"version": 0, "token": token, "summary": "简介", "save": ""}
        return lambda: client.post(address, typed).status_code

    with track('INSERT INTO "workflow_record"', **options) as two:
        for number in range(CONTROL_ROUNDS):
            token = f"{number:022}"
            yield two.race(*(send(client, token) for client in clients)), PromotionUpdate.objects.filter(slot=token)


def test_one_page_sent_twice_at_once_begins_one_record(cast):
    for answers, drafts in page_rounds(cast):
        assert Counter(answers) == {302: 1, 409: 1}
        assert drafts.get().summary == "简介"


def test_control_without_locks_only_the_database_stops_the_second(cast):
    for answers, _drafts in page_rounds(cast, locks=False):
        assert Counter(answers) == {302: 1, 500: 1}


# What an application moves is confirmed at the same moment


def confirming_rounds(cast, table, pair, *, rounds=CONTROL_ROUNDS, **options):
    """For each round: the two records of `pair()`, and the refusals when both are confirmed at once."""

    def confirm(record, user, version):
        def deed():
            try:
                perform(record.pk, "confirm", user, version)
            except ActionRefused as refusal:
                return str(refusal)

        return deed

    with track(f'UPDATE "{table}"', **options) as two:
        for _round in range(rounds):
            records = [cast.bring(record, State.DEPT_APPROVED) for record in pair()]
            deeds = [
                confirm(record, user, record.version)
                for record, user in zip(records, (cast.office, cast.office2), strict=True)
            ]
            yield *records, [refusal for refusal in two.race(*deeds) if refusal]


def extension_and_update(cast):
    """Of one plan: it is to be later, and it is done."""
    measure = cast.issued_map().measures.first()

    def pair():
        plan = factories.add_plan(measure, month=8, type="pilot", content="开展试点")
        done = factories.plan_update(plan, cast.clerk, PlanStatus.DONE)
        factories.ClassifiedNoticeFactory(record=done)
        return factories.extension(plan, cast.clerk, 10), done

    return pair


def test_of_an_extension_and_the_completion_of_its_plan_neither_is_lost(cast):
    for extension, done, refusals in confirming_rounds(cast, "reform_monthlyplan", extension_and_update(cast)):
        plan = MonthlyPlan.objects.get(pk=done.plan_id)
        extension.refresh_from_db()
        assert plan.status == PlanStatus.DONE
        assert (plan.month, extension.state) == ((8, "dept_approved") if refusals else (10, "confirmed"))
        assert refusals in ([], ["这项计划已完成，不能延期。请退回后修改。"])
        assert differences() == []


def test_control_without_locks_one_of_both_is_lost(cast):
    """Or the database stops one that waits for the other."""
    pair = extension_and_update(cast)
    for _extension, done, refusals in confirming_rounds(cast, "reform_monthlyplan", pair, rounds=2, locks=False):
        plan = MonthlyPlan.objects.get(pk=done.plan_id)
        assert refusals == [BUSY] or (plan.month, plan.status) in {(8, PlanStatus.DONE), (10, PlanStatus.NOT_STARTED)}


def adjusting_rounds(cast, **options):
    """For each round: whether July's target was adjusted, and which one July's update, submitted at once, speaks of."""
    drawn = cast.issued_map()
    indicator = drawn.indicators.first()
    for number in range(2):
        asked = factories.adjustment(indicator, cast.clerk, annual=str(131 + number), december="10")
        asked.months.filter(month=7).update(target=21 + number)
        asked = cast.bring(asked, State.DEPT_APPROVED)
        update = factories.target_update(drawn, cast.clerk, 7)

        def confirm(asked=asked):
            with suppress(ActionRefused):
                perform(asked.pk, "confirm", cast.office, asked.version)

        def submit(update=update):
            perform(update.pk, "submit", cast.clerk, update.version)
            drawn.indicators.filter(pk=0).update(unit="")  # where the other waits before it writes

        with track('UPDATE "reform_indicator"', **options) as two:
            two.race(confirm, submit)
        asked.refresh_from_db()
        said = update.events.get().snapshot["values"][0]["target"]
        yield asked.state == State.CONFIRMED, said, str(21 + number)
        for record in (asked, cast.act(update, "clerk", "withdraw")):
            Record.objects.filter(pk=record.pk).update(state=State.VOIDED)


def test_a_target_is_not_adjusted_under_an_update_that_is_being_submitted(cast):
    for is_adjusted, said, wanted in adjusting_rounds(cast):
        assert (said == wanted) is is_adjusted


def test_control_without_locks_an_update_is_reviewed_with_a_target_that_is_gone(cast):
    for is_adjusted, said, wanted in adjusting_rounds(cast, locks=False):
        assert is_adjusted
        assert said != wanted


# Somebody discards the draft that another is writing


@pytest.mark.parametrize("way", ["save", "submit", "autosave", "upload"])
def test_a_draft_discarded_meanwhile_is_a_sentence(cast, way):
    client = Client()
    client.force_login(cast.clerk)
    for _round in range(CONTROL_ROUNDS * 4):
        record = cast.make(PromotionUpdate)
        typed = {"version": 0, "method": "press", "promoted_on": "2026-06-30", "summary": "正在写的简介", way: ""}
        address = reverse("workflow:upload" if way == "upload" else "editing:edit", args=[record.pk])
        if way == "upload":
            typed = {"unclassified": "on", "files": ContentFile(documents.PDF, "佐证.pdf")}
        headers = {"Accept": "application/json"} if way in ("autosave", "upload") else {}

        def write(address=address, typed=typed, headers=headers):
            return client.post(address, typed, headers=headers)

        def throw_away(record=record):
            with suppress(ActionRefused):
                discard(record.pk, cast.clerk2, 0)

        with track("DELETE") as two:
            answer, _ = two.race(write, throw_away)
        # Whoever wrote first moved the version, so that the other was refused.
        assert answer.status_code in (200, 302, 404, 422), answer.content.decode()[:500]
        if answer.status_code == 404 and way in ("save", "submit"):
            assert "正在写的简介" in answer.content.decode()


def test_a_lock_held_too_long_is_a_sentence_and_keeps_the_text(cast, record):
    record = cast.act(record, "clerk", "withdraw")
    client = Client()
    client.force_login(cast.clerk)
    held, done = Barrier(2, timeout=10), Barrier(2, timeout=30)

    def hold():
        with transaction.atomic():
            lock_dossier(record.dossier_id)
            held.wait()
            done.wait()
        connection.close()

    with ThreadPoolExecutor(1) as pool, connection.cursor() as cursor:
        holding = pool.submit(hold)
        held.wait()
        cursor.execute("SET lock_timeout = 50")
        try:
            typed = {"version": record.version, "summary": "正在写的简介", "save": ""}
            answer = client.post(reverse("editing:edit", args=[record.pk]), typed)
        finally:
            cursor.execute("SET lock_timeout = 10000")
            done.wait()
            holding.result()
    assert answer.status_code == 503
    assert "系统繁忙，请稍后再试。" in answer.content.decode()
    assert "正在写的简介" in answer.content.decode()
