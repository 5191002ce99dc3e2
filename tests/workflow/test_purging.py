"""A file that is found to be classified later: its bytes go wherever they are, its row stays and says who and why."""

import os
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.files.storage import FileSystemStorage
from django.urls import reverse
from django.utils import timezone

from accounts.audit.entries import AuditEntry
from accounts.roles import Role
from tests import factories
from tests.documents import PDF
from tests.uploads import send, sent, stored_files
from workflow import files, orphans, purging
from workflow.models import Attachment
from workflow.states import State

SECRET = PDF.replace(b"startxref", b"%what must not stay\nstartxref")
WHY = "2026年7月15日保密检查发现，应定为秘密级。"


@pytest.fixture
def security(cast):
    return factories.UserFactory(role=Role.SECURITY_ADMIN, department=cast.admin.department)


@pytest.fixture
def kept(cast, draft):
    [kept], _ = files.save_files(draft, cast.clerk, [sent("改革要点.pdf", SECRET)], True)
    return kept


def page_of(stored):
    return reverse("workflow:purge", args=[stored.model_name, stored.pk])


def test_two_steps_take_the_bytes_and_leave_the_row_with_the_reason(client, cast, draft, kept, security, settings):  # noqa: PLR0917
    other = factories.promotion(cast.project, cast.clerk2)
    files.save_files(other, cast.clerk2, [sent("同样的.pdf", SECRET), sent("别的.pdf", PDF)], True)
    cast.bring(draft, State.SUBMITTED)
    assert len(stored_files(settings)) == 3
    client.force_login(security)
    found = client.get(reverse("workflow:purges"), {"q": "改革 要点"})
    assert [row.pk for row in found.context["found"]] == [kept.pk]
    assert client.post(page_of(kept), {"reason": ""}).status_code == 422
    assert client.post(page_of(kept), {"reason": "", "confirmed": "1"}).status_code == 422
    second = client.post(page_of(kept), {"reason": WHY})
    assert second.context["is_second"]
    assert [row.name for row in second.context["rows"]] == ["改革要点.pdf", "同样的.pdf"]
    assert len(stored_files(settings)) == 3

    assert client.post(page_of(kept), {"reason": WHY, "confirmed": "1"}).status_code == 302
    [left] = stored_files(settings)
    assert left.read_bytes() == PDF
    assert not [
        path
        for path in Path(settings.VAR_DIR).rglob("*")
        if path.is_file() and b"what must not stay" in path.read_bytes()
    ]
    rows = list(Attachment.objects.exclude(purged_at=None))
    assert [(row.name, row.purge_reason, row.purged_by, row.file.name) for row in rows] == [
        ("改革要点.pdf", WHY, security, ""),
        ("同样的.pdf", WHY, security, ""),
    ]
    logged = AuditEntry.objects.filter(action="delete", name=security.full_name)
    assert sorted((entry.title, entry.after["清除涉密文件"]) for entry in logged) == [
        ("同样的.pdf", WHY),
        ("改革要点.pdf", WHY),
    ]
    assert client.get(page_of(kept)).context["stored"].purge_reason == WHY


def test_the_same_content_goes_whichever_algorithm_was_on_when_it_came(cast, kept, security, settings):
    other = factories.promotion(cast.project, cast.clerk2)
    settings.NATIONAL_ALGORITHMS = True
    [later], _ = files.save_files(other, cast.clerk2, [sent("同样的.pdf", SECRET)], True)
    assert later.digest != kept.digest
    assert purging.purge(later, security, WHY, hide_name=False) == [kept, later]
    assert stored_files(settings) == []
    for settings.NATIONAL_ALGORITHMS in (True, False):
        saved, [refused] = files.save_files(other, cast.clerk2, [sent("又一次.pdf", SECRET)], True)
        assert saved == []
        assert "这个文件曾因涉密被清除。涉密材料不得上传" in str(refused)


def test_everybody_reads_that_it_was_purged_and_nobody_gets_it(client, cast, draft, kept, security):
    cast.bring(draft, State.SUBMITTED)
    purging.purge(kept, security, WHY, hide_name=False)
    client.force_login(cast.reviewer)
    page = client.get(reverse("workflow:record", args=[draft.pk])).content.decode()
    assert "已清除（涉密）" in page
    assert "改革要点.pdf" in page
    assert f"改革要点.pdf：{WHY}" in page  # the timeline
    gone = client.get(reverse("workflow:download", args=[kept.pk]))
    assert gone.status_code == 410
    assert "已清除（涉密）" in gone.content.decode()
    assert client.get(reverse("workflow:preview", args=[kept.pk])).status_code == 404


@pytest.mark.parametrize("hide_name", [False, True])
def test_the_name_stays_unless_it_is_classified_too(cast, draft, kept, security, hide_name):
    cast.bring(draft, State.SUBMITTED)
    purging.purge(kept, security, WHY, hide_name=hide_name)
    shown = "改＊＊＊点（4字）.pdf" if hide_name else "改革要点.pdf"
    assert Attachment.objects.get(pk=kept.pk).name == shown
    assert [file["name"] for file in draft.events.get(action="submit").snapshot["attachments"]] == [shown]


def test_backups_made_while_it_was_kept_are_named(client, kept, security, settings, tmp_path):
    settings.VAR_DIR = tmp_path
    for name, age in (("before.age", timedelta(days=1)), ("after.age", timedelta(0))):
        path = tmp_path / "backups" / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(b"x")
        then = (timezone.now() - age).timestamp()
        os.utime(path, (then, then))
    now = timezone.localtime()
    for put_aside in (now - timedelta(days=1), now):  # by a restore: before the file came, and with it
        (tmp_path / f"uploads-{put_aside:%Y%m%d-%H%M%S}").mkdir()
    (tmp_path / "uploads-of-somebody").mkdir()
    client.force_login(security)
    page = client.get(page_of(kept))
    named = [name for name, _ in page.context["backups"]]
    assert named == ["after.age", f"uploads-{now:%Y%m%d-%H%M%S}（恢复时留下的原附件）"]
    assert "销毁" in page.content.decode()


def test_a_storage_that_does_not_delete_leaves_all_as_it_was(client, kept, security, settings, monkeypatch):
    def fail(self, name):
        raise OSError

    monkeypatch.setattr(FileSystemStorage, "delete", fail)
    client.force_login(security)
    answer = client.post(page_of(kept), {"reason": WHY, "confirmed": "1"})
    assert answer.status_code == 422
    assert purging.NOT_DELETED in answer.content.decode()
    assert not Attachment.objects.exclude(purged_at=None).exists()
    assert len(stored_files(settings)) == 1


@pytest.mark.parametrize("who", ["clerk", "reviewer", "office", "stranger", "auditor", "admin"])
def test_nobody_else_purges(client, cast, kept, security, settings, who):  # noqa: PLR0917
    client.force_login(getattr(cast, who))
    assert client.get(reverse("workflow:purges"), {"q": "改革"}).status_code == 404
    assert client.post(page_of(kept), {"reason": WHY, "confirmed": "1"}).status_code == 404
    assert len(stored_files(settings)) == 1


def test_what_was_purged_is_not_taken_again_nor_missed_by_sweep(client, cast, draft, kept, security, address):  # noqa: PLR0917
    purging.purge(kept, security, WHY, hide_name=False)
    client.force_login(cast.clerk)
    assert "涉密" in send(client, address, sent("又一份.pdf", SECRET)).json()["problems"][0]["text"]
    assert list(orphans.rows_without_file()) == []
    assert orphans.stored_names(orphans.connection) == set()


def test_a_draft_whose_file_was_purged_can_be_discarded(client, cast, draft, kept, security):
    purging.purge(kept, security, WHY, hide_name=False)
    client.force_login(cast.clerk)
    client.post(reverse("workflow:discard", args=[draft.pk]), {"version": draft.version})
    assert not Attachment.objects.exists()
