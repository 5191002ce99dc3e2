"""Restoring what the browser kept."""

import pytest

from tests.editing import fields_of, in_order, reloaded, send


def test_restoring_shows_what_was_typed_and_saves_nothing(client, drawn):
    kept = in_order(fields_of(drawn, measures__1__content="本机保留的话"), "measures", [1, 0])
    answer = send(client, drawn, kept, "restore")
    assert answer.status_code == 200
    assert [row["content"].value() for row in answer.context["form"].measures] == ["本机保留的话", "第1条举措"]
    assert (reloaded(drawn).version, reloaded(drawn).measures.count()) == (0, 3)


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
    assert reloaded(drawn).version == 0
