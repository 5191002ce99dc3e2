"""牵头单位 of a measure: the project's own departments to choose from, the responsible one by default."""

import pytest
import time_machine
from django.urls import reverse

from reform.ledgers import LEDGERS
from reform.models import BattleMap, MeasureIteration
from tests import factories
from tests.editing import fields_of, send
from tests.reform.test_ledgers_as_of import table
from workflow.states import State

pytestmark = pytest.mark.sql

PLANS = next(ledger for ledger in LEDGERS if ledger.name == "plans")
ELSEWHERE = "市科技局不是这个项目的责任单位或配合单位，请重新选择牵头单位。"


@pytest.fixture
def drawn(cast, client):
    client.force_login(cast.clerk)
    return factories.battle_map(cast.project, cast.clerk)


def leads(user, **query):
    """The 牵头单位 of the plan ledger's rows, each once."""
    place = [column.label for column in PLANS.columns].index("牵头单位")
    return {row[place] for row in table(PLANS, user, query)}


def test_a_partner_is_chosen_and_an_empty_choice_is_the_responsible_department(client, cast, drawn):
    send(client, drawn, fields_of(drawn) | {"measures-0-lead": str(cast.science.pk)})
    first, second = drawn.measures.all()[:2]
    assert (first.lead, second.lead) == (cast.science, None)
    assert [measure["lead"] for measure in drawn.snapshot()["measures"]][:2] == ["市科技局", ""]
    assert fields_of(BattleMap.objects.get(pk=drawn.pk))["measures-0-lead"] == str(cast.science.pk)


def test_no_other_department_can_be_chosen(client, cast, drawn):
    page = send(client, drawn, fields_of(drawn) | {"measures-0-lead": str(cast.education.pk)}).content.decode()
    assert f"“{cast.education.pk}”不在可选的单位中，请从项目的责任单位、配合单位中选择。" in page
    assert drawn.measures.first().lead is None


def test_a_lead_that_left_the_project_stands_in_the_way(client, cast, drawn):
    drawn.measures.filter(pk=drawn.measures.first().pk).update(lead=cast.science)
    assert list(drawn.problems()) == []
    cast.project.set_partners([])
    assert [(problem.field, problem.text) for problem in BattleMap.objects.get(pk=drawn.pk).problems()] == [
        ("measures-0-lead", f"举措1：{ELSEWHERE}")
    ]
    assert "市科技局</option>" in client.get(reverse("editing:edit", args=[drawn.pk])).content.decode()


def test_an_iteration_changes_the_lead_alone_and_past_days_keep_the_old_one(client, cast):
    measure = cast.issued_map().measures.first()
    asked = factories.iteration(measure, cast.clerk)
    MeasureIteration.objects.filter(pk=asked.pk).update(content=measure.content, lead=cast.science)
    asked.refresh_from_db()
    asked.changes.filter(plan=None).delete()
    with time_machine.travel("2026-08-01T09:00+08:00"):
        cast.bring(asked, State.CONFIRMED)
    measure.refresh_from_db()
    assert measure.lead == cast.science
    with time_machine.travel("2026-08-02T09:00+08:00"):
        cast.science.name = "市科学技术局"
        cast.science.save()
    with time_machine.travel("2026-08-03T09:00+08:00"):
        assert leads(cast.office, as_of="2026-07-31") == {"市发展改革委"}
        assert leads(cast.office, as_of="2026-08-01") == {"市发展改革委", "市科技局"}
        assert leads(cast.office) == {"市发展改革委", "市科学技术局"}
        client.force_login(cast.clerk)
        assert "牵头单位：市科学技术局" in client.get(f"/maps/{measure.battle_map_id}/").content.decode()
