"""What a crash leaves behind on either side is found, and taken away where nobody can miss it."""

import os
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.management import call_command
from django.utils import timezone

from reform.models import PromotionUpdate
from tests.uploads import sent, stored_files
from workflow import files


@pytest.fixture
def kept(cast):
    draft = cast.make(PromotionUpdate)
    return files.save_files(draft, cast.clerk, [sent("证据.pdf")], True)[0][0]


def leave(path, age=timedelta(days=2)):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"left behind")
    then = (timezone.now() - age).timestamp()
    os.utime(path, (then, then))
    return path


def sweep(capsys, **options):
    """The lines, and whether something is left to do."""
    try:
        call_command("sweep", **options)
        failed = False
    except SystemExit:
        failed = True
    return capsys.readouterr().out.splitlines(), failed


def test_nothing_to_find(kept, capsys):
    assert sweep(capsys) == ([], False)


def test_files_without_a_row_are_listed_first_and_deleted_when_asked(kept, settings, capsys):
    long_ago = timezone.now() - timedelta(days=9)
    os.utime(kept.file.path, (long_ago.timestamp(), long_ago.timestamp()))
    left = leave(settings.MEDIA_ROOT / "ab" / "abcd.pdf")
    spooled = leave(Path(settings.FILE_UPLOAD_TEMP_DIR) / "tmpx.upload.pdf")
    arriving = leave(settings.MEDIA_ROOT / "cd" / "cdef.pdf", timedelta(hours=1))
    assert sweep(capsys) == (["没有登记的文件：ab/abcd.pdf", f"没有登记的文件：{spooled}"], True)
    assert left.exists()
    assert sweep(capsys, delete=True) == (["已删除：ab/abcd.pdf", f"已删除：{spooled}"], False)
    assert sweep(capsys) == ([], False)
    assert stored_files(settings) == sorted([Path(kept.file.path), arriving])


def test_rows_without_a_file_are_listed_and_stay(kept, capsys):
    Path(kept.file.path).unlink()
    said = f"文件已丢失：附件 {kept.pk}，证据.pdf，应在 {kept.file.name}（请从备份恢复）"
    assert sweep(capsys) == ([said], True)
    assert sweep(capsys, delete=True) == ([said], True)
    kept.refresh_from_db()
