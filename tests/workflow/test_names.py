"""Names of files: what is no name is said to be, what could deceive is left out, no file vanishes without a word."""

from urllib.parse import unquote

import pytest
from django.urls import reverse

from tests.documents import PDF
from tests.uploads import sent, stored_files
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


@pytest.mark.parametrize(
    ("sent_as", "kept_as"),
    [
        ("改" * 100 + ".pdf", "改" * 100 + ".pdf"),
        ("改" * 250 + ".pdf", "改" * 250 + ".pdf"),
        ("方案（终稿）— 第 3 版 & “新”，100%.pdf", "方案（终稿）— 第 3 版 & “新”，100%.pdf"),
        ("../../etc/passwd.pdf", "passwd.pdf"),
        ("..\\..\\windows\\材料.pdf", "材料.pdf"),
        ("C:\\桌面\\材料.pdf", "材料.pdf"),
        ("材料\u202efdp.exe.pdf", "材料fdp.exe.pdf"),
        ("材\x00\x07料\r\n.pdf", "材料.pdf"),
        ("𠮷野家𪚥.pdf", "𠮷野家𪚥.pdf"),
    ],
)
def test_names_survive_the_round_trip_without_what_could_deceive(draft, cast, client, sent_as, kept_as):
    upload = sent("x.pdf")
    upload._name = sent_as  # past what the parser of requests would have removed already
    [attachment], _ = files.save_files(draft, cast.clerk, [upload], True)
    assert attachment.name == kept_as
    client.force_login(cast.clerk)
    answer = client.get(reverse("workflow:download", args=[attachment.pk]))
    assert answer.getvalue() == PDF
    how, _, name = answer["Content-Disposition"].partition("; ")
    assert how == "attachment"
    assert unquote(name.removeprefix("filename*=utf-8''").removeprefix("filename=").strip('"')) == kept_as


def posted(client, address, disposition, content=PDF):
    """The answer to one part with that Content-Disposition, as no browser sends it, beside a sound one."""
    body = b"".join(
        b"--limit\r\nContent-Disposition: form-data; " + part + b"\r\n"
        for part in (
            b'name="unclassified"\r\n\r\non',
            b'name="files"; filename="good.pdf"\r\nContent-Type: application/pdf\r\n\r\n' + PDF,
            b'name="files"; ' + disposition + b"\r\nContent-Type: application/pdf\r\n\r\n" + content,
        )
    )
    return client.post(
        address,
        body + b"--limit--\r\n",
        content_type="multipart/form-data; boundary=limit",
        headers={"Accept": "application/json"},
    )


@pytest.mark.parametrize(
    ("disposition", "named"),
    [
        (b'filename=".."', ".."),
        (b'filename="report/.."', "report/.."),
        ('filename="方案/."'.encode(), "方案/."),
        ('filename="方案.pdf/"'.encode(), "方案.pdf/"),
        ('filename="方案.pdf"'.encode("gb18030"), "方案.pdf"),
        (b'filename="\xff\xfe.pdf"', "\ufffd\ufffd.pdf"),
        (b"filename*=no-charset''x.pdf", "no-charset''x.pdf"),
    ],
)
@pytest.mark.parametrize("size", [0, 200_000])
def test_a_name_that_is_none_is_refused_in_words(client, cast, address, disposition, named, size):  # noqa: PLR0917
    client.force_login(cast.clerk)
    answer = posted(client, address, disposition, PDF + b"x" * size)
    assert [file["name"] for file in answer.json()["saved"]] == ["good.pdf"]
    assert answer.json()["problems"] == [{"name": named, "text": "文件名不能识别，请改名后再上传。"}]


def test_a_file_field_left_empty_is_no_file(client, cast, draft, address):
    client.force_login(cast.clerk)
    answer = posted(client, address, b'filename=""', b"")
    assert [file["name"] for file in answer.json()["saved"]] == ["good.pdf"]
    assert answer.json()["problems"] == []


def test_stored_names_are_random_and_inside_the_folder_of_uploads(draft, cast, settings):
    upload = sent("x.pdf")
    upload._name = "../../../材料.pdf"
    [attachment], _ = files.save_files(draft, cast.clerk, [upload], True)
    [path] = stored_files(settings)
    assert path == settings.MEDIA_ROOT / attachment.file.name
    assert len(path.stem) == 32
    assert "材料" not in str(path)
    assert path.stat().st_mode & 0o111 == 0
