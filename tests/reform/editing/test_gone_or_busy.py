"""Where the draft is gone, or the database busy or silent, the edit page loses no text."""

import pytest
from django.db import OperationalError
from django.urls import reverse

from tests.editing import autosave, fields_of, reloaded, send
from workflow.actions import discard
from workflow.models import Record
from workflow.states import State


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
    assert reloaded(drawn).measures.first().content == "第1条举措"


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
