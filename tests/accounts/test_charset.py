"""Forms in another charset than that of the pages are answered in words, never guessed at."""

import pytest

ADDRESSES = ["/login/", "/records/1/edit/", "/messages/read/", "/ledgers/plans/export/", "/admin/login/"]


@pytest.mark.parametrize("address", ADDRESSES)
@pytest.mark.parametrize("charset", ["gbk", "utf-16", "utf-7", "base64", "no-such-charset"])
@pytest.mark.parametrize("kind", ["application/x-www-form-urlencoded", "multipart/form-data; boundary=B"])
def test_a_foreign_charset_is_refused_in_chinese(client, cast, address, charset, kind):
    client.force_login(cast.clerk)
    answer = client.generic("POST", address, b"a=1", content_type=f"{kind}; charset={charset}")
    assert answer.status_code == 400
    assert "提交的内容不完整或格式有误" in answer.content.decode()


def test_scripts_are_told_too(client, cast):
    client.force_login(cast.clerk)
    kind = "application/x-www-form-urlencoded; charset=gbk"
    answer = client.generic(
        "POST", "/records/1/edit/", b"a=1", content_type=kind, headers={"Accept": "application/json"}
    )
    assert (answer.status_code, answer.json()) == (400, {"problem": "提交的内容编码不是 UTF-8，无法处理。"})


@pytest.mark.parametrize("charset", ["utf-8", "UTF-8", "utf8", '"utf-8"', "us-ascii"])
def test_its_own_charset_is_read(client, cast, charset):
    client.force_login(cast.clerk)
    kind = f"application/x-www-form-urlencoded; charset={charset}"
    assert client.generic("POST", "/records/1/edit/", b"a=1", content_type=kind).status_code == 404
