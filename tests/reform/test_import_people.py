"""Departments and people by workbook, by the system administrator."""

import io

import pytest
from django.contrib.admin.models import LogEntry
from django.core.files.uploadedfile import SimpleUploadedFile
from openpyxl import Workbook, load_workbook

from accounts.models import Department, Role, User
from reform.imports import departments, people
from tests.factories import DepartmentFactory, UserFactory
from tests.reform.import_pages import said

pytestmark = pytest.mark.sql
DEPARTMENTS, PEOPLE = "/office/departments/import/", "/office/people/import/"


def upload(client, page, *rows):
    layout = people.LAYOUT if page == PEOPLE else departments.LAYOUT
    made = Workbook()
    made.active.append(layout.headings)
    for row in rows:
        made.active.append([row.get(heading) for heading in layout.headings])
    stream = io.BytesIO()
    made.save(stream)
    return client.post(page, {"file": SimpleUploadedFile("表.xlsx", stream.getvalue())}, follow=True)


def confirm(client, page, shown, *ticks):
    ticked = dict.fromkeys(ticks, "on")
    return client.post(f"{page}preview/", {"token": shown.context["preview"].token} | ticked, follow=True)


def problems(answer):
    assert answer.status_code == 422
    return "\n".join(answer.context["problems"])


def history_of(thing):
    return [entry.get_change_message() for entry in LogEntry.objects.filter(object_id=thing.pk)]


NEW = {"手机号": "139 1234 5678", "姓名": "新来的", "所属单位": "市教委", "角色": "市级部门录入人员"}


# --- Departments --------------------------------------------------------------------------------------


def test_departments_are_added_and_changed_and_each_is_in_the_history(client, admin):
    shown = upload(client, DEPARTMENTS, {"单位名称": "市统计局", "排序": 7}, {"单位名称": "市 教委", "排序": 3})
    assert [row.name for row in shown.context["preview"].added] == ["市统计局"]
    assert not Department.objects.filter(name="市统计局").exists()
    assert said(confirm(client, DEPARTMENTS, shown)) == "已导入：新增 1 个单位，修改 1 个，0 个没有变化。"
    made = Department.objects.get(name="市统计局")
    assert (made.position, made.is_active, made.is_office) == (7, True, False)
    assert history_of(made) == ["新增（Excel 导入）"]
    admin.education.refresh_from_db()
    assert (admin.education.name, admin.education.position) == ("市教委", 3)


def test_closing_a_department_names_what_it_holds_and_needs_its_tick(client, admin):
    shown = upload(client, DEPARTMENTS, {"单位名称": "市发展改革委", "启用": "否"})
    assert "市发展改革委：还有" in shown.content.decode()
    assert "1 个项目" in shown.content.decode()
    refused = confirm(client, DEPARTMENTS, shown)
    assert refused.status_code == 422
    assert "请核对要停用的单位，确认无误后勾选。" in refused.content.decode()
    confirm(client, DEPARTMENTS, refused, "closed")
    admin.planning.refresh_from_db()
    assert not admin.planning.is_active


def test_wrong_departments_are_named(client, admin):
    answer = upload(
        client, DEPARTMENTS, {"单位名称": None, "排序": 1}, {"单位名称": "甲局", "排序": "一", "启用": "对"}
    )
    for sentence in ("第 2 行：单位名称 请填写单位名称", "第 3 行：排序 “一”不是整数", "第 3 行：启用 应填“是”或“否”"):
        assert sentence in problems(answer)


# --- People -------------------------------------------------------------------------------------------


def test_people_come_with_their_duty_and_the_initial_password(client, admin):
    shown = upload(client, PEOPLE, NEW)
    assert not User.objects.filter(phone="13912345678").exists()
    confirm(client, PEOPLE, shown)
    made = User.objects.get(phone="13912345678")
    assert made.assigned_department_ids == {admin.education.pk}
    assert made.must_change_password
    assert made.check_password("123456")
    assert history_of(made) == ["新增（Excel 导入）"]


def test_a_name_that_only_has_other_blanks_says_nothing_new(client, admin):
    UserFactory(phone="13912345678", full_name="王明", department=admin.education)
    spaced = {"手机号": "１３９１２３４５６７８", "姓名": "王　明"}
    shown = upload(client, PEOPLE, spaced | {"所属单位": "市 教委", "角色": "市级部门 录入人员"})
    assert not shown.context["preview"].added
    assert not shown.context["preview"].changed


def test_secret_initial_passwords_are_shown_once(client, admin, settings):
    settings.INITIAL_PASSWORD = "random"
    shown = upload(client, PEOPLE, NEW)
    listed = confirm(client, PEOPLE, shown)
    (person,) = listed.context["people"]
    assert person.initial_password in listed.content.decode()
    assert "只显示这一次" in listed.content.decode()
    assert User.objects.get(pk=person.pk).check_password(person.initial_password)
    assert person.initial_password not in confirm(client, PEOPLE, shown).content.decode()
    assert person.initial_password not in "".join(history_of(person))


def test_duties_for_other_departments(client, admin):
    confirm(client, PEOPLE, upload(client, PEOPLE, NEW | {"受托单位": "市教委、市科技局"}))
    made = User.objects.get(phone="13912345678")
    assert {department.name for department in Department.objects.filter(pk__in=made.assigned_department_ids)} == {
        "市教委",
        "市科技局",
    }
    shown = upload(client, PEOPLE, {"手机号": "13912345678", "受托单位": "市科技局"})
    (row,) = shown.context["preview"].changed
    assert [(change.label, change.new) for change in row.changes] == [("受托单位", "市科技局")]
    confirm(client, PEOPLE, shown)
    assert len(User.objects.get(pk=made.pk).assigned_department_ids) == 1
    assert history_of(made)[0].startswith("受托单位：")


def test_a_move_revokes_duties_and_needs_its_ticks(client, admin):
    alone = UserFactory(department=DepartmentFactory(name="市统计局"), role=Role.DEPT_REVIEWER)
    shown = upload(client, PEOPLE, {"手机号": alone.phone, "所属单位": "市教委"})
    assert set(shown.context["preview"].warnings) == {"moves", "nobody"}
    assert "市统计局将没有审核人员" in shown.content.decode()
    refused = confirm(client, PEOPLE, shown, "moves")
    assert refused.status_code == 422
    confirm(client, PEOPLE, refused, "moves", "nobody")
    moved = User.objects.get(pk=alone.pk)
    assert moved.assigned_department_ids == {admin.education.pk}


def test_a_new_person_in_a_closed_department_needs_a_tick(client, admin):
    admin.education.is_active = False
    admin.education.save()
    assert confirm(client, PEOPLE, upload(client, PEOPLE, NEW)).status_code == 422
    assert not User.objects.filter(phone="13912345678").exists()


def test_the_same_people_again_change_nothing(client, admin):
    confirm(client, PEOPLE, upload(client, PEOPLE, NEW))
    shown = upload(client, PEOPLE, NEW)
    assert shown.context["preview"].same_count == 1
    assert not shown.context["preview"].changes_anything


@pytest.mark.parametrize(
    ("row", "sentence"),
    [
        ({"手机号": "12345"}, "手机号 手机号应为11位数字"),
        ({"姓名": None}, "姓名 请填写"),
        ({"所属单位": "市教育委"}, "所属单位 没有“市教育委”这个单位，是否为“市教委”？"),
        ({"角色": "录入"}, "角色 “录入”不是角色，应为："),
        ({"角色": "审计员", "受托单位": "市教委"}, "受托单位 这个角色没有受托单位"),
        ({"启用": "否", "受托单位": "市教委"}, "受托单位 停用的人员没有受托单位"),
    ],
)
def test_wrong_people_are_named_and_nobody_is_imported(client, admin, row, sentence):
    other = NEW | {"手机号": "13900001111"}
    assert f"第 3 行：{sentence}" in problems(upload(client, PEOPLE, other, NEW | row))
    assert not User.objects.filter(phone="13900001111").exists()


def test_nobody_changes_their_own_place(client, admin):
    answer = upload(client, PEOPLE, {"手机号": admin.admin.phone, "启用": "否"})
    assert "不能通过导入改变本人的单位、角色和状态" in problems(answer)


def test_what_comes_in_waits_for_the_security_administrator_where_there_is_one(client, admin):
    UserFactory(role=Role.SECURITY_ADMIN)
    known = UserFactory(phone="13712345678", full_name="老王", department=admin.education)
    shown = upload(client, PEOPLE, NEW, {"手机号": known.phone, "所属单位": "市科技局"})
    confirm(client, PEOPLE, shown, "moves", "nobody")
    for person in (User.objects.get(phone="13912345678"), User.objects.get(pk=known.pk)):
        assert (person.state, person.entrustments.count()) == ("待授权", 0)
    assert history_of(known) == [
        "所属单位：市教委 → 市科技局；启用：是 → 待授权；受托单位：市教委 → （空）（Excel 导入）"
    ]


@pytest.mark.parametrize(
    ("row", "sentence"),
    [
        ({"角色": "市级部门审核人员"}, "角色 由安全管理员调整，请不要改动。"),
        ({"受托单位": "市科技局"}, "受托单位 由安全管理员或市委改革办指定，请不要填写。"),
    ],
)
def test_roles_and_duties_come_from_the_security_administrator_alone(client, admin, row, sentence):
    UserFactory(role=Role.SECURITY_ADMIN)
    known = UserFactory(phone="13712345678", full_name="老王", department=admin.education)
    assert sentence in problems(upload(client, PEOPLE, {"手机号": known.phone} | row))
    assert User.objects.get(pk=known.pk).role == Role.ENTRY


def test_a_telephone_number_is_masked_wherever_it_is_shown(client, admin):
    UserFactory(phone="13712345678", full_name="老王", department=admin.education, role=Role.ENTRY)
    shown = upload(client, PEOPLE, {"手机号": "13712345678", "姓名": "王某"})
    assert "137****5678" in shown.content.decode()
    assert "13712345678" not in shown.content.decode()


def test_the_templates_offer_what_there_is(client, admin):
    sheet = load_workbook(io.BytesIO(client.get(f"{PEOPLE}template/").content))["可选内容"]
    assert "市教委" in [cell.value for cell in sheet["C"]]
    assert "审计员" in [cell.value for cell in sheet["D"]]


def test_it_is_the_administrators_alone(client, cast):
    for name, person in cast.people.items():
        client.force_login(person)
        for page in (DEPARTMENTS, PEOPLE):
            assert (client.get(page).status_code == 200) == (name == "admin"), (name, page)
