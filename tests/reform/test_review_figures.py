"""What decides on a target update and on a map, beside their content."""

import datetime as dt
from decimal import Decimal

import pytest
import time_machine

from reform.maps.review import figures_of, pictures_of
from reform.models import TargetUpdate
from tests import factories
from tests.workflow.record_pages import address
from workflow.states import State


@pytest.fixture
def reported(cast):
    """reported(month, value, to=…): an update of the issued map with that value of its first indicator."""

    def report(month, value, to=State.SUBMITTED):
        update = factories.target_update(cast.issued_map(), cast.clerk, month)
        for line in update.lines():
            line.value, line.remark = Decimal(value), "前期手续较慢。"
            line.save()
        return cast.bring(update, to).specific

    return report


def test_the_light_of_a_value_before_and_after_it_is_confirmed(cast, reported):
    update = reported(1, 0)
    first, *_ = figures_of(update).values()
    assert first.after.progress.through == 1
    foreseen = [(found.after.light, found.after.lag) for found in figures_of(update).values()]
    cast.act(cast.act(update, "reviewer", "approve"), "office", "confirm")
    picture, _ = pictures_of(cast.issued_map())
    assert foreseen == [(card.light, card.lag) for card in picture.cards]


def test_looking_ahead_changes_nothing(cast, reported):
    update = reported(1, 5)
    before = [card.light for card in pictures_of(cast.issued_map())[0].cards]
    figures_of(update)
    assert [card.light for card in pictures_of(cast.issued_map())[0].cards] == before
    assert [found.before.light for found in figures_of(update).values()] == before


def test_the_last_twelve_months_reach_into_the_year_before(cast, reported):
    reported(7, 9, State.CONFIRMED)
    this_year = cast.issued_map()
    with time_machine.travel(dt.datetime(2027, 1, 29, 9, tzinfo=dt.UTC)):
        following = factories.battle_map(cast.project, cast.clerk, year=2027)
        following = cast.bring(following, State.ISSUED).specific
        update = TargetUpdate.create(following, 1, cast.clerk)
        for line in update.lines():
            line.value, line.remark = Decimal(3), "前期手续较慢。"
            line.save()
        found = next(iter(figures_of(cast.bring(update, State.SUBMITTED).specific).values()))
    assert [month.words.split("：")[0] for month in found.recent] == [
        *(f"2026年{month}月" for month in range(2, 13)),
        "2027年1月",
    ]
    assert found.recent[5].bar.actual == 9
    assert found.recent[11].bar.actual == 3
    assert pictures_of(following)[1].battle_map.pk == this_year.pk


def test_figures_are_for_reviewers_while_the_record_waits(client, cast, reported):
    update = reported(1, 0)

    def shows(who, record):
        client.force_login(getattr(cast, who))
        return "年度目标值</dt>" in client.get(address(record)).content.decode()

    assert shows("reviewer", update)
    assert not shows("clerk", update)
    cast.act(cast.act(update, "reviewer", "approve"), "office", "confirm")
    assert not shows("reviewer", update)
