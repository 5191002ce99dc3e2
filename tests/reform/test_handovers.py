"""机构调整: a department is merged, or a part of it goes; the past stays, everything open goes on elsewhere."""

from datetime import date

import pytest
import time_machine
from django.contrib.admin.models import LogEntry

from accounts import clock
from accounts.models import Department, User
from reform.ledgers import LEDGERS
from reform.models import BattleMap, DueItem, MeasureIteration, PlanUpdate
from reform.models.due_schedule import differences
from reform.models.measure import keep_partners
from reform.reporting.counts import to_report
from tests import factories
from tests.factories import DepartmentFactory, ProjectFactory, UserFactory
from tests.reform.month_end_pages import on_day
from tests.reform.test_ledgers_as_of import table
from workflow.actions import perform
from workflow.contributions import ask
from workflow.models import Message, Record
from workflow.states import State

pytestmark = pytest.mark.sql

LIST = "/office/departments/"


def page(department, what="merge"):
    return f"{LIST}{department.pk}/{what}/"


def said(answer):
    return " ".join(str(message) for message in answer.context["messages"])


def carry_out(client, address, **choice):
    """The choice, and its preview confirmed."""
    shown = client.post(address, choice)
    assert shown.status_code == 200, shown.content.decode()
    return client.post(address, choice | {"token": shown.context["handover"].token, "accepted": "on"}, follow=True)


@pytest.fixture
def admin(client, cast):
    client.force_login(cast.admin)
    return cast


def merge(client, source, target):
    return carry_out(client, page(source), target=target.pk)


def split(client, source, projects=(), people=(), **target):
    chosen = {"projects": [one.pk for one in projects], "people": [one.pk for one in people]}
    return carry_out(client, page(source, "split"), **chosen, **target)


def duties(user):
    return {str(held.content_object) for held in user.entrustments.select_related("content_object")}


def history_of(thing):
    found = LogEntry.objects.filter(object_id=thing.pk, content_type__model=thing._meta.model_name)
    return [entry.get_change_message() for entry in found]


# --- 并入 -------------------------------------------------------------------------------------------


def test_the_preview_names_all_that_goes_and_does_nothing(client, admin):
    drawn = admin.issued_map()
    factories.target_update(drawn, admin.clerk, 1)
    admin.stranger.assign(admin.planning)
    shown = client.post(page(admin.planning), {"target": admin.science.pk})
    handover = shown.context["handover"]
    assert [(place.project.name, place.role, place.sentence) for place in handover.places] == [
        ("数字经济改革", "责任单位", "责任单位：市发展改革委 → 市科技局；配合单位：市科技局 → （空）")
    ]
    assert [mover.user.full_name for mover in handover.movers] == ["审核甲", "审核乙", "录入甲", "录入乙"]
    assert [user.full_name for user in handover.entrusted] == ["外单位录入"]
    assert handover.records == [("量化目标推进更新", [("草稿", 1)])]
    assert handover.due == {"waiting": 7, "later": 8}
    assert handover.warnings == [
        "市科技局增加录入人员：录入甲（市发展改革委）、录入乙（市发展改革委）、外单位录入（市教委）。",
        "市科技局增加审核人员：审核甲（市发展改革委）、审核乙（市发展改革委）。",
        f"{admin.project.number} 数字经济改革：市科技局原是配合单位，改为责任单位。",
    ]
    text = shown.content.decode()
    assert all(sentence in text for sentence in handover.warnings)
    assert User.objects.get(pk=admin.clerk.pk).department == admin.planning
    assert not LogEntry.objects.exists()


def test_the_preview_counts_what_is_due_as_its_clerk_does(client, admin):
    """A plan that is overdue has a row for each month since, and is one thing to do."""
    admin.issued_map()
    with on_day(date(2026, 12, 31)):
        client.force_login(admin.admin)
        shown = client.post(page(admin.planning), {"target": admin.science.pk})
        rows = DueItem.objects.waiting(date(2026, 12, 31)).filter(plan__isnull=False)
        assert rows.count() > rows.values("plan").distinct().count() == 3
        assert to_report(admin.clerk).total() == shown.context["handover"].due["waiting"] == 15
    assert "现在待办 15 项，以后应报和未办结 0 项" in shown.content.decode()


def test_a_merged_department_closes_and_its_people_and_projects_go_on_elsewhere(client, admin):
    other = ProjectFactory(name="营商环境改革", department=admin.education, partners=[admin.planning])
    admin.stranger.assign(admin.planning)
    answer = merge(client, admin.planning, admin.science)
    assert said(answer) == "市发展改革委已并入市科技局。"
    admin.project.refresh_from_db()
    assert (admin.project.department, list(admin.project.partners.all())) == (admin.science, [])
    assert list(other.partners.all()) == [admin.science]
    assert not Department.objects.get(pk=admin.planning.pk).is_active
    for person in (admin.clerk, admin.reviewer):
        stamp = person.session_stamp
        person.refresh_from_db()
        assert (person.department, duties(person)) == (admin.science, {"市科技局"})
        assert person.session_stamp == stamp + 1
    assert duties(admin.stranger) == {"市教委", "市科技局"}


def test_all_of_it_is_in_the_history(client, admin):
    admin.partner.assign(admin.planning)
    merge(client, admin.planning, admin.education)
    assert history_of(admin.planning) == ["并入市教委：1 个项目、4 名人员；启用：是 → 否"]
    assert history_of(admin.education) == ["市发展改革委并入：1 个项目、4 名人员；增加受托人员：配合录入"]
    assert history_of(admin.project) == ["责任单位：市发展改革委 → 市教委（机构调整）"]
    assert history_of(admin.clerk) == ["所属单位：市发展改革委 → 市教委（机构调整）"]


def test_ledgers_of_a_day_before_are_what_they_were(client, admin):
    """Of every ledger, for everybody who still reads it, cell by cell."""
    drawn = admin.issued_map()
    ProjectFactory(name="营商环境改革", department=admin.education, partners=[admin.planning])
    measure = drawn.measures.first()
    measure.lead = admin.planning
    measure.save()
    admin.bring(factories.target_update(drawn, admin.clerk, 1), State.CONFIRMED)
    admin.bring(factories.iteration(measure, admin.clerk), State.CONFIRMED)
    admin.bring(factories.promotion(admin.project, admin.clerk), State.SUBMITTED)
    factories.matter(admin)
    readers = (admin.office, admin.clerk, admin.stranger)
    asked = {"as_of": "2026-07-15"}
    before = [[table(ledger, reader, asked) for ledger in LEDGERS] for reader in readers]
    assert any("市发展改革委" in str(rows) for rows in before[0])
    with time_machine.travel("2026-07-16T09:00+08:00"):
        client.force_login(admin.admin)
        merge(client, admin.planning, admin.science)
    with time_machine.travel("2026-07-17T09:00+08:00"):
        readers = [User.objects.get(pk=reader.pk) for reader in readers]
        assert [[table(ledger, reader, asked) for ledger in LEDGERS] for reader in readers] == before
        now = [table(ledger, admin.office) for ledger in LEDGERS]
        assert "市发展改革委" not in str(now[:3])
        assert "市科技局" in str(now[0])


def test_what_is_due_follows_and_what_was_settled_stays(client, admin):
    drawn = admin.issued_map()
    admin.bring(factories.target_update(drawn, admin.clerk, 1), State.CONFIRMED)
    merge(client, admin.planning, admin.science)
    items = DueItem.objects.filter(dossier=admin.project)
    assert {str(item.department) for item in items.filter(settled_at=None)} == {"市科技局"}
    assert [(item.month, str(item.department)) for item in items.exclude(settled_at=None)] == [(1, "市发展改革委")]
    assert differences() == []


def test_what_was_begun_is_finished_by_the_successor(client, admin):
    """The clerk who wrote it submits it, the successor's reviewer passes it; strangers know nothing of it."""
    drawn = admin.issued_map()
    draft = factories.target_update(drawn, admin.clerk, 1)
    submitted = admin.bring(factories.plan_update(factories.open_plan(drawn), admin.clerk), State.SUBMITTED)
    merge(client, admin.planning, admin.science)
    clerk, reviewer = (User.objects.get(pk=person.pk) for person in (admin.clerk, admin.partner_reviewer))
    perform(draft.pk, "submit", clerk, draft.version)
    assert set(Record.objects.awaiting(reviewer)) == {Record.objects.get(pk=one.pk) for one in (draft, submitted)}
    for record in (draft, submitted):
        perform(record.pk, "approve", reviewer, Record.objects.get(pk=record.pk).version)
    client.force_login(admin.stranger)
    assert client.get(f"/records/{draft.pk}/").status_code == 404
    assert differences() == []


def test_measures_led_by_the_merged_department_are_led_by_its_successor(client, admin):
    """On the map, and in an application that is under way; what was submitted keeps the old name."""
    drawn = admin.issued_map()
    measure = drawn.measures.first()
    measure.lead = admin.science
    measure.save()
    asked = admin.bring(factories.iteration(measure, admin.clerk), State.SUBMITTED)
    merge(client, admin.science, admin.education)
    measure.refresh_from_db()
    asked = MeasureIteration.objects.get(pk=asked.pk)
    assert (measure.lead, asked.lead) == (admin.education, admin.education)
    assert asked.events.get(action="submit").snapshot["lead"] == "市科技局"
    assert list(admin.project.partners.all()) == [admin.education]
    admin.act(asked, "reviewer", "approve")
    assert admin.act(asked, "office", "confirm").state == State.CONFIRMED


def test_measures_in_which_it_assisted_have_its_successor_unless_that_leads_them(client, admin):
    drawn = admin.issued_map()
    led, assisted, asked = drawn.measures.all()
    led.lead = admin.science
    led.save()
    led.partners.set([admin.planning])
    assisted.partners.set([admin.science])
    keep_partners([led.pk, assisted.pk])
    application = factories.iteration(asked, admin.clerk)
    application.partners.set([admin.science])
    merge(client, admin.science, admin.education)
    assert [str(one) for one in assisted.partners.all()] == ["市教委"]
    assert [str(span) for span in assisted.partner_spans.order_by("pk")] == ["市科技局", "市教委"]
    assert [str(one) for one in application.partners.all()] == ["市教委"]
    merge(client, admin.planning, admin.education)
    for one in (led, assisted, application):
        assert not one.partners.exists()
    assert history_of(admin.project)[0] == (
        "责任单位：市发展改革委 → 市教委；配合单位：市教委 → （空）；"
        "1 项举措的牵头、配合单位：市发展改革委 → 市教委（机构调整）"
    )


def test_a_part_asked_of_the_merged_department_is_asked_of_its_successor_unless_that_asks(client, admin):
    update = admin.make(PlanUpdate)
    ask(update, admin.clerk, [admin.science], clock.today(), "")
    asked = update.contributions.get()
    merge(client, admin.science, admin.education)
    asked.refresh_from_db()
    assert (str(asked.department), asked.status) == ("市教委", "asked")
    assert list(type(asked).objects.awaiting(admin.stranger)) == [asked]
    merge(client, admin.planning, admin.education)
    asked.refresh_from_db()
    assert asked.status == "withdrawn"


def test_a_draft_has_no_past_after_a_merger_either(client, admin):
    drawn = factories.battle_map(admin.project, admin.clerk)
    drawn.measures.update(lead=admin.science)
    merge(client, admin.science, admin.education)
    assert {str(measure.lead) for measure in drawn.measures.all()} == {"市教委"}
    assert not any(measure.revisions.exists() for measure in drawn.measures.all())
    admin.bring(BattleMap.objects.get(pk=drawn.pk), State.CONFIRMED)


def test_duties_for_a_third_department_end_with_the_move_and_are_named(client, admin):
    third = DepartmentFactory(name="市司法局")
    admin.clerk.assign(third)
    shown = client.post(page(admin.planning), {"target": admin.education.pk})
    assert shown.context["handover"].warnings[2:] == [
        "录入甲不再受托办理市司法局。",
        "市司法局将没有录入人员，没有人填报。",
    ]
    merge(client, admin.planning, admin.education)
    assert duties(admin.clerk) == {"市教委"}


def test_an_office_reviewer_of_the_merged_department_looks_after_its_successor(client, admin):
    merge(client, admin.education, admin.science)
    assert User.objects.get(pk=admin.office_elsewhere.pk).assigned_department_ids == {admin.science.pk}


def test_of_two_people_of_one_name_is_warned(client, admin):
    UserFactory(full_name="录入甲", department=admin.education)
    shown = client.post(page(admin.planning), {"target": admin.education.pk})
    assert "市教委已有一个“录入甲”的账号，请核对是否同一人。" in shown.context["handover"].warnings


def test_a_successor_with_nobody_to_review_is_named(client, admin):
    empty = DepartmentFactory(name="市数据局")
    User.objects.filter(pk__in=[admin.reviewer.pk, admin.reviewer2.pk]).delete()
    shown = client.post(page(admin.planning), {"target": empty.pk})
    assert "市数据局将没有审核人员，上报的内容没有人审核。" in shown.context["handover"].warnings


def test_those_concerned_are_told(client, admin):
    admin.issued_map()
    Message.objects.all().delete()
    merge(client, admin.planning, admin.science)
    words = "机构调整：市发展改革委已并入市科技局，1 个项目、4 名人员由市科技局承接，请核对职责和在办事项。"
    assert set(Message.objects.values_list("text", flat=True)) == {words}
    assert set(Message.objects.values_list("recipient__full_name", flat=True)) == {
        "录入甲",
        "录入乙",
        "审核甲",
        "审核乙",
        "配合录入",
        "配合审核",
        "改革办甲",
        "改革办乙",
    }


def test_the_administrator_who_moves_along_stays_signed_in(client, admin):
    admin.admin.department = admin.education
    admin.admin.save()
    client.force_login(admin.admin)
    assert said(merge(client, admin.education, admin.science)) == "市教委已并入市科技局。"


# --- 分设 -------------------------------------------------------------------------------------------


def test_a_part_goes_to_a_new_department(client, admin):
    stays = ProjectFactory(name="营商环境改革", department=admin.planning)
    answer = split(client, admin.planning, [admin.project], [admin.clerk, admin.reviewer], name="市数据局")
    founded = Department.objects.get(name="市数据局")
    assert said(answer) == "市发展改革委的 1 个项目、2 名人员已划入市数据局。"
    admin.project.refresh_from_db()
    stays.refresh_from_db()
    assert (admin.project.department, stays.department) == (founded, admin.planning)
    assert (duties(admin.clerk), duties(admin.clerk2)) == ({"市数据局"}, {"市发展改革委"})
    assert Department.objects.get(pk=admin.planning.pk).is_active
    assert history_of(founded) == ["由市发展改革委划入：1 个项目、2 名人员", "新增（由市发展改革委分设）"]
    assert differences() == []


def test_a_part_without_a_reviewer_on_either_side_is_named(client, admin):
    both = [admin.reviewer.pk, admin.reviewer2.pk]
    address = page(admin.planning, "split")
    shown = client.post(address, {"name": "市数据局", "people": both})
    assert "市发展改革委将没有审核人员，上报的内容没有人审核。" in shown.context["handover"].warnings
    shown = client.post(address, {"name": "市数据局", "projects": admin.project.pk})
    assert shown.context["handover"].warnings == [
        "市数据局将没有录入人员，没有人填报。",
        "市数据局将没有审核人员，上报的内容没有人审核。",
    ]


def test_what_waits_unread_waits_with_those_who_now_do_the_work(client, admin):
    waiting = admin.bring(factories.target_update(admin.issued_map(), admin.clerk, 1), State.SUBMITTED)
    split(client, admin.planning, [admin.project], [admin.clerk, admin.reviewer], target=admin.education.pk)
    unread = Message.objects.unread().filter(record=waiting)
    assert set(unread.values_list("recipient__full_name", flat=True)) == {"审核甲", "外单位审核"}
    client.force_login(admin.strange_reviewer)
    assert client.post(f"/messages/{unread.get(recipient=admin.strange_reviewer).pk}/", follow=True).status_code == 200
    client.force_login(admin.reviewer2)
    assert client.get(f"/records/{waiting.pk}/").status_code == 404


def test_a_partner_passes_on_its_part_in_a_project(client, admin):
    split(client, admin.science, [admin.project], target=admin.education.pk)
    admin.project.refresh_from_db()
    assert (admin.project.department, list(admin.project.partners.all())) == (admin.planning, [admin.education])


@pytest.mark.parametrize(
    ("choice", "sentence"),
    [
        ({}, "请选择划入的单位，或者填写新单位名称，只填一项。"),
        ({"name": "市教委"}, "已有这个单位，请在“划入已有单位”中选择。"),
        ({"name": "市数据局"}, "请选择要划出的项目或人员。"),
        ({"name": "市数据局", "people": "0"}, "所选人员中有的已不属于本单位，请重新选择。"),
        ({"name": "市数据局", "projects": "x"}, "所选项目中有的已不属于本单位，请重新选择。"),
        ({"name": "长" * 51}, "单位名称不超过 50 字。"),
    ],
)
def test_a_choice_that_cannot_be_says_why_and_nothing_typed_is_lost(client, admin, choice, sentence):
    answer = client.post(page(admin.planning, "split"), choice)
    assert answer.status_code == 422
    assert sentence in answer.content.decode()
    assert choice.get("name", "") in answer.content.decode()


# --- Refused ----------------------------------------------------------------------------------------


def test_not_into_itself_nor_into_one_that_is_closed(client, admin):
    closed = DepartmentFactory(name="市物价局", is_active=False)
    office = Department.objects.get(is_office=True)
    for target in (admin.planning, closed, office):
        answer = client.post(page(admin.planning), {"target": target.pk})
        assert answer.status_code == 422
        assert "没有这个单位，或者已停用，请重新选择。" in answer.content.decode()
    assert client.get(page(office)).status_code == 404
    assert (
        "市物价局已停用，没有需要移交的内容。"
        in client.post(page(closed), {"target": admin.planning.pk}).content.decode()
    )


def test_what_an_old_closed_department_still_holds_can_be_handed_over(client, admin):
    Department.objects.filter(pk=admin.planning.pk).update(is_active=False)
    merge(client, admin.planning, admin.education)
    admin.project.refresh_from_db()
    assert admin.project.department == admin.education


def test_without_the_tick_nothing_happens(client, admin):
    shown = client.post(page(admin.planning), {"target": admin.science.pk})
    answer = client.post(page(admin.planning), {"target": admin.science.pk, "token": shown.context["handover"].token})
    assert answer.status_code == 422
    assert "请核对以下内容，确认无误的，勾选后再办理。" in answer.content.decode()
    assert Department.objects.get(pk=admin.planning.pk).is_active


def test_what_has_changed_since_the_preview_is_shown_again(client, admin):
    choice = {"target": admin.science.pk}
    token = client.post(page(admin.planning), choice).context["handover"].token
    ProjectFactory(department=admin.planning)
    answer = client.post(page(admin.planning), choice | {"token": token, "accepted": "on"})
    assert answer.status_code == 409
    assert "没有办理：预览之后内容又有变化。" in answer.content.decode()
    assert len(answer.context["handover"].projects) == 2
    assert Department.objects.get(pk=admin.planning.pk).is_active


def test_a_successor_that_was_merged_meanwhile_is_refused(client, admin):
    choice = {"target": admin.science.pk}
    token = client.post(page(admin.planning), choice).context["handover"].token
    merge(client, admin.science, admin.education)
    answer = client.post(page(admin.planning), choice | {"token": token, "accepted": "on"})
    assert answer.status_code == 422
    assert "没有这个单位，或者已停用，请重新选择。" in answer.content.decode()


def test_the_choice_can_be_changed_after_the_preview(client, admin):
    answer = client.post(page(admin.planning), {"target": admin.science.pk, "token": "x", "back": ""})
    assert answer.context["form"]["target"].value() == str(admin.science.pk)
    assert answer.templates[0].name == "office/handover.html"


@pytest.mark.usefixtures("without_navigation")
def test_the_preview_costs_the_same_for_one_project_and_for_three(client, admin, django_assert_num_queries):
    client.get("/session/")  # the first request notes when the session began
    for more in (0, 2):
        for _ in range(more):
            UserFactory(department=admin.planning)
            ProjectFactory(department=admin.planning, partners=[admin.education], domain=admin.project.domain)
        with django_assert_num_queries(23):
            client.post(page(admin.planning), {"target": admin.science.pk})


# --- 改名 -------------------------------------------------------------------------------------------


def test_a_new_name_leaves_the_old_one_to_the_past(client, admin):
    """In ledgers of a day before, and in what was submitted."""
    record = admin.bring(factories.target_update(admin.issued_map(), admin.clerk, 1), State.SUBMITTED)
    before = [table(ledger, admin.office, {"as_of": "2026-07-15"}) for ledger in LEDGERS]
    with time_machine.travel("2026-07-16T09:00+08:00"):
        client.force_login(admin.admin)
        sent = {"name": "市发改委", "position": admin.planning.position, "is_active": "on"}
        assert client.post(f"{LIST}{admin.planning.pk}/", sent).status_code == 302
    with time_machine.travel("2026-07-17T09:00+08:00"):
        assert [table(ledger, admin.office, {"as_of": "2026-07-15"}) for ledger in LEDGERS] == before
        assert "市发改委" in str(table(LEDGERS[0], admin.office))
    assert record.events.get().actor_department == "市发展改革委"
    assert history_of(admin.planning) == ["单位名称：市发展改革委 → 市发改委"]
