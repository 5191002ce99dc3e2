"""No step without a person: who leaves last is named before, and who waits for nobody is told."""

import pytest

from accounts.models import Role, User
from tests import factories
from workflow.models import Record
from workflow.states import State

pytestmark = pytest.mark.sql

NOBODY = "市科技局将没有审核人员，上报的内容没有人审核。"
NOTICE = "暂无审核人员，上报的内容没有人审核。"


@pytest.fixture
def admin(client, cast):
    client.force_login(cast.admin)
    return cast


def leave(client, person, page="/office/people/{}/", **changed):
    """Save the person's page; False leaves a tick out."""
    sent = {"full_name": person.full_name, "department": person.department_id, "role": person.role, "is_active": "on"}
    sent = {name: value for name, value in (sent | changed).items() if value is not False}
    return client.post(page.format(person.pk), sent)


LEAVING = {
    "switched off": lambda cast: {"is_active": False},
    "moved": lambda cast: {"department": cast.education.pk},
    "another role": lambda cast: {"role": Role.ENTRY},
}


@pytest.mark.parametrize("form", ["/office/people/{}/", "/admin/accounts/user/{}/change/"])
@pytest.mark.parametrize("way", LEAVING)
def test_the_only_reviewer_leaves_after_a_tick(client, admin, form, way):
    reviewer = admin.partner_reviewer
    changed = LEAVING[way](admin)
    asked = leave(client, reviewer, form, **changed)
    assert NOBODY in asked.content.decode()
    assert 'name="accepted"' in asked.content.decode()
    assert list(admin.science.people_entrusted(Role.DEPT_REVIEWER)) == [reviewer]
    assert leave(client, reviewer, form, accepted="on", **changed).status_code == 302
    assert not admin.science.people_entrusted(Role.DEPT_REVIEWER).exists()


def test_one_of_two_reviewers_leaves_without_a_word(client, admin):
    assert leave(client, admin.reviewer, is_active=False).status_code == 302
    assert not User.objects.get(pk=admin.reviewer.pk).is_active


def test_another_change_asks_nothing(client, admin):
    assert leave(client, admin.partner_reviewer, full_name="配合审核乙").status_code == 302


def test_every_department_that_is_left_alone_is_named(client, admin):
    admin.partner_reviewer.assign(admin.education)
    for person in (admin.strange_reviewer, admin.partner):
        person.is_active = False
        person.save()
    page = leave(client, admin.partner_reviewer, is_active=False).content.decode()
    assert NOBODY in page
    assert "市教委将没有审核人员，上报的内容没有人审核。" in page


def test_the_only_clerk_and_the_last_of_the_office_are_steps_too(client, admin):
    page = leave(client, admin.partner, is_active=False).content.decode()
    assert "市科技局将没有录入人员，没有人填报。" in page
    assert leave(client, admin.office2, is_active=False).status_code == 302
    page = leave(client, admin.office, is_active=False).content.decode()
    assert "将没有改革办审核人员，部门审核通过的内容没有人审核。" in page


def test_taking_the_only_reviewer_from_a_department_needs_a_tick(client, cast):
    client.force_login(cast.office)
    address = f"/office/departments/{cast.science.pk}/"
    kept = {"entry": [cast.partner.pk], "dept_reviewer": []}
    assert NOBODY in client.post(address, kept).content.decode()
    assert client.post(address, kept | {"accepted": "on"}).status_code == 302
    assert f"市科技局</a>{NOTICE}" in client.get(address).content.decode()


def test_who_waits_for_nobody_is_told(client, cast):
    record = cast.bring(factories.battle_map(cast.project, cast.clerk), State.SUBMITTED)
    pages = ("/", f"/records/{record.pk}/")
    for who in ("clerk", "office"):
        client.force_login(getattr(cast, who))
        for page in pages:
            assert NOTICE not in client.get(page).content.decode(), (who, page)
    for reviewer in (cast.reviewer, cast.reviewer2):
        reviewer.is_active = False
        reviewer.save()
    for who in ("clerk", "office"):
        client.force_login(getattr(cast, who))
        for page in pages:
            assert NOTICE in client.get(page).content.decode(), (who, page)
    assert "暂无审核人员</span>" in client.get("/office/departments/").content.decode()
    client.force_login(cast.stranger)
    assert NOTICE not in client.get("/").content.decode()
    cast.partner_reviewer.assign(cast.planning)
    client.force_login(cast.clerk)
    assert NOTICE not in client.get(pages[1]).content.decode()
    assert Record.objects.get(pk=record.pk).state == State.SUBMITTED


NOBODY_ENTERS = "市发展改革委</a>暂无录入人员，没有人填报。"


def test_who_has_no_clerk_is_shown_to_the_office_and_the_administrator(client, cast):
    cast.clerk2.is_active = False
    cast.clerk2.save()
    seen = {}
    for step in ("one clerk left", "none left"):
        for who in ("admin", "office", "office_elsewhere", "auditor", "reviewer", "stranger"):
            client.force_login(getattr(cast, who))
            if NOBODY_ENTERS in client.get("/", follow=True).content.decode():
                seen.setdefault(step, []).append(who)
        cast.clerk.is_active = False
        cast.clerk.save()
    assert seen == {"none left": ["admin", "office"]}
    client.force_login(cast.admin)
    assert "暂无录入人员</span>" in client.get("/office/departments/").content.decode()
    assert NOBODY_ENTERS in client.get(f"/office/departments/{cast.planning.pk}/").content.decode()


def test_a_department_with_nobody_at_all_is_named_once(client, cast):
    for person in (cast.clerk, cast.clerk2, cast.reviewer, cast.reviewer2):
        person.is_active = False
        person.save()
    client.force_login(cast.office)
    page = client.get("/").content.decode()
    assert page.count("市发展改革委</a>暂无") == 1
    assert "市发展改革委</a>暂无录入人员和审核人员，没有人填报、审核。" in page


def test_the_administrator_reads_who_lacks_a_reviewer(client, admin):
    page = f"市发展改革委</a>{NOTICE}"
    assert page not in client.get("/", follow=True).content.decode()
    for person in (admin.reviewer, admin.reviewer2):
        person.is_active = False
        person.save()
    assert page in client.get("/", follow=True).content.decode()
