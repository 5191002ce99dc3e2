"""Many more odd addresses than the suite has time for, and others each time: pytest tests/bench/ledger_addresses.py"""

from hypothesis import HealthCheck, given, settings

from tests.reform.conftest import full
from tests.reform.test_ledger_narrowing import ADDRESSES, anybody, nonsense

__all__ = ["anybody", "full"]  # fixtures


@settings(max_examples=5000, suppress_health_check=list(HealthCheck))
@given(ADDRESSES)
def test_no_address_at_all_breaks_a_ledger(anybody, address):
    nonsense(anybody, address)
