"""What is too large is refused before a byte of it is stored, and a full disk is said in words."""

import errno
from pathlib import Path
from urllib.parse import urlencode

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile, TemporaryUploadedFile
from django.test import Client

from accounts import pending_post
from tests.factories import promotion

MANY = b"x" * 3_000_000  # over what Django keeps in memory
JSON = {"Accept": "application/json"}

WAY_BACK = '不再提交的，<a href="/">返回工作台</a>。'


@pytest.fixture
def stored(monkeypatch):
    """The files that were begun on the disk."""
    begun = []
    begin = TemporaryUploadedFile.__init__

    def note(self, *args, **kwargs):
        begun.append(args[0])
        begin(self, *args, **kwargs)

    monkeypatch.setattr(TemporaryUploadedFile, "__init__", note)
    return begun


@pytest.fixture
def member(cast):
    client = Client(raise_request_exception=False)
    client.force_login(cast.clerk)
    return client


def send(client, path="/profile/", **headers):
    return client.post(path, {"summary": "文字", "files": SimpleUploadedFile("大.pdf", MANY)}, headers=headers)


def drawn(cast):
    """A draft to send files to."""
    cast.issued_map()
    return promotion(cast.project, cast.clerk)


def spool(settings):
    return list(Path(settings.FILE_UPLOAD_TEMP_DIR).iterdir())


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/login/", "/profile/", "/", "/records/1/files/"])
def test_nothing_of_a_strangers_large_body_is_stored(client, stored, settings, path):
    answer = send(client, path)
    assert answer.status_code == 413
    assert "请先在新窗口登录，再回到这里点击浏览器的“返回”" in answer.content.decode()
    assert stored == spool(settings) == []


@pytest.mark.django_db
def test_scripts_learn_that_the_session_is_over(client, stored):
    answer = send(client, **JSON)
    assert (answer.status_code, answer.json()) == (401, {"problem": "登录已过期，请重新登录。"})
    assert stored == []


def test_who_is_signed_in_has_room_for_files_but_not_for_any_size(member, cast, stored, settings):
    draft = drawn(cast)
    assert send(member, f"/records/{draft.pk}/files/", **JSON).status_code == 422  # not ticked
    assert stored == ["大.pdf"]
    assert spool(settings) == []
    stored.clear()
    settings.BODY_MAX = 2_000_000
    answer = send(member)
    assert answer.status_code == 413
    page = answer.content.decode()
    assert "一次提交的内容和附件合计最多 1 MB，请减少后分几次提交。" in page
    assert WAY_BACK in page
    assert (send(member, **JSON).status_code, stored) == (413, [])


@pytest.mark.parametrize(
    ("who", "path", "status"),
    [
        ("stranger", "/records/{}/files/", 404),
        ("stranger", "/records/{}/edit/", 404),
        ("reviewer", "/records/{}/files/", 403),
        ("reviewer", "/records/{}/edit/", 403),
        ("clerk", "/office/people/import/", 404),
        ("office", "/office/people/import/", 404),
    ],
)
def test_files_that_somebody_may_not_send_are_refused_before_they_are_stored(cast, stored, settings, who, path, status):  # noqa: PLR0917
    draft = drawn(cast)
    client = Client(raise_request_exception=False)
    client.force_login(getattr(cast, who))
    for headers in ({}, JSON):
        answer = send(client, path.format(draft.pk), **headers)
        assert answer.status_code == status
    assert status == 404 or answer.json() == {"problem": "这里现在不接收您上传的文件，文件没有保存。"}
    assert stored == spool(settings) == []


@pytest.mark.parametrize("path", ["/login/", "/profile/", "/absences/"])
def test_where_no_form_has_files_none_is_stored(member, stored, settings, path):
    assert send(member, path).status_code in (200, 302, 405, 422)
    assert stored == spool(settings) == []


@pytest.mark.django_db
@pytest.mark.parametrize("length", ["", "-1", "many", "²"])
def test_a_length_that_is_none_breaks_nothing(client, length):
    assert client.generic("POST", "/login/", b"", CONTENT_LENGTH=length).status_code in (200, 400)


def test_what_is_spooled_lies_with_the_uploads(settings):
    assert Path(settings.FILE_UPLOAD_TEMP_DIR).parent == settings.VAR_DIR
    assert Path(settings.FILE_UPLOAD_TEMP_DIR).stat().st_mode & 0o077 == 0


def test_a_disk_that_is_full_while_a_request_arrives_is_said_and_leaves_nothing(member, cast, settings, monkeypatch):
    address = f"/records/{drawn(cast).pk}/edit/"

    def full(self, data, start):
        self.file.write(data[:10])
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("django.core.files.uploadhandler.TemporaryFileUploadHandler.receive_data_chunk", full)
    answer = send(member, address)
    assert answer.status_code == 507
    page = answer.content.decode()
    assert "服务器存储空间不足，附件没有保存，请联系系统管理员。" in page
    assert WAY_BACK in page
    answer = send(member, address, **JSON)
    assert (answer.status_code, "存储空间不足" in answer.json()["problem"]) == (507, True)
    assert spool(settings) == []


@pytest.mark.django_db
def test_a_text_too_long_to_come_back_with_the_login_is_not_promised(client, monkeypatch):
    monkeypatch.setattr(pending_post, "MAX_SEALED", 20)
    page = client.post("/profile/", {"summary": "一段文字"}).content.decode()
    assert "内容过长，无法在这里保留" in page
    assert 'name="kept"' not in page


def too_much_text():
    return {"summary": "文" * 4_000_000}


def too_many_fields():
    return {"summary": "文字", **{f"row-{number}": "" for number in range(6000)}}


@pytest.mark.parametrize(
    ("form", "sentence"),
    [
        (too_much_text, "一次提交的文字合计最多 8 MB，请减少后分几次提交。"),
        (too_many_fields, "一次提交最多 6000 个填写项，请减少后分几次提交。"),
    ],
)
@pytest.mark.parametrize("kind", ["multipart", "urlencoded"])
def test_more_text_or_fields_than_a_form_takes_is_refused_before_any_work(
    member, form, sentence, kind, django_assert_max_num_queries
):
    sent = {"path": "/absences/", "data": form()}
    if kind == "urlencoded":
        sent |= {"data": urlencode(form()), "content_type": "application/x-www-form-urlencoded"}
    with django_assert_max_num_queries(12):  # the frame of the page that says so
        answer = member.post(**sent)
    assert answer.status_code == 413
    assert sentence in answer.content.decode()
    assert member.post(**sent, headers=JSON).json() == {"problem": sentence}
