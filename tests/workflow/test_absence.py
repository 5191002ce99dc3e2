"""外出委托: who acts in whose place, on which days, and what is written down of it."""

import datetime as dt

import pytest
import time_machine
from django.urls import reverse

from accounts.absences import Absence
from accounts.models import Department, Role, User
from reform.reporting.people import people_in_charge
from tests import factories
from tests.workflow.record_pages import address, said, words
from workflow.actions import available, perform
from workflow.models import Message, Record
from workflow.states import State

pytestmark = pytest.mark.sql

DAY = dt.date(2026, 7, 15)  # of every story


def absent(person, stand_in, first=DAY, last=DAY):
    return Absence.objects.create(person=person, stand_in=stand_in, first_day=first, last_day=last)


def again(person):
    """As the next request loads them."""
    return User.objects.get(pk=person.pk)


def waits_for(record, person):
    return Record.objects.awaiting(again(person)).filter(pk=record.pk).exists()


def actions(record, person):
    return [action.name for action in available(record, again(person))]


@pytest.fixture
def submitted(cast):
    cast.issued_map()
    return cast.bring(factories.promotion(cast.project, cast.clerk), State.SUBMITTED)


# --- Who may, and when --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("first", "last", "acts"),
    [
        ("2026-07-15", "2026-07-15", True),
        ("2026-07-01", "2026-07-15", True),
        ("2026-07-15", "2026-07-31", True),
        ("2026-07-16", "2026-07-31", False),
        ("2026-07-01", "2026-07-14", False),
    ],
)
def test_the_stand_in_acts_from_the_first_day_to_the_last(cast, submitted, first, last, acts):
    absent(cast.reviewer, cast.strange_reviewer, first, last)
    assert actions(submitted, cast.strange_reviewer) == (["approve", "reject"] if acts else [])
    assert waits_for(submitted, cast.strange_reviewer) is acts


def test_the_days_are_those_of_the_city(cast, submitted):
    absent(cast.reviewer, cast.strange_reviewer)
    for moment, acts in (
        ("2026-07-14T23:59:59+08:00", False),
        ("2026-07-15T00:00:00+08:00", True),
        ("2026-07-15T23:59:59+08:00", True),
        ("2026-07-16T00:00:00+08:00", False),
    ):
        with time_machine.travel(moment, tick=False):
            assert bool(actions(submitted, cast.strange_reviewer)) is acts, moment


# What the stand-in of one role may do in its states; nobody's stand-in may do anything else.
MATRIX = {
    ("clerk", "stranger"): {
        State.DRAFT: ["submit"],
        State.SUBMITTED: ["withdraw"],
        State.REJECTED: ["submit", "void"],
        State.RETURNED: ["submit", "void"],
    },
    ("reviewer", "strange_reviewer"): {
        State.SUBMITTED: ["approve", "reject"],
        State.DEPT_APPROVED: ["take_back"],
    },
    ("office", "office_elsewhere"): {State.DEPT_APPROVED: ["confirm", "send_back", "reject"]},
}


@pytest.mark.parametrize("state", [state for state in State if state != State.ISSUED])
def test_who_stands_in_may_do_what_the_absent_may(cast, state):
    cast.issued_map()
    record = cast.bring(factories.promotion(cast.project, cast.clerk), state)
    for (who, stand_in), rows in MATRIX.items():
        assert actions(record, getattr(cast, stand_in)) == []
        absence = absent(getattr(cast, who), getattr(cast, stand_in))
        assert actions(record, getattr(cast, stand_in)) == rows.get(state, [])
        absence.delete()


def test_desk_and_record_say_in_whose_place(client, cast):
    """Of a department for which the stand-in has no duty: what is their own anyway is in nobody's place."""
    cast.issued_map()
    back = cast.bring(factories.promotion(cast.project, cast.clerk), State.REJECTED)
    factories.brand(cast.project, cast.clerk)

    def desk(who):
        client.force_login(again(getattr(cast, who)))
        return {
            card.title: ["代" in row.note and row.note.rpartition(" · ")[2] for row in card.rows]
            for card in client.get(reverse("home")).context["cards"]
            if card.rows
        }

    absent(cast.clerk, cast.clerk2)
    absent(cast.clerk, cast.stranger)
    found = desk("stranger")
    assert found.keys() >= {"退回、驳回", "待填报", "草稿", "最近办结"}
    assert {words for title in ("退回、驳回", "待填报", "草稿") for words in found[title]} == {"代录入甲办理"}
    assert set(found["最近办结"]) == {False}
    assert {words for rows in desk("clerk2").values() for words in rows} == {False}
    perform(back.pk, "submit", again(cast.stranger), back.version)
    page = client.get(reverse("workflow:record", args=[back.pk])).content.decode()
    assert f"{cast.stranger.full_name}（受录入甲委托） 2026-07-15" in page
    absent(cast.reviewer, cast.strange_reviewer)
    found = desk("strange_reviewer")
    assert set(found["待我审核"]) == {"代审核甲办理"}


def test_the_absent_may_act_all_the_same(cast, submitted):
    absent(cast.reviewer, cast.strange_reviewer)
    assert actions(submitted, cast.reviewer) == ["approve", "reject"]


@pytest.mark.parametrize("change", ["ended", "other role", "inactive", "moved"])
def test_it_holds_no_longer_than_what_it_rests_on(cast, submitted, change):
    absence = absent(cast.reviewer, cast.strange_reviewer)
    if change == "ended":
        absence.ended_at = dt.datetime(2026, 7, 15, tzinfo=dt.UTC)
        absence.save()
    elif change == "other role":
        cast.strange_reviewer.role = Role.ENTRY
        cast.strange_reviewer.save()
    elif change == "inactive":
        cast.reviewer.is_active = False
        cast.reviewer.save()
    else:
        cast.reviewer.department = cast.science
        cast.reviewer.save()
    assert actions(submitted, cast.strange_reviewer) == []


def test_it_is_not_passed_on(cast, submitted):
    absent(cast.reviewer, cast.partner_reviewer)
    absent(cast.partner_reviewer, cast.strange_reviewer)
    assert actions(submitted, cast.strange_reviewer) == []


# --- Nobody decides on what they submitted --------------------------------------------------------------


def review_from_now_on(person):
    person.role = Role.DEPT_REVIEWER
    person.save()


def test_what_the_absent_submitted_is_not_decided_on_in_their_place(cast, submitted):
    review_from_now_on(cast.clerk)
    absent(cast.clerk, cast.strange_reviewer)
    assert actions(submitted, cast.strange_reviewer) == []
    assert not waits_for(submitted, cast.strange_reviewer)
    absent(cast.reviewer, cast.strange_reviewer)  # for whom it is another's
    assert actions(submitted, cast.strange_reviewer) == ["approve", "reject"]
    assert waits_for(submitted, cast.strange_reviewer)
    done = perform(submitted.pk, "approve", again(cast.strange_reviewer), submitted.version)
    assert done.events.first().acted_for == "受审核甲委托"


def test_a_stand_in_with_a_duty_of_their_own_decides_by_it(cast, submitted):
    review_from_now_on(cast.clerk)
    absent(cast.clerk, cast.reviewer2)
    assert actions(submitted, cast.reviewer2) == ["approve", "reject"]
    done = perform(submitted.pk, "approve", again(cast.reviewer2), submitted.version)
    assert done.events.first().acted_for == ""


def test_what_the_stand_in_submitted_is_never_theirs_to_decide(cast, submitted):
    review_from_now_on(cast.clerk)
    cast.clerk.unassign(cast.planning)
    absent(cast.reviewer, cast.clerk)
    assert actions(submitted, cast.clerk) == []
    assert not waits_for(submitted, cast.clerk)


# --- What is written down, and who is told -----------------------------------------------------------------


def test_what_the_stand_in_does_is_theirs_in_the_place_of_the_absent(client, cast, submitted):
    absent(cast.reviewer, cast.strange_reviewer)
    done = perform(submitted.pk, "reject", again(cast.strange_reviewer), 1, reason="其他", detail="请核对。")
    event = done.events.first()
    assert (event.actor, event.actor_name, event.principal_name) == (cast.strange_reviewer, "外单位审核", "审核甲")
    assert "市教委外单位审核（受审核甲委托）驳回" in cast.clerk.messages.first().text
    client.force_login(cast.clerk)
    assert "外单位审核（受审核甲委托）" in words(client.get(address(submitted)).content.decode())


def test_a_clerk_in_anothers_place_submits_as_themselves(cast):
    cast.issued_map()
    draft = factories.promotion(cast.project, cast.clerk)
    absent(cast.clerk, cast.stranger)
    done = perform(cast.bring(draft, State.DRAFT).pk, "submit", again(cast.stranger), draft.version)
    assert done.submitter == cast.stranger
    assert done.events.first().acted_for == "受录入甲委托"


def test_messages_and_counts_reach_the_stand_in(client, cast):
    cast.issued_map()
    absent(cast.reviewer, cast.strange_reviewer)
    record = cast.bring(factories.promotion(cast.project, cast.clerk), State.SUBMITTED)
    for person in (cast.reviewer, cast.reviewer2, cast.strange_reviewer):
        assert "已上报，请审核。" in person.messages.first().text
    client.force_login(cast.strange_reviewer)
    answer = client.get(reverse("workflow:inbox"))
    assert [row.pk for row in answer.context["page_obj"]] == [record.pk]
    assert answer.context["nav"][1]["items"][0]["count"] == 1


def test_reminders_and_the_month_end_room_know_the_stand_in(cast):
    absent(cast.clerk, cast.stranger)
    absent(cast.office, cast.office_elsewhere)
    assert cast.stranger.pk in Department.people_by_department(Role.ENTRY)[cast.planning.pk]
    assert cast.stranger.pk not in Department.assigned_by_department(Role.ENTRY)[cast.planning.pk]
    people = people_in_charge([cast.planning.pk, cast.science.pk])
    assert cast.stranger in people[cast.planning.pk, Role.ENTRY]
    assert cast.stranger not in people[cast.science.pk, Role.ENTRY]
    assert cast.office_elsewhere in people[cast.science.pk, Role.OFFICE_REVIEWER]


def test_a_stand_in_keeps_no_department_from_being_unstaffed(cast):
    absent(cast.reviewer, cast.strange_reviewer)
    assert list(cast.planning.people_entrusted(Role.DEPT_REVIEWER)) == [cast.reviewer, cast.reviewer2]


# --- The page ------------------------------------------------------------------------------------------------


def register(client, person, stand_in, first="2026-07-15", last="2026-07-17"):
    client.force_login(person)
    form = {"stand_in": getattr(stand_in, "pk", stand_in), "first_day": first, "last_day": last}
    return client.post(reverse("workflow:absences"), form)


def test_a_person_names_who_acts_in_their_place(client, cast):
    answer = register(client, cast.reviewer, cast.reviewer2)
    assert said(answer) == ["已登记：审核甲委托审核乙，2026-07-15至2026-07-17。"]
    text = cast.reviewer2.messages.first().text
    assert text == "市发展改革委审核甲委托您2026-07-15至2026-07-17代办，请在此期间办理其职责范围内的事项。"
    page = words(client.get(reverse("workflow:absences")).content.decode())
    assert "审核乙 市发展改革委 2026-07-15 至 2026-07-17 代办中" in page
    client.force_login(cast.reviewer2)
    assert "受他人委托" in client.get(reverse("workflow:absences")).content.decode()


@pytest.mark.parametrize(
    ("stand_in", "first", "last", "sentence"),
    [
        ("", "", "", "请选择受托人。"),
        ("", "", "", "请填写开始日期。"),
        ("", "", "", "请填写结束日期。"),
        ("clerk", "2026-07-15", "2026-07-17", "请从同一角色的在岗人员中选择受托人。"),
        ("reviewer", "2026-07-15", "2026-07-17", "请从同一角色的在岗人员中选择受托人。"),
        ("x", "2026-07-15", "2026-07-17", "请从同一角色的在岗人员中选择受托人。"),
        ("reviewer2", "2026-07-14", "2026-07-17", "开始日期不能早于今天。"),
        ("reviewer2", "2026-07-17", "2026-07-16", "结束日期不能早于开始日期。"),
        ("reviewer2", "2026-07-17", "2027-07-19", "一次委托不能超过一年。"),
        ("reviewer2", "2026-07-17", "9999-12-31", "一次委托不能超过一年。"),
        ("reviewer2", "昨天", "2026-07-17", "开始日期有误，例如 2026-07-01。"),
        ("reviewer2", "2026-07-20", "2026-07-25", "2026-07-18至2026-07-20已委托审核乙，日期不能重叠"),
        ("partner_reviewer", "2026-08-01", "2026-08-05", "配合审核在此期间也外出，请选择其他人员。"),
    ],
)
def test_what_is_wrong_is_said_beside_its_field(  # noqa: PLR0917 - a table
    client, cast, stand_in, first, last, sentence
):
    absent(cast.reviewer, cast.reviewer2, "2026-07-18", "2026-07-20")
    absent(cast.partner_reviewer, cast.strange_reviewer, "2026-08-05", "2026-08-09")
    answer = register(client, cast.reviewer, getattr(cast, stand_in, stand_in), first, last)
    assert answer.status_code == 422
    assert sentence in answer.content.decode()
    assert Absence.objects.count() == 2


def test_it_can_be_ended_early_by_who_is_absent_alone(client, cast, submitted):
    absence = absent(cast.reviewer, cast.strange_reviewer)
    client.force_login(cast.strange_reviewer)
    assert client.post(reverse("workflow:absence_end", args=[absence.pk])).status_code == 404
    client.force_login(cast.reviewer)
    for _ in range(2):
        client.post(reverse("workflow:absence_end", args=[absence.pk]))
    assert actions(submitted, cast.strange_reviewer) == []
    assert Message.objects.filter(recipient=cast.strange_reviewer, text__contains="已提前结束").count() == 1


def test_what_has_not_begun_is_cancelled_not_ended_early(client, cast):
    day = DAY + dt.timedelta(days=3)
    absence = absent(cast.reviewer, cast.strange_reviewer, day, day)
    client.force_login(cast.reviewer)
    page = client.get(reverse("workflow:absences")).content.decode()
    assert ">取消</button>" in page
    assert "提前结束" not in page
    answer = client.post(reverse("workflow:absence_end", args=[absence.pk]), follow=True).content.decode()
    assert "已取消：" in answer
    assert "已提前结束" not in answer
    said = Message.objects.get(recipient=cast.strange_reviewer, key__endswith="-end").text
    assert "已取消委托您" in said


@pytest.mark.usefixtures("without_navigation")
@pytest.mark.parametrize("rows", [1, 3])
def test_the_page_costs_the_same_with_one_row_and_with_three(client, cast, django_assert_num_queries, rows):
    for number in range(rows):
        day = DAY + dt.timedelta(days=number)
        absent(cast.reviewer, cast.strange_reviewer, day, day)
        absent(cast.reviewer2, cast.reviewer, day, day)
    client.force_login(cast.reviewer)
    with django_assert_num_queries(8):
        client.get(reverse("workflow:absences"))
