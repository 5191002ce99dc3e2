"""从上年作战图复制: next year's map starts from what was ticked of this year's; nothing is copied unseen."""

import pytest

from reform.models import BattleMap, MonthlyPlan, PlanStatus
from tests import factories
from tests.editing import typed_into
from tests.reform.test_closure import finish
from workflow.states import State

pytestmark = pytest.mark.usefixtures("due_agrees")


@pytest.fixture
def drawn(cast):
    """Of its plans in February, July and November the last is done."""
    drawn = cast.issued_map()
    finish(cast, MonthlyPlan.objects.get(measure__battle_map=drawn, month=11))
    return drawn


@pytest.fixture
def choose(client, cast, drawn):
    """choose(…): the page of what to tick for 2027."""
    client.force_login(cast.clerk)
    return lambda: client.get(f"/projects/{cast.project.pk}/carry-over/2027/")


@pytest.fixture
def new(client, cast, drawn):
    """new(ticked): the form of the map of 2027 with that in it."""
    client.force_login(cast.clerk)
    return lambda **ticked: client.get(f"/kinds/battlemap/new/{cast.project.pk}-2027/", ticked)


def rows(answer):
    """What the form holds: (indicator, January's target) and (measure, [(month, content)])."""
    form = answer.context["form"]
    indicators = [(row["name"].value(), row["m1"].value()) for row in form.indicators]
    measures = [
        (row["content"].value(), [(plan["month"].value(), plan["content"].value()) for plan in row.plans])
        for row in form.measures
    ]
    return indicators, measures


def test_the_new_map_offers_the_way_only_where_there_is_an_earlier_one(client, cast, new):
    assert "从上年作战图复制</a>" in new().content.decode()
    other = factories.ProjectFactory(department=cast.planning)
    assert "从上年作战图复制" not in client.get(f"/kinds/battlemap/new/{other.pk}-2026/").content.decode()


def test_unfinished_plans_stand_first_and_are_ticked(choose):
    answer = choose()
    shown = [choice.measure.content for choice in answer.context["form"].own_measures]
    assert shown == ["第1条举措", "第2条举措", "第3条举措"]
    page = answer.content.decode()
    ticked = [
        line.split('value="')[1].split('"')[0]
        for line in page.splitlines()
        if 'name="plans"' in line and "checked" in line
    ]
    assert set(map(int, ticked)) == set(
        MonthlyPlan.objects.exclude(status=PlanStatus.DONE).values_list("pk", flat=True)
    )


def test_what_was_ticked_stands_in_the_form_and_nothing_is_saved(drawn, new):
    first, _, third = drawn.measures.all()
    done = third.plans.get()
    answer = new(indicators=[drawn.indicators.first().pk], measures=[first.pk], plans=[first.plans.get().pk, done.pk])
    assert rows(answer) == (
        [("新增试点企业", "")],
        [("第1条举措", [(None, "2月制定方案")]), ("第3条举措", [("11", "11月制定方案")])],
    )
    page = answer.content.decode()
    assert "还没有保存，请逐项核对" in page
    assert not BattleMap.objects.filter(year=2027).exists()


def test_targets_come_along_when_asked(drawn, new):
    both = [indicator.pk for indicator in drawn.indicators.all()]
    assert rows(new(indicators=both, with_targets="on"))[0] == [("新增试点企业", "10"), ("办件量", "10")]


def test_saved_it_is_a_draft_like_any_other(client, cast, drawn, new):
    plans = MonthlyPlan.objects.filter(measure__battle_map=drawn)
    answer = new(
        indicators=[row.pk for row in drawn.indicators.all()], with_targets="on", plans=[plan.pk for plan in plans]
    )
    fields = typed_into(answer.context["form"]) | {"token": answer.context["token"]}
    fields |= {"measures-0-plans-0-month": "3", "measures-1-plans-0-month": "6"}
    assert client.post(f"/kinds/battlemap/new/{cast.project.pk}-2027/", fields | {"submit": ""}).status_code == 302
    carried = BattleMap.objects.get(year=2027)
    assert (carried.state, carried.indicators.count()) == (State.SUBMITTED, 2)
    months = MonthlyPlan.objects.filter(measure__battle_map=carried).order_by("measure__position")
    assert [plan.month for plan in months] == [3, 6, 11]
    assert [plan.status for plan in months] == [PlanStatus.NOT_STARTED] * 3
    assert [plan.month for plan in plans.order_by("pk")] == [2, 7, 11]
    assert client.get(f"/projects/{cast.project.pk}/carry-over/2027/").status_code == 404


@pytest.mark.parametrize("ticked", [{}, {"plans": ["x"]}, {"measures": ["999999999"]}, {"indicators": ["1e3"]}])
def test_what_cannot_be_ticked_leaves_the_form_empty(cast, new, ticked):
    answer = new(**ticked)
    assert (answer.status_code, answer.context["form"].is_bound) == (200, False)


def test_nothing_of_another_project_comes_along(client, cast, drawn, new):
    other = factories.battle_map(factories.ProjectFactory(department=cast.planning), cast.clerk)
    cast.bring(other, State.ISSUED)
    assert not new(measures=[other.measures.first().pk]).context["form"].is_bound
    client.force_login(cast.stranger)
    assert client.get(f"/projects/{cast.project.pk}/carry-over/2027/").status_code == 404


def test_cancelled_plans_and_ended_projects_are_left(client, cast, drawn, choose):
    measure = drawn.measures.first()
    changed = factories.iteration(measure, cast.clerk)
    changed.changes.exclude(plan=None).update(cancelled=True)
    cast.bring(changed, State.CONFIRMED)
    assert "2月制定方案" not in choose().content.decode()
    cast.bring(factories.closure(cast.project, cast.clerk), State.CONFIRMED)
    assert choose().status_code == 404
