"""督办事项 and 办理反馈."""

import io
from datetime import date

import pytest
from django.contrib.messages import get_messages
from django.core.management import call_command
from django.test import Client
from django.urls import reverse

from accounts.absences import Absence
from accounts.models import User
from reform.bulletins.facts import PeriodFacts
from reform.calendar import Period
from reform.models import Progress, Step, SupervisionMatter, SupervisionReport
from reform.reporting.reminders import matter_reminders
from reform.supervision.letters import may_send
from reform.supervision.matters import steps_open, take_step
from tests import factories
from tests.contracts import EvidenceContract, RecordContract
from tests.work import due_count, work_rows
from workflow.actions import create_record
from workflow.models import Message
from workflow.refusals import ActionRefused, Closed
from workflow.states import State

pytestmark = pytest.mark.usefixtures("due_agrees")


class TestSupervisionReport(EvidenceContract, RecordContract):
    kind = SupervisionReport
    label = "办理反馈"
    missing = ["outcome", "work_done"]

    def key(self, cast):
        known = SupervisionMatter.objects.first()
        return str((known or factories.matter(cast)).pk)

    def dossier(self, cast):
        return SupervisionMatter.objects.get().pk

    def change(self, record, text):
        SupervisionReport.objects.filter(pk=record.pk).update(work_done=text)


def reported(cast, matter, outcome="done", to=State.CONFIRMED):
    cast.bring(factories.supervision_report(matter, cast.clerk, outcome), to)
    return SupervisionMatter.objects.get(pk=matter.pk)


def test_who_closes_is_told_of_what_waits_to_be_closed(client, cast):
    def entry(who):
        client.force_login(getattr(cast, who))
        nav = client.get("/help/").context["nav"]
        return next(item["count"] for part in nav for item in part["items"] if item["label"] == "督办事项")

    matter = factories.matter(cast)
    assert entry("office") == 0
    matter = reported(cast, matter)
    waiting = ["office", "office2", "office_elsewhere", "reviewer", "clerk"]
    assert [entry(who) for who in waiting] == [1, 1, 0, 0, 0]
    take_step(matter.pk, "returned", cast.office, matter.version, "请补充佐证。")
    assert entry("office") == 0


def test_a_matter_is_reported_on_sent_back_reported_again_and_closed(cast):
    matter = factories.matter(cast)
    assert due_count(SupervisionReport, cast.clerk) == len(work_rows(SupervisionReport, cast.clerk)) == 1
    assert due_count(SupervisionReport, cast.partner) == 0
    assert steps_open(matter, cast.office) == []
    matter = reported(cast, matter)
    assert (matter.progress, due_count(SupervisionReport, cast.clerk)) == (Progress.REPORTED, 0)
    assert steps_open(matter, cast.office2) == [Step.CLOSED, Step.RETURNED]
    assert steps_open(matter, cast.office_elsewhere) == steps_open(matter, cast.clerk) == []
    with pytest.raises(ActionRefused):
        take_step(matter.pk, "closed", cast.office_elsewhere, matter.version, "同意")
    matter = take_step(matter.pk, "returned", cast.office, matter.version, "请补充佐证。")
    assert (matter.progress, due_count(SupervisionReport, cast.clerk)) == (Progress.OPEN, 1)
    assert Message.objects.filter(recipient=cast.clerk, text__contains="请补充佐证").exists()
    matter = reported(cast, matter)
    with pytest.raises(ActionRefused, match="新的进展"):
        take_step(matter.pk, "closed", cast.office, matter.version - 1, "同意办结")
    matter = take_step(matter.pk, "closed", cast.office, matter.version, "同意办结")
    assert (matter.progress, f"{matter.closed_at:%Y-%m-%d}") == (Progress.CLOSED, "2026-07-15")
    assert [step.step for step in matter.steps.all()] == ["closed", "reported", "returned", "reported", "raised"]
    assert work_rows(SupervisionReport, cast.clerk) == []
    with pytest.raises((ActionRefused, Closed), match="已办结"):
        create_record(SupervisionReport.draft_from_key, str(matter.pk), cast.clerk)


def test_the_desk_of_a_clerk_has_what_is_to_be_reported_on(cast, client):
    def desk(who):
        client.force_login(getattr(cast, who))
        context = client.get(reverse("home")).context
        [rows] = [card.rows for card in context["cards"] if card.title == "待填报"]
        tile = {tile.label: (tile.number, tile.url) for tile in context["tiles"]}.get("待报办理反馈")
        return tile, [(row.title, row.note, row.url) for row in rows if row.note.startswith("办理反馈")]

    assert desk("clerk") == (None, [])
    late, later = factories.matter(cast, date(2026, 7, 10)), factories.matter(cast)
    report = factories.supervision_report(later, cast.clerk)
    number, rows = desk("clerk")
    assert number == (2, "/kinds/supervisionreport/")
    assert rows == [
        (late.name, "办理反馈 · 领导交办 · 逾期 5 天", late.get_absolute_url()),
        (later.name, "办理反馈 · 领导交办 · 办理中", f"/records/{report.pk}/edit/"),
    ]
    assert desk("partner") == (None, [])
    cast.bring(report, State.SUBMITTED)
    assert desk("clerk2")[0] == (1, "/kinds/supervisionreport/")
    client.force_login(cast.reviewer)
    [row] = next(card.rows for card in client.get(reverse("home")).context["cards"] if card.title == "待我审核")
    assert row.note == "办理反馈"  # once


def test_a_report_of_what_goes_on_leaves_the_matter_open(cast):
    matter = reported(cast, factories.matter(cast), "under_way")
    assert (matter.progress, steps_open(matter, cast.office)) == (Progress.OPEN, [Step.CLOSED])
    reported(cast, matter, to=State.SUBMITTED)
    assert steps_open(matter, cast.office) == []


@pytest.mark.sql
@pytest.mark.parametrize(
    ("outcome", "to", "standing"),
    [
        ("done", State.DRAFT, "overdue"),
        ("done", State.SUBMITTED, "reviewed"),
        ("done", State.DEPT_APPROVED, "reviewed"),
        ("done", State.RETURNED, "overdue"),
        ("done", State.REJECTED, "overdue"),
        ("done", State.CONFIRMED, "reported"),
        ("under_way", State.SUBMITTED, "overdue"),
        ("under_way", State.CONFIRMED, "overdue"),
    ],
)
def test_what_a_department_has_applied_to_close_is_not_overdue_while_it_is_reviewed(
    cast, table, *, outcome, to, standing
):
    matter = reported(cast, factories.matter(cast, date(2026, 7, 10)), outcome, to)
    other = factories.matter(cast, date(2026, 7, 9))
    is_overdue = standing == "overdue"
    words, label = {
        "overdue": ("逾期 5 天", "已逾期"),
        "reviewed": ("审核中", "审核中"),
        "reported": ("待办结", "待办结"),
    }[standing]
    assert (matter.standing, matter.standing_words, may_send(matter, cast.office)) == (standing, words, is_overdue)
    overdue = {other.pk} | ({matter.pk} if is_overdue else set())
    assert {found.pk for found in PeriodFacts(Period(2026, 7, 7)).overdue_matters} == overdue
    client = Client()
    for who in ("office", "clerk", "reviewer"):
        client.force_login(getattr(cast, who))
        listed = {asked: client.get("/supervision/", {"progress": asked}) for asked in (standing, "overdue")}
        assert words in listed[standing].content.decode()
        assert {found.pk for found in listed["overdue"].context["page_obj"]} == overdue
        rows = table(who, "matters", state=standing)
        assert (label, "5" if is_overdue else "") in [(row["办理进展"], row["逾期天数"]) for row in rows]
        assert len(table(who, "matters", state="overdue")) == len(overdue)


def test_who_finds_a_matter(cast, client):
    matter = factories.matter(cast)
    readers = set()
    for who, person in cast.people.items():
        client.force_login(person)
        answers = {
            client.get(reverse(f"reform:{name}", args=[matter.pk]), follow=True).status_code
            for name in ("matter", "dossier")
        }
        found = matter in SupervisionMatter.objects.visible_to(person)
        assert answers == ({200} if found else {404})
        readers |= {who} if found else set()
    offices = {"office", "office2", "office_elsewhere"}
    assert readers == offices | {"clerk", "clerk2", "reviewer", "reviewer2", "partner", "partner_reviewer"}


def test_the_office_enters_a_matter_once_and_the_departments_are_told(cast, client):
    client.force_login(cast.office)
    page = reverse("reform:matter_add")
    typed = {
        "origin": "leader",
        "source_words": "王市长批示",
        "text": "加快推进数据共享。",
        "department": cast.planning.pk,
        "partners": [cast.planning.pk],
        "due_on": "2026-07-01",
        "level": "",
        "key": "abc",
    }
    refused = client.post(page, typed)
    text = refused.content.decode()
    assert refused.status_code == 422
    sentences = ("请选择协调层级。", "办理时限不能早于今天。", "牵头单位不能同时是配合单位。", "加快推进数据共享。")
    assert [sentence for sentence in sentences if sentence not in text] == []
    typed |= {"partners": [cast.science.pk], "due_on": "2026年7月31日", "level": "leader"}
    answers = [client.post(page, typed) for _ in range(2)]
    matter = SupervisionMatter.objects.get()
    assert {answer.url for answer in answers} == {matter.get_absolute_url()}
    assert (matter.due_on, matter.origin, list(matter.partners.all())) == (date(2026, 7, 31), "leader", [cast.science])
    # Its heading stands in sentences: no full stop in the middle of one, nor two at its end.
    assert (matter.name, matter.text) == ("加快推进数据共享", "加快推进数据共享。")
    assert [str(message) for message in get_messages(answers[0].wsgi_request)] == ["已列为督办事项：加快推进数据共享。"]
    told = set(Message.objects.values_list("recipient__full_name", flat=True))
    assert told == {"录入甲", "录入乙", "审核甲", "审核乙", "配合录入", "配合审核"}
    client.force_login(cast.clerk)
    assert client.get(page).status_code == client.post(page, typed).status_code == 404


def test_the_office_closes_on_the_page_and_loses_no_words(cast, client):
    matter = reported(cast, factories.matter(cast))
    client.force_login(cast.office)
    act = reverse("reform:matter_act", args=[matter.pk])
    assert "请填写意见。" in client.post(act, {"step": "closed", "version": matter.version}).content.decode()
    stale = client.post(act, {"step": "closed", "version": 0, "closed-words": "写了很久的话"})
    assert (stale.status_code, "写了很久的话" in stale.content.decode()) == (409, True)
    client.post(act, {"step": "closed", "version": matter.version, "closed-words": "同意办结。"})
    assert SupervisionMatter.objects.get().progress == Progress.CLOSED


def test_the_list_has_open_ones_by_their_deadline_and_then_what_was_closed_last(cast, client):
    closed = [factories.matter(cast, due_on=date(2026, month, 1)) for month in (3, 1, 2)]
    later, sooner = (factories.matter(cast, due_on=date(2026, month, 20)) for month in (12, 9))
    for matter in closed:
        take_step(matter.pk, "closed", cast.office, reported(cast, matter).version, "同意办结。")
    client.force_login(cast.office)
    shown = [row.pk for row in client.get(reverse("reform:matters")).context["page_obj"]]
    assert shown == [sooner.pk, later.pk, *(matter.pk for matter in reversed(closed))]


@pytest.mark.parametrize("number", [1, 3])
def test_queries_of_the_list_do_not_grow(cast, client, django_assert_num_queries, number):
    for _ in range(number):
        factories.matter(cast)
    client.force_login(cast.office)
    client.get(reverse("reform:matters"))
    with django_assert_num_queries(8):
        client.get(reverse("reform:matters"))


def test_an_inspection_raises_a_matter_of_the_plan_that_it_checked(cast):
    plan = factories.open_plan(cast.issued_map())
    matter = SupervisionMatter.objects.raise_from_inspection(
        cast.office, text="与实际不符。", department=cast.planning, due_on=date(2026, 8, 15), plan=plan, words="督察"
    )
    assert (matter.origin, matter.of_project, matter.plan) == ("inspection", cast.project, plan)


def test_those_who_lead_are_reminded_before_the_deadline_and_once_overdue(cast, on):
    matter = factories.matter(cast, due_on=date(2026, 11, 30))
    seen = set(Message.objects.values_list("pk", flat=True))

    def told(day):
        with on(day):
            call_command("remind", stdout=io.StringIO(), stderr=io.StringIO())
        found = list(Message.objects.exclude(pk__in=seen).filter(text__contains="还未报").order_by("pk"))
        seen.update(message.pk for message in found)
        return [(message.recipient.full_name, message.text.partition("，")[2]) for message in found]

    assert told("2026-11-20") == []
    assert told("2026-11-23") == [(one, "截止11月30日，还剩5个工作日。") for one in ("录入甲", "录入乙")]
    assert told("2026-11-30") == [(one, "截止11月30日，今天是最后一天。") for one in ("录入甲", "录入乙")]
    late = "已逾期，截止11月30日，请抓紧办理并填写办理反馈。"
    assert told("2026-12-01") == [(one, late) for one in ("录入甲", "录入乙", "审核甲", "审核乙")]
    with on("2026-12-01"):
        reported(cast, matter, to=State.SUBMITTED)
    assert told("2026-12-02") == []


def test_a_reminder_is_sent_once(cast, on):
    factories.matter(cast, due_on=date(2026, 7, 1))
    with on("2026-07-15"):
        first = matter_reminders(date(2026, 7, 15))
        assert [Message.objects.deliver(first), Message.objects.deliver(matter_reminders(date(2026, 7, 16)))] == [4, 0]


def test_the_office_urges_those_on_whom_a_matter_waits_once_a_day(cast, client):
    matter = factories.matter(cast)
    client.force_login(cast.office)
    press = reverse("reform:matter_urge", args=[matter.pk])

    def told():
        answer = client.post(press, follow=True).content.decode()
        return next(words for words in ("通知 2 人次", "今天已经催办过", "不需要催办") if words in answer)

    assert [told(), told()] == ["通知 2 人次", "今天已经催办过"]
    assert set(Message.objects.filter(text__contains="催办").values_list("recipient__full_name", flat=True)) == {
        "录入甲",
        "录入乙",
    }
    reported(cast, matter)
    assert told() == "不需要催办"
    assert press not in client.get(matter.get_absolute_url()).content.decode()
    client.force_login(cast.clerk)
    assert client.post(press).status_code == 404


def test_a_step_in_the_place_of_an_absent_colleague_says_so(client, cast):
    matter = reported(cast, factories.matter(cast))
    day = date(2026, 7, 15)
    Absence.objects.create(person=cast.office, stand_in=cast.office_elsewhere, first_day=day, last_day=day)
    stand_in = User.objects.get(pk=cast.office_elsewhere.pk)
    matter = take_step(matter.pk, "closed", stand_in, matter.version, "同意办结。")
    closed, *earlier = matter.steps.all()
    assert (closed.actor, closed.acted_for) == (stand_in, f"受{cast.office.full_name}委托")
    assert {step.acted_for for step in earlier} == {""}
    client.force_login(cast.office)
    page = client.get(reverse("reform:matter", args=[matter.pk])).content.decode()
    assert f"{stand_in.full_name}（受{cast.office.full_name}委托）" in page
