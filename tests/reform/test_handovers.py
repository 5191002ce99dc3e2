"""机构调整 is read before it is done: what its preview names, and what is refused."""

from datetime import date

import pytest
from django.contrib.admin.models import LogEntry

from accounts.models import Department, User
from reform.models import DueItem
from reform.reporting.counts import to_report
from tests import factories
from tests.factories import DepartmentFactory, ProjectFactory, UserFactory
from tests.reform.handover_pages import merge, page
from tests.reform.month_end_pages import on_day

pytestmark = pytest.mark.sql


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
