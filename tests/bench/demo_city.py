"""How long the demo city takes: whoever starts the product for the first time waits for it.

Times are no business of the suite; run it by itself on a quiet machine: pytest -s tests/bench/demo_city.py
"""

from time import process_time

import pytest
from django.core.management import call_command


@pytest.mark.django_db
def test_a_city_is_founded_within_seconds():
    start = process_time()
    call_command("demo_city")
    taken = process_time() - start
    print(f"\n{taken:.1f} s")  # noqa: T201 - to whoever runs it
    assert taken < 15
