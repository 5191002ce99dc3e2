"""Older logs: what they held when the audit log began can be changed no less noticed than itself."""

import pytest
from django.core.management import call_command
from django.db import connection

from accounts.audit import former
from accounts.audit.entries import Action, AuditEntry
from accounts.audit.verification import verify
from reform.models import BattleMap
from tests.audit.test_chain import empty_log
from tests.factories import PASSWORD
from workflow.models import Event
from workflow.states import State

pytestmark = pytest.mark.sql


@pytest.fixture
def adopted(cast, client, settings, tmp_path):
    """Three steps and a failed sign-in, before there was an audit log, and its first anchor."""
    settings.AUDIT_ANCHORS = tmp_path / "anchors.log"
    cast.bring(cast.make(BattleMap), State.CONFIRMED)
    client.post("/login/", {"username": cast.clerk.phone, "password": "Nope-2026!"})
    empty_log()
    call_command("anchor_audit")
    return AuditEntry.objects.filter(action=Action.ADOPT)


def rewrite(statement):
    with connection.cursor() as cursor:
        cursor.execute(statement)


def test_each_older_log_is_adopted_once(adopted):
    [events] = adopted.filter(after__表="workflow_event")
    assert events.after["行数"] == str(Event.objects.count()) == "3"
    assert set(adopted.values_list("after__表", flat=True)) == {"workflow_event", "axes_accessfailurelog"}
    before = adopted.count()
    call_command("anchor_audit")
    assert adopted.count() == before
    assert verify().findings == []


def test_a_digest_in_which_eleven_digits_stand_by_chance_is_kept_whole(cast, monkeypatch, settings, tmp_path):
    """They are no telephone number: masked, the row would be called changed."""
    digest = "ab" * 20 + "13900000001" + "f" * 13
    monkeypatch.setattr(former, "keyed_hash", lambda algorithm, text: digest)
    settings.AUDIT_ANCHORS = tmp_path / "anchors.log"
    cast.bring(cast.make(BattleMap), State.CONFIRMED)
    empty_log()
    call_command("anchor_audit")
    [events] = AuditEntry.objects.filter(action=Action.ADOPT)
    assert events.after["校验值"] == digest
    assert verify().findings == []


@pytest.mark.parametrize(
    "statement",
    ["UPDATE workflow_event SET actor_name = '别人'", "DELETE FROM workflow_event WHERE action = 'approve'"],
)
def test_a_rewritten_row_is_found(adopted, statement):
    rewrite(statement)
    [finding] = verify().findings
    assert finding.startswith("流转记录编号 ")
    assert "与纳入时不符：当时 3 条，现在 " in finding


def test_what_is_written_later_and_another_key_of_telephones_change_nothing(adopted, cast, client, settings):
    cast.act(BattleMap.objects.get(), "office", "issue")
    client.post("/login/", {"username": cast.clerk.phone, "password": PASSWORD})
    settings.PHONE_KEY = "fifty random characters"
    call_command("seal_phones")
    assert verify().findings == []


def test_many_rows_are_adopted_by_the_thousand(cast, settings, monkeypatch, tmp_path):
    monkeypatch.setattr("accounts.audit.former.ROWS", 2)
    settings.AUDIT_ANCHORS = tmp_path / "anchors.log"
    cast.bring(cast.make(BattleMap), State.CONFIRMED)
    empty_log()
    call_command("anchor_audit")
    events = AuditEntry.objects.filter(after__表="workflow_event").order_by("pk")
    assert [entry.after["行数"] for entry in events] == ["2", "1"]
    first, last = Event.objects.order_by("pk").first(), Event.objects.order_by("pk").last()
    assert (events[0].after["首行"], events[1].after["末行"]) == (str(first.pk), str(last.pk))
    rewrite(f"UPDATE workflow_event SET detail = 'x' WHERE id = {last.pk}")
    assert verify().findings == [f"流转记录编号 {last.pk} 至 {last.pk} 的旧记录与纳入时不符：当时 1 条，现在 1 条。"]
