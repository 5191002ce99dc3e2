"""Once the year has turned, days of the one before bear it."""

import pytest
import time_machine
from django.urls import reverse

from accounts import clock
from accounts.models import User
from tests import factories
from workflow.states import State


@pytest.mark.parametrize(("today", "day"), [("2026-12-31", "07-15"), ("2027-01-04", "2026-07-15")])
def test_a_day_of_another_year_is_named_with_it(client, cast, today, day):
    cast.issued_map()
    record = cast.bring(factories.promotion(cast.project, cast.clerk), State.REJECTED)
    with time_machine.travel(f"{today}T09:00+08:00"):
        User.objects.update(password_set_at=clock.now())
        client.force_login(cast.clerk)
        assert f"{cast.reviewer.full_name} {day}）" in client.get(reverse("home")).text
        address = reverse("reform:kind", args=["promotionupdate"])
        assert f">{day} 09:00 <small>{cast.clerk.full_name}" in client.get(address).text
        assert f" · {day} 09:00" in client.get(reverse("workflow:record", args=[record.pk])).text
        assert f"{cast.reviewer.full_name} {day}）" in client.get(reverse("editing:edit", args=[record.pk])).text
