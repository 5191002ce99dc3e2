"""消息: who is told what, once; and the page where it is read."""

import re

import pytest
from django.db import IntegrityError, OperationalError, connection, transaction
from django.urls import reverse

from accounts.models import Role
from reform.models import BattleMap, PromotionUpdate, TargetUpdate
from reform.reporting.counts import frame_query
from tests.factories import UserFactory
from workflow import actions, notifications
from workflow.models import Message, Record
from workflow.states import State

pytestmark = pytest.mark.sql

WHAT = "数字经济改革 · 经验复制推广推进更新"


def told(cast, since=0):
    """{who: the last words said to them}, of messages after the first `since`."""
    names = {person.pk: name for name, person in cast.people.items()}
    rows = Message.objects.order_by("pk").values_list("recipient", "text")[since:]
    return {names[person]: text.partition("：")[2] for person, text in rows}


@pytest.fixture
def step(cast):
    """step(record, who, action): do it, and say who was told what of it."""

    def do(record, who, action, **words):
        before = Message.objects.count()
        cast.act(record, who, action, **words)
        return told(cast, before)

    return do


@pytest.fixture
def record(cast):
    draft = cast.make(PromotionUpdate)
    Message.objects.all().delete()  # what was said of the map
    return draft


def test_each_step_is_told_to_those_who_must_act_next_or_wait_for_it(cast, record, step):
    submitted = "市发展改革委录入甲已上报，请审核。"
    assert step(record, "clerk", "submit") == {"reviewer": submitted, "reviewer2": submitted}
    passed = "市发展改革委审核甲已审核通过，请市委改革办审核。"
    assert step(record, "reviewer", "approve") == {"office": passed, "office2": passed}
    assert step(record, "office", "confirm") == {"clerk": "市委改革办已确认。"}


def test_a_message_names_the_project_and_the_record(cast, record, step):
    step(record, "clerk", "submit")
    message = cast.reviewer.messages.get()
    assert message.text.startswith(WHAT)
    assert (message.record_id, message.read_at) == (record.pk, None)


def test_a_rejection_by_the_department_is_told_to_the_clerk_with_its_reason(cast, record, step):
    step(record, "clerk2", "submit")
    assert step(record, "reviewer", "reject", reason="数据有误", detail="请核对金额。") == {
        "clerk2": "市发展改革委审核甲驳回：数据有误。请核对金额。"
    }


@pytest.mark.parametrize(("action", "verb"), [("reject", "驳回"), ("send_back", "退回完善")])
def test_what_the_office_sends_back_the_one_who_passed_it_hears_too(cast, record, step, action, verb):
    step(record, "clerk", "submit")
    step(record, "reviewer2", "approve")
    words = f"市委改革办改革办甲{verb}：表述不规范。请补充成效。"
    told_of = step(record, "office", action, reason="表述不规范", detail="请补充成效。")
    assert told_of == {"clerk": words, "reviewer2": words}


def test_a_long_detail_is_shortened_the_record_has_all_of_it(cast, record, step):
    step(record, "clerk", "submit")
    [words] = step(record, "reviewer", "reject", detail="长" * 1000).values()
    assert "长" * 150 in words
    assert len(words) < 260


def test_who_had_been_told_hears_of_a_withdrawal(cast, record, step):
    step(record, "clerk", "submit")
    UserFactory(full_name="后来的审核", department=cast.planning, role=Role.DEPT_REVIEWER)
    words = "市发展改革委录入乙已撤回，不必审核。"
    assert step(record, "clerk2", "withdraw") == {"reviewer": words, "reviewer2": words}


def test_who_had_been_told_hears_that_a_pass_was_taken_back(cast, record, step):
    step(record, "clerk", "submit")
    step(record, "reviewer", "approve")
    words = "市发展改革委审核乙已撤回部门审核，不必审核。"
    assert step(record, "reviewer2", "take_back") == {"office": words, "office2": words}


def test_who_looks_after_the_department_at_the_office_is_told_instead_of_those_who_look_after_all(cast, record, step):
    cast.office2.assign(cast.planning)
    step(record, "clerk", "submit")
    assert set(step(record, "reviewer", "approve")) == {"office2"}


def test_people_who_left_are_told_nothing(cast, record, step):
    cast.reviewer2.is_active = False
    cast.reviewer2.save()
    assert set(step(record, "clerk", "submit")) == {"reviewer"}


def test_an_issued_map_is_told_to_who_drew_it(cast, step):
    drawn = cast.bring(cast.make(BattleMap), State.CONFIRMED)
    assert step(drawn, "office2", "issue") == {"clerk": "市委改革办已下发，可以开展各项推进更新。"}


def test_doing_a_thing_twice_tells_it_once(cast, record):
    for _ in range(2):
        actions.perform(record.pk, "submit", cast.clerk, record.version)
    assert Message.objects.count() == 2


def test_submitted_again_it_is_told_again(cast, record, step):
    step(record, "clerk", "submit")
    step(record, "clerk", "withdraw")
    assert set(step(record, "clerk", "submit")) == {"reviewer", "reviewer2"}


def test_what_cannot_be_told_does_not_happen(cast, record):
    def break_down(execute, sql, params, many, context):
        if sql.startswith("INSERT") and "workflow_message" in sql:
            raise OperationalError("disk full")
        return execute(sql, params, many, context)

    with connection.execute_wrapper(break_down), pytest.raises(OperationalError, match="disk full"):
        cast.act(record, "clerk", "submit")
    record = Record.objects.get(pk=record.pk)
    assert (record.state, record.events.count(), Message.objects.count()) == (State.DRAFT, 0, 0)


def test_the_same_is_never_kept_twice_for_a_person(cast):
    def one(text):
        return Message(recipient=cast.clerk, key="remind-2026-11-5", text=text)

    assert Message.objects.deliver([one("一")]) == 1
    assert Message.objects.deliver([one("二"), Message(recipient=cast.clerk2, key="remind-2026-11-5")]) == 1
    assert cast.clerk.messages.get().text == "一"
    with pytest.raises(IntegrityError), transaction.atomic():
        one("三").save()


@pytest.mark.parametrize("reviewers", [1, 30])
def test_telling_costs_the_same_however_many_are_told(cast, record, django_assert_num_queries, reviewers):
    UserFactory.create_batch(reviewers, department=cast.planning, role=Role.DEPT_REVIEWER)
    event = cast.act(record, "clerk", "submit").events.get()
    Message.objects.all().delete()
    with django_assert_num_queries(3):  # who they are, whom it reached already, and what is said
        notifications.notify(record, event)
    assert Message.objects.count() == reviewers + 2


# --- The page ----------------------------------------------------------------------------------------------


@pytest.fixture
def inbox(client, cast, record):
    """The reviewer's page, with three messages of which the oldest has been read."""
    for number in (1, 2):
        Message.objects.create(recipient=cast.reviewer, key=f"n{number}", text=f"第{number}条", path="/projects/")
    cast.reviewer.messages.filter(key="n1").mark_read()
    cast.act(record, "clerk", "submit")
    client.force_login(cast.reviewer)

    def get(**query):
        return client.get(reverse("workflow:messages"), query)

    return get


def texts(answer):
    return [message.text.partition("：")[0] for message in answer.context["page_obj"]]


def test_what_is_unread_stands_first_then_the_latest(inbox, cast, record):
    assert texts(inbox()) == [f"{WHAT} · {record.title}" if record.title not in WHAT else WHAT, "第2条", "第1条"]
    cast.reviewer.messages.filter(record=record).mark_read()
    assert texts(inbox())[0] == "第2条"


def test_they_are_read_in_the_order_of_an_index(cast):
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":  # which for a few rows would sort
            cursor.execute("SET LOCAL enable_sort = off")
            cursor.execute("SET LOCAL enable_seqscan = off")
            cursor.execute("SET LOCAL enable_bitmapscan = off")
        plan = cast.clerk.messages.unread_first()[:20].explain()
    assert "message_unread_first" in plan
    assert not re.search(r"sort|b-tree", plan, re.IGNORECASE)


def test_those_that_the_band_counts_are_found_by_an_index(cast):
    """Unordered, the first hundred unread ones of somebody with many were looked for in the whole table."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET LOCAL enable_sort = off")
            cursor.execute("SET LOCAL enable_seqscan = off")
        plan = frame_query(cast.clerk).explain()
    assert "message_newest_unread" in plan


def test_urges_are_found_by_an_index(cast):
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET LOCAL enable_seqscan = off")
        plan = Message.objects.reminders().filter(key__startswith="urge-", key__endswith="-2026-11").explain()
    # SQLite takes an index of some rows only where the statement itself says which.
    assert ("message_reminders" in plan) == (connection.vendor == "postgresql")


def test_the_band_counts_what_is_unread(inbox, cast, client):
    band = inbox().content.decode().partition("</header>")[0]
    assert '消息 <span class="band-count">2<' in band
    cast.reviewer.messages.mark_read()
    assert '消息 <span class="band-count">' not in inbox().content.decode().partition("</header>")[0]


@pytest.mark.usefixtures("caching_queries")
@pytest.mark.parametrize(("most", "shown"), [(2, "2"), (1, "1+")])
def test_the_band_counts_no_more_than_it_shows(inbox, monkeypatch, most, shown):
    for module in ("reporting.counts", "navigation"):
        monkeypatch.setattr(f"reform.{module}.MOST_UNREAD", most)
    band = inbox().content.decode().partition("</header>")[0]
    assert f'消息 <span class="band-count">{shown}<' in band


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({"unread": "yes"}, 2),
        ({"unread": "no"}, 1),
        ({"q": "第2条"}, 1),
        ({"q": "第 条", "unread": "yes"}, 1),
        ({"unread": "maybe", "page": "x"}, 3),
        ({"page": "99"}, 3),
        ({"q": "\x00'%"}, 3),
    ],
)
def test_they_are_narrowed_and_paged(inbox, query, expected):
    assert len(inbox(**query).context["page_obj"]) == expected


def test_nothing_found_offers_to_be_cleared(inbox):
    assert "没有符合条件的消息。" in inbox(q="不存在").content.decode()


def test_without_messages_there_is_nothing_to_mark(inbox, cast):
    assert "全部标为已读" in inbox().content.decode()
    cast.reviewer.messages.all().delete()
    assert "全部标为已读" not in inbox().content.decode()


def test_looking_reads_nothing(inbox, cast):
    inbox()
    assert cast.reviewer.messages.unread().count() == 2


def test_a_message_leads_to_its_record_and_is_read(inbox, client, cast, record):
    message = cast.reviewer.messages.get(record=record)
    answer = client.post(reverse("workflow:message_follow", args=[message.pk]), follow=True)
    assert answer.redirect_chain == [(f"/records/{record.pk}/", 302)]
    message.refresh_from_db()
    assert message.read_at is not None


def test_or_to_the_page_it_is_about(inbox, client, cast):
    message = cast.reviewer.messages.get(key="n2")
    assert client.post(reverse("workflow:message_follow", args=[message.pk])).url == "/projects/"


def test_a_record_no_longer_ones_business_is_not_there(inbox, client, cast, record):
    message = cast.reviewer.messages.get(record=record)
    cast.reviewer.unassign(cast.planning)
    cast.reviewer.department = cast.education
    cast.reviewer.save()
    client.force_login(cast.reviewer)
    answer = client.post(reverse("workflow:message_follow", args=[message.pk]), follow=True)
    assert answer.status_code == 404
    assert "演" not in answer.content.decode()
    assert record.title not in answer.content.decode()


def test_one_or_all_are_marked_as_read(inbox, client, cast):
    url, back = reverse("workflow:messages_read"), "/messages/?unread=yes"
    one = cast.reviewer.messages.get(key="n2")
    assert client.post(url, {"message": one.pk, "back": back}).url == back
    assert set(cast.reviewer.messages.unread().values_list("key", flat=True)) == {
        cast.reviewer.messages.exclude(record=None).get().key
    }
    answer = client.post(url, {"back": back}, follow=True)
    assert "1 条消息已标为已读。" in answer.content.decode()
    assert not cast.reviewer.messages.unread().exists()


def test_of_very_many_the_newest_are_marked_at_once(inbox, client, cast, monkeypatch):
    monkeypatch.setattr("workflow.views.messages.MOST_AT_ONCE", 1)
    (_, earlier), url = cast.reviewer.messages.unread().unread_first(), reverse("workflow:messages_read")
    page = client.post(url, follow=True).content.decode()
    assert "1 条消息已标为已读。还有更早的未读消息，请再标一次。" in page
    assert [*cast.reviewer.messages.unread()] == [earlier]
    assert "还有更早的" not in client.post(url, follow=True).content.decode()
    assert not cast.reviewer.messages.unread().exists()


@pytest.mark.parametrize("back", ["https://evil.example/", "//evil.example", "/messages/../x", "javascript:1", ""])
def test_the_way_back_stays_here(inbox, client, back):
    assert client.post(reverse("workflow:messages_read"), {"back": back}).url == "/messages/"


def test_other_peoples_messages_are_nobodys_business(inbox, client, cast):
    foreign = Message.objects.create(recipient=cast.clerk, key="x", text="给录入甲")
    assert "给录入甲" not in inbox().content.decode()
    assert client.post(reverse("workflow:message_follow", args=[foreign.pk])).status_code == 404
    for posted in ({"message": foreign.pk}, {"message": "x"}, {}):
        client.post(reverse("workflow:messages_read"), posted)
    foreign.refresh_from_db()
    assert foreign.read_at is None


def test_no_messages_yet(client, cast):
    client.force_login(cast.auditor)
    assert "还没有消息。" in client.get(reverse("workflow:messages")).content.decode()


@pytest.mark.usefixtures("without_navigation")
@pytest.mark.parametrize("number", [1, 3])
def test_the_page_costs_the_same_with_one_and_with_three(client, cast, django_assert_num_queries, number):
    for key in range(number):
        Message.objects.create(recipient=cast.auditor, key=str(key), text="一条")
    client.force_login(cast.auditor)
    client.get(reverse("workflow:messages"))
    with django_assert_num_queries(4):
        assert len(texts(client.get(reverse("workflow:messages")))) == number


def test_a_draft_never_submitted_has_no_message_that_would_keep_it(cast):
    record = cast.make(TargetUpdate)
    assert not record.messages.exists()
    actions.discard(record.pk, cast.clerk, record.version)
    assert not Record.objects.filter(pk=record.pk).exists()
