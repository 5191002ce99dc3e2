"""The one edit page: saving and submitting, by whom, what becomes of two at once, and buttons without scripts."""

import pytest
from django.urls import reverse

from tests import factories
from tests.editing import fields_of, in_order, reloaded, send
from tests.workflow.record_pages import said
from workflow.models import Event, Record
from workflow.states import State

# --- The ways through -----------------------------------------------------------------------------------


def test_saving_keeps_a_draft_and_writes_no_history(client, drawn):
    answer = send(client, drawn, fields_of(drawn, measures__0__content="新的举措"))
    assert (answer.status_code, answer.url) == (302, f"/records/{drawn.pk}/edit/")
    assert said(answer) == ["草稿已保存。"]
    assert (reloaded(drawn).state, reloaded(drawn).version) == (State.DRAFT, 1)
    assert reloaded(drawn).measures.first().content == "新的举措"
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
    assert (reloaded(drawn).version, reloaded(drawn).measures.all()[1].content) == (0, "第2条举措")

    saved = send(client, drawn, fields)  # a draft may lack what 上报 asks for
    assert [problem.field for problem in saved.context["problems"]] == ["indicators-0-m1"]


def test_previewing_saves_and_shows_the_picture(client, drawn):
    answer = send(client, drawn, fields_of(drawn, measures__0__content="先看一看"), "preview")
    assert answer.url == f"/maps/{drawn.pk}/"
    assert reloaded(drawn).measures.first().content == "先看一看"


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
    assert reloaded(drawn).version == 0


@pytest.mark.parametrize("who", ["reviewer", "office"])
def test_those_who_review_are_led_to_the_record(client, cast, drawn, who):
    fields = fields_of(drawn, measures__0__content="审核人员改的")
    client.force_login(getattr(cast, who))
    answer = client.get(reverse("editing:edit", args=[drawn.pk]))
    assert answer.url == f"/records/{drawn.pk}/"
    assert said(answer) == ["这条记录由责任单位录入人员修改。"]
    assert send(client, drawn, fields).status_code == 409
    assert reloaded(drawn).version == 0


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
    assert reloaded(drawn).snapshot() == content
    assert (reloaded(drawn).year, reloaded(drawn).project, reloaded(drawn).issued_at) == (2026, cast.project, None)
    assert reloaded(drawn).measures.first().plans.get().status == "not_started"


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
    assert reloaded(drawn).measures.first().content == "先存的文字"
    send(client, drawn, stale | {"version": answer.context["form"]["version"].value()})
    assert reloaded(drawn).measures.first().content == "后存的文字"


def test_a_row_that_the_other_removed_comes_back_only_as_a_new_one(client, drawn):
    stale = fields_of(drawn, measures__2__content="我在改第三条")
    send(client, drawn, in_order(fields_of(drawn), "measures", [0, 1]))
    answer = send(client, drawn, stale)
    assert (answer.status_code, reloaded(drawn).measures.count()) == (409, 2)
    again = {field.html_name: field.value() for row in answer.context["form"].row_forms() for field in row}
    again = stale | {name: "" if value is None else value for name, value in again.items()}
    send(client, drawn, again | {"version": answer.context["form"]["version"].value()})
    assert [measure.content for measure in reloaded(drawn).measures.all()][2] == "我在改第三条"


def test_text_typed_while_a_colleague_submitted_can_be_copied(client, cast, drawn):
    stale = fields_of(drawn, measures__0__content="还没来得及保存")
    cast.act(drawn, "clerk2", "submit")
    answer = send(client, drawn, stale)
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "这条记录现在是“待部门审核”，不能再修改。" in page
    assert "还没来得及保存" in page
    assert 'name="submit"' not in page
    assert reloaded(drawn).measures.first().content == "第1条举措"


@pytest.mark.parametrize("version", ["", "x", "-1", "９", "1" * 40, "0.0"])
def test_a_page_without_a_sound_version_saves_nothing_and_loses_nothing(client, drawn, version):
    answer = send(client, drawn, fields_of(drawn, measures__0__content="写好的话") | {"version": version})
    assert answer.status_code == 409
    assert "写好的话" in answer.content.decode()
    assert reloaded(drawn).measures.first().content == "第1条举措"


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
    assert reloaded(drawn).state == State.REJECTED


# --- Without scripts ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("prefix", "rows"), [("indicators", 3), ("measures", 4), ("measures-1-plans", 2)])
def test_the_add_button_saves_and_brings_one_more_row(client, drawn, prefix, rows):
    answer = send(client, drawn, fields_of(drawn, measures__0__content="一起保存") | {"add": prefix}, "ignored")
    [asked] = [each for each in answer.context["form"].all_rows() if each.prefix == prefix]
    assert len(asked.forms) == rows
    assert not asked.forms[-1].instance.pk
    assert reloaded(drawn).measures.first().content == "一起保存"


def test_the_remove_button_of_a_row_saves_without_it(client, drawn):
    answer = send(client, drawn, fields_of(drawn) | {"remove": "measures-1"}, "ignored")
    assert answer.status_code == 200
    assert [measure.content for measure in reloaded(drawn).measures.all()] == ["第1条举措", "第3条举措"]


def test_the_first_button_of_the_form_saves(client, drawn):
    """Enter in a field presses it, so it must not be one that removes or submits."""
    page = client.get(reverse("editing:edit", args=[drawn.pk])).content.decode()
    form = page[page.index('id="edit"') :]
    first = form[form.index("<button") :]
    assert 'name="save"' in first[: first.index(">")]
