"""Numbers at the limit of what both databases hold exactly: kept to the digit on every page, or refused."""

from decimal import Decimal

import pytest
from django.urls import reverse

from reform.ledgers import LEDGERS
from tests import factories
from tests.editing import fields_of, send
from tests.reform.test_ledgers_as_of import table
from workflow.states import State

pytestmark = pytest.mark.sql
TOO_LONG = "数字过长，整数部分不超过 11 位。"
INDICATORS = LEDGERS[1]


@pytest.fixture
def update(cast, client):
    client.force_login(cast.clerk)
    return factories.target_update(cast.issued_map(), cast.clerk)


@pytest.mark.parametrize("typed", ["12345678901234.5678", "99999999999999.9999", "100000000000"])
def test_more_digits_than_a_database_holds_are_refused_and_stay_on_the_page(client, update, typed):
    before = [value.value for value in update.values.all()]
    answer = send(client, update, fields_of(update, values__0__value=typed), "submit")
    assert answer.status_code == 422
    page = answer.content.decode()
    assert TOO_LONG in page
    assert f'value="{typed}"' in page
    assert [value.value for value in update.values.all()] == before
    assert client.get(reverse("workflow:record", args=[update.pk])).status_code == 200


@pytest.mark.parametrize("value", ["99999999999.9999", "12345678901.2345", "-99999999999.9999", "0.0001"])
def test_the_longest_numbers_are_kept_to_the_digit(client, cast, update, value):
    typed = fields_of(update, values__0__value=value, values__0__remark="如实填报")
    assert send(client, update, typed, "save").status_code == 302
    assert update.values.first().value == Decimal(value)
    cast.bring(type(update).objects.get(pk=update.pk), State.CONFIRMED)
    page = client.get(reverse("workflow:record", args=[update.pk])).content.decode()
    assert f">{value}<" in page
    heads = [column.label for column in INDICATORS.columns]
    [row] = [row for row in table(INDICATORS, cast.office, {}) if "新增试点企业" in row]
    found = dict(zip(heads, row, strict=True))
    assert (found["1月"], found["累计进度"]) == (value, value)
    assert client.get(reverse("reform:map", args=[update.battle_map_id])).status_code == 200


def test_twelve_of_the_longest_add_up_exactly(client, cast):
    drawn = factories.battle_map(cast.project, cast.clerk)
    indicator = drawn.indicators.first()
    indicator.targets.update(target=Decimal("8333333333.3333"))
    indicator.annual_target = Decimal("99999999999.9996")
    indicator.save()
    cast.bring(drawn, State.ISSUED)
    for month in range(1, 7):
        update = factories.target_update(drawn, cast.clerk, month)
        update.values.filter(indicator=indicator).update(value=Decimal("8333333333.3333"))
        cast.bring(update, State.CONFIRMED)
    heads = [column.label for column in INDICATORS.columns]
    found = dict(
        zip(heads, next(row for row in table(INDICATORS, cast.office, {}) if indicator.name in row), strict=True)
    )
    assert (found["年度目标值"], found["累计目标值"], found["累计进度"]) == (
        "99999999999.9996",
        "49999999999.9998",
        "49999999999.9998",
    )
    client.force_login(cast.clerk)
    page = client.get(reverse("reform:map", args=[drawn.pk])).content.decode()
    assert "<b>49999999999.9998</b><span>/ 99999999999.9996</span>" in page
    assert "完成累计目标 100%" in page
