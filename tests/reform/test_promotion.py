"""经验复制推广推进更新: how, when and what, with evidence; recorded, never scored."""

from datetime import date

import pytest
import time_machine

from reform.models import PromotionUpdate
from reform.models.promotion import PromotionMethod
from tests.contracts import EvidenceContract, RecordContract, fields, texts
from tests.factories import battle_map
from tests.work import work_rows
from workflow.actions import create_record
from workflow.refusals import ActionRefused
from workflow.states import State


class TestPromotion(EvidenceContract, RecordContract):
    kind = PromotionUpdate
    label = "经验复制推广推进更新"
    missing = ["method", "promoted_on", "summary", "files"]
    one_at_a_time = False

    def key(self, cast):
        cast.issued_map()
        return str(cast.project.pk)

    def change(self, record, text):
        PromotionUpdate.objects.filter(pk=record.pk).update(summary=text)


@pytest.fixture
def promotion(cast):
    return cast.make(PromotionUpdate)


def test_the_manuals_six_methods():
    assert PromotionMethod.labels == [
        "组织媒体宣传报道",
        "召开新闻发布会",
        "召开现场观摩会",
        "召开总结推广会",
        "向中央和国家有关部委报送典型经验",
        "印发改革典型案例推广",
    ]


@pytest.mark.parametrize(("day", "accepted"), [("2026-07-15", True), ("2026-07-16", False), ("1999-12-31", True)])
def test_it_has_happened_by_today(promotion, day, accepted):
    promotion.promoted_on = date.fromisoformat(day)
    assert fields(promotion) == ([] if accepted else ["promoted_on"])
    if not accepted:
        assert "推广日期不能晚于今天" in texts(promotion)


def test_today_begins_at_midnight_in_china(promotion):
    promotion.promoted_on = date(2026, 7, 16)
    with time_machine.travel("2026-07-15T23:59+08:00"):
        assert fields(promotion) == ["promoted_on"]
    with time_machine.travel("2026-07-16T00:01+08:00"):
        assert promotion.problems() == []


def test_blanks_are_no_summary(promotion):
    promotion.summary = " \n"
    assert fields(promotion) == ["summary"]


def test_the_snapshot_speaks_chinese(promotion):
    assert promotion.snapshot() == {"method": "召开新闻发布会", "promoted_on": "2026-06-30", "summary": "召开发布会。"}


def test_several_may_be_under_way(cast, promotion):
    assert PromotionUpdate.create(cast.project, cast.clerk) != promotion


@pytest.mark.parametrize("state", [state for state in State if state != State.ISSUED])
def test_it_opens_when_a_map_of_the_project_is_issued(cast, state):
    cast.bring(battle_map(cast.project, cast.clerk), state)
    assert work_rows(PromotionUpdate, cast.clerk) == []
    with pytest.raises(ActionRefused, match="下发后，才能填报经验复制推广推进更新"):
        create_record(PromotionUpdate.draft_from_key, str(cast.project.pk), cast.clerk)
