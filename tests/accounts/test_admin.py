"""The back office of people: the system administrator keeps accounts, the office entrusts, the auditor reads."""

import re

import pytest
from axes.models import AccessFailureLog
from django.contrib.admin.models import CHANGE, LogEntry
from django.test import Client

from accounts import history
from accounts.models import Department, Role, User
from tests.factories import PASSWORD, DepartmentFactory, UserFactory

pytestmark = pytest.mark.django_db

PEOPLE, DEPARTMENTS = "/admin/accounts/user/", "/admin/accounts/department/"
LOGS = ["/admin/admin/logentry/", "/admin/axes/accesslog/", "/admin/axes/accessfailurelog/"]


@pytest.fixture
def office():
    return DepartmentFactory(name="市委改革办", is_office=True)


@pytest.fixture
def planning():
    return DepartmentFactory(name="市发展改革委")


@pytest.fixture
def admin(client, office):
    admin = UserFactory(department=office, role=Role.SYSTEM_ADMIN)
    client.force_login(admin)
    return admin


@pytest.fixture
def clerk(planning):
    return UserFactory(phone="13900000001", full_name="录入甲", department=planning)


def facts(user, **changed):
    """What the change page of a person sends."""
    sent = {
        "full_name": user.full_name,
        "department": user.department_id,
        "role": user.role,
        "is_active": "on" if user.is_active else "",
        **changed,
    }
    return {name: value for name, value in sent.items() if value != ""}


def said(answer):
    return " ".join(str(message) for message in answer.context["messages"])


# --- Who gets in ------------------------------------------------------------------------------------

MAY = {
    Role.ENTRY: set(),
    Role.DEPT_REVIEWER: set(),
    Role.OFFICE_REVIEWER: {"/admin/", DEPARTMENTS},
    Role.SYSTEM_ADMIN: {"/admin/", DEPARTMENTS, DEPARTMENTS + "add/", PEOPLE, PEOPLE + "add/"},
    Role.SECURITY_ADMIN: {"/admin/", DEPARTMENTS},
    Role.AUDITOR: {"/admin/", *LOGS},
    Role.DISPLAY: set(),
}
ALL = ["/admin/", DEPARTMENTS, DEPARTMENTS + "add/", PEOPLE, PEOPLE + "add/", *LOGS]


@pytest.mark.parametrize("role", Role)
def test_each_role_finds_its_own_pages_and_the_others_do_not_exist(client, planning, role):
    client.force_login(UserFactory(department=planning, role=role))
    answers = {page: client.get(page).status_code for page in [*ALL, "/admin/no-such-thing/"]}
    assert answers == {page: 200 if page in MAY[role] else 404 for page in answers}


def test_a_stranger_is_led_to_our_login_page_and_back(client):
    at_the_door = client.get(PEOPLE, follow=True)
    assert at_the_door.redirect_chain[-1] == (f"/login/?next={PEOPLE}", 302)
    assert at_the_door.templates[0].name == "accounts/login.html"


def test_the_admin_has_no_password_page_of_its_own(client, admin):
    """Ours knows the rules; the stock one would remember nothing."""
    assert client.get("/admin/password_change/").headers["Location"] == "/profile/password/"
    assert (
        client.post("/admin/password_change/", {"old_password": PASSWORD}).headers["Location"] == "/profile/password/"
    )


@pytest.mark.parametrize("role", [Role.SYSTEM_ADMIN, Role.OFFICE_REVIEWER, Role.AUDITOR])
def test_nobody_deletes_people_departments_or_logs(client, office, clerk, role):
    client.force_login(UserFactory(department=office, role=role))
    Client().post("/login/", {"username": clerk.phone, "password": "nope"})
    failure = AccessFailureLog.objects.get()
    for page, pk in [(PEOPLE, clerk.pk), (DEPARTMENTS, clerk.department_id), (LOGS[2], failure.pk)]:
        assert client.post(f"{page}{pk}/delete/", {"post": "yes"}).status_code == 404
        chosen = {"action": "delete_selected", "_selected_action": pk, "post": "yes"}
        client.post(page, chosen)
    assert User.objects.filter(pk=clerk.pk).exists()
    assert Department.objects.filter(pk=clerk.department_id).exists()
    assert AccessFailureLog.objects.exists()


def test_a_log_opens_for_reading_only(client, office, clerk):
    client.force_login(UserFactory(department=office, role=Role.AUDITOR))
    Client().post("/login/", {"username": clerk.phone, "password": "nope"})
    page = client.get(LOGS[2]).content.decode()
    assert "139****0001" in page
    assert clerk.phone not in page
    assert client.post(f"{LOGS[2]}add/", {}).status_code == 404


# --- People -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("nonsense", ["\x00", "x", "9" * 30, "-1", ""])
def test_nonsense_is_answered_not_crashed_on(client, admin, nonsense):
    new = dict.fromkeys(["phone", "full_name", "department", "role"], nonsense)
    answer = client.post(PEOPLE + "add/", new)
    assert answer.context["errors"]
    assert User.objects.count() == 1
    client.post(PEOPLE, {"action": nonsense, "_selected_action": nonsense, "index": nonsense})
    client.get(PEOPLE, {"q": nonsense, "role__exact": nonsense, "is_active__exact": nonsense, "o": nonsense})
    assert client.get(f"{DEPARTMENTS}{nonsense or 0}/change/").headers["Location"] == "/admin/"


def test_a_new_person_needs_no_password_and_gets_duty_and_initial_password(client, admin, planning):
    new = {"phone": "+86 139-0000-0008", "full_name": "新人", "department": planning.pk, "role": Role.ENTRY}
    answer = client.post(PEOPLE + "add/", new, follow=True)
    user = User.objects.get(phone="13900000008")
    assert user.check_password("123456")
    assert user.must_change_password
    assert user.assigned_department_ids == {planning.pk}
    assert "新人的初始密码见用户手册。7天内有效，首次登录须修改。" in said(answer)


def test_a_one_time_secret_is_shown_once(client, admin, planning, settings):
    settings.INITIAL_PASSWORD = "random"
    new = {"phone": "13900000008", "full_name": "新人", "department": planning.pk, "role": Role.ENTRY}
    answer = client.post(PEOPLE + "add/", new, follow=True)
    secret = re.search(r"新人的初始密码：(\w{12})（只显示这一次", said(answer))[1]
    assert User.objects.get(phone="13900000008").check_password(secret)
    assert secret not in client.get(PEOPLE).content.decode()
    assert secret not in str(LogEntry.objects.values())
    assert secret not in str(client.cookies)


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"phone": "139 0000 0001"}, "这个手机号已有账号。"),
        ({"phone": "12345"}, "手机号应为11位数字，以1开头。"),
        ({"role": "minister"}, "没有“minister”这个选项，请重新选择。"),
        ({"full_name": ""}, "请填写姓名。"),
        ({"department": ""}, "请选择所属单位。"),
        ({"full_name": "长" * 31}, "不超过 30 字，现有 31 字。"),
        ({"full_name": "新\0人"}, "含有不能保存的字符（空字符），请删除。"),
    ],
)
def test_each_bad_entry_has_its_sentence_and_loses_nothing(client, admin, clerk, changed, sentence):
    place = {"department": clerk.department_id, "role": Role.ENTRY}
    new = {"phone": "13900000008", "full_name": "新人", **place, **changed}
    page = client.post(PEOPLE + "add/", new).content.decode()
    assert sentence in page
    assert f'value="{new["phone"]}"' in page
    assert User.objects.count() == 2


@pytest.mark.parametrize(
    ("typed", "kept"), [("王　明", "王明"), (" 王\n小\t明\u200b", "王小明"), ("阿里 Ali  Khan", "阿里 Ali Khan")]
)
def test_blanks_that_align_a_name_in_a_table_are_no_part_of_it(client, admin, planning, typed, kept):
    new = {"phone": "13900000008", "full_name": typed, "department": planning.pk, "role": Role.ENTRY}
    client.post(PEOPLE + "add/", new)
    assert User.objects.get(phone="13900000008").full_name == kept
    assert kept in client.get("/office/people/", {"q": kept}).content.decode()


def test_a_department_of_the_same_name_with_blanks_is_the_same(client, admin, planning):
    answer = client.post("/office/departments/add/", {"name": "市发展 改革委", "position": 1})
    assert "已有这个单位，请核对。" in answer.content.decode()
    assert Department.objects.count() == 2


def test_numbers_are_masked_on_every_page_but_can_be_searched_in_full(client, admin, clerk):
    for page in [PEOPLE, f"{PEOPLE}{clerk.pk}/change/", f"{PEOPLE}{clerk.pk}/history/"]:
        assert clerk.phone not in client.get(page).content.decode()
    assert "139****0001" in client.get(f"{PEOPLE}{clerk.pk}/change/").content.decode()
    found = client.get(PEOPLE, {"q": "139 0000 0001"}).context["cl"].result_list
    assert [user.pk for user in found] == [clerk.pk]
    assert not client.get(PEOPLE, {"q": "1390000"}).context["cl"].result_list


def test_the_own_number_stands_in_full_on_the_own_profile(client, clerk):
    client.force_login(clerk)
    page = client.get("/profile/").content.decode()
    assert clerk.phone in page
    assert "市发展改革委" in page
    assert "市级部门录入人员" in page


def test_a_move_is_logged_with_before_and_after_and_takes_the_duties_along(client, admin, clerk):
    education = DepartmentFactory(name="市教委")
    moved = facts(clerk, department=education.pk, role=Role.DEPT_REVIEWER, accepted="on")
    client.post(f"{PEOPLE}{clerk.pk}/change/", moved)
    entry = LogEntry.objects.get()
    assert (entry.user, entry.object_repr) == (admin, "录入甲")
    assert entry.get_change_message() == "所属单位：市发展改革委 → 市教委；角色：市级部门录入人员 → 市级部门审核人员"
    assert User.objects.get(pk=clerk.pk).assigned_department_ids == {education.pk}
    assert User.objects.get(pk=clerk.pk).has_perm("accounts.review_records", education)


def test_deactivating_ends_sessions_and_duties(client, admin, clerk):
    elsewhere = Client()
    elsewhere.force_login(clerk)
    client.post(f"{PEOPLE}{clerk.pk}/change/", facts(clerk, is_active="", accepted="on"))
    assert elsewhere.get("/profile/").status_code == 302
    assert not clerk.entrustments.exists()
    assert LogEntry.objects.get().get_change_message() == "启用：是 → 否"


def test_a_new_number_replaces_the_old_one_and_ends_the_sessions(client, admin, clerk):
    elsewhere = Client()
    elsewhere.force_login(clerk)
    page = f"{PEOPLE}{clerk.pk}/change/"
    taken = client.post(page, facts(clerk, new_phone=admin.phone))
    assert "这个手机号已有账号。" in taken.content.decode()
    client.post(page, facts(clerk, new_phone="137 0000 0001"))
    assert User.objects.get(pk=clerk.pk).phone == "13700000001"
    assert elsewhere.get("/profile/").status_code == 302
    assert LogEntry.objects.get().get_change_message() == "手机号：139****0001 → 137****0001"


def test_a_reset_gives_the_initial_password_and_unlocks(client, admin, clerk):
    for n in range(10):
        Client().post("/login/", {"username": clerk.phone, "password": "nope"}, REMOTE_ADDR=f"10.0.0.{n % 2}")
    assert Client().post("/login/", {"username": clerk.phone, "password": PASSWORD}).status_code == 429
    answer = client.post(f"{PEOPLE}{clerk.pk}/change/", facts(clerk, _reset_password="1"), follow=True)
    assert "录入甲的初始密码见用户手册" in said(answer)
    assert "重置初始密码" in {entry.get_change_message() for entry in LogEntry.objects.all()}
    person = Client()
    person.post("/login/", {"username": clerk.phone, "password": "123456"}, REMOTE_ADDR="10.0.0.0")
    assert person.get("/profile/").headers["Location"] == "/profile/password/"


def test_administrators_change_their_own_password_like_everybody(client, admin):
    answer = client.post(f"{PEOPLE}{admin.pk}/change/", facts(admin, _reset_password="1"), follow=True)
    assert "不能重置自己的密码" in said(answer)
    assert User.objects.get(pk=admin.pk).check_password(PASSWORD)


def test_forged_fields_change_nothing(client, admin, clerk):
    before = User.objects.values().get(pk=clerk.pk)
    forged = {
        "phone": "13700000000",
        "is_superuser": "on",
        "is_staff": "on",
        "password": "x",
        "must_change_password": "on",
        "session_stamp": "9",
        "groups": "1",
    }
    client.post(f"{PEOPLE}{clerk.pk}/change/", facts(clerk, **forged))
    assert User.objects.values().get(pk=clerk.pk) == before


# --- Departments and duties --------------------------------------------------------------------------


@pytest.fixture
def reviewer(client, office):
    reviewer = UserFactory(full_name="改革办甲", department=office, role=Role.OFFICE_REVIEWER)
    client.force_login(reviewer)
    return reviewer


def test_among_the_latest_actions_nobody_finds_a_link_that_leads_nowhere(client, reviewer, planning):
    for thing in (reviewer, planning):  # the first as by a new password of one's own
        history.log(reviewer, thing, CHANGE, "修改")
    page = client.get("/admin/").content.decode()
    assert f"{DEPARTMENTS}{planning.pk}/change/" in page
    assert f"{PEOPLE}{reviewer.pk}/change/" not in page
    assert client.get(f"{PEOPLE}{reviewer.pk}/change/").status_code == 404


def test_the_office_entrusts_people_with_a_department(client, reviewer, clerk, planning):
    education = DepartmentFactory(name="市教委")
    own = UserFactory(full_name="录入乙", department=education)
    page = f"{DEPARTMENTS}{education.pk}/change/"
    assert client.get(page).context["adminform"].form["entry"].initial == [own]
    client.post(page, {"entry": [clerk.pk], "office_reviewer": [reviewer.pk]})
    assert User.objects.get(pk=clerk.pk).assigned_department_ids == {planning.pk, education.pk}
    assert User.objects.get(pk=own.pk).assigned_department_ids == frozenset()
    assert User.objects.get(pk=reviewer.pk).assigned_department_ids == {education.pk}
    assert LogEntry.objects.get().get_change_message() == (
        "增加录入人员：录入甲；取消录入人员：录入乙；增加改革办审核人员：改革办甲"
    )


def test_the_page_offers_only_active_people_of_the_role(client, reviewer, clerk, planning):
    UserFactory(full_name="已离岗", department=planning, is_active=False)
    checker = UserFactory(full_name="审核甲", department=planning, role=Role.DEPT_REVIEWER)
    form = client.get(f"{DEPARTMENTS}{planning.pk}/change/").context["adminform"].form
    offered = {name: [user.full_name for user in form.fields[name].queryset] for name in form.ROLES}
    assert offered == {"entry": ["录入甲"], "dept_reviewer": ["审核甲"], "office_reviewer": ["改革办甲"]}
    refused = client.post(f"{DEPARTMENTS}{planning.pk}/change/", {"entry": [checker.pk]})
    assert refused.context["adminform"].form.errors.keys() == {"entry"}
    assert User.objects.get(pk=clerk.pk).assigned_department_ids == {planning.pk}


def test_the_office_does_not_rename_departments(client, reviewer, planning):
    client.post(f"{DEPARTMENTS}{planning.pk}/change/", {"name": "改名", "position": "9", "is_office": "on"})
    planning.refresh_from_db()
    assert (planning.name, planning.is_office) == ("市发展改革委", False)
    assert client.post(f"{DEPARTMENTS}add/", {"name": "新单位"}).status_code == 404


def test_the_system_administrator_keeps_departments_and_entrusts_nobody(client, admin, clerk, planning):
    education = DepartmentFactory(name="市教委")
    page = f"{DEPARTMENTS}{education.pk}/change/"
    assert "受托人员" not in client.get(page).content.decode()
    client.post(page, {"name": "市教育委员会", "position": "3", "is_active": "on", "entry": [clerk.pk]})
    education.refresh_from_db()
    assert (education.name, education.position) == ("市教育委员会", 3)
    assert User.objects.get(pk=clerk.pk).assigned_department_ids == {planning.pk}


def test_a_new_department_is_offered_the_last_place(client, admin):
    DepartmentFactory(position=700)
    assert client.get(f"{DEPARTMENTS}add/").context["adminform"].form["position"].value() == 701


def test_a_list_of_people_costs_the_same_for_one_and_for_many(client, admin, django_assert_num_queries):
    client.get("/session/")  # the first request notes when the session began
    counts = []
    for extra in (0, 3):
        UserFactory.create_batch(extra)
        with django_assert_num_queries(7):
            counts.append(len(client.get(PEOPLE).context["cl"].result_list))
    assert counts == [1, 4]
