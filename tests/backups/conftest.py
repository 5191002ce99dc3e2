"""A folder for backups, their passphrase, a record to keep, and an empty database to restore it in."""

import pyrage
import pytest
from django.db import connection

from reform.models import PromotionUpdate
from scripts import dumps


@pytest.fixture(autouse=True)
def place(settings, tmp_path, monkeypatch):
    settings.VAR_DIR = tmp_path
    monkeypatch.setenv("BACKUP_PASSPHRASE", "只有两个人知道的口令")
    return tmp_path


@pytest.fixture
def quick(monkeypatch):
    """To try a passphrase takes seconds on purpose; where that is not the matter it is only compared."""

    def decrypt(data, phrase):
        given, _, key = data.partition(b"\0")
        if given != phrase.encode():
            raise pyrage.DecryptError("Decryption failed")
        return key

    monkeypatch.setattr(pyrage.passphrase, "encrypt", lambda data, phrase: phrase.encode() + b"\0" + data)
    monkeypatch.setattr(pyrage.passphrase, "decrypt", decrypt)


@pytest.fixture
def elsewhere(tmp_path):
    """An empty database on another machine."""
    with dumps.scratch(connection, "restored", tmp_path) as database:
        yield database


@pytest.fixture
def record(cast, quick):
    return cast.make(PromotionUpdate)
