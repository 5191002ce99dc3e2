"""What happens when people send forms that are not theirs to send: nothing, and they learn nothing."""

import re

import pytest
from django.test import Client
from django.urls import reverse

from reform.models import PromotionUpdate
from tests.factories import AttachmentFactory
from tests.walk.addresses import (
    ABOUT_ONE_THING,
    MISSING,
    a_forged_form,
    assert_headers,
    everything,
    expected,
    read,
    urls,
)
from workflow.models import Record
from workflow.states import State

# What administrators do with accounts and files; the walk has no security administrator, whose part it is elsewhere.
ADMINISTRATION = {
    "accounts:person_end_sessions",
    "accounts:person_reset",
    "accounts:person_reset_code",
    "accounts:person_unlock",
    "workflow:purge",
}

WHO = ["stranger", *(pytest.param(who, marks=pytest.mark.full) for who in ("partner", "admin", "auditor"))]


def test_what_nobody_sends_is_not_done(cast, record, things):
    before = everything()
    for name, address in urls(things).items():
        response = Client().post(address, a_forged_form(cast, record))
        assert_headers(response, name)
        assert response.status_code != 200 or name == "accounts:login", name
        if response.status_code == 302:
            assert response["Location"].startswith(("/login/", "/admin/login/?next=")), name
    assert everything() == before


@pytest.mark.parametrize("who", WHO)
def test_what_strangers_send_is_not_done(cast, record, things, visitors, who):
    before = everything()
    their_own = {"accounts:logout", "accounts:password_change", "admin:logout"}
    if who == "admin":
        their_own |= ADMINISTRATION
    if who == "partner":
        their_own.add("workflow:contribution")  # asked of their department
    for name, address in urls(things).items():
        if name not in their_own:
            response = read(visitors[who].post(address, a_forged_form(cast, record)))
            assert_headers(response, name)
            if name in ABOUT_ONE_THING:
                assert response.status_code == 404, name
    assert everything() == before


@pytest.mark.parametrize("who", WHO)
def test_what_is_not_yours_looks_like_what_is_not_there(cast, record, things, visitors, who):
    missing = urls({thing: value if isinstance(value, str) else MISSING for thing, value in things.items()})
    browser, form = visitors[who], a_forged_form(cast, record)
    is_staff = getattr(cast, who).is_staff  # the admin tells those who may enter it that a thing is not there
    compared = 0
    for name, address in urls(things).items():
        if who == "admin" and name in ADMINISTRATION:
            continue  # it is theirs
        if address != missing[name] and expected()[name][who] in (404, 405) and not (is_staff and "admin:" in name):
            assert shown(browser.get(address)) == shown(browser.get(missing[name])), name
            assert shown(browser.post(address, form)) == shown(browser.post(missing[name], form)), name
            compared += 1
    assert compared > 12


def shown(response):
    """An answer without what is different each time."""
    return response.status_code, re.sub(r"\d{2,}|page=[^\"]*|value=\"\w{64}\"", "", response.content.decode())


@pytest.mark.parametrize("state", [State.CONFIRMED, State.ISSUED])
def test_partners_read_what_is_settled_and_its_files(cast, state):
    record = cast.issued_map() if state == State.ISSUED else cast.bring(cast.make(PromotionUpdate), state)
    file = AttachmentFactory(record=record)
    browser = Client()
    browser.force_login(cast.partner)
    page = browser.get(reverse("workflow:record", args=[record.pk]))
    assert page.status_code == 200
    assert "您所在单位是配合单位，可以查看，不办理。" in page.content.decode()
    download = browser.get(reverse("workflow:download", args=[file.pk]))
    assert b"".join(download.streaming_content) == b"%PDF-1.4"
    before = everything()
    for name in ("act", "discard", "upload", "classified"):
        browser.post(reverse(f"workflow:{name}", args=[record.pk]), {"version": record.version, "action": "withdraw"})
    assert everything() == before
    assert Record.objects.get(pk=record.pk).state == state
