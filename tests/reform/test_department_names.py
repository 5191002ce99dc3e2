"""改名: the new name of a department leaves the old one to the past."""

import pytest
import time_machine

from reform.ledgers import LEDGERS
from tests import factories
from tests.reform.handover_pages import LIST, history_of
from tests.reform.test_ledgers_as_of import table
from workflow.states import State

pytestmark = pytest.mark.sql


def test_a_new_name_leaves_the_old_one_to_the_past(client, admin):
    """In ledgers of a day before, and in what was submitted."""
    record = admin.bring(factories.target_update(admin.issued_map(), admin.clerk, 1), State.SUBMITTED)
    before = [table(ledger, admin.office, {"as_of": "2026-07-15"}) for ledger in LEDGERS]
    with time_machine.travel("2026-07-16T09:00+08:00"):
        client.force_login(admin.admin)
        sent = {"name": "市发改委", "position": admin.planning.position, "is_active": "on"}
        assert client.post(f"{LIST}{admin.planning.pk}/", sent).status_code == 302
    with time_machine.travel("2026-07-17T09:00+08:00"):
        assert [table(ledger, admin.office, {"as_of": "2026-07-15"}) for ledger in LEDGERS] == before
        assert "市发改委" in str(table(LEDGERS[0], admin.office))
    assert record.events.get().actor_department == "市发展改革委"
    assert history_of(admin.planning) == ["单位名称：市发展改革委 → 市发改委"]
