"""配合单位 of a measure: any of the project's departments but the one that leads it."""

from io import BytesIO

import pytest
import time_machine
from django.db.models import prefetch_related_objects
from django.urls import reverse
from openpyxl import load_workbook

from accounts.compiled_prefetch import prefetch_compiled
from reform.ledgers import LEDGERS
from reform.models import MeasureIteration
from tests import factories
from tests.editing import fields_of, reloaded, send
from tests.reform.test_ledgers_as_of import table
from workflow.states import State

pytestmark = pytest.mark.sql

PLANS, ITERATIONS = (next(ledger for ledger in LEDGERS if ledger.name == name) for name in ("plans", "iterations"))


@pytest.fixture
def finance(cast):
    """A second partner, after 市科技局 in every list."""
    finance = factories.DepartmentFactory(name="市财政局", position=cast.science.position + 1)
    cast.project.set_partners([cast.science, finance])
    return finance


@pytest.fixture
def drawn(cast, client):
    client.force_login(cast.clerk)
    return factories.battle_map(cast.project, cast.clerk)


def partners(ledger, label, user, **query):
    """The ledger's values in that column, each once."""
    place = [column.label for column in ledger.columns].index(label)
    return {row[place] for row in table(ledger, user, query)}


def confirmed_iteration(cast, measure, *departments):
    """An application that changes nothing but the 配合单位."""
    asked = factories.iteration(measure, cast.clerk)
    MeasureIteration.objects.filter(pk=asked.pk).update(content=measure.content)
    asked.refresh_from_db()
    asked.changes.filter(plan=None).delete()
    asked.partners.set(departments)
    return cast.bring(asked, State.CONFIRMED)


def test_several_are_chosen_and_none_again(client, cast, drawn, finance):
    both = [str(cast.science.pk), str(finance.pk)]
    send(client, drawn, fields_of(drawn) | {"measures-0-partners": both})
    first, second = drawn.measures.all()[:2]
    assert (list(first.partners.all()), list(second.partners.all())) == ([cast.science, finance], [])
    assert [measure["partners"] for measure in drawn.snapshot()["measures"]][:2] == ["市科技局、市财政局", ""]
    kept = fields_of(drawn)
    assert [str(key) for key in kept["measures-0-partners"]] == both
    del kept["measures-0-partners"]
    send(client, drawn, kept)
    assert list(first.partners.all()) == []


def test_no_other_department_can_be_chosen(client, cast, drawn):
    typed = fields_of(drawn) | {"measures-0-partners": [str(cast.education.pk)]}
    assert "不在可选的单位中，请从项目的责任单位、配合单位中选择。" in send(client, drawn, typed).content.decode()
    assert list(drawn.measures.first().partners.all()) == []


def test_a_project_without_partners_is_not_asked(client, cast, drawn):
    page = reverse("editing:edit", args=[drawn.pk])
    assert "measures-0-partners" in client.get(page).content.decode()
    cast.project.set_partners([])
    assert "measures-0-partners" not in client.get(page).content.decode()


def test_whoever_leads_a_measure_does_not_assist_in_it(cast, drawn, finance):
    first, second, third = drawn.measures.all()[:3]
    first.partners.set([cast.planning, finance])
    second.lead = cast.science
    second.save()
    second.partners.set([cast.planning, cast.science])
    third.partners.set([cast.science])
    assert [(problem.field, problem.text) for problem in reloaded(drawn).problems()] == [
        ("measures-0-partners", "举措1：市发展改革委是牵头单位，不能同时是配合单位。"),
        ("measures-1-partners", "举措2：市科技局是牵头单位，不能同时是配合单位。"),
    ]


def test_partners_that_left_the_project_stand_in_the_way(client, cast, drawn, finance):
    drawn.measures.first().partners.set([cast.science, finance])
    cast.project.set_partners([cast.science])
    assert [(problem.field, problem.text) for problem in reloaded(drawn).problems()] == [
        ("measures-0-partners", "举措1：市财政局不是这个项目的责任单位或配合单位，请重新选择配合单位。")
    ]
    assert "<span>市财政局</span>" in client.get(reverse("editing:edit", args=[drawn.pk])).content.decode()


def test_picture_and_its_sheet_name_them(client, cast, drawn):
    drawn.measures.first().partners.set([cast.science])
    assert "配合单位：市科技局" in client.get(f"/maps/{drawn.pk}/").content.decode()
    sheet = load_workbook(BytesIO(b"".join(client.get(f"/maps/{drawn.pk}/excel/").streaming_content))).active
    assert any("（配合单位：市科技局）" in str(cell.value) for row in sheet.rows for cell in row)


def test_an_iteration_starts_with_those_of_the_measure(client, cast):
    measure = cast.issued_map().measures.first()
    measure.partners.set([cast.science])
    client.force_login(cast.clerk)
    page = client.get(reverse("editing:new", args=["measureiteration", f"{measure.battle_map_id}-{measure.pk}"]))
    assert page.context["form"].initial["partners"] == [cast.science.pk]
    assert list(MeasureIteration.create(measure.battle_map, measure, cast.clerk).partners.all()) == [cast.science]


def test_an_iteration_that_changes_nothing_is_refused_and_one_that_changes_the_partners_is_not(cast):
    measure = cast.issued_map().measures.first()
    measure.partners.set([cast.science])
    asked = MeasureIteration.create(measure.battle_map, measure, cast.clerk)
    asked.basis = "责任分工调整。"
    assert [problem.field for problem in asked.problems()] == ["content"]
    asked.partners.set([])
    assert asked.problems() == []


def test_past_days_keep_the_partners_and_their_names(cast, finance):
    measure = cast.issued_map().measures.first()
    with time_machine.travel("2026-08-01T09:00+08:00"):
        asked = confirmed_iteration(cast, measure, cast.science)
    assert asked.events.filter(action="submit").first().snapshot["partners"] == "市科技局"
    with time_machine.travel("2026-08-02T09:00+08:00"):
        confirmed_iteration(cast, reloaded(measure), cast.science, finance)
        cast.science.name = "市科学技术局"
        cast.science.save()
    with time_machine.travel("2026-08-04T09:00+08:00"):
        assert partners(PLANS, "配合单位", cast.office, as_of="2026-07-31") == {""}
        assert partners(PLANS, "配合单位", cast.office, as_of="2026-08-01") == {"", "市科技局"}
        assert partners(PLANS, "配合单位", cast.office) == {"", "市科学技术局、市财政局"}
        assert partners(ITERATIONS, "迭代后配合单位", cast.office) == {
            "市科学技术局",
            "市科学技术局、市财政局",
        }
        assert partners(ITERATIONS, "迭代后配合单位", cast.office, as_of="2026-08-01") == {"市科技局"}


def test_the_plan_ledger_is_narrowed_by_who_leads_or_assists(cast, finance):
    first, second, *others = cast.issued_map().measures.all()
    with time_machine.travel("2026-08-01T09:00+08:00"):
        confirmed_iteration(cast, first, finance)
    second.lead = cast.science
    second.save()
    with time_machine.travel("2026-08-03T09:00+08:00"):
        assert partners(PLANS, "具体举措", cast.office, unit=finance.pk) == {first.content}
        assert partners(PLANS, "具体举措", cast.office, unit=cast.science.pk) == {second.content}
        assert partners(PLANS, "具体举措", cast.office, unit=cast.planning.pk) == {
            measure.content for measure in [first, *others]
        }
        assert partners(PLANS, "具体举措", cast.office, unit=finance.pk, as_of="2026-07-31") == set()


def test_rows_cost_no_more_queries(cast, finance, django_assert_num_queries):
    first, *others = cast.issued_map().measures.all()
    for measures in ([first], others):
        for measure in measures:
            confirmed_iteration(cast, measure, cast.science, finance)
        with django_assert_num_queries(6):
            reloaded(first.battle_map).snapshot()
        with django_assert_num_queries(9):
            partners(PLANS, "配合单位", cast.office)
        with django_assert_num_queries(10):
            partners(ITERATIONS, "迭代后配合单位", cast.office)


def test_compiled_queries_prefetch_what_django_prefetches(cast, finance, django_assert_num_queries):
    drawn = cast.issued_map()
    for measure in drawn.measures.all()[:2]:
        measure.lead = cast.science
        measure.save()
        measure.partners.set([finance, cast.science])
    kept, stock = list(drawn.measures.all()), list(drawn.measures.all())
    prefetch_compiled(kept, "plans__extensions", "lead", "partners")
    prefetch_related_objects(stock, "plans__extensions", "lead", "partners")
    with django_assert_num_queries(0):
        for own, other in zip(kept, stock, strict=True):
            assert own.lead == other.lead
            assert list(own.partners.all()) == list(other.partners.all())
            assert list(own.plans.all()) == list(other.plans.all())
            assert all(plan.measure is own and not plan.extensions.all() for plan in own.plans.all())
    assert kept[0].partners.all()
    assert kept[0].plans.all()
    assert kept[-1].lead is None
