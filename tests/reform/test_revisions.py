"""What base info said on each day, and that a ledger of a past day says nothing else."""

import pytest
import time_machine

from reform.ledgers import LEDGERS
from reform.models import Domain, Project, Stage
from tests import factories
from tests.factories import ProjectFactory
from tests.reform.test_ledgers_as_of import extract, table
from workflow.states import State

pytestmark = pytest.mark.sql

PROJECTS, INDICATORS = LEDGERS[:2]


def rows(ledger, user, *labels, **query):
    heads = [column.label for column in ledger.columns]
    places = [heads.index(label) for label in labels]
    return [tuple(row[place] for place in places) for row in table(ledger, user, query)]


def change_everything(cast):
    """On 1 August: renamed, moved, new partners; the departments and the domain have other names, too."""
    with time_machine.travel("2026-08-01T09:00+08:00"):
        project = Project.objects.get(pk=cast.project.pk)
        project.name, project.number, project.department = "数据要素改革", "GG9999", cast.education
        project.lead_leader, project.domain = "李市长", Domain.objects.get_or_create(name="数字体制")[0]
        project.save()
        project.set_partners([cast.planning])
        for department, name in ((cast.planning, "市发改委"), (cast.education, "市教育局")):
            department.name = name
            department.save()
        ProjectFactory(name="后来录入的改革", department=cast.science)


LABELS = ("项目名称", "责任单位", "改革领域", "领衔市领导", "配合单位")


def test_base_info_of_a_past_day_is_that_of_the_day(cast):
    change_everything(cast)
    with time_machine.travel("2026-08-02T09:00+08:00"):
        assert rows(PROJECTS, cast.office, *LABELS, as_of="2026-07-31") == [
            ("数字经济改革", "市发展改革委", "经济体制", "王市长", "市科技局")
        ]
        assert ("数据要素改革", "市教育局", "数字体制", "李市长", "市发改委") in rows(PROJECTS, cast.office, *LABELS)
        assert rows(PROJECTS, cast.office, *LABELS) == rows(PROJECTS, cast.office, *LABELS, as_of="2026-08-01")


def test_a_project_is_in_no_ledger_of_a_day_before_it_was_entered(cast):
    change_everything(cast)
    with time_machine.travel("2026-08-02T09:00+08:00"):
        totals = [extract(PROJECTS, cast.office, query).rows.count() for query in ({}, {"as_of": "2026-07-31"})]
        assert totals == [2, 1]
        assert rows(PROJECTS, cast.office, "项目名称", as_of="2026-07-14") == []


def test_a_past_day_is_narrowed_by_its_own_values(cast):
    cast.issued_map()
    domain = cast.project.domain.pk
    change_everything(cast)
    with time_machine.travel("2026-08-02T09:00+08:00"):
        for ledger in (PROJECTS, INDICATORS):
            for query, then, now in (
                ({"department": cast.planning.pk}, True, False),
                ({"department": cast.education.pk}, False, True),
                ({"domain": domain}, True, False),
                ({"q": "数字经济"}, True, False),
                ({"q": "GG9999"}, False, True),
            ):
                asked = {"year": "2026"} | query
                past = extract(ledger, cast.office, asked | {"as_of": "2026-07-31"}).rows
                present = extract(ledger, cast.office, asked).rows.filter(project_number="GG9999")
                assert (past.exists(), present.exists()) == (then, now), (ledger.name, query)


def test_the_choices_of_a_past_day_bear_the_names_of_the_day(cast):
    change_everything(cast)
    with time_machine.travel("2026-08-02T09:00+08:00"):
        asked = extract(PROJECTS, cast.office, {"department": cast.planning.pk, "as_of": "2026-07-31"})
        assert asked.conditions[-1] == "责任单位：市发展改革委"


def test_a_draft_has_no_past_a_confirmed_map_does(cast):
    drawn = factories.battle_map(cast.project, cast.clerk)
    cast.bring(drawn, State.DEPT_APPROVED)
    indicator = drawn.indicators.first()
    assert not indicator.revisions.exists()
    cast.act(drawn, "office", "confirm")
    assert [(said.name, said.valid_until) for said in indicator.revisions.all()] == [("新增试点企业", None)]


def test_what_says_nothing_new_is_not_written_again(cast):
    for _ in range(3):
        cast.project.save()
        cast.project.keep_partners()
    assert (cast.project.revisions.count(), cast.project.partner_spans.count()) == (1, 1)
    cast.project.stage, cast.project.recognised_on = Stage.GENERATED, None
    cast.project.save()
    first, second = cast.project.revisions.order_by("pk")
    assert (first.stage, second.stage) == (Stage.ACCELERATED, Stage.GENERATED)
    assert first.valid_until == second.valid_from
