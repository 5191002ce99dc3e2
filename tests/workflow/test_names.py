"""A file whose name cannot be taken says so; of several in one request none vanishes without a word."""

import pytest

from tests.documents import PDF
from workflow import files


def part(disposition, content=PDF):
    head = b"--limit\r\nContent-Disposition: form-data; " + disposition + b"\r\n"
    return head + b"Content-Type: application/pdf\r\n\r\n" + content + b"\r\n"


def post(client, address, *names):
    """One request with a file under each of these names (bytes as they stand in the header)."""
    body = b'--limit\r\nContent-Disposition: form-data; name="unclassified"\r\n\r\non\r\n'
    body += b"".join(
        part(
            b'name="files"; ' + (name if name.startswith(b"filename*") else b'filename="' + name + b'"'),
            PDF + b"%d" % at,
        )
        for at, name in enumerate(names)
    )
    return client.post(
        address,
        body + b"--limit--\r\n",
        content_type="multipart/form-data; boundary=limit",
        headers={"Accept": "application/json"},
    )


NAMES = {
    "not UTF-8": b"\xff\xfe.pdf",
    "GBK": "方案.pdf".encode("gbk"),
    "a lone surrogate": b"\xed\xa0\x80.pdf",
    "a lone surrogate, quoted": b"filename*=utf-8''%ED%A0%80.pdf",
    "spaces": b"   ",
    "nothing but invisible characters": "\u200b\u202e.pdf".encode(),
    "nothing but an extension": b".pdf",
    "dots": b"...",
    "400 characters": ("改" * 400 + ".pdf").encode(),
    "5000 characters": ("改" * 5000 + ".pdf").encode(),
    "half a header": b"x.pdf\r\nX-Long: " + b"x" * 3000,
}


@pytest.mark.parametrize("what", NAMES)
def test_every_file_is_kept_or_spoken_of(client, cast, draft, address, what):
    client.force_login(cast.clerk)
    answer = post(client, address, "第一份.pdf".encode(), NAMES[what], "第三份.pdf".encode()).json()
    assert [file["name"] for file in answer["saved"]][:1] == ["第一份.pdf"]
    assert "第三份.pdf" in [file["name"] for file in answer["saved"]]
    assert len(answer["saved"]) + len(answer["problems"]) == 3
    [problem] = answer["problems"]
    assert problem["text"] == files.BAD_NAME


def test_the_longest_name_that_a_disk_holds_is_kept_whole(client, cast, address):
    client.force_login(cast.clerk)
    name = "改" * 251 + ".pdf"
    assert [file["name"] for file in post(client, address, name.encode()).json()["saved"]] == [name]


def test_a_field_for_which_no_file_was_chosen_is_no_file(client, cast, address):
    client.force_login(cast.clerk)
    body = b'--limit\r\nContent-Disposition: form-data; name="unclassified"\r\n\r\non\r\n'
    answer = client.post(
        address,
        body + part(b'name="files"; filename=""', b"") + b"--limit--\r\n",
        content_type="multipart/form-data; boundary=limit",
        headers={"Accept": "application/json"},
    )
    assert answer.json() == {"saved": [], "problems": [], "notices": []}
