"""Two people at the same moment: one wins, the other is told; nothing is done twice and no text is lost.

Every race has a control: the same deeds with the row locks taken out of the SQL, where they must go wrong.
"""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from threading import Barrier

import pytest
from django.core.files.base import ContentFile
from django.db import connection, transaction
from django.test import Client
from django.urls import reverse

from reform.models import PlanUpdate, PromotionUpdate
from tests import documents
from tests.factories import open_plan
from tests.tracks import CONTROL_ROUNDS, track
from workflow.actions import create_record, discard, lock_dossier, perform
from workflow.models import Event, Record
from workflow.refusals import ActionRefused, StaleVersion
from workflow.states import State

pytestmark = pytest.mark.race


@pytest.fixture
def rounds(is_full):
    return 200 if is_full else 30


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
            cursor.execute("RESET lock_timeout")
            done.wait()
            holding.result()
    assert answer.status_code == 503
    assert "系统繁忙，请稍后再试。" in answer.content.decode()
    assert "正在写的简介" in answer.content.decode()
