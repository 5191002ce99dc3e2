"""待我审核: several records passed or confirmed together, all or none."""

import pytest
from django.contrib.messages import get_messages
from django.urls import reverse

from tests import factories
from tests.tracks import CONTROL_ROUNDS, track
from workflow import actions, refusals
from workflow.models import Event, Record
from workflow.states import State


def promotions(cast, number, to=State.SUBMITTED):
    cast.issued_map()
    return [cast.bring(factories.promotion(cast.project, cast.clerk), to) for _ in range(number)]


def ticks(records):
    return [f"{record.pk}:{record.version}" for record in records]


def decide(client, who, ticked):
    client.force_login(who)
    return client.post(reverse("workflow:decide"), {"record": ticked})


def said(answer):
    return [str(message) for message in get_messages(answer.wsgi_request)]


def states():
    return list(Record.objects.filter(kind="reform.promotionupdate").order_by("pk").values_list("state", flat=True))


@pytest.mark.parametrize(
    ("who", "before", "word", "after"),
    [
        ("reviewer", State.SUBMITTED, "通过", State.DEPT_APPROVED),
        ("office", State.DEPT_APPROVED, "确认", State.CONFIRMED),
    ],
)
def test_what_is_ticked_is_decided_at_once(client, cast, who, before, word, after):  # noqa: PLR0917 - a table
    records = promotions(cast, 3, before)
    client.force_login(getattr(cast, who))
    assert f"{word}所选" in client.get(reverse("workflow:inbox")).content.decode()
    answer = decide(client, getattr(cast, who), ticks(records[:2]))
    assert (answer.status_code, answer.url) == (302, reverse("workflow:inbox"))
    assert said(answer) == [f"已{word} 2 件。"]
    assert states() == [after, after, before]


def test_what_stands_in_the_way_is_named_and_nothing_is_done(client, cast):
    fine, stale, taken = promotions(cast, 3)
    ticked = ticks([fine, stale, taken])
    Record.objects.filter(pk=stale.pk).update(version=stale.version + 5)
    cast.act(taken, "reviewer2", "approve")
    answer = decide(client, cast.reviewer, [*ticked, "999999:1", "x:y"])
    assert answer.status_code == 409
    first, *others = said(answer)
    assert first == "有 4 件不能办理，所选记录均未办理。"
    which = f"{cast.project.name}（经验复制推广推进更新"
    assert [text.startswith(which) for text in others] == [True, True, False, False]
    assert "已先一步办理" in others[1]
    assert others[2:] == ["这条记录已不存在，可能刚刚被删除。"] * 2
    assert states() == [State.SUBMITTED, State.SUBMITTED, State.DEPT_APPROVED]
    assert Event.objects.filter(action="approve", record=fine.pk).count() == 0
    page = answer.content.decode()
    assert page.count(" checked>") == 1  # what is still on the page as it was ticked
    assert f'value="{ticked[0]}" data-select data-clear checked>' in page


def test_clicking_twice_does_it_once(client, cast):
    records = promotions(cast, 2)
    ticked = ticks(records)
    for _ in range(2):
        assert said(decide(client, cast.reviewer, [*ticked, ticked[0]]))[-1] == "已通过 2 件。"
    assert Event.objects.filter(action="approve", record__in=records).count() == 2


def test_nothing_ticked_is_said(client, cast):
    promotions(cast, 1)
    answer = decide(client, cast.reviewer, [])
    assert (answer.status_code, said(answer)) == (422, ["请先勾选要通过的记录。"])


@pytest.mark.parametrize("who", ["clerk", "partner", "admin"])
def test_who_reviews_nothing_has_no_such_page(client, cast, who):
    [record] = promotions(cast, 1)
    assert decide(client, getattr(cast, who), ticks([record])).status_code == 404
    assert states() == [State.SUBMITTED]


@pytest.mark.parametrize("who", ["strange_reviewer", "office", "office_elsewhere"])
def test_nobody_passes_what_is_not_theirs(client, cast, who):
    [record] = promotions(cast, 1)
    assert decide(client, getattr(cast, who), ticks([record])).status_code == 409
    assert states() == [State.SUBMITTED]


def passing(user, asked):
    def deed():
        try:
            return actions.perform_all(asked, "approve", user)
        except refusals.NotAll as stopped:
            return stopped

    return deed


@pytest.mark.race
def test_of_two_who_pass_the_same_in_another_order_one_wins(cast, is_full):
    """The dossiers are locked in the order of their keys: nobody waits for anybody who waits for them."""
    cast.issued_map()
    other = factories.ProjectFactory(department=cast.planning)
    cast.bring(factories.battle_map(other, cast.clerk), State.ISSUED)
    records = [
        cast.bring(factories.promotion(project, cast.clerk), State.SUBMITTED) for project in (cast.project, other)
    ]
    with track('UPDATE "workflow_record"') as two:
        for _ in range(100 if is_full else 10):
            Record.objects.filter(pk__in=[record.pk for record in records]).update(state=State.SUBMITTED)
            asked = dict(Record.objects.filter(pk__in=[record.pk for record in records]).values_list("pk", "version"))
            backwards = dict(reversed(asked.items()))
            known = Event.objects.count()
            outcomes = two.race(passing(cast.reviewer, asked), passing(cast.reviewer2, backwards))
            assert sorted(type(outcome).__name__ for outcome in outcomes) == ["NotAll", "list"]
            assert Event.objects.count() == known + 2


@pytest.mark.race
def test_control_without_locks_both_pass_them(cast):
    cast.issued_map()
    record = cast.bring(factories.promotion(cast.project, cast.clerk), State.SUBMITTED)
    with track('UPDATE "workflow_record"', locks=False) as two:
        for _ in range(CONTROL_ROUNDS):
            Record.objects.filter(pk=record.pk).update(state=State.SUBMITTED)
            asked = dict(Record.objects.filter(pk=record.pk).values_list("pk", "version"))
            known = Event.objects.count()
            outcomes = two.race(passing(cast.reviewer, asked), passing(cast.reviewer2, asked))
            assert [type(outcome) for outcome in outcomes] == [list, list]
            assert Event.objects.count() == known + 2
