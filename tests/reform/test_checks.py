"""督察核查: plans reported 已完成 are drawn or picked, checked, marked, and reopened when it is not so."""

from datetime import date

import pytest
import time_machine
from django.urls import reverse

from accounts import clock
from accounts.models import User
from reform.as_of import AsOf
from reform.inspections import checks
from reform.inspections.marks import marks, marks_of, with_marks
from reform.models import (
    DueItem,
    MonthlyPlan,
    PlanStatus,
    PlanUpdate,
    SampleDraw,
    SpotCheck,
    SupervisionMatter,
    due_schedule,
)
from tests import factories
from tests.factories import AttachmentFactory
from tests.uploads import sent
from workflow.models import Message
from workflow.refusals import ActionRefused
from workflow.states import State

pytestmark = pytest.mark.sql

RULE = {"period": "2026-01-12", "department": "", "domain": "", "size": 2, "seed": "20260820"}
FOUND = {"way": "on_site", "checked_on": "2026-08-19", "text": "现场没有见到上报的平台。"}


@pytest.fixture(autouse=True)
def later(cast):
    with time_machine.travel("2026-08-20T09:00+08:00", tick=False):
        yield


def report_done(cast, plan, day):
    """The plan reported 已完成 with a file and confirmed on that day."""
    with time_machine.travel(f"{day}T10:00+08:00", tick=False):
        update = factories.plan_update(plan, cast.clerk, PlanStatus.DONE)
        AttachmentFactory(record=update)
        return cast.bring(update, State.CONFIRMED)


@pytest.fixture
def done(cast):
    """The plan of July, done on 20 July."""
    with time_machine.travel("2026-07-15T09:00+08:00", tick=False):
        plan = MonthlyPlan.objects.get(measure__battle_map=cast.issued_map(), month=7)
    report_done(cast, plan, "2026-07-20")
    plan.refresh_from_db()
    assert plan.status == PlanStatus.DONE
    return plan


@pytest.fixture
def many(cast, done):
    """Three more plans of that map that are done."""
    for month in (5, 6, 8):
        plan = factories.add_plan(done.measure, month=month, type="pilot", content=f"{month}月试点")
        report_done(cast, plan, "2026-08-20")
    return done


def page_of(check):
    return reverse("reform:check", args=[check.pk])


def conclude(client, cast, plan, finding, **words):
    client.force_login(cast.office)
    check = checks.pick(plan.pk, cast.office)
    asked = FOUND | {"version": check.version, "finding": finding, "conclude": "1"} | words
    assert client.post(page_of(check), asked).status_code == 302
    return SpotCheck.objects.get(pk=check.pk)


def status(client, cast, who, address):
    client.force_login(getattr(cast, who))
    answer = client.get(address)
    if answer.streaming:
        list(answer.streaming_content)
    return answer.status_code


def row_of(client, **query):
    (_, cells) = client.get("/ledgers/checks/", query).context["lines"][0]
    return {column.label: text for column, text in cells}


def test_the_same_rule_seed_and_data_draw_the_same_plans_and_all_is_written_down(client, cast, many):
    client.force_login(cast.office)
    client.post("/checks/sample/", RULE)
    drawn = SampleDraw.objects.get()
    assert (drawn.rule, drawn.seed) == ("2026年已完成的月度计划，不含已核查过的，4 项中抽取 2 项", "20260820")
    plans = set(drawn.checks.values_list("plan", flat=True))
    page = client.get(f"/checks/draws/{drawn.pk}/").content.decode()
    assert (drawn.rule in page, page.count("row-link")) == (True, 2)
    keys = list(MonthlyPlan.objects.filter(status=PlanStatus.DONE).values_list("pk", flat=True))
    assert set(SampleDraw.pick(reversed(keys), "20260820", 2)) == plans
    assert {frozenset(SampleDraw.pick(keys, seed, 2)) for seed in range(9)} != {frozenset(plans)}
    # What is being checked is not drawn twice.
    client.post("/checks/sample/", RULE | {"size": 200})
    assert SpotCheck.objects.count() == 4
    refused = client.post("/checks/sample/", RULE | {"size": 0, "seed": ""})
    assert refused.status_code == 422
    for sentence in ("抽取数量应为 1 至 200。", "请填写随机种子。"):
        assert sentence in refused.content.decode()
    assert "没有符合条件的已完成计划" in client.post("/checks/sample/", RULE).content.decode()


def test_all_that_is_missing_is_said_at_once_and_what_was_typed_and_sent_stays(client, cast, done):
    client.force_login(cast.office)
    page = page_of(checks.pick(done.pk, cast.office))
    files = {"files": [sent("纪要.pdf")], "unclassified": "on"}
    refused = client.post(page, {"version": 0, "text": "已查阅会议纪要。", "conclude": "1"} | files)
    assert refused.status_code == 422
    for words in ("请选择核查方式。", "请填写核查日期。", "请选择核查结论。", "已查阅会议纪要。", "纪要.pdf"):
        assert words in refused.content.decode()
    wrong = client.post(page, {"version": 0, "files": [sent("宏.exe")], "unclassified": "on"})
    assert (wrong.status_code, "宏.exe" in wrong.content.decode()) == (422, True)
    assert client.post(page, {"version": 0, "text": "已查阅会议纪要。", "save": "1"}).status_code == 302
    stale = client.post(page, FOUND | {"version": 0, "finding": "true", "conclude": "1"})
    assert (stale.status_code, FOUND["text"] in stale.content.decode()) == (409, True)
    assert SpotCheck.objects.get().is_open


def test_its_department_reads_a_check_once_something_was_found(client, cast, done):
    page = page_of(checks.pick(done.pk, cast.office))
    people = ("clerk", "reviewer", "partner", "stranger")
    assert [status(client, cast, who, page) for who in people] == [404, 404, 404, 404]
    check = conclude(client, cast, done, "true", files=[sent("照片.pdf")], unclassified="on")
    assert [status(client, cast, who, page) for who in people] == [200, 200, 404, 404]
    file = reverse("reform:check_file", args=[check.pk, check.files.get().pk])
    assert [status(client, cast, who, file) for who in people] == [200, 200, 404, 404]
    again = FOUND | {"version": 1, "finding": "untrue", "conclude": "1"}
    for who, answer in (("clerk", 404), ("office", 409)):
        client.force_login(getattr(cast, who))
        assert client.post(page, again).status_code == answer
    assert "督察核查结论为“属实”" in Message.objects.get(recipient=cast.clerk, key=f"check-{check.pk}").text


def test_three_marks_stand_wherever_plans_are_shown(client, cast, done):
    def words(day):
        return marks_of(with_marks(MonthlyPlan.objects.filter(pk=done.pk), AsOf.of(day)).get()).words

    assert words(date(2026, 7, 19)) == ""
    assert marks([done.pk])[done.pk].words == "已报、有佐证"
    conclude(client, cast, done, "partly")
    assert marks([done.pk])[done.pk].words == "已报、有佐证、核查部分属实"
    assert words(date(2026, 8, 19)) == "已报、有佐证"
    for page in (f"/plans/{done.pk}/", f"/projects/{cast.project.pk}/", "/ledgers/plans/", "/ledgers/checks/"):
        assert "部分属实" in client.get(page).content.decode(), page


def test_untrue_has_the_plan_owed_again_and_leaves_the_past_as_it_was(client, cast, done):
    before = DueItem.objects.get(plan=done, is_deadline=True)
    check = conclude(client, cast, done, "untrue")
    done.refresh_from_db()
    assert (done.status, check.reopened) == (PlanStatus.IN_PROGRESS, True)
    update = PlanUpdate.objects.get(plan=done)
    matter = update.matters.get()
    assert (matter.origin, matter.plan, matter.department) == ("inspection", done, cast.planning)
    assert (matter.text, matter.due_on) == (f"2026年{done}，督察核查不属实：{FOUND['text']}", date(2026, 8, 31))
    assert f'href="/supervision/{matter.pk}/"' in client.get(page_of(check)).text
    event = update.events.first()
    assert (update.state, event.action, event.actor) == (State.CONFIRMED, "reopen", cast.office)
    assert event.detail == f"督察核查不属实：{FOUND['text']}"
    assert due_schedule.differences() == []
    own = DueItem.objects.get(plan=done, is_deadline=True)
    assert (own.first_reported_at, own.late, own.due_on) == (before.first_reported_at, False, before.due_on)
    assert (own.settled_at, own.waits_from) == (None, date(2026, 8, 20))

    def months():
        return list(DueItem.objects.filter(plan=done).order_by("month").values_list("month", flat=True))

    # What began while it counted as done was never due; from the next month on it is.
    assert months() == [7, 9, 10, 11, 12]
    assert client.get("/ledgers/plans/?as_of=2026-08-19&state=done").context["page_obj"].paginator.count == 1
    assert client.get("/ledgers/plans/?state=done").context["page_obj"].paginator.count == 0
    client.force_login(cast.clerk)
    page = client.get("/kinds/planupdate/")
    assert "2026年7月 制定改革方案" in page.content.decode()
    assert [row.marks.words for row in page.context["work_items"] if row.key == str(done.pk)] == [
        "已报、有佐证、核查不属实"
    ]
    assert "核查不属实" in page.content.decode()
    # It is mended: reported anew, and done.
    report_done(cast, done, "2026-09-10")
    with time_machine.travel("2026-09-10T11:00+08:00", tick=False):
        assert DueItem.objects.get(plan=done, is_deadline=True).settled_at is not None
        assert due_schedule.differences() == []
        assert marks([done.pk])[done.pk].words == "已报、有佐证"
        assert months() == [7, 9]


def test_a_plan_of_another_year_is_named_with_it_in_the_matter(client, cast, done):
    with time_machine.travel("2027-01-04T09:00+08:00", tick=False):
        User.objects.update(password_set_at=clock.now())
        conclude(client, cast, done, "untrue")
        matter = SupervisionMatter.objects.get()
        assert matter.text == f"2026年{done}，督察核查不属实：{FOUND['text']}"
        assert f"涉及月度计划：2026年{done}" in client.get(reverse("reform:matter", args=[matter.pk])).text


def test_the_next_update_does_not_start_from_what_was_found_untrue(client, cast, done):
    before = PlanUpdate.objects.get(plan=done)
    conclude(client, cast, done, "untrue")
    client.force_login(cast.clerk)
    form = client.get(f"/kinds/planupdate/new/{done.pk}/").context["form"]
    assert (before.status, form["status"].value()) == (PlanStatus.DONE, PlanStatus.IN_PROGRESS)
    assert form["work_done"].value() == before.work_done != ""


def test_only_what_is_done_is_checked_and_an_ended_project_is_not_reopened(client, cast, done):
    other = MonthlyPlan.objects.get(measure__battle_map=done.measure.battle_map, month=11)
    with pytest.raises(ActionRefused, match="已完成的计划才能核查"):
        checks.pick(other.pk, cast.office)
    for plan in MonthlyPlan.objects.exclude(pk=done.pk):
        report_done(cast, plan, "2026-08-10")
    with time_machine.travel("2026-08-15T09:00+08:00", tick=False):
        cast.bring(factories.closure(cast.project, cast.clerk), State.CONFIRMED)
    check = conclude(client, cast, done, "untrue")
    done.refresh_from_db()
    assert (check.reopened, done.status) == (False, PlanStatus.DONE)
    assert due_schedule.differences() == []


def test_the_ledger_says_of_a_day_what_was_known_then(client, cast, done):
    with time_machine.travel("2026-08-10T09:00+08:00", tick=False):
        checks.pick(done.pk, cast.office)
    conclude(client, cast, done, "untrue")
    labels = ("抽取方式", "核查方式", "核查结论", "核查情况", "处理")
    now, then = row_of(client), row_of(client, as_of="2026-08-19")
    assert [now[label] for label in labels] == ["指定", "实地", "不属实", FOUND["text"], "计划重新办理"]
    assert [then[label] for label in labels] == ["指定", "", "待核查", "", ""]
    assert client.get("/ledgers/checks/?as_of=2026-08-09").context["lines"] == []
    client.force_login(cast.clerk)
    assert row_of(client)["核查结论"] == "不属实"
    assert client.get("/ledgers/checks/?as_of=2026-08-19").context["lines"] == []


@pytest.mark.usefixtures("without_navigation")
def test_lists_of_checks_cost_the_same_for_one_row_and_for_three(client, cast, many, django_assert_num_queries):
    client.force_login(cast.office)
    client.get("/session/")  # the first request notes when the session began
    done = list(MonthlyPlan.objects.filter(status=PlanStatus.DONE))
    for plans in (done[:1], done[1:3]):
        for plan in plans:
            checks.pick(plan.pk, cast.office)
        with django_assert_num_queries(7):
            client.get("/checks/")


def test_before_anything_was_confirmed_there_is_this_year_to_draw_from(client, cast):
    client.force_login(cast.office)
    page = client.get(reverse("reform:sample")).content.decode()
    assert '<option value="2026-01-12">2026年</option>' in page
