"""Rows inside a form: known by their id, in the order of the page, and never somebody else's."""

import pytest

from reform.forms.battle_map import BattleMapForm
from reform.models import BattleMap, Measure, MonthlyPlan
from tests import factories
from tests.editing import autosave, fields_of, in_order, send
from tests.factories import ProjectFactory
from workflow.editing.rows import RowForm, count_rows


@pytest.fixture
def drawn(cast):
    return factories.battle_map(cast.project, cast.clerk)


def save(record, fields):
    """The form of these fields, saved if it can be."""
    form = BattleMapForm(fields, instance=BattleMap.objects.get(pk=record.pk))
    if form.is_valid():
        form.save()
    return form


def contents(record):
    return [measure.content for measure in record.measures.all()]


def test_rows_are_saved_in_the_order_of_the_page(drawn):
    first, second, third = drawn.measures.all()
    save(drawn, in_order(fields_of(drawn, measures__2__content="丙"), "measures", [2, 0, 1]))
    assert list(drawn.measures.all()) == [third, first, second]
    assert contents(drawn) == ["丙", "第1条举措", "第2条举措"]
    assert [measure.plans.get().month for measure in drawn.measures.all()] == [11, 2, 7]


def test_a_row_without_id_is_new_and_brings_its_own_rows(drawn):
    form = save(
        drawn,
        fields_of(drawn)
        | {
            "measures-TOTAL_FORMS": 4,
            "measures-3-content": "第四条举措",
            "measures-3-plans-TOTAL_FORMS": 1,
            "measures-3-plans-INITIAL_FORMS": 0,
            "measures-3-plans-0-month": "9",
            "measures-3-plans-0-content": "九月的计划",
        },
    )
    added = drawn.measures.last()
    plan = added.plans.get()
    assert (added.content, plan.month, plan.content) == ("第四条举措", 9, "九月的计划")
    assert form.ids()["measures-3-id"] == added.pk
    assert form.ids()["measures-3-plans-0-id"] == plan.pk


def test_a_child_that_no_row_names_is_removed_with_what_hangs_on_it(drawn):
    gone = drawn.measures.first().plans.get()
    save(drawn, in_order(fields_of(drawn), "measures", [2]))
    assert contents(drawn) == ["第3条举措"]
    assert not MonthlyPlan.objects.filter(pk=gone.pk).exists()


def test_blank_rows_are_dropped_and_emptied_ones_are_kept(drawn):
    fields = fields_of(drawn, measures__1__content="")
    fields |= {"measures-TOTAL_FORMS": 4, "measures-3-content": " ", "measures-3-plans-TOTAL_FORMS": 1}
    fields |= {"measures-3-plans-INITIAL_FORMS": 0, "measures-3-plans-0-month": ""}
    save(drawn, fields)
    assert contents(drawn) == ["第1条举措", "", "第3条举措"]


def test_a_row_cannot_name_the_child_of_another_record(cast, drawn):
    elsewhere = factories.battle_map(ProjectFactory(department=cast.education), cast.stranger)
    foreign = elsewhere.measures.first()
    form = save(drawn, fields_of(drawn, measures__0__id=foreign.pk, measures__0__content="改别人的"))
    foreign.refresh_from_db()
    assert (foreign.content, foreign.battle_map_id) == ("第1条举措", elsewhere.pk)
    assert contents(drawn) == ["第1条举措", "第2条举措", "第3条举措"]
    assert [problem.text for problem in form.input_errors()] == [
        "举措1：这一行已不在本记录中。内容仍在这里，再次保存时将作为新的一行。",
        "举措1计划1：这一行已不在本记录中。内容仍在这里，再次保存时将作为新的一行。",
    ]


def test_a_row_cannot_name_the_child_of_another_row(drawn):
    """A plan moves with its measure, never from one to another by a forged id."""
    first, second, _ = drawn.measures.all()
    form = save(drawn, fields_of(drawn, measures__0__plans__0__id=second.plans.get().pk))
    assert not form.is_valid()
    assert [measure.plans.count() for measure in drawn.measures.all()] == [1, 1, 1]
    assert first.plans.get().month == 2


def test_two_rows_cannot_name_one_child(drawn):
    first = drawn.measures.first()
    form = save(drawn, fields_of(drawn, measures__1__id=first.pk))
    assert not form.is_valid()
    assert contents(drawn) == ["第1条举措", "第2条举措", "第3条举措"]


def test_text_of_a_row_that_somebody_removed_is_kept_as_a_new_row(drawn):
    fields = fields_of(drawn, measures__0__content="我还在改这一条")
    drawn.measures.first().delete()
    refused = save(drawn, fields)
    assert not refused.is_valid()
    assert refused.measures.forms[0]["content"].value() == "我还在改这一条"
    again = fields | {
        field.html_name: field.value() for row in refused.row_forms() for field in row if field.name == "id"
    }
    save(drawn, again)
    assert contents(drawn) == ["我还在改这一条", "第2条举措", "第3条举措"]


@pytest.mark.parametrize("forged", ["0", "-1", "x", "1e3", "９", "9" * 30])
def test_no_id_is_too_strange(drawn, forged):
    form = save(drawn, fields_of(drawn, indicators__0__id=forged))
    assert not form.is_valid()
    assert drawn.indicators.count() == 2


def test_there_are_at_most_a_hundred_rows(drawn):
    fields = fields_of(drawn, indicators__TOTAL_FORMS=101) | {f"indicators-{n}-unit": "家" for n in range(2, 101)}
    form = save(drawn, fields)
    assert ("indicators", "最多 100 行。") in {(problem.field, problem.text) for problem in form.input_errors()}
    assert drawn.indicators.count() == 2


def test_a_page_that_says_nothing_of_its_rows_removes_none(drawn):
    fields = {name: text for name, text in fields_of(drawn).items() if not name.endswith("_FORMS")}
    form = save(drawn, fields)
    assert {problem.text for problem in form.input_errors()} == {"页面内容不完整，请刷新后重新填写。"}
    assert Measure.objects.filter(battle_map=drawn).count() == 3


def test_the_number_of_queries_does_not_grow_with_the_rows(cast, drawn, django_assert_num_queries):
    larger = factories.battle_map(ProjectFactory(department=cast.planning), cast.clerk)
    for position in range(3, 12):
        measure = larger.measures.create(position=position, content="举措")
        for month in range(1, 7):
            measure.plans.create(month=month)
    for number in (drawn.pk, larger.pk):
        record = BattleMap.objects.get(pk=number)
        with django_assert_num_queries(9):
            BattleMapForm(instance=record).row_forms()


# --- Rows of the whole page --------------------------------------------------------------------------


def claims(measures, plans):
    nested = {f"measures-{number}-plans-TOTAL_FORMS": plans for number in range(measures)}
    return {"measures-TOTAL_FORMS": measures} | nested


def test_too_many_rows_are_refused_before_any_is_built(client, cast, drawn, monkeypatch):
    client.force_login(cast.clerk)
    monkeypatch.setattr(RowForm, "__init__", None)
    fields = {"version": drawn.version} | claims(100, 100)
    answer = send(client, drawn, fields)
    assert answer.status_code == 422
    assert "一张表单合计最多 400 行，提交的有 10100 行，没有保存。" in answer.content.decode()
    answer = autosave(client, drawn, fields)
    assert (answer.status_code, answer.json()["message"][:14]) == (422, "一张表单合计最多 400 行")


@pytest.mark.parametrize(
    ("claimed", "rows"),
    [({}, 0), (claims(3, 2), 9), ({"a-TOTAL_FORMS": "９"}, 9), ({"a-TOTAL_FORMS": " 5.00 "}, 5)]
    + [({"a-TOTAL_FORMS": text}, 0) for text in ("", "-5", "x", "1e9", "9" * 5000)],
)
def test_rows_are_counted_as_the_page_claims_them(claimed, rows):
    assert count_rows({name: str(text) for name, text in claimed.items()}) == rows


def test_no_row_is_added_beyond_the_limit_without_scripts(client, cast, drawn, monkeypatch):
    client.force_login(cast.clerk)
    monkeypatch.setattr("workflow.editing.views.MOST_ROWS_IN_ALL", 8)  # two indicators, three measures, three plans
    answer = client.post(f"/records/{drawn.pk}/edit/", fields_of(drawn) | {"add": "measures"})
    assert len(answer.context["form"].measures.forms) == 3
    assert "一张表单合计最多 8 行，不能再添加。" in answer.content.decode()
