"""The one edit page: saving, submitting, saving itself, and losing nothing on any way out."""

import pytest
from django.contrib.messages import get_messages
from django.db import OperationalError, connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from reform.models import BattleMap
from tests import factories
from tests.editing import autosave, fields_of, in_order, send
from workflow.actions import discard
from workflow.models import Event, Record
from workflow.states import State


@pytest.fixture
def drawn(cast, client):
    """A map with nothing in the way of 上报; its clerk is signed in."""
    client.force_login(cast.clerk)
    return factories.battle_map(cast.project, cast.clerk)


def now(drawn):
    return BattleMap.objects.get(pk=drawn.pk)


def said(answer):
    return [str(message) for message in get_messages(answer.wsgi_request)]


# --- The ways through -----------------------------------------------------------------------------------


def test_saving_keeps_a_draft_and_writes_no_history(client, drawn):
    answer = send(client, drawn, fields_of(drawn, measures__0__content="新的举措"))
    assert (answer.status_code, answer.url) == (302, f"/records/{drawn.pk}/edit/")
    assert said(answer) == ["草稿已保存。"]
    assert (now(drawn).state, now(drawn).version) == (State.DRAFT, 1)
    assert now(drawn).measures.first().content == "新的举措"
    assert not Event.objects.exists()


def test_submitting_saves_first(client, cast, drawn):
    answer = send(client, drawn, fields_of(drawn, measures__0__content="新的举措"), "submit")
    assert (answer.status_code, answer.url) == (302, f"/records/{drawn.pk}/")
    assert said(answer) == ["已上报，等待市发展改革委审核人员审核。"]
    event = Event.objects.get()
    assert (event.actor, event.action, event.address) == (cast.clerk, "submit", "127.0.0.1")
    assert event.snapshot["measures"][0]["content"] == "新的举措"


def test_what_cannot_be_read_hides_nothing_else_that_is_missing(client, drawn):
    fields = fields_of(drawn, indicators__0__m1="甲", measures__1__content="")
    answer = send(client, drawn, fields, "submit")
    assert answer.status_code == 422
    said = {problem.field: problem.text for problem in answer.context["problems"]}
    assert said.keys() == {"indicators-0-m1", "measures-1-content"}
    form = answer.context["form"]
    assert form.measures[1].errors["content"] == [said["measures-1-content"]]
    assert form.indicators[0]["m1"].value() == "甲"
    assert (now(drawn).version, now(drawn).measures.all()[1].content) == (0, "第2条举措")

    saved = send(client, drawn, fields)  # a draft may lack what 上报 asks for
    assert [problem.field for problem in saved.context["problems"]] == ["indicators-0-m1"]


def test_previewing_saves_and_shows_the_picture(client, drawn):
    answer = send(client, drawn, fields_of(drawn, measures__0__content="先看一看"), "preview")
    assert answer.url == f"/maps/{drawn.pk}/"
    assert now(drawn).measures.first().content == "先看一看"


def test_opening_the_page_changes_nothing(client, drawn):
    before = Record.objects.values().get(pk=drawn.pk)
    client.get(reverse("editing:edit", args=[drawn.pk]))
    assert Record.objects.values().get(pk=drawn.pk) == before


# --- Whose page it is ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("who", ["partner", "stranger", "strange_reviewer", "admin", "auditor"])
def test_for_others_the_page_is_not_there(client, cast, drawn, who):
    fields = fields_of(drawn, measures__0__content="别人写的")
    client.force_login(getattr(cast, who))
    assert client.get(reverse("editing:edit", args=[drawn.pk])).status_code == 404
    for button in ("save", "submit", "autosave"):
        assert send(client, drawn, fields, button).status_code == 404
    assert now(drawn).version == 0


@pytest.mark.parametrize("who", ["reviewer", "office"])
def test_those_who_review_are_led_to_the_record(client, cast, drawn, who):
    fields = fields_of(drawn, measures__0__content="审核人员改的")
    client.force_login(getattr(cast, who))
    answer = client.get(reverse("editing:edit", args=[drawn.pk]))
    assert answer.url == f"/records/{drawn.pk}/"
    assert said(answer) == ["这条记录由责任单位录入人员修改。"]
    assert send(client, drawn, fields).status_code == 409
    assert now(drawn).version == 0


def test_what_the_form_does_not_ask_for_is_not_taken(client, cast, drawn):
    elsewhere = factories.ProjectFactory(department=cast.education)
    forged = {
        "state": "issued",
        "creator": cast.stranger.pk,
        "submitter": cast.stranger.pk,
        "dossier": elsewhere.pk,
        "dossier_id": elsewhere.pk,
        "project": elsewhere.pk,
        "year": "2027",
        "kind": "reform.brandupdate",
        "title": "伪造",
        "issued_at": "2026-01-01",
        "record_ptr": "999",
        "indicators-0-battle_map": "999",
        "indicators-0-position": "50",
        "measures-0-battle_map": "999",
        "measures-0-plans-0-measure": "999",
        "measures-0-plans-0-status": "done",
        "measures-0-plans-0-cancelled_at": "2026-01-01",
    }
    before, content = Record.objects.values().get(pk=drawn.pk), drawn.snapshot()
    assert send(client, drawn, fields_of(drawn) | forged).status_code == 302
    after = Record.objects.values().get(pk=drawn.pk)
    assert {name for name in after if after[name] != before[name]} == {"version", "updated_at"}
    assert now(drawn).snapshot() == content
    assert (now(drawn).year, now(drawn).project, now(drawn).issued_at) == (2026, cast.project, None)
    assert now(drawn).measures.first().plans.get().status == "not_started"


# --- Two at once ----------------------------------------------------------------------------------------------


def test_of_two_pages_the_later_sees_both_texts_and_decides(client, cast, drawn):
    stale = fields_of(drawn, measures__0__content="后存的文字")
    client.force_login(cast.clerk2)
    send(client, drawn, fields_of(drawn, measures__0__content="先存的文字"))
    client.force_login(cast.clerk)
    answer = send(client, drawn, stale)
    assert answer.status_code == 409
    page = answer.content.decode()
    assert "这条记录刚刚被修改过，请核对最新内容后再操作。" in page
    assert "先存的文字" in page
    assert "后存的文字" in page
    assert now(drawn).measures.first().content == "先存的文字"
    send(client, drawn, stale | {"version": answer.context["form"]["version"].value()})
    assert now(drawn).measures.first().content == "后存的文字"


def test_a_row_that_the_other_removed_comes_back_only_as_a_new_one(client, drawn):
    stale = fields_of(drawn, measures__2__content="我在改第三条")
    send(client, drawn, in_order(fields_of(drawn), "measures", [0, 1]))
    answer = send(client, drawn, stale)
    assert (answer.status_code, now(drawn).measures.count()) == (409, 2)
    again = {field.html_name: field.value() for row in answer.context["form"].row_forms() for field in row}
    again = stale | {name: "" if value is None else value for name, value in again.items()}
    send(client, drawn, again | {"version": answer.context["form"]["version"].value()})
    assert [measure.content for measure in now(drawn).measures.all()][2] == "我在改第三条"


def test_text_typed_while_a_colleague_submitted_can_be_copied(client, cast, drawn):
    stale = fields_of(drawn, measures__0__content="还没来得及保存")
    cast.act(drawn, "clerk2", "submit")
    answer = send(client, drawn, stale)
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "这条记录现在是“待部门审核”，不能再修改。" in page
    assert "还没来得及保存" in page
    assert 'name="submit"' not in page
    assert now(drawn).measures.first().content == "第1条举措"


@pytest.mark.parametrize("version", ["", "x", "-1", "９", "1" * 40, "0.0"])
def test_a_page_without_a_sound_version_saves_nothing_and_loses_nothing(client, drawn, version):
    answer = send(client, drawn, fields_of(drawn, measures__0__content="写好的话") | {"version": version})
    assert answer.status_code == 409
    assert "写好的话" in answer.content.decode()
    assert now(drawn).measures.first().content == "第1条举措"


def test_a_second_click_submits_once(client, drawn):
    fields = fields_of(drawn)
    send(client, drawn, fields, "submit")
    again = send(client, drawn, fields, "submit")
    assert again.url == f"/records/{drawn.pk}/"
    assert said(again)[-1] == "已上报，不必重复提交。"
    assert Event.objects.count() == 1


def test_back_to_a_page_from_before_a_rejection_loses_no_text(client, cast, drawn):
    old = fields_of(drawn, measures__0__content="退回上一页后写的")
    send(client, drawn, old, "submit")
    cast.act(drawn, "reviewer", "reject")
    answer = send(client, drawn, old | {"measures-1-content": "又补充了一句"}, "submit")
    assert answer.status_code == 409
    assert "又补充了一句" in answer.content.decode()
    assert now(drawn).state == State.REJECTED


# --- Saving itself ----------------------------------------------------------------------------------------------


def test_a_draft_that_saves_itself_tells_version_ids_and_how_far_it_is(client, drawn):
    fields = fields_of(drawn, indicators__0__m1="9.5") | {"measures-TOTAL_FORMS": 4, "measures-3-content": "新的一条"}
    fields |= {"measures-3-plans-TOTAL_FORMS": 0, "measures-3-plans-INITIAL_FORMS": 0}
    answer = autosave(client, drawn, fields).json()
    added = now(drawn).measures.last()
    assert answer["message"] == "草稿已于 09:00 自动保存"
    assert answer["version"] == now(drawn).version == 1
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
    assert now(drawn).measures.count() == 4


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
    assert now(drawn).measures.first().content == "新保存的文字"


def test_it_waits_while_something_cannot_be_kept(client, drawn):
    answer = autosave(client, drawn, fields_of(drawn, indicators__0__m1="甲"))
    assert answer.status_code == 422
    assert answer.json() == {"message": "有内容填写有误，改正后才能自动保存。"}
    assert now(drawn).version == 0


def test_without_a_session_it_is_told_so(client, drawn):
    fields = fields_of(drawn)
    client.logout()
    assert autosave(client, drawn, fields).status_code == 401
    assert now(drawn).version == 0


# --- Without scripts ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("prefix", "rows"), [("indicators", 3), ("measures", 4), ("measures-1-plans", 2)])
def test_the_add_button_saves_and_brings_one_more_row(client, drawn, prefix, rows):
    answer = send(client, drawn, fields_of(drawn, measures__0__content="一起保存") | {"add": prefix}, "ignored")
    [asked] = [each for each in answer.context["form"].all_rows() if each.prefix == prefix]
    assert len(asked.forms) == rows
    assert not asked.forms[-1].instance.pk
    assert now(drawn).measures.first().content == "一起保存"


def test_the_remove_button_of_a_row_saves_without_it(client, drawn):
    answer = send(client, drawn, fields_of(drawn) | {"remove": "measures-1"}, "ignored")
    assert answer.status_code == 200
    assert [measure.content for measure in now(drawn).measures.all()] == ["第1条举措", "第3条举措"]


def test_the_first_button_of_the_form_saves(client, drawn):
    """Enter in a field presses it, so it must not be one that removes or submits."""
    page = client.get(reverse("editing:edit", args=[drawn.pk])).content.decode()
    form = page[page.index('id="edit"') :]
    first = form[form.index("<button") :]
    assert 'name="save"' in first[: first.index(">")]


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
    assert now(realistic).version == 1


def test_rows_that_change_places_are_written(client, realistic):
    first, second, *_ = realistic.measures.all()
    autosave(client, realistic, in_order(fields_of(realistic), "measures", [1, 0, 2, 3]))
    assert list(realistic.measures.all())[:2] == [second, first]
    assert now(realistic).version == 1


# --- What is gone, and what cannot be had now -----------------------------------------------------------


def test_a_draft_is_discarded_from_its_edit_page(client, cast, drawn):
    client.force_login(cast.clerk2)
    page = client.get(reverse("editing:edit", args=[drawn.pk])).content.decode()
    assert "删除草稿" in page
    assert reverse("workflow:discard", args=[drawn.pk]) in page
    cast.bring(drawn, State.REJECTED)
    assert "删除草稿" not in client.get(reverse("editing:edit", args=[drawn.pk])).content.decode()


@pytest.mark.parametrize("button", ["save", "submit", "preview", "add"])
def test_text_for_a_discarded_draft_can_be_copied(client, cast, drawn, button):
    fields = fields_of(drawn, measures__0__content="还没有保存的举措")
    discard(drawn.pk, cast.clerk2, drawn.version)
    answer = send(client, drawn, fields, button)
    assert answer.status_code == 404
    page = answer.content.decode()
    assert "这条记录已不存在，可能刚刚被删除。您刚才填写的内容没有保存" in page
    assert "还没有保存的举措" in page
    assert "scheme" not in page


def test_a_draft_that_saves_itself_is_told_that_it_is_gone(client, cast, drawn):
    fields = fields_of(drawn)
    discard(drawn.pk, cast.clerk2, drawn.version)
    answer = autosave(client, drawn, fields)
    assert (answer.status_code, answer.json()["message"]) == (
        404,
        "这条记录已不存在，可能刚刚被删除。内容没有保存，请复制后另行填报。",
    )


@pytest.fixture
def locked(monkeypatch):
    """Whoever asks for the lock of a project waits in vain."""

    def wait(pk):
        raise OperationalError("database is locked")

    monkeypatch.setattr("workflow.actions.lock_dossier", wait)


@pytest.mark.parametrize("button", ["save", "submit"])
def test_a_lock_that_cannot_be_had_loses_no_text(client, drawn, locked, button):
    answer = send(client, drawn, fields_of(drawn, measures__0__content="还没有保存的举措"), button)
    assert answer.status_code == 503
    page = answer.content.decode()
    assert "系统繁忙，请稍后再试。您填写的内容都在下面，还没有保存。" in page
    assert "还没有保存的举措" in page
    assert answer.context["form"]["version"].value() == str(drawn.version)
    assert now(drawn).measures.first().content == "第1条举措"


def test_a_draft_that_saves_itself_tries_again_later(client, drawn, locked):
    answer = autosave(client, drawn, fields_of(drawn))
    assert (answer.status_code, answer.json()) == (503, {"message": "系统繁忙，请稍后再试。"})


def test_a_database_that_does_not_answer_in_time_loses_no_text(client, drawn, monkeypatch):
    fields = fields_of(drawn, measures__0__content="还没有保存的举措")

    def wait(record):
        raise OperationalError("database is locked")

    monkeypatch.setattr("workflow.editing.views._reload", wait)
    answer = send(client, drawn, fields)
    assert answer.status_code == 302  # saved before the page is read again
    answer = send(client, drawn, fields, "submit")
    assert answer.status_code == 503
    assert "系统繁忙，请稍后再试。" in answer.content.decode()
    assert "还没有保存的举措" in answer.content.decode()
    answer = autosave(client, drawn, fields_of(drawn))
    assert (answer.status_code, answer.json()) == (503, {"message": "系统繁忙，请稍后再试。"})


def test_deciding_and_discarding_say_that_the_system_is_busy(client, cast, drawn, locked):
    answer = client.post(reverse("workflow:discard", args=[drawn.pk]), {"version": drawn.version})
    assert "系统繁忙，请稍后再试。" in answer.content.decode()
    assert Record.objects.filter(pk=drawn.pk).exists()


# --- Restoring what the browser kept --------------------------------------------------------------------------------


def test_restoring_shows_what_was_typed_and_saves_nothing(client, drawn):
    kept = in_order(fields_of(drawn, measures__1__content="本机保留的话"), "measures", [1, 0])
    answer = send(client, drawn, kept, "restore")
    assert answer.status_code == 200
    assert [row["content"].value() for row in answer.context["form"].measures] == ["本机保留的话", "第1条举措"]
    assert (now(drawn).version, now(drawn).measures.count()) == (0, 3)


def test_restoring_over_a_newer_version_shows_both(client, drawn):
    kept = fields_of(drawn, measures__0__content="本机保留的话")
    send(client, drawn, fields_of(drawn, measures__0__content="新保存的文字"))
    answer = send(client, drawn, kept, "restore")
    assert answer.status_code == 409
    assert "本机保留的话" in answer.content.decode()
    assert "新保存的文字" in answer.content.decode()


@pytest.mark.parametrize(("who", "status"), [("stranger", 404), ("partner", 404), ("reviewer", 409)])
def test_nobody_else_restores_anything(client, cast, drawn, who, status):
    kept = fields_of(drawn, measures__0__content="别人写的")
    client.force_login(getattr(cast, who))
    assert send(client, drawn, kept, "restore").status_code == status
    assert now(drawn).version == 0
