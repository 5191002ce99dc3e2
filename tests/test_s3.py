"""Uploads in an S3-compatible store instead of on a disk: everything that people and administrators do with them."""

import hashlib
import json
import os
from datetime import timedelta

import pytest
import time_machine
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import connection
from django.urls import reverse
from django.utils import timezone

from reform.models import PromotionUpdate
from scripts import backup, dumps
from tests import stores
from tests.accounts.test_starting import STRONG, start
from tests.accounts.test_unavailable import ask, migrated  # noqa: F401 - a fixture
from tests.documents import PDF
from tests.uploads import send, sent
from tests.workflow.test_orphans import sweep

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.sql]


@pytest.fixture(scope="session")
def address():
    with stores.store() as address:
        yield address


@pytest.fixture
def store(address, settings):
    """Empty, and what the product keeps its files in."""
    s3 = stores.client(address)

    def keys():
        return {found["Key"] for found in s3.list_objects_v2(Bucket=stores.BUCKET).get("Contents", [])}

    for key in keys():
        s3.delete_object(Bucket=stores.BUCKET, Key=key)
    backend = {"BACKEND": "config.s3.BucketStorage", "OPTIONS": stores.options(address)}
    settings.STORAGES = {**settings.STORAGES, "default": backend}
    return keys


@pytest.fixture
def unreachable(store, settings):
    """The store as it is while nothing answers at its address."""

    def leave():
        options = {**settings.STORAGES["default"]["OPTIONS"], "endpoint_url": "http://127.0.0.1:9"}
        settings.STORAGES = {**settings.STORAGES, "default": {"BACKEND": "config.s3.BucketStorage", "OPTIONS": options}}

    return leave


@pytest.fixture
def draft(cast):
    return cast.make(PromotionUpdate)


def upload(client, draft, *files):
    return send(client, reverse("workflow:upload", args=[draft.pk]), *files)


def test_a_file_goes_into_the_store_and_comes_back(client, cast, draft, store, settings):
    client.force_login(cast.clerk)
    answer = upload(client, draft, sent("材料.pdf"))
    assert (answer.status_code, answer.json()["problems"]) == (200, [])
    kept = draft.attachments.get()
    assert store() == {kept.file.name}
    assert not settings.MEDIA_ROOT.exists()
    downloaded = client.get(reverse("workflow:download", args=[kept.pk]))
    assert b"".join(downloaded.streaming_content) == PDF
    seen = client.get(reverse("workflow:preview", args=[kept.pk]))
    assert 'src="data:image/' in seen.content.decode()


def test_a_file_larger_than_the_memory_for_it_comes_back_whole(store):
    content = os.urandom(5 * 1024 * 1024)
    with default_storage.open(default_storage.save("ab/large.pdf", ContentFile(content))) as file:
        assert file.read() == content


def test_a_file_that_is_gone_from_the_store_is_said_to_be(client, cast, draft, store):
    client.force_login(cast.clerk)
    upload(client, draft, sent("材料.pdf"))
    kept = draft.attachments.get()
    kept.file.storage.delete(kept.file.name)
    for name, words in (("download", "服务器上没有找到"), ("preview", "服务器上没有找到这个文件")):
        answer = client.get(reverse(f"workflow:{name}", args=[kept.pk]))
        assert answer.status_code == 404
        assert words in answer.content.decode()


def test_a_store_that_does_not_answer_gives_a_sentence_and_leaves_no_row(client, cast, draft, unreachable, caplog):
    client.force_login(cast.clerk)
    unreachable()
    answer = upload(client, draft, sent("材料.pdf"))
    assert answer.status_code == 422
    [problem] = answer.json()["problems"]
    assert problem["name"] == "材料.pdf"
    assert problem["text"].startswith("服务器未能保存文件，请稍后再试")
    assert not draft.attachments.exists()


def test_not_ready_while_the_store_does_not_answer(client, migrated, unreachable, caplog):  # noqa: F811
    assert ask(client, "/readyz").status_code == 200
    unreachable()
    assert ask(client, "/readyz").status_code == 503
    assert "storage" in caplog.text


def test_what_no_row_names_is_swept(cast, draft, client, store, capsys):
    client.force_login(cast.clerk)
    upload(client, draft, sent("材料.pdf"))
    kept = draft.attachments.get().file.name
    left = default_storage.save("ab/left.pdf", ContentFile(PDF))
    assert sweep(capsys) == ([], False)  # it may belong to an upload whose row is just being written
    with time_machine.travel(timezone.now() + timedelta(days=2)):
        assert sweep(capsys) == ([f"没有登记的文件：{left}"], True)
        assert sweep(capsys, delete=True) == ([f"已删除：{left}"], False)
    assert store() == {kept}
    default_storage.delete(kept)
    [line], unfinished = sweep(capsys)
    assert unfinished
    assert kept in line


@pytest.fixture
def place(settings, tmp_path, monkeypatch):
    settings.VAR_DIR = tmp_path
    monkeypatch.setenv("BACKUP_PASSPHRASE", "只有两个人知道的口令")
    return tmp_path


def digest(name):
    with default_storage.open(name) as content:
        return hashlib.file_digest(content, "sha256").hexdigest()


def test_backed_up_lost_and_restored(cast, draft, client, store, place):
    client.force_login(cast.clerk)
    upload(client, draft, sent("材料.pdf"), sent("另一份.pdf", PDF + b"%2"))
    kept = {file.file.name: digest(file.file.name) for file in draft.attachments.all()}
    assert len(set(kept.values())) == 2
    file = backup.backup(place / "backups")
    assert backup.verify(file)[0]["files"] == kept
    lost, changed = sorted(kept)
    default_storage.delete(lost)
    default_storage.delete(changed)
    default_storage.save(changed, ContentFile(b"somebody else's"))
    with dumps.scratch(connection, "restored", place) as elsewhere:
        backup.restore(file, elsewhere)
    assert store() == set(kept)
    assert {name: digest(name) for name in kept} == kept


def test_the_environment_names_the_store():
    names = {"S3_BUCKET": "reform", "S3_ENDPOINT": "http://minio:9000", "S3_ACCESS_KEY": "a", "S3_SECRET_KEY": "b"}
    shown = start(
        "-c",
        "import json; from config.settings import STORAGES; print(json.dumps(STORAGES['default']))",
        SECRET_KEY=STRONG,
        ALLOWED_HOSTS="reform.example",
        **names,
    )
    assert json.loads(shown.stdout) == {
        "BACKEND": "config.s3.BucketStorage",
        "OPTIONS": {
            "bucket_name": "reform",
            "endpoint_url": "http://minio:9000",
            "region_name": "us-east-1",
            "access_key": "a",
            "secret_key": "b",
        },
    }
