"""提请协调 and 问题库: a problem of a record is raised, decided on and followed to its end."""

from datetime import date
from importlib import import_module

import pytest
import time_machine
from django.apps import apps
from django.urls import reverse

from reform.models import CoordinationRequest, Difficulty, Origin, Step, SupervisionMatter, SupervisionReport
from reform.supervision.coordination import answer, raise_problem, take
from reform.supervision.matters import take_step
from tests import factories
from workflow.models import Message
from workflow.refusals import ActionRefused, Gone
from workflow.states import State

MIGRATION = "reform.migrations.0033_difficulties"
PROBLEM = "数据接口标准尚未统一。"


def troubled(cast, to=State.CONFIRMED):
    """A plan update with a problem."""
    update = factories.plan_update(factories.open_plan(cast.issued_map()), cast.clerk)
    update.difficulties = PROBLEM
    update.save()
    return cast.bring(update, to)


def said(client, person, page, **query):
    client.force_login(person)
    return client.get(page, query).content.decode()


def test_a_problem_is_raised_taken_as_a_matter_and_closed(cast, client):
    record, library = troubled(cast), reverse("reform:problems")
    address = reverse("workflow:record", args=[record.pk])
    assert (
        "未解决" in said(client, cast.office, library),
        "提请协调</button>" in said(client, cast.office, address),
    ) == (
        True,
        False,
    )
    assert "提请协调</button>" in said(client, cast.clerk, address)
    for _ in range(2):  # pressed twice, raised once
        assert client.post(reverse("reform:raise", args=[record.pk])).url == f"{address}#coordination"
    raised = CoordinationRequest.objects.get()
    assert (raised.text, raised.raised_by) == (PROBLEM, cast.clerk)
    told = set(Message.objects.filter(path=raised.get_absolute_url()).values_list("recipient__full_name", flat=True))
    assert told == {"改革办甲", "改革办乙"}
    assert PROBLEM in said(client, cast.clerk, library, state="raised")
    page = said(client, cast.office, raised.get_absolute_url())
    assert (address in page, PROBLEM in page) == (True, True)
    taken = {"take-text": PROBLEM, "take-department": cast.planning.pk, "take-level": "leader", "step": "take"}
    refused = client.post(raised.get_absolute_url(), taken)
    assert (refused.status_code, "请填写办理时限。" in refused.content.decode()) == (422, True)
    client.post(raised.get_absolute_url(), taken | {"take-due_on": "2026-08-31"})
    matter = SupervisionMatter.objects.get()
    assert (matter.origin, matter.source_id, matter.plan_id) == (Origin.RAISED, record.pk, record.plan_id)
    assert (matter.of_project, matter.request.status) == (cast.project, "taken")
    for shown in (address, reverse("reform:plan", args=[record.plan_id]), library):
        assert reverse("reform:matter", args=[matter.pk]) in said(client, cast.clerk, shown)
    assert PROBLEM in said(client, cast.clerk, library, state="under_way")
    cast.bring(factories.supervision_report(matter, cast.clerk), State.CONFIRMED)
    matter.refresh_from_db()
    take_step(matter.pk, "closed", cast.office, matter.version, "同意办结。")
    assert PROBLEM in said(client, cast.clerk, library, state="closed")
    assert PROBLEM not in said(client, cast.clerk, library, state="under_way")


def test_the_office_answers_instead_and_decides_once(cast, client):
    record = troubled(cast, State.SUBMITTED)
    raised = raise_problem(record.pk, cast.clerk)
    client.force_login(cast.office_elsewhere)
    assert client.post(raised.get_absolute_url(), {"step": "answer", "answer-words": "已协调。"}).status_code == 409
    client.force_login(cast.office)
    assert client.post(raised.get_absolute_url(), {"step": "answer", "answer-words": " "}).status_code == 422
    client.post(raised.get_absolute_url(), {"step": "answer", "answer-words": "已协调统一。"})
    raised.refresh_from_db()
    assert (raised.status, raised.answer, raised.decided_by) == ("answered", "已协调统一。", cast.office)
    assert Message.objects.filter(recipient=cast.clerk, text__contains="已协调统一。").exists()
    again = client.post(raised.get_absolute_url(), {"step": "answer", "answer-words": "另一个答复"})
    assert (again.status_code, "另一个答复" in again.content.decode()) == (409, True)
    assert "改革办甲" in again.content.decode()
    with pytest.raises(ActionRefused, match="已由改革办甲办理"):
        take(raised.pk, cast.office2, text="x")


def test_a_problem_that_was_answered_is_no_longer_unsolved(cast, client):
    record, library = troubled(cast), reverse("reform:problems")
    raised = raise_problem(record.pk, cast.clerk)
    answer(raised.pk, cast.office, "已协调统一。")

    def standing(person):
        """The states under which it is found."""
        states = ("unsolved", "raised", "answered", "under_way", "closed")
        return [state for state in states if PROBLEM in said(client, person, library, state=state)]

    assert standing(cast.clerk) == standing(cast.office) == ["answered"]
    assert 'chip-green">已答复' in said(client, cast.clerk, library)
    assert standing(cast.partner) == ["unsolved"]  # what was raised is not a partner's


def test_a_matter_of_an_inspection_is_not_that_of_the_problem(cast, client):
    record, library = troubled(cast), reverse("reform:problems")
    SupervisionMatter.objects.raise_from_inspection(
        cast.office, text="核查不属实。", department=cast.planning, due_on=date(2026, 8, 31), source=record
    ).move(Step.CLOSED, cast.office)
    address = reverse("workflow:record", args=[record.pk])
    assert PROBLEM in said(client, cast.office, library, state="unsolved")
    assert "核查不属实" not in said(client, cast.office, library) + said(client, cast.office, address)
    raised = raise_problem(record.pk, cast.clerk)
    taken = take(raised.pk, cast.office, text=PROBLEM, department=cast.planning, due_on=date(2026, 8, 31))
    page = said(client, cast.office, library, state="under_way")
    assert (PROBLEM in page, taken.get_absolute_url() in page) == (True, True)


def test_the_list_has_open_requests_before_those_that_were_decided_on(cast, client):
    raised = []
    for plan in factories.MonthlyPlan.objects.filter(measure__battle_map=cast.issued_map())[:3]:
        update = factories.plan_update(plan, cast.clerk)
        update.difficulties = PROBLEM
        update.save()
        raised.append(raise_problem(cast.bring(update, State.CONFIRMED).pk, cast.clerk))
    first, second, last = raised
    answer(last.pk, cast.office, "已协调解决。")
    client.force_login(cast.office)
    shown = list(client.get(reverse("reform:requests")).context["page_obj"])
    assert shown == [second, first, last]


def test_who_raises_and_who_reads(cast, client):
    record = troubled(cast)
    raisers, readers, finders = set(), set(), set()
    for who, person in cast.people.items():
        CoordinationRequest.objects.all().delete()
        client.force_login(person)
        answer = client.post(reverse("reform:raise", args=[record.pk]))
        raisers |= {who} if answer.status_code == 302 else set()
        assert answer.status_code in (302, 404)
    raised = raise_problem(record.pk, cast.clerk)
    for who, person in cast.people.items():
        readers |= {who} if "市发展改革委" in said(client, person, raised.get_absolute_url()) else set()
        finders |= {who} if PROBLEM in said(client, person, reverse("reform:problems")) else set()
    assert raisers == {"clerk", "clerk2"}
    own = {"clerk", "clerk2", "reviewer", "reviewer2", "office", "office2", "office_elsewhere"}
    assert readers == own
    assert finders == own | {"partner", "partner_reviewer"}
    assert "未解决" in said(client, cast.partner, reverse("reform:problems"))  # what was raised is not a partner's
    with pytest.raises(Gone):
        raise_problem(record.pk, cast.stranger)


def test_what_is_not_submitted_or_names_no_problem_is_not_raised(cast):
    draft = troubled(cast, State.REJECTED)
    with pytest.raises(ActionRefused):
        raise_problem(draft.pk, cast.clerk)
    calm = factories.plan_update(draft.specific.plan.measure.battle_map.measures.last().plans.get(), cast.clerk)
    calm.difficulties = ""
    calm.save()
    cast.bring(calm, State.SUBMITTED)
    with pytest.raises(ActionRefused):
        raise_problem(calm.pk, cast.clerk)


@pytest.mark.parametrize("number", [1, 3])
def test_queries_of_the_lists_do_not_grow(cast, client, django_assert_num_queries, number):
    for plan in factories.MonthlyPlan.objects.filter(measure__battle_map=cast.issued_map())[:number]:
        update = factories.plan_update(plan, cast.clerk)
        update.difficulties = PROBLEM
        update.save()
        raise_problem(cast.bring(update, State.CONFIRMED).pk, cast.clerk)
    client.force_login(cast.office)
    for name, queries in (("problems", 9), ("requests", 7)):
        page = reverse(f"reform:{name}")
        assert client.get(page).content.decode().count(PROBLEM) == number
        with django_assert_num_queries(queries):
            client.get(page)


def test_the_ledger_of_matters_says_what_stood_on_a_day(cast, table):
    matter = factories.matter(cast, date(2026, 7, 16))
    with time_machine.travel("2026-07-20T09:00+08:00"):
        report = cast.bring(factories.supervision_report(matter, cast.clerk), State.DEPT_APPROVED)
    with time_machine.travel("2026-07-21T09:00+08:00"):
        cast.act(report, "office", "confirm")
    with time_machine.travel("2026-07-22T09:00+08:00"):
        matter.refresh_from_db()
        take_step(matter.pk, "closed", cast.office, matter.version, "同意办结。")
    with time_machine.travel("2026-08-03T09:00+08:00"):
        found = [
            [
                tuple(row[label] for label in ("办理反馈", "办理进展", "逾期天数", "办结日期", "办结意见"))
                for row in table("clerk", "matters", as_of=day)
            ]
            for day in ("2026-07-14", "2026-07-16", "2026-07-19", "2026-07-20", "2026-07-21", "")
        ]
        assert found == [
            [],
            [("0", "办理中", "", "", "")],
            [("0", "已逾期", "3", "", "")],
            [("0", "审核中", "", "", "")],
            [("1", "待办结", "", "", "")],
            [("1", "已办结", "", "2026-07-22", "同意办结。")],
        ]
        [row] = table("clerk", "matters", state="overdue", as_of="2026-07-19")
        assert (row["事项来源"], row["牵头单位"], row["配合单位"]) == ("领导交办", "市发展改革委", "市科技局")
        assert len(table("clerk", "matters", state="reviewed", as_of="2026-07-20")) == 1
        assert table("clerk", "matters", state="overdue", as_of="2026-07-20") == []
        assert table("clerk", "matters", state="overdue") == []


def test_the_library_has_what_confirmed_records_say(cast):
    troubled(cast, State.DEPT_APPROVED)
    report = factories.supervision_report(factories.matter(cast, date(2026, 7, 16)), cast.clerk)
    report.difficulties = f" {PROBLEM}\n"
    report.save()
    assert not Difficulty.objects.exists()
    cast.bring(report, State.CONFIRMED)
    cast.bring(factories.supervision_report(factories.matter(cast, date(2026, 7, 16)), cast.clerk), State.CONFIRMED)
    written = Difficulty.objects.values_list("record", "dossier", "text", "submitted_at")
    [problem] = written
    assert problem[:3] == (report.pk, report.dossier_id, PROBLEM)
    for gather in (
        lambda: Difficulty.objects.gather(SupervisionReport),
        lambda: import_module(MIGRATION).gather(apps, None),
    ):
        Difficulty.objects.all().delete()
        gather()
        assert list(written) == [problem]


def test_the_library_is_narrowed(cast, client):
    record, library = troubled(cast), reverse("reform:problems")
    domain = cast.project.domain_id
    for query, found in [
        ({"q": "接口 数字"}, True),
        ({"q": "没有"}, False),
        ({"department": cast.planning.pk}, True),
        ({"department": cast.science.pk}, False),
        ({"domain": domain}, True),
        ({"period": "2026-07-07"}, True),
        ({"period": "2026-01-06"}, False),
        ({"state": "closed"}, False),
        ({"state": "wrong", "period": "x"}, True),
    ]:
        assert (query, reverse("workflow:record", args=[record.pk]) in said(client, cast.clerk, library, **query)) == (
            query,
            found,
        )


def test_every_page_of_the_library_as_it_opens_is_of_this_year(cast, client):
    troubled(cast)
    library = reverse("reform:problems")
    first = f"{library}?page=1"
    assert PROBLEM in said(client, cast.office, first)
    with time_machine.travel("2027-01-05T10:00+08:00"):
        assert PROBLEM not in said(client, cast.office, library)
        assert PROBLEM not in said(client, cast.office, first)
        assert 'href="?period="' in said(client, cast.office, library)
        assert PROBLEM in said(client, cast.office, f"{first}&period=")  # of whatever year
