"""What everybody gets who looks at an address; looking changes nothing."""

import pytest
from django.test import Client

from tests.walk.addresses import OPEN, addresses, assert_headers, everything, expected, read, urls
from tests.walk.statuses import TABLE


def test_every_address_has_its_line():
    assert set(expected()) == set(addresses())


def test_who_gets_what(cast, things, visitors):
    before = everything()
    found = {}
    for name, address in urls(things).items():
        found[name] = {}
        for who, browser in visitors.items():
            response = read(browser.get(address))
            found[name][who] = response.status_code
            assert_headers(response, name)
    assert found == expected()
    assert everything() == before


def test_nobody_gets_past_the_login_page(things):
    before = everything()
    for name, address in urls(things).items():
        response = Client().get(address)
        assert_headers(response, name)
        if name in OPEN:
            assert response.status_code == OPEN[name], name
        else:
            assert response.status_code == 302, name
            assert response["Location"].startswith(("/login/", "/admin/login/?next=")), name
    assert everything() == before


def test_a_number_that_no_row_can_have_is_not_there(visitors, things):
    longest = dict.fromkeys([*things.keys() - {"ledger", "kind"}], 10**18 - 1)
    for name, address in urls(things | longest).items():
        if str(10**18 - 1) in address:
            for address_of_none in (address, address.replace(str(10**18 - 1), "9" * 19)):
                status = visitors["office"].get(address_of_none).status_code
                assert status in ({302, 404} if name.startswith("admin:") else {404, 405}), address_of_none
    for who, address in (("office", "/admin/reform/project/"), ("admin", "/admin/accounts/user/")):
        answer = visitors[who].get(address, {"department": "9" * 19})
        # PostgreSQL knows that no row can match; SQLite refuses the number.
        assert answer.status_code == 404 or answer.context["cl"].result_count == 0


@pytest.mark.parametrize("name", sorted(name for name, row in TABLE.items() if row.startswith("405")))
def test_the_address_of_a_form_opened_like_a_page_says_so(visitors, things, name):
    answer = visitors["clerk"].get(urls(things)[name])
    assert "没有办理任何事项" in answer.content.decode()
    assert "POST" in answer["Allow"]
