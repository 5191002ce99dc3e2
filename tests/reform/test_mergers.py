"""并入: a department is merged into another; the past stays, everything open goes on elsewhere."""

import pytest
import time_machine

from accounts import clock
from accounts.models import Department, User
from reform.ledgers import LEDGERS
from reform.models import BattleMap, DueItem, MeasureIteration, PlanUpdate
from reform.models.due_schedule import differences
from reform.models.measure import keep_partners
from tests import factories
from tests.factories import DepartmentFactory, ProjectFactory, UserFactory
from tests.reform.handover_pages import duties, history_of, merge, page
from tests.reform.import_pages import said
from tests.reform.test_ledgers_as_of import table
from workflow.actions import perform
from workflow.contributions import ask
from workflow.models import Message, Record
from workflow.states import State

pytestmark = pytest.mark.sql


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
