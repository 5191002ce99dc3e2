"""三员: none of the three administrators can do another's part, and none has anything to do with records."""

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from django.contrib.admin.models import LogEntry
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts import administration
from accounts.administration import is_separated
from accounts.checks import administrators_are_three
from accounts.models import Role, User
from tests.accounts.administration import ALONE, TABLE, WHERE, WHO
from tests.factories import PASSWORD, DepartmentFactory, UserFactory
from tests.walk.addresses import MISSING, addresses, read

pytestmark = pytest.mark.django_db

ROLES = {
    "system": Role.SYSTEM_ADMIN,
    "security": Role.SECURITY_ADMIN,
    "auditor": Role.AUDITOR,
    "office": Role.OFFICE_REVIEWER,
    "clerk": Role.ENTRY,
}
PEOPLE = "/office/people/"


@pytest.fixture
def people(planning):
    """One of each who signs in here, by the words of the table."""
    office = DepartmentFactory(name="市委改革办", is_office=True)
    return {
        who: UserFactory(full_name=role.title, department=planning if who == "clerk" else office, role=role)
        for who, role in ROLES.items()
    }


@pytest.fixture
def sign_in(people):
    def browser_of(who):
        browser = Client()
        browser.force_login(people[who])
        return browser

    return browser_of


@pytest.fixture
def target(planning):
    return UserFactory(phone="13900000001", full_name="录入甲", department=planning)


def page_of(user):
    return f"{PEOPLE}{user.pk}/"


def fresh(user):
    return User.objects.get(pk=user.pk)


def base_info(user, **changed):
    sent = {"full_name": user.full_name, "department": user.department_id, "is_active": "on" if user.is_active else ""}
    return {name: value for name, value in (sent | changed).items() if value != ""}


# --- Who gets what ----------------------------------------------------------------------------------


def of_administration():
    return {name: pattern for name, pattern in addresses().items() if pattern.startswith(WHERE)}


def test_every_address_of_administration_has_its_line():
    assert set(TABLE) == set(of_administration())
    assert set(ALONE) <= set(TABLE)


def answers(browser_of, target, department):
    """{name: what it answers to get and to post}, "get/post"."""
    found, browser = {}, browser_of()
    for name, pattern in of_administration().items():
        subject = department.pk if "department" in name else target.pk if re.search("person|user", name) else MISSING
        words = dict.fromkeys(re.findall(r"<(?:\w+:)?(\w+)>", pattern), subject)
        url = reverse(name, kwargs=words | ({"app_label": "accounts"} if "app_label" in words else {}))
        found[name] = "/".join(str(read(getattr(browser, method)(url)).status_code) for method in ("get", "post"))
        browser = browser_of() if "logout" in name else browser
    return found


@pytest.mark.parametrize("who", WHO)
def test_each_administrator_has_their_own_part_and_the_others_do_not_exist(sign_in, target, education, who):
    expected = {name: row.split()[WHO.index(who)] for name, row in TABLE.items()}
    assert answers(lambda: sign_in(who), target, education) == expected


def test_where_nobody_is_security_administrator_the_system_administrator_does_both(people, sign_in, target, education):
    people["security"].delete()
    assert not is_separated()
    expected = {name: row.split()[0] for name, row in TABLE.items()} | ALONE
    assert answers(lambda: sign_in("system"), target, education) == expected


@pytest.mark.parametrize("who", ["system", "security", "auditor"])
def test_no_administrator_has_a_duty_or_sees_a_record(people, sign_in, who):
    assert people[who].assigned_department_ids == frozenset()
    assert not people[who].reads_records
    for page in ("/kinds/battlemap/", "/inbox/", "/ledgers/"):
        assert sign_in(who).get(page).status_code == 404


# --- What the system administrator gives waits ---------------------------------------------------------


def test_a_new_account_opens_nothing_before_it_is_authorised(people, sign_in, education):
    new = {"phone": "13700000001", "full_name": "新人", "department": education.pk, "role": Role.DEPT_REVIEWER}
    assert sign_in("system").post(f"{PEOPLE}add/", new).status_code == 302
    made = User.objects.get(phone="13700000001")
    assert (made.is_active, made.state, made.entrustments.count()) == (False, "待授权", 0)
    User.objects.filter(pk=made.pk).update(password_set_at=timezone.now() - timedelta(days=6))
    page = Client().post("/login/", {"username": made.phone, "password": "123456"})
    assert "账号或密码不正确" in page.content.decode()

    listed = sign_in("security").get(PEOPLE, {"is_active": "waiting"})
    assert [row.pk for row in listed.context["page_obj"]] == [made.pk]
    sign_in("security").post(page_of(made), {"role": Role.ENTRY, "authorised": "on"})
    made = fresh(made)
    assert (made.state, made.role) == ("启用", Role.ENTRY)
    assert [duty.content_object for duty in made.entrustments.all()] == [education]
    assert timezone.now() - made.password_set_at < timedelta(minutes=1)
    said = LogEntry.objects.filter(object_id=made.pk, user=people["security"]).get().get_change_message()
    assert said == "角色：市级部门审核人员 → 市级部门录入人员；授权：否 → 是"
    browser = Client()
    browser.post("/login/", {"username": made.phone, "password": "123456"})
    assert browser.get("/").headers["Location"] == "/profile/password/"


@pytest.mark.parametrize("alone", [False, True], ids=["separate", "alone"])
def test_a_move_gives_a_duty_only_where_one_administrator_does_both(people, sign_in, target, education, alone):
    if alone:
        people["security"].delete()
    moved = base_info(target, department=education.pk, role=target.role, accepted="on")
    sign_in("system").post(page_of(target), moved)
    assert fresh(target).department == education
    assert fresh(target).state == ("启用" if alone else "待授权")
    assert [duty.content_object for duty in target.entrustments.all()] == ([education] if alone else [])


def test_who_is_opened_again_waits_and_a_request_can_be_taken_back(people, sign_in, target):
    target.is_active = False
    target.save()
    sign_in("system").post(page_of(target), base_info(target, is_active="on"))
    assert fresh(target).state == "待授权"
    assert LogEntry.objects.get().get_change_message() == "启用：否 → 待授权"
    sign_in("system").post(page_of(target), base_info(target, full_name="改名", is_active="on"))
    assert (fresh(target).state, fresh(target).full_name) == ("待授权", "改名")
    sign_in("system").post(page_of(target), base_info(target))
    assert fresh(target).state == "停用"
    page = sign_in("security").post(page_of(target), {"role": target.role, "authorised": "on"})
    assert page.status_code == 302
    assert fresh(target).state == "停用"  # opening is the other part


def test_neither_writes_the_fields_of_the_other(people, sign_in, target, education):
    sign_in("system").post(page_of(target), base_info(target, role=Role.AUDITOR, authorised="on"))
    forged = {"full_name": "改名", "department": education.pk, "new_phone": "13700000009", "is_active": ""}
    sign_in("security").post(page_of(target), {"role": target.role, "authorised": "on"} | forged)
    left = fresh(target)
    assert (left.role, left.full_name, left.phone) == (Role.ENTRY, "录入甲", "13900000001")
    assert (left.department_id, left.is_active) == (target.department_id, True)


def test_a_role_changes_with_its_duty_and_taking_authorisation_away_ends_both(people, sign_in, target, planning):
    UserFactory(department=planning)
    UserFactory(department=planning, role=Role.DEPT_REVIEWER)
    elsewhere = Client()
    elsewhere.force_login(target)
    sign_in("security").post(page_of(target), {"role": Role.DEPT_REVIEWER, "authorised": "on"})
    assert fresh(target).has_perm("accounts.review_records", planning)
    assert elsewhere.get("/profile/").status_code == 302
    sign_in("security").post(page_of(target), {"role": Role.DEPT_REVIEWER})
    assert (fresh(target).state, target.entrustments.count()) == ("待授权", 0)


@pytest.mark.parametrize("who", ["system", "security"])
def test_nobody_changes_their_own_place(people, sign_in, education, who):
    UserFactory(role=ROLES[who])  # so that it is not refused for being the last
    own = people[who]
    sent = base_info(own, department=education.pk, role=Role.OFFICE_REVIEWER, is_active="", accepted="on")
    page = sign_in(who).post(page_of(own), sent)
    left = fresh(own)
    assert (left.role, left.department_id, left.is_active) == (own.role, own.department_id, True)
    assert page.status_code == 302
    assert "本人的由另一名管理员修改。" in sign_in(who).get(page_of(own)).content.decode()


@pytest.mark.parametrize(
    ("who", "by", "sent"),
    [
        ("auditor", "system", {"full_name": "审计员", "is_active": ""}),
        ("security", "system", {"full_name": "安全管理员", "is_active": ""}),
        ("system", "security", {"role": Role.SYSTEM_ADMIN}),
        ("system", "security", {"role": Role.ENTRY, "authorised": "on"}),
        ("auditor", "security", {"role": Role.ENTRY, "authorised": "on"}),
    ],
)
def test_the_last_of_each_kind_stays(people, sign_in, who, by, sent):
    last = people[who]
    refused = sign_in(by).post(page_of(last), sent | {"department": last.department_id})
    assert refused.status_code == 422
    assert (
        f"{last}是最后一名在用的{last.get_role_display()}，不能停用，也不能改任其他角色。" in refused.content.decode()
    )
    assert (fresh(last).is_active, fresh(last).role) == (True, last.role)
    UserFactory(role=last.role)
    assert sign_in(by).post(page_of(last), sent | {"department": last.department_id}).status_code == 302
    assert (fresh(last).is_active, fresh(last).role) != (True, last.role)


def close_both_at_once():
    """What the two last auditors being closed at the same moment answers, sorted; both are in use again afterwards."""
    system, *auditors = User.objects.order_by("-role", "pk") or [
        UserFactory(role=role) for role in (Role.SYSTEM_ADMIN, Role.AUDITOR, Role.AUDITOR)
    ]
    start = Barrier(2)

    def close(auditor):
        try:
            browser = Client()
            browser.force_login(system)
            start.wait(timeout=60)
            return browser.post(page_of(auditor), base_info(auditor, role=auditor.role, is_active="")).status_code
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        answers = sorted(pool.map(close, auditors))
    left = User.objects.filter(role=Role.AUDITOR, is_active=True).count()
    User.objects.update(is_active=True)
    return answers, left


@pytest.mark.race
def test_of_the_last_two_that_are_closed_at_once_one_stays():
    assert [close_both_at_once() for _ in range(5)] == [([302, 422], 1)] * 5


@pytest.mark.race
def test_without_the_lock_none_would_stay(monkeypatch):
    monkeypatch.setattr(administration, "lock_until_commit", lambda name: None)
    assert ([302, 302], 0) in [close_both_at_once() for _ in range(10)]


def test_the_back_office_obeys_the_same_rule(sign_in, target, education):
    sent = base_info(target, department=education.pk, role=Role.AUDITOR, accepted="on")
    assert sign_in("system").post(f"/admin/accounts/user/{target.pk}/change/", sent).status_code == 302
    assert (fresh(target).state, fresh(target).role) == ("待授权", Role.ENTRY)
    new = {"phone": "13700000001", "full_name": "新人", "department": education.pk, "role": Role.ENTRY}
    assert sign_in("system").post("/admin/accounts/user/add/", new).status_code == 302
    assert User.objects.get(phone="13700000001").state == "待授权"


# --- Passwords, locks and sessions --------------------------------------------------------------------


def test_no_administrator_takes_over_the_other_by_a_password(people, sign_in):
    security, system = people["security"], people["system"]
    assert sign_in("system").post(f"{page_of(security)}reset/").status_code == 404
    assert sign_in("security").post(f"{page_of(system)}reset/").status_code == 404
    assert sign_in("security").post(f"{page_of(security)}reset/", follow=True).status_code == 200
    for person in (security, system):
        assert fresh(person).check_password(PASSWORD)
    other = UserFactory(role=Role.SECURITY_ADMIN)
    sign_in("security").post(f"{page_of(other)}reset/")
    assert fresh(other).must_change_password


def test_the_security_administrator_unlocks_and_the_password_stays(people, sign_in, target):
    for n in range(10):
        Client().post("/login/", {"username": target.phone, "password": "nope"}, REMOTE_ADDR=f"10.0.0.{n % 2}")
    right = {"username": target.phone, "password": PASSWORD}
    assert Client().post("/login/", right).status_code == 429
    assert "因输错密码锁定" in sign_in("security").get(page_of(target)).content.decode()
    sign_in("security").post(f"{page_of(target)}unlock/")
    assert "因输错密码锁定" not in sign_in("security").get(page_of(target)).content.decode()
    assert Client().post("/login/", right, REMOTE_ADDR="10.0.0.1").status_code == 302
    assert "解除锁定" in {entry.get_change_message() for entry in LogEntry.objects.filter(user=people["security"])}


def test_the_security_administrator_ends_all_sessions_of_a_person(people, sign_in, target):
    browsers = [Client(), Client()]
    for browser in browsers:
        browser.force_login(target)
        assert browser.get("/profile/").status_code == 200
    sign_in("security").post(f"{page_of(target)}end-sessions/")
    assert {browser.get("/profile/").status_code for browser in browsers} == {302}


def test_the_policies_in_force_are_shown_without_secrets(people, sign_in, settings):
    settings.AUDIT_KEY = "a-key-that-nobody-may-read-here"
    settings.INITIAL_PASSWORD = "Initial-77-secret"
    page = sign_in("security").get("/office/security/").content.decode()
    for said in ("至少 3 种", "180 天", "统一的初始密码", "30 分钟", "单独保管"):
        assert said in page
    for secret in (settings.AUDIT_KEY, settings.INITIAL_PASSWORD, settings.SECRET_KEY):
        assert secret not in page


def test_the_deployment_check_warns_while_the_parts_are_not_separate(people):
    assert administrators_are_three() == []
    people["security"].delete()
    assert [warning.id for warning in administrators_are_three()] == ["accounts.W003"]
