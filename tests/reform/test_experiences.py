"""经验库: what was confirmed, found by kind, period, department, domain and words."""

import pytest

from reform.models import BrandUpdate, PromotionUpdate
from workflow.states import State

PAGE = "/experiences/"


@pytest.mark.sql
def test_confirmed_experiences_and_brands_are_found(client, cast):
    promotion = cast.bring(cast.make(PromotionUpdate), State.CONFIRMED)
    brand = cast.bring(cast.make(BrandUpdate), State.CONFIRMED)
    cast.bring(cast.make(BrandUpdate), State.SUBMITTED)

    def found(person=cast.office, **asked):
        client.force_login(person)
        return {row["pk"] for row in client.get(PAGE, asked).context["rows"]}

    assert found() == {promotion.pk, brand.pk}
    assert found(kind="brand") == {brand.pk}
    assert found(q="发布会") == {promotion.pk}
    assert found(q="通报表扬", period="2026-06-06") == {brand.pk}
    assert found(period="2026-05-05") == set()
    assert found(department=cast.planning.pk, domain=cast.project.domain_id) == {promotion.pk, brand.pk}
    assert found(cast.partner) == {promotion.pk, brand.pk}
    assert found(cast.stranger) == set()
    assert found(kind="score", period="x") == {promotion.pk, brand.pk}  # what there is not narrows nothing
