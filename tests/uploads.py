"""Files as people send them, and what lies on the disk afterwards."""

from django.core.files.uploadedfile import SimpleUploadedFile

from tests.documents import PDF


def sent(name, content=PDF):
    return SimpleUploadedFile(name, content)


def send(client, address, *uploads, ticked=True, **headers):
    data = {"files": list(uploads)} | ({"unclassified": "on"} if ticked else {})
    return client.post(address, data, headers={"Accept": "application/json"} | headers)


def stored_files(settings):
    return sorted(path for path in settings.MEDIA_ROOT.rglob("*") if path.is_file())
