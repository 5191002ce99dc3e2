"""A draft that saves itself, and what a save writes."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from reform.models import BattleMap
from tests import factories
from tests.editing import autosave, fields_of, in_order, reloaded, send
from workflow.models import Event, Record

# --- Saving itself ----------------------------------------------------------------------------------------------


def test_a_draft_that_saves_itself_tells_version_ids_and_how_far_it_is(client, drawn):
    fields = fields_of(drawn, indicators__0__m1="9.5") | {"measures-TOTAL_FORMS": 4, "measures-3-content": "新的一条"}
    fields |= {"measures-3-plans-TOTAL_FORMS": 0, "measures-3-plans-INITIAL_FORMS": 0}
    answer = autosave(client, drawn, fields).json()
    added = reloaded(drawn).measures.last()
    assert answer["message"] == "草稿已于 09:00 自动保存"
    assert answer["version"] == reloaded(drawn).version == 1
    assert answer["ids"]["measures-3-id"] == added.pk
    assert answer["problems"] == [
        {
            "field": "indicators-0-m12",
            "text": "指标1 新增试点企业：各月目标值合计 119.5，与年度目标值 120 相差 0.5。",
        },
        {"field": "measures-3-plans", "text": "举措4：请至少录入一项月度推进计划。"},
    ]
    assert [part["note"] for part in answer["parts"]] == [
        "改革办已录入",
        "2 个",
        "1 处待修改",
        "4 条（至少 3 条）",
        "1 处待修改",
    ]
    assert not Event.objects.exists()


def test_it_saves_itself_again_without_doubling_new_rows(client, drawn):
    fields = fields_of(drawn) | {"measures-TOTAL_FORMS": 4, "measures-3-content": "新的一条"}
    fields |= {"measures-3-plans-TOTAL_FORMS": 0, "measures-3-plans-INITIAL_FORMS": 0}
    first = autosave(client, drawn, fields).json()
    second = autosave(client, drawn, fields | first["ids"] | {"version": first["version"]}).json()
    assert (first["version"], second["version"]) == (1, 1)  # the second found nothing to write
    assert reloaded(drawn).measures.count() == 4


def test_problems_are_told_at_the_rows_of_the_page_whatever_their_order_will_be(client, drawn):
    """A plan of December stands before a new one of January until the page is opened again; a blank row is none."""
    measure = drawn.measures.first()
    measure.plans.update(month=12)
    fields = fields_of(drawn) | {"measures-0-plans-TOTAL_FORMS": 3, "measures-0-plans-1-content": ""}
    fields |= {"measures-0-plans-2-month": "1", "measures-0-plans-2-content": "一月的计划"}
    answer = autosave(client, drawn, fields).json()
    assert answer["problems"] == [{"field": "measures-0-plans-2-type", "text": "举措1计划1：请选择计划类型。"}]
    reopened = client.get(reverse("editing:edit", args=[drawn.pk]))
    assert [problem.field for problem in reopened.context["problems"]] == ["measures-0-plans-0-type"]


def test_it_never_goes_over_a_newer_save(client, drawn):
    stale = fields_of(drawn, measures__0__content="旧页面的文字")
    send(client, drawn, fields_of(drawn, measures__0__content="新保存的文字"))
    answer = autosave(client, drawn, stale)
    assert answer.status_code == 409
    assert answer.json() == {"message": "这条记录刚刚被修改过，请核对最新内容后再操作。"}
    assert reloaded(drawn).measures.first().content == "新保存的文字"


def test_it_waits_while_something_cannot_be_kept(client, drawn):
    answer = autosave(client, drawn, fields_of(drawn, indicators__0__m1="甲"))
    assert answer.status_code == 422
    assert answer.json() == {"message": "有内容填写有误，改正后才能自动保存。"}
    assert reloaded(drawn).version == 0


def test_without_a_session_it_is_told_so(client, drawn):
    fields = fields_of(drawn)
    client.logout()
    assert autosave(client, drawn, fields).status_code == 401
    assert reloaded(drawn).version == 0


# --- What a save costs ----------------------------------------------------------------------------------


@pytest.fixture
def realistic(cast, client):
    """A map as departments draw them: three indicators, four measures, nineteen plans."""
    client.force_login(cast.clerk)
    drawn = BattleMap.create(cast.project, 2026, cast.clerk)
    for position, name in enumerate(["交易规模", "标准地占比", "上云企业"]):
        factories.add_indicator(drawn, name, position=position)
    for position, plans in enumerate([5, 5, 5, 4]):
        measure = drawn.measures.create(position=position, content=f"第{position + 1}条举措")
        for month in range(1, plans + 1):
            measure.plans.create(month=month, type="scheme", content=f"{month}月制定方案")
    return drawn


def test_saving_an_unchanged_map_writes_nothing(client, realistic, without_navigation, django_assert_num_queries):
    autosave(client, realistic, fields_of(realistic))
    before = Record.objects.values().get(pk=realistic.pk)
    with django_assert_num_queries(47) as asked:
        answer = autosave(client, realistic, fields_of(realistic))
    assert answer.status_code == 200
    writes = [query["sql"].split('"')[1] for query in asked if query["sql"].startswith(("UPDATE", "INSERT", "DELETE"))]
    assert writes == []
    assert Record.objects.values().get(pk=realistic.pk) == before


def test_a_changed_row_is_written_alone(client, realistic):
    with CaptureQueriesContext(connection) as asked:
        autosave(client, realistic, fields_of(realistic, measures__1__plans__2__content="改过的计划"))
    writes = [query["sql"].split()[1].strip('"') for query in asked if query["sql"].startswith("UPDATE")]
    assert [table for table in writes if table != "django_session"] == [
        "reform_monthlyplan",
        "workflow_record",
        "reform_battlemap",
    ]
    assert reloaded(realistic).version == 1


def test_rows_that_change_places_are_written(client, realistic):
    first, second, *_ = realistic.measures.all()
    autosave(client, realistic, in_order(fields_of(realistic), "measures", [1, 0, 2, 3]))
    assert list(realistic.measures.all())[:2] == [second, first]
    assert reloaded(realistic).version == 1
