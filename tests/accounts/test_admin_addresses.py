"""ADMIN_ADDRESSES: elsewhere the pages of administration are not there, whoever asks."""

from ipaddress import ip_network

import pytest
from django.test import Client

from accounts.addresses import administers_here
from accounts.models import Role
from tests.accounts.administration import ALONE, TABLE
from tests.accounts.test_administrators import answers, people, sign_in, target  # noqa: F401

pytestmark = pytest.mark.django_db
INSIDE, OUTSIDE = "10.1.2.3", "10.2.0.1"


@pytest.fixture(autouse=True)
def networks(settings):
    settings.ADMIN_ADDRESSES = [ip_network("10.1.0.0/16"), ip_network("2001:db8::/32")]


def browser_at(address, person):
    browser = Client(REMOTE_ADDR=address)
    browser.force_login(person)
    return browser


@pytest.mark.parametrize("who", ["system", "auditor"])
def test_inside_everything_answers_as_ever_and_outside_nothing_is_there(people, target, education, who):  # noqa: F811
    people["security"].delete()
    inside = answers(lambda: browser_at(INSIDE, people[who]), target, education)
    if who == "system":
        assert inside == {name: row.split()[0] for name, row in TABLE.items()} | ALONE
    outside = answers(lambda: browser_at(OUTSIDE, people[who]), target, education)
    for name, found in outside.items():
        assert set(found.split("/")) <= {"404", "405"}, name
    assert sum("404" in found for found in outside.values()) == len(outside)


def test_outside_nobody_is_asked_to_sign_in_to_the_admin():
    assert Client(REMOTE_ADDR=OUTSIDE).get("/admin/").status_code == 404
    assert Client(REMOTE_ADDR=OUTSIDE).get("/admin/login/").status_code == 404
    assert Client(REMOTE_ADDR=INSIDE).get("/admin/").status_code == 302


def test_outside_people_do_their_other_work_and_see_no_dead_entries(people):  # noqa: F811
    for address, listed in ((INSIDE, True), (OUTSIDE, False)):
        for who, entry in (("system", "人员账号"), ("auditor", "审计日志"), ("office", "责任单位")):
            page = browser_at(address, people[who]).get("/").content.decode()
            assert (f">{entry}<" in page) == listed, (address, who)
            assert ("管理后台" in page) == (listed and who != "office")
    assert browser_at(OUTSIDE, people["office"]).get("/office/domains/").status_code == 200


@pytest.mark.parametrize(
    ("proxies", "seen", "is_inside"),
    [
        (0, (INSIDE, ""), True),
        (0, (OUTSIDE, INSIDE), False),  # anybody can write that
        (1, ("127.0.0.1", INSIDE), True),
        (1, ("127.0.0.1", f"{INSIDE}, {OUTSIDE}"), False),
        (1, (INSIDE, OUTSIDE), False),
        (0, ("2001:db8::7", ""), True),
        (0, (f"::ffff:{INSIDE}", ""), True),
        (0, ("no address", ""), False),
    ],
)
def test_the_address_is_the_one_that_our_own_proxy_saw(settings, rf, proxies, seen, is_inside):
    settings.PROXY_COUNT, (remote, forwarded) = proxies, seen
    assert administers_here(rf.get("/", REMOTE_ADDR=remote, HTTP_X_FORWARDED_FOR=forwarded)) == is_inside


def test_the_office_entrusts_inside_only(people, planning):  # noqa: F811
    assert people["office"].role == Role.OFFICE_REVIEWER
    page = f"/office/departments/{planning.pk}/"
    assert browser_at(INSIDE, people["office"]).get(page).status_code == 200
    assert browser_at(OUTSIDE, people["office"]).post(page, {}).status_code == 404
