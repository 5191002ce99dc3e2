"""分设: a part of a department goes to a new one, or to one that is there."""

import pytest

from accounts.models import Department
from reform.models.due_schedule import differences
from tests import factories
from tests.factories import ProjectFactory
from tests.reform.handover_pages import duties, history_of, page, split
from tests.reform.import_pages import said
from workflow.models import Message
from workflow.states import State

pytestmark = pytest.mark.sql


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
